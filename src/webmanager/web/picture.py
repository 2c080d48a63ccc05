"""A snapshot as plain values: NaN becomes None, figures are rounded to what the parts can resolve."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from webmanager.domain.reading import Floats, ModuleIdentity, Quality
from webmanager.domain.snapshot import Snapshot, StringQuality, StringState
from webmanager.engine.board import Board
from webmanager.web.figures import iso
from webmanager.web.judge import Look, Looks, band, looks, shown, worst

STATE_KEYS = ("voltage", "temperature", "ri", "equalizing")
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


def module_objects(board: Board, now_s: float) -> list[dict[str, Any]]:
    """The API's module objects of the board's snapshot; none before the first scan."""
    snapshot = board.snapshot
    if snapshot is None:
        return []
    seen = picture(snapshot, now_s)
    modules = snapshot.modules
    columns = (
        plain(modules.voltage_v, 3),
        plain(modules.deviation_percent, 3),
        plain(modules.temperature_c, 2),
        plain(modules.ri_mohm, 3),
        plain(seen.values["ri"], 2),
        plain(modules.ri_measured_at, 3),
        plain(modules.equalizing_percent, 1),
        plain(modules.reference_v, 4),
        plain(seen.ages_s, 1),
    )
    return [_module(board, seen, index, row) for index, row in enumerate(zip(*columns, strict=True))]


def string_objects(snapshot: Snapshot) -> list[dict[str, Any]]:
    """The API's string objects of a snapshot."""
    strings = snapshot.strings
    return [
        {
            "string": index + 1,
            "batteries": snapshot.installation.per_string,
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


def _module(board: Board, seen: Picture, index: int, row: tuple[float | None, ...]) -> dict[str, Any]:
    voltage, deviation, temperature, ri, ri_percent, ri_at, equalizing, reference, age = row
    address, installation = index + 1, board.installation
    identity = board.identities.get(address)
    values = seen.snapshot.modules
    return {
        "address": address,
        "name": installation.names[index],
        "string": int(installation.string_of[index]),
        "position": installation.position_of(address),
        "type": identity.type if identity else None,
        "revision": identity.revision if identity else None,
        "firmware": identity.firmware if identity else None,
        "serial": identity.serial if identity else None,
        "voltage_v": voltage,
        "deviation_percent": deviation,
        "temperature_c": temperature,
        "ri_mohm": ri,
        "ri_percent": ri_percent,
        "ri_measured_at": None if ri_at is None else iso(ri_at),
        "equalizing_percent": equalizing,
        "band": band(equalizing),
        "reference_v": reference,
        "excluded": bool(values.excluded[index]),
        "state": _state(board, address, identity, seen),
        "states": {
            key: None if value is None else _STATE_OF_LOOK.get(Look(int(seen.looks[key][index])), "ok")
            for key, value in zip(STATE_KEYS, (voltage, temperature, ri, equalizing), strict=True)
        },
        "quality": Quality(int(values.quality[index])).word,
        "age_s": age,
        "charges": int(values.charges[index]),
        "discharges": int(values.discharges[index]),
    }


def _state(board: Board, address: int, identity: ModuleIdentity | None, seen: Picture) -> str:
    if address in board.bus.odd_revisions:
        return "wrong_revision"
    if identity is None:
        return "not_initialised"
    return max(
        (word for key in STATE_KEYS if (word := _STATE_OF_LOOK.get(Look(int(seen.looks[key][address - 1]))))),
        key=list(_STATE_OF_LOOK.values()).index,
        default="ok",
    )
