"""A snapshot as plain values: NaN becomes None, figures are rounded to what the parts can resolve."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from webmanager.domain.picture import Picture as Moment
from webmanager.domain.reading import Floats, ModuleIdentity, Quality
from webmanager.domain.snapshot import Snapshot, StringQuality, StringState
from webmanager.engine.board import Board, BusState
from webmanager.web.figures import iso
from webmanager.web.judge import Look, Looks, band, looks, shown, worst

STATE_KEYS = ("voltage", "temperature", "ri", "equalizing")
_NO_STATES = dict.fromkeys(STATE_KEYS)
_VALUES = (
    "voltage_v",
    "deviation_percent",
    "temperature_c",
    "ri_mohm",
    "ri_percent",
    "ri_measured_at",
    "equalizing_percent",
    "band",
    "reference_v",
    "age_s",
    "charges",
    "discharges",
)
_STRING_VALUES = ("current_a", "ripple_a", "voltage_v", "average_v", "spread_v", "reference_v")
_UNKNOWN_STRING = {"answering": 0, "state": StringState.UNKNOWN.word, "quality": StringQuality.SILENT.word}
_STATE_OF_LOOK = {Look.GOOD: "ok", Look.NOTICE: "notice", Look.WARNING: "warning", Look.ALARM: "alarm"}


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One snapshot made ready for readers at device time `now_s`: what is drawn and how it looks."""

    snapshot: Snapshot
    now_s: float
    values: dict[str, Floats]
    looks: dict[str, Looks]
    worst: Looks
    ages_s: Floats


def picture(snapshot: Snapshot, now_s: float) -> Picture:
    """Judges a snapshot."""
    values = shown(snapshot)
    by_quantity = looks(snapshot, values)
    return Picture(snapshot, now_s, values, by_quantity, worst(by_quantity), snapshot.ages_s(now_s))


def plain(values: Floats, digits: int) -> list[float | None]:
    """An array as numbers with so many decimals, None for what is not finite."""
    return [value if math.isfinite(value) else None for value in np.round(values, digits).tolist()]


def module_objects(board: Board, moment: Moment) -> list[dict[str, Any]]:
    """The API's module objects; before the first scan they say who is there, and every value is None."""
    count = board.installation.modules
    if moment.aged is None:
        values = dict.fromkeys(_VALUES) | {"excluded": False, "quality": Quality.SILENT.word, "states": _NO_STATES}
        return [_module(board, address) | values for address in range(1, count + 1)]
    columns = _columns(picture(moment.aged, moment.now_s))
    rows = zip(*columns.values(), strict=True)
    return [_module(board, address) | dict(zip(columns, row, strict=True)) for address, row in enumerate(rows, start=1)]


def string_objects(board: Board, snapshot: Snapshot | None) -> list[dict[str, Any]]:
    """The API's string objects of a snapshot; before the first one they are there, and every value is None."""
    count, batteries = board.installation.strings, board.installation.per_string
    if snapshot is None:
        unknown = dict.fromkeys(_STRING_VALUES) | _UNKNOWN_STRING
        return [{"string": number, "batteries": batteries} | unknown for number in range(1, count + 1)]
    strings = snapshot.strings
    return [
        {
            "string": index + 1,
            "batteries": batteries,
            "answering": int(strings.answering[index]),
            "current_a": current,
            "ripple_a": ripple,
            "voltage_v": voltage,
            "average_v": average,
            "spread_v": spread,
            "reference_v": reference,
            "state": StringState(int(strings.state[index])).word,
            "quality": StringQuality(int(strings.quality[index])).word,
        }
        for index, (current, ripple, voltage, average, spread, reference) in enumerate(
            zip(
                plain(strings.current_a, 3),
                plain(strings.ripple_a, 3),
                plain(strings.voltage_v, 3),
                plain(strings.average_v, 4),
                plain(strings.spread_v, 3),
                plain(strings.reference_v, 4),
                strict=True,
            )
        )
    ]


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


def _columns(seen: Picture) -> dict[str, list[Any]]:
    """What one snapshot says of all modules: one list a key of the module object."""
    modules = seen.snapshot.modules
    duties = plain(modules.equalizing_percent, 1)
    values: dict[str, list[Any]] = {
        "voltage_v": plain(modules.voltage_v, 3),
        "deviation_percent": plain(modules.deviation_percent, 3),
        "temperature_c": plain(modules.temperature_c, 2),
        "ri_mohm": plain(modules.ri_mohm, 3),
        "ri_percent": plain(seen.values["ri"], 2),
        "ri_measured_at": [None if at is None else iso(at) for at in plain(modules.ri_measured_at, 3)],
        "equalizing_percent": duties,
        "band": [band(duty) for duty in duties],
        "reference_v": plain(modules.reference_v, 4),
        "age_s": plain(seen.ages_s, 1),
        "charges": modules.charges.tolist(),
        "discharges": modules.discharges.tolist(),
        "excluded": modules.excluded.tolist(),
        "quality": [Quality(quality).word for quality in modules.quality.tolist()],
    }
    judged = {key: [_STATE_OF_LOOK.get(Look(look), "ok") for look in seen.looks[key].tolist()] for key in STATE_KEYS}
    of_quantity = dict(zip(STATE_KEYS, ("voltage_v", "temperature_c", "ri_mohm", "equalizing_percent"), strict=True))
    values["states"] = [
        {key: None if values[of_quantity[key]][index] is None else judged[key][index] for key in STATE_KEYS}
        for index in range(len(duties))
    ]
    return values


def _module(board: Board, address: int) -> dict[str, Any]:
    """What is known of a module without any scan."""
    identity, installation = board.identities.get(address), board.installation
    return {
        "address": address,
        "name": installation.names[address - 1],
        "string": int(installation.string_of[address - 1]),
        "position": installation.position_of(address),
        "type": identity.type if identity else None,
        "revision": identity.revision if identity else board.bus.odd_revisions.get(address),
        "firmware": identity.firmware if identity else None,
        "serial": identity.serial if identity else None,
        "state": _state(board, address, identity),
    }


def _state(board: Board, address: int, identity: ModuleIdentity | None) -> str:
    """Limits will add their states here; a bus that did not start has told nothing of who is initialised."""
    if address in board.bus.odd_revisions:
        return "wrong_revision"
    return "not_initialised" if identity is None and board.bus.state is BusState.RUNNING else "ok"
