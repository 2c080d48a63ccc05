"""Plays the reference discharges and the reference cycle on one block of a parameter set."""

from dataclasses import dataclass

import numpy as np

from webmanager.domain.installation import BlockType
from webmanager.domain.reading import Floats
from webmanager.room.battery import Batteries, Feed
from webmanager.room.fit.references import CycleLog, Discharge
from webmanager.room.parameters import REFERENCE_AH, CellSet

REST = Feed(None, 0.0, 0.0)
AMBIENT_C = 25.0


@dataclass(frozen=True, slots=True, eq=False)
class CycleRun:
    """The model at the hours of a `CycleLog`, in the same order."""

    discharge_v: Floats
    discharge_hours: float
    rest_empty_v: Floats
    charging_v: Floats
    charging_a: Floats
    rest_full_v: Floats


def one_block(
    chemistry: CellSet, cells: int = 6, capacity_ah: float = REFERENCE_AH, *, compiled: bool = False
) -> Batteries:
    """A block, full, at rest, without a module beside it."""
    block = BlockType({1: 2, 2: 4, 3: 6, 6: 12}[cells], capacity_ah, chemistry.name)
    return Batteries(block, 1, 1, chemistry=chemistry, compiled=compiled)


def discharge_hours(
    chemistry: CellSet, row: Discharge, capacity_ah: float = REFERENCE_AH, *, compiled: bool = False
) -> float:
    """Hours until the block reaches the row's end voltage; the row's amperes are those of this very block."""
    batteries = one_block(chemistry, capacity_ah=capacity_ah, compiled=compiled)
    dt = min(60.0, row.hours * 3600 / 300)
    cells = batteries.nominal_cells
    before_v, seconds = batteries.bus_v, 0.0
    while seconds < 3 * row.hours * 3600:
        draw(batteries, row.current_a, dt)
        seconds += dt
        if batteries.bus_v <= row.end_v_per_cell * cells:
            passed = (before_v - row.end_v_per_cell * cells) / max(before_v - batteries.bus_v, 1e-9)
            return (seconds - dt + dt * min(passed, 1.0)) / 3600
        before_v = batteries.bus_v
    return seconds / 3600


def discharge_shape(chemistry: CellSet, rate: float, fractions: Floats, end_v_per_cell: float = 1.75) -> Floats:
    """Volts per cell at fractions of the time a discharge at `rate` x C10 lasts."""
    batteries = one_block(chemistry)
    volts = [batteries.bus_v]
    while volts[-1] > end_v_per_cell * batteries.nominal_cells:
        draw(batteries, rate * REFERENCE_AH, 60.0)
        volts.append(batteries.bus_v)
    return np.interp(fractions, np.linspace(0.0, 1.0, len(volts)), volts) / batteries.nominal_cells


def draw(batteries: Batteries, current_a: float, dt: float) -> None:
    """A step of constant current: the load is a power, so it follows the bus voltage of the step itself."""
    before = batteries.snapshot()
    batteries.step(dt, Feed(None, 0.0, current_a * batteries.bus_v))
    bus_v = batteries.bus_v
    batteries.restore(before)
    batteries.step(dt, Feed(None, 0.0, current_a * bus_v))


def play(chemistry: CellSet, log: CycleLog, dt: float = 60.0, *, compiled: bool = False) -> CycleRun:
    """The whole cycle from a full block: discharge, rest, charge, rest."""
    batteries = one_block(chemistry, log.cells, compiled=compiled)
    batteries.q_ah *= log.capacity_share
    seconds, discharge = 0.0, [(0.0, batteries.bus_v)]
    while batteries.bus_v > log.cutoff_v and seconds < 15 * 3600:
        draw(batteries, log.discharge_a, dt)
        seconds += dt
        discharge.append((seconds / 3600, batteries.bus_v))
    past, last = discharge[-2], discharge[-1]
    part = (past[1] - log.cutoff_v) / max(past[1] - last[1], 1e-9)
    end = past[0] + (last[0] - past[0]) * part
    hours, volts = np.array(discharge).T
    empty = _record(batteries, REST, log.rest_empty_v[-1][0], dt)
    charge = _record(batteries, Feed(log.charge_v, log.charge_a, 0.0), log.charge_hours, dt)
    full = _record(batteries, REST, log.rest_full_v[-1][0], dt)
    return CycleRun(
        np.interp(_hours(log.discharge_v), hours, volts),
        end,
        _at(empty, 1, log.rest_empty_v),
        _at(charge, 1, log.charging_v),
        _at(charge, 2, log.charging_a),
        _at(full, 1, log.rest_full_v),
    )


def _record(batteries: Batteries, feed: Feed, hours: float, dt: float) -> Floats:
    rows = [(0.0, batteries.bus_v, 0.0)]
    for step in range(1, round(hours * 3600 / dt) + 2):
        batteries.step(dt, feed)
        rows.append((step * dt / 3600, batteries.bus_v, float(batteries.current_a[0])))
    return np.array(rows).T


def _hours(points: tuple[tuple[float, float], ...]) -> Floats:
    return np.array([hour for hour, _ in points])


def _at(record: Floats, row: int, points: tuple[tuple[float, float], ...]) -> Floats:
    return np.asarray(np.interp(_hours(points), record[0], record[row]))
