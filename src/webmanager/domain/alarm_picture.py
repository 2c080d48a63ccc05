"""What every reader sees of the alarms at one moment: open and pending ones, a state for each battery and quantity."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property

import numpy as np
import numpy.typing as npt

from webmanager.domain.alarms import Alarm
from webmanager.domain.events import Severity
from webmanager.domain.judge import Judge
from webmanager.domain.life_cycle import Phase
from webmanager.domain.limits import IN_PACK, ROWS, Quantity, Scope
from webmanager.domain.reading import Bools

Levels = npt.NDArray[np.int8]

QUANTITIES = (Quantity.VOLTAGE, Quantity.TEMPERATURE, Quantity.RI, Quantity.EQUALIZING, Quantity.MODULE)


class Level(IntEnum):
    """How a quantity of a battery stands; the highest speaks for the battery."""

    OK = 0
    PENDING = 1
    NOTICE = 2
    WARNING = 3
    ALARM = 4

    @property
    def word(self) -> str:
        """As it stands in every protocol and on every page."""
        return self.name.lower()


_OF_SEVERITY = {Severity.NOTICE: Level.NOTICE, Severity.WARNING: Level.WARNING, Severity.ALARM: Level.ALARM}


@dataclass(frozen=True, slots=True, eq=False)
class ModuleStates:
    """`Level` of each quantity, shape (modules,), read-only; `module` is what the module itself and the bus show."""

    voltage: Levels
    temperature: Levels
    ri: Levels
    equalizing: Levels
    module: Levels
    overall: Levels

    def words(self, address: int) -> dict[str, str]:
        """The states of one battery in words, by quantity."""
        index = address - 1
        values = (self.voltage, self.temperature, self.ri, self.equalizing)
        names = ("voltage", "temperature", "ri", "equalizing")
        return {name: Level(int(levels[index])).word for name, levels in zip(names, values, strict=True)}


@dataclass(frozen=True, slots=True)
class Pending:
    """A breach whose hold still runs; `since_at` is UTC seconds, `held` and `hold` are seconds or readings."""

    kind: str
    severity: Severity
    name: str
    place: int
    value: float
    since_at: float
    held: float
    hold: float


@dataclass(frozen=True)
class AlarmPicture:
    """As of `at` (UTC seconds) and snapshot `number`; `flags` are names of published battery and general bits."""

    at: float
    number: int
    alarms: tuple[Alarm, ...]
    pending: tuple[Pending, ...]
    states: ModuleStates
    flags: frozenset[str] = frozenset()
    maintenance_until: float | None = None
    changes: int = 0
    dropped: int = 0
    by_severity: Mapping[Severity, int] = field(default_factory=dict)

    @cached_property
    def unacknowledged(self) -> int:
        """Open alarms nobody has acknowledged and nobody has shelved."""
        return sum(alarm.state == "active" for alarm in self.alarms)

    @cached_property
    def is_general_alarm(self) -> bool:
        """Something of the severity alarm is open and not acknowledged."""
        return any(alarm.severity is Severity.ALARM and alarm.state == "active" for alarm in self.alarms)


def states_of(judge: Judge) -> ModuleStates:
    """The level of every battery; what its whole string shows counts for each battery that shows it too."""
    size = judge.installation.modules
    levels = np.zeros((len(QUANTITIES), size), np.int8)
    cells = np.flatnonzero((judge.cycle.phase >= Phase.ACTIVE) | _is_pending(judge))
    if cells.size:
        _mark_batteries(judge, cells, levels)
        _mark_packs(judge, levels)
    overall = levels.max(axis=0)
    for values in (levels, overall):
        values.setflags(write=False)
    return ModuleStates(levels[0], levels[1], levels[2], levels[3], levels[4], overall)


def pending_in(judge: Judge, most: int = 100) -> tuple[Pending, ...]:
    """Breaches whose hold runs and that no cause explains, at most `most` of them."""
    found = []
    for cell in np.flatnonzero(_is_pending(judge))[:most]:
        limit, place = judge.layout.at(int(cell))
        scope = limit.row.scope
        name = judge.installation.names[place] if scope is Scope.BATTERY else f"string {place + 1}"
        found.append(
            Pending(
                limit.row.kind,
                limit.severity,
                limit.row.part or "device" if scope is Scope.DEVICE else name,
                place,
                float(judge.values[cell]),
                float(judge.cycle.since_at[cell]),
                float(judge.cycle.held[cell]),
                limit.hold,
            )
        )
    return tuple(found)


def flags_of(judge: Judge) -> frozenset[str]:
    """Names of the published bits that what is raised now sets."""
    names: set[str] = set()
    for cell in np.flatnonzero(judge.cycle.is_raised):
        limit, _ = judge.layout.at(int(cell))
        row = limit.row
        is_early = row.kind == "thermal_runaway" and limit.severity is not Severity.ALARM
        names |= {"THERMAL_RUNAWAY_WARNING"} if is_early else {row.battery_flag or "", row.general_flag or ""}
        names.add(_OUT_OF_RANGE.get(row.quantity, ""))
    return frozenset(names - {""})


_OUT_OF_RANGE = {
    Quantity.VOLTAGE: "VOLTAGE_OUTOFRANGE",
    Quantity.TEMPERATURE: "TEMPERATURE_OUTOFRANGE",
    Quantity.RI: "RESISTOR_OUTOFRANGE",
}


def _is_pending(judge: Judge) -> Bools:
    return np.asarray((judge.cycle.phase == Phase.PENDING) & ~judge.explained)


def _level(phase: int, severity: Severity) -> Level:
    return _OF_SEVERITY[severity] if phase >= Phase.ACTIVE else Level.PENDING


def _mark_batteries(judge: Judge, cells: npt.NDArray[np.int64], levels: Levels) -> None:
    row_of = {quantity: row for row, quantity in enumerate(QUANTITIES)}
    for cell in cells:
        limit, place = judge.layout.at(int(cell))
        if limit.row.scope is Scope.BATTERY:
            row = row_of[limit.row.quantity]
            levels[row, place] = max(levels[row, place], _level(int(judge.cycle.phase[cell]), limit.severity))


def _mark_packs(judge: Judge, levels: Levels) -> None:
    """Batteries that do not stand apart carry the level of their string where they are beyond its clear value."""
    per_string = judge.installation.per_string
    for kind, pack_kind in IN_PACK.items():
        own, pack = judge.layout.blocks.get(kind), judge.layout.blocks.get(pack_kind)
        if own is None or pack is None or judge.known is None:
            continue
        raised = pack.grid(judge.cycle.phase) >= Phase.ACTIVE
        if not raised.any():
            continue
        seen = judge.known.seen
        is_voltage = ROWS[kind].quantity is Quantity.VOLTAGE
        values = seen.voltage_v / judge.installation.block.cells if is_voltage else seen.temperature_c
        row = QUANTITIES.index(ROWS[kind].quantity)
        for tier, limit in enumerate(pack.limits):
            there = np.repeat(raised[tier], per_string)
            beyond = values > limit.clear_at if limit.row.is_high else values < limit.clear_at
            marked = there & beyond
            levels[row, marked] = np.maximum(levels[row, marked], _OF_SEVERITY[limit.severity])
