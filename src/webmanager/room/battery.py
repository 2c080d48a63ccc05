"""The batteries of the room: strings of blocks on one DC bus, moved on by `step(dt, feed)`. Knows no clock, no wire."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from webmanager.domain.installation import BlockType
from webmanager.domain.reading import Bools, Floats
from webmanager.room import ageing, cell, kernel, tables
from webmanager.room.compiled import compiled_advance
from webmanager.room.parameters import REFERENCE_AH, CellSet, cell_set, constants

LONGEST_STEP_S = 60.0
"""Longer steps are divided: charge and heat are followed at least this closely, unless `longest_step_s` says less."""
SLOW_S = 300.0
"""Wear and its factors are taken up this often."""


@dataclass(frozen=True, slots=True)
class Feed:
    """What the bus offers during one step.

    `voltage_v` is the charger's set point for a whole string (None: no charger), `current_limit_a` its limit for all
    strings together, `load_w` the load taken from the bus (0 while the mains feed it).
    """

    voltage_v: float | None
    current_limit_a: float
    load_w: float


@dataclass(frozen=True, slots=True, eq=False)
class BatteryState:
    """Everything `Batteries` remembers, copied: hand it to `restore` of batteries of the same shape."""

    tables: dict[str, Floats]
    flags: Bools
    bus_v: float
    ambient_c: float
    ripple_a: float
    since_slow_s: float


class Row:
    """One quantity of all blocks: reading gives a live view (size,), writing copies the values in."""

    def __init__(self, table: str, row: int) -> None:
        self._table, self._row = table, row

    def __get__(self, owner: Any, kind: type | None = None) -> Floats:
        row: Floats = getattr(owner, self._table)[self._row]
        return row

    def __set__(self, owner: Any, values: Floats | float) -> None:
        getattr(owner, self._table)[self._row] = values


class Batteries:
    """`strings` strings of `per_string` blocks in series, side by side on one bus; index of a block = address - 1.

    Every quantity of a block is an array of shape (size,) that can be read and written; volts and watts count for the
    whole block, `r0_ohm`, `rc_ohm`, `rd_ohm` and `leak_s` for one of its equal cells. Current is positive while
    charging.
    """

    # written by modules and room
    reference_v = Row("_inputs", tables.REFERENCE)
    sense_offset_v = Row("_inputs", tables.SENSE_OFFSET)
    limiter_gain_a_per_v = Row("_inputs", tables.GAIN)
    limiter_deadband_v = Row("_inputs", tables.DEADBAND)
    limiter_max_a = Row("_inputs", tables.MAX_A)
    supply_w = Row("_inputs", tables.SUPPLY_W)
    rack_k = Row("_inputs", tables.RACK_K)
    # what a block is, and what faults change
    cells = Row("_parameters", tables.CELLS)
    q_ah = Row("_parameters", tables.Q_AH)
    r0_ohm = Row("_parameters", tables.R0)
    rd_ohm = Row("_parameters", tables.RD)
    rc_ohm = Row("_parameters", tables.RC)
    layer_f = Row("_parameters", tables.LAYER_F)
    ig0_a = Row("_parameters", tables.IG0)
    leak_s = Row("_parameters", tables.LEAK)
    link_ohm = Row("_parameters", tables.LINK)
    heat_capacity_jk = Row("_parameters", tables.HEAT_CAPACITY)
    cooling_w_k = Row("_parameters", tables.COOLING)
    # state
    u1 = Row("_state", tables.U1)
    u2 = Row("_state", tables.U2)
    cell_v = Row("_state", tables.V)
    surface_v = Row("_state", tables.SURFACE)
    temperature_c = Row("_state", tables.TEMPERATURE)
    dip_readiness = Row("_state", tables.READY)
    wear = Row("_state", tables.AGE)
    soft_sulphate = Row("_state", tables.SOFT_SULPHATE)
    hard_sulphate = Row("_state", tables.HARD_SULPHATE)
    boiled = Row("_state", tables.BOILED)
    gassed_ah = Row("_state", tables.GASSED)
    # what the last step brought
    voltage_v = Row("_out", tables.VOLTAGE)
    block_current_a = Row("_out", tables.CURRENT)
    bypass_a = Row("_out", tables.BYPASS)
    gassing_a = Row("_out", tables.GASSING)
    soc = Row("_out", tables.SOC)
    heat_w = Row("_out", tables.HEAT)
    limiter_limit_a = Row("_out", tables.LIMIT)

    def __init__(
        self,
        block: BlockType,
        strings: int,
        per_string: int,
        *,
        chemistry: CellSet | None = None,
        compiled: bool = False,
    ) -> None:
        """New blocks, all alike, full and at rest at 25 degC.

        `chemistry` replaces the set of the block's technology; `compiled` uses numba, which must be installed.
        """
        self.block, self.strings, self.per_string = block, strings, per_string
        self.size = strings * per_string
        self.chemistry = chemistry or cell_set(block.technology)
        self.ambient_c = 25.0
        self.ripple_a = 0.0
        self.longest_step_s = LONGEST_STEP_S
        self._advance = compiled_advance() if compiled else kernel.advance
        self._state = np.zeros((tables.STATE_ROWS, self.size))
        self._parameters = np.zeros((tables.PARAMETER_ROWS, self.size))
        self._inputs = np.zeros((tables.INPUT_ROWS, self.size))
        self._factors = np.ones((tables.FACTOR_ROWS, self.size))
        self._out = np.zeros((tables.OUTPUT_ROWS, self.size))
        self._flags = np.zeros((tables.FLAG_ROWS, self.size), dtype=np.bool_)
        self._strings = np.zeros((1, strings))
        self.constants = constants(self.chemistry, block.capacity_ah)
        self._since_slow_s = 0.0
        self._set_new()

    @property
    def current_a(self) -> Floats:
        """Current of each string, A, shape (strings,)."""
        row: Floats = self._strings[0]
        return row

    @property
    def nominal_cells(self) -> int:
        """Cells in series in one string when all are healthy."""
        return self.block.cells * self.per_string

    def ri_ohm(self) -> Floats:
        """What the direct-current pulse of each module sees: its block and the link within its sense leads, ohm."""
        block = self.cells * cell.ohmic_resistance(self.r0_ohm * self._factors[tables.F_R0], self.soc)
        return np.asarray(block + self.link_ohm)

    def step(self, dt: float, feed: Feed) -> None:
        """Moves time on by `dt` seconds (> 0) under `feed`."""
        if not 0.0 < dt < float("inf"):
            raise ValueError(f"a step of {dt} s: must be positive and finite")
        parts = max(1, int(np.ceil(dt / self.longest_step_s - 1e-9)))
        for _ in range(parts):
            self._step(dt / parts, feed)

    def renew(self, index: int) -> None:
        """Replaces one block by a new, full one with the parameters it has now."""
        self._state[:, index] = 0.0
        self._state[tables.U1 : tables.U2 + 1, index] = 1.0
        self._state[tables.V, index] = self.chemistry.e0_v
        self._state[tables.TEMPERATURE, index] = self.ambient_c + self.rack_k[index]
        self._out[tables.SOC, index] = 1.0
        ageing.refresh_factors(self._state, self._factors)

    def refresh(self) -> None:
        """Takes up a state that was written from outside: SOC, factors, and volts at rest."""
        self.soc = cell.state_of_charge(self.u1, self.u2, self.constants)
        self.voltage_v = self.cells * self.cell_v
        ageing.refresh_factors(self._state, self._factors)

    def snapshot(self) -> BatteryState:
        """A copy of the whole state, parameters and inputs included."""
        tables = {name: getattr(self, name).copy() for name in _TABLES}
        return BatteryState(tables, self._flags.copy(), self.bus_v, self.ambient_c, self.ripple_a, self._since_slow_s)

    def restore(self, state: BatteryState) -> None:
        """Goes back to a copied state; ValueError if it is of another shape."""
        for name in _TABLES:
            if state.tables[name].shape != getattr(self, name).shape:
                raise ValueError(f"state of {state.tables[name].shape[-1]} blocks does not fit {self.size}")
        for name in _TABLES:
            getattr(self, name)[:] = state.tables[name]
        self._flags[:] = state.flags
        self.bus_v, self.ambient_c, self.ripple_a = state.bus_v, state.ambient_c, state.ripple_a
        self._since_slow_s = state.since_slow_s

    def _step(self, dt: float, feed: Feed) -> None:
        set_v = float("nan") if feed.voltage_v is None else feed.voltage_v
        self.bus_v = float(
            self._advance(
                self._state,
                self._parameters,
                self._inputs,
                self._factors,
                self._out,
                self._flags,
                self._strings[0],
                self.constants,
                dt,
                set_v,
                feed.current_limit_a,
                feed.load_w,
                self.bus_v,
                self.ambient_c,
                self.ripple_a,
            )
        )
        self._since_slow_s += dt
        if self._since_slow_s >= SLOW_S - 1e-9:
            ageing.age(self._state, self._out, self._since_slow_s, self.chemistry.design_life_years)
            ageing.refresh_factors(self._state, self._factors)
            self._since_slow_s = 0.0

    def _set_new(self) -> None:
        chemistry, block = self.chemistry, self.block
        scale = block.capacity_ah / REFERENCE_AH
        self.cells = float(block.cells)
        self.q_ah = chemistry.q_ah * scale
        self.r0_ohm = chemistry.r0_ohm / scale
        self.rd_ohm = chemistry.discharge_ohm / scale
        self.rc_ohm = chemistry.charge_ohm / scale
        self.layer_f = chemistry.layer_f * scale
        self.ig0_a = chemistry.gassing_a * scale
        self.heat_capacity_jk = block.cells * chemistry.mass_kg * chemistry.specific_heat_j_kgk * scale
        self.cooling_w_k = block.cells * chemistry.cooling_w_k * scale**0.67
        self.reference_v = np.nan
        self.u1 = self.u2 = self.soc = 1.0
        self.cell_v = chemistry.e0_v
        self.temperature_c = self.ambient_c
        self.dip_readiness = 1.0
        self.voltage_v = self.cells * self.cell_v
        self.bus_v = float(self.voltage_v[: self.per_string].sum())
        ageing.refresh_factors(self._state, self._factors)


_TABLES = ("_state", "_parameters", "_inputs", "_factors", "_out", "_strings")
