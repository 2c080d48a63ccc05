"""What the control interface says about the room: plain values for JSON. Unknown is None, never 0."""

import math
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import numpy as np

from webmanager.room.fault_kinds import KINDS, FaultKind, FaultValue, Target
from webmanager.room.faults import Fault
from webmanager.room.scenario import built_in
from webmanager.room.service import RoomService, minutes_left
from webmanager.room.simulation import Room

Document = dict[str, Any]


def room_document(service: RoomService, *, is_plugged: bool = True) -> Document:
    """All that the page *Battery room* shows; `is_plugged` tells of the bus adapter."""
    room, clock = service.room, service.clock
    batteries = room.batteries
    return {
        "factor_set": clock.factor_set,
        "factor_reached": round(clock.factor_reached, 3),
        "time": _iso(room.now_s),
        "started_at": _iso(room.started_s),
        "seed": room.config.seed,
        "modules": room.config.modules,
        "block": room.config.block.name,
        "mains": room.charger.mains,
        "load_w": round(room.charger.load_w, 3),
        "ambient_c": batteries.ambient_c,
        "bus_v": _number(batteries.bus_v, 3),
        "charger": _charger_document(room),
        "load_shed": room.charger.shed,
        "autonomy_min": _number(minutes_left(room), 1),
        "strings": _string_documents(room),
        "faults": [fault_document(fault) for fault in room.faults],
        "kinds": kind_documents(has_receivers=bool(room.receivers)),
        "scenario": _playing_document(room),
        "bus": _bus_document(service) | {"plugged": is_plugged},
    }


def fault_document(fault: Fault) -> Document:
    """One fault as it is listed and answered."""
    named = {Target.STRING: "string", Target.CHANNEL: "channel"}.get(fault.kind.target, "address")
    target: Any = fault.where if fault.kind.target is Target.CHANNEL else fault.target
    if target is None:
        target = "charger" if fault.kind.target is Target.CHARGER else "bus"
    document = {
        "id": fault.id,
        "kind": fault.kind.kind,
        "title": fault.kind.title,
        "where": fault.where,
        "target": target,
        "value": _plain(fault.value),
        "unit": fault.kind.unit,
        "since": _iso(fault.since_s),
    }
    if fault.target is not None:
        document[named] = target
    return document


def scenario_documents() -> list[Document]:
    """The scenarios that can be played by name."""
    return [
        {"name": scenario.name, "title": scenario.title, "text": scenario.text, "lasts_s": scenario.lasts_s}
        for scenario in built_in().values()
    ]


def kind_documents(*, has_receivers: bool = True) -> list[Document]:
    """All kinds of faults, for a form; without receivers none of theirs."""
    return [_kind_document(kind) for kind in KINDS.values() if has_receivers or kind.target is not Target.CHANNEL]


def truth_document(room: Room) -> Document:
    """True values behind the measured ones, arrays by address or by string: for tests, never for the device."""
    batteries = room.batteries
    return {
        "time_s": room.now_s,
        "voltage_v": _numbers(batteries.voltage_v),
        "temperature_c": _numbers(batteries.temperature_c),
        "ri_mohm": _numbers(batteries.ri_ohm() * 1000.0),
        "soc": _numbers(batteries.soc),
        "bypass_a": _numbers(batteries.bypass_a),
        "reference_v": _numbers(batteries.reference_v),
        "gassing_a": _numbers(batteries.gassing_a),
        "current_a": _numbers(batteries.current_a),
        "bus_v": _number(batteries.bus_v),
    }


def _charger_document(room: Room) -> Document:
    charger, batteries = room.charger, room.batteries
    if not charger.mains or charger.off:
        return {"mode": "off", "voltage_v": None, "current_a": None}
    set_v = charger.set_v_per_cell(batteries.ambient_c) * batteries.nominal_cells
    limited = batteries.bus_v < 0.998 * set_v
    mode = "current limit" if limited else "boost" if charger.boost else "float"
    return {
        "mode": mode,
        "voltage_v": _number(batteries.bus_v, 3),
        "current_a": _number(float(batteries.current_a.sum()), 3),
    }


def _string_documents(room: Room) -> list[Document]:
    soc = room.installation.by_string(room.batteries.soc).min(axis=1)
    hottest = room.installation.by_string(room.batteries.temperature_c).max(axis=1)
    return [
        {
            "string": string,
            "current_a": _number(room.batteries.current_a[string - 1], 3),
            "soc_lowest": _number(soc[string - 1], 4),
            "hottest_c": _number(hottest[string - 1], 1),
            "sensor_led": room.sensors.led(string, room.now_s),
        }
        for string in range(1, room.batteries.strings + 1)
    ]


def _playing_document(room: Room) -> Document | None:
    scenario = room.player.scenario
    if scenario is None:
        return None
    return {
        "name": scenario.name,
        "title": scenario.title,
        "lasts_s": scenario.lasts_s,
        "running": True,
        "progress": round(room.player.progress, 4),
    }


def _bus_document(service: RoomService) -> Document:
    counters = service.line.counters
    return {
        "baud": service.config.baud,
        "requests": counters.requests,
        "replies": counters.replies,
        "collisions": counters.collisions,
        "bytes_in": counters.bytes_in,
        "bytes_out": counters.bytes_out,
    }


def _kind_document(kind: FaultKind) -> Document:
    return {
        "kind": kind.kind,
        "title": kind.title,
        "target": kind.target.value,
        "default": _plain(kind.default),
        "unit": kind.unit,
        "help": kind.help,
        "lowest": None if isinstance(kind.default, str | None) else kind.lowest,
        "highest": None if isinstance(kind.default, str | None) or math.isinf(kind.highest) else kind.highest,
    }


def _plain(value: FaultValue) -> FaultValue:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _number(value: float | None, digits: int = 6) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), digits)


def _numbers(values: Iterable[float] | np.typing.NDArray[np.float64]) -> list[float | None]:
    return [_number(value) for value in np.asarray(values).tolist()]
