"""What the readers of the web get of a moment: objects for programs, arrays for the live stream."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from webmanager.domain.alarm_picture import AlarmPicture, Level
from webmanager.domain.picture import Picture as Moment
from webmanager.domain.reading import Floats
from webmanager.domain.snapshot import Snapshot, StringQuality, StringState
from webmanager.engine.board import Board
from webmanager.language.spoken import sentence
from webmanager.web.looks.alarm_verdict import of_battery
from webmanager.web.looks.judge import Looks, band, looks, shown, worst
from webmanager.web.looks.published import MODULE_KEYS, STRING_KEYS, columns, plain

_VALUE_OF = {
    "voltage": "voltage_v",
    "temperature": "temperature_c",
    "ri": "ri_mohm",
    "equalizing": "equalizing_percent",
}
STATE_KEYS = tuple(_VALUE_OF)
_NO_STATES = dict.fromkeys(STATE_KEYS)
_OK = (Level.OK, Level.PENDING)


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One snapshot made ready for readers at device time `now_s`: what is drawn and how it looks."""

    snapshot: Snapshot
    now_s: float
    values: dict[str, Floats]
    looks: dict[str, Looks]
    worst: Looks
    ages_s: Floats


def picture(snapshot: Snapshot, now_s: float, alarms: AlarmPicture | None = None) -> Picture:
    """Judges a snapshot; with the alarm picture its limits count too."""
    values = shown(snapshot)
    by_quantity = looks(snapshot, values, alarms.states if alarms is not None else None)
    return Picture(snapshot, now_s, values, by_quantity, worst(by_quantity), snapshot.ages_s(now_s))


def module_objects(board: Board, moment: Moment, alarms: AlarmPicture | None = None) -> list[dict[str, Any]]:
    """The API's module objects; before the first scan they say who is there, and every value is None."""
    values = columns(MODULE_KEYS, moment)
    values |= _judged(values, picture(moment.aged, moment.now_s, alarms) if moment.aged is not None else None, alarms)
    rows = zip(*values.values(), strict=True)
    return [
        _module(board, moment, address, alarms) | dict(zip(values, row, strict=True))
        for address, row in enumerate(rows, start=1)
    ]


def string_objects(moment: Moment) -> list[dict[str, Any]]:
    """The API's string objects; before the first scan they are there, and every value is None."""
    values = columns(STRING_KEYS, moment)
    rows = zip(*values.values(), strict=True)
    return [{"string": number} | dict(zip(values, row, strict=True)) for number, row in enumerate(rows, start=1)]


def live_arrays(seen: Picture) -> dict[str, Any]:
    """The live stream's struct of arrays: one list a quantity, looks as one digit a module and quantity."""
    modules, strings = seen.snapshot.modules, seen.snapshot.strings
    return {
        "modules": {
            "voltage_v": plain(modules.voltage_v, 3),
            "deviation_percent": plain(modules.deviation_percent, 2),
            "temperature_c": plain(modules.temperature_c, 1),
            "ri_mohm": plain(modules.ri_mohm, 3),
            "ri_percent": plain(seen.values["ri"], 1),
            "equalizing_percent": [None if v is None else int(v) for v in plain(modules.equalizing_percent, 0)],
            "age_s": [None if v is None else int(v) for v in plain(np.floor(seen.ages_s), 0)],
            "quality": "".join(map(str, modules.quality.tolist())),
            "looks": {key: "".join(map(str, value.tolist())) for key, value in seen.looks.items()},
            "excluded": (np.flatnonzero(modules.excluded) + 1).tolist(),
        },
        "strings": {
            "current_a": plain(strings.current_a, 3),
            "ripple_a": plain(strings.ripple_a, 3),
            "voltage_v": plain(strings.voltage_v, 2),
            "average_v": plain(strings.average_v, 3),
            "spread_v": plain(strings.spread_v, 3),
            "reference_v": plain(strings.reference_v, 3),
            "state": [StringState(int(state)).word for state in strings.state],
            "quality": [StringQuality(int(quality)).word for quality in strings.quality],
            "answering": strings.answering.tolist(),
        },
    }


def _judged(values: dict[str, list[Any]], seen: Picture | None, alarms: AlarmPicture | None) -> dict[str, list[Any]]:
    """What the web itself says of each module: its Ri against the string, its equalizing band, a state by quantity."""
    count = len(values["voltage_v"])
    bands = [band(duty) for duty in values["equalizing_percent"]]
    if seen is None:
        return {"ri_percent": [None] * count, "band": bands, "states": [_NO_STATES] * count}
    levels = {key: getattr(alarms.states, key).tolist() if alarms else [0] * count for key in STATE_KEYS}
    states = [
        {key: _state_word(levels[key][index], values[_VALUE_OF[key]][index]) for key in STATE_KEYS}
        for index in range(count)
    ]
    return {"ri_percent": plain(seen.values["ri"], 2), "band": bands, "states": states}


def _state_word(level: int, value: float | None) -> str | None:
    """The state of one quantity; an open alarm stays one when there is no value any more, else that is no state."""
    if level not in _OK:
        return Level(level).word
    return None if value is None else "ok"


def _module(board: Board, moment: Moment, address: int, alarms: AlarmPicture | None) -> dict[str, Any]:
    """What is known of a module without any scan."""
    identity, installation = board.identities.get(address), board.installation
    return {
        "address": address,
        "name": installation.names[address - 1],
        "type": identity.type if identity else None,
        "revision": identity.revision if identity else board.bus.odd_revisions.get(address),
        "firmware": identity.firmware if identity else None,
        "serial": identity.serial if identity else None,
        "state": _state(moment, address, alarms),
        "alarms": [
            {
                "id": one.id,
                "severity": one.severity.word,
                "text": sentence(one.found.text),
                "advice": sentence(one.found.advice),
            }
            for one in of_battery(alarms, address)
        ],
    }


def _state(moment: Moment, address: int, alarms: AlarmPicture | None) -> str:
    if address in moment.odd_revisions:
        return "wrong_revision"
    if moment.not_initialised[address - 1]:
        return "not_initialised"
    level = Level(int(alarms.states.overall[address - 1])) if alarms is not None else Level.OK
    return "ok" if level in _OK else level.word
