"""The batteries of the room: strings of blocks on one DC bus, moved on by `step(dt, feed)`. Knows no clock, no wire."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module, util
from typing import Any

import numpy as np

from webmanager.domain.installation import BlockType
from webmanager.domain.reading import Bools, Floats
from webmanager.room import ageing, kernel
from webmanager.room.parameters import REFERENCE_AH, CellSet, cell_set

LONGEST_STEP_S = 60.0
"""Longer steps are divided: charge and heat are followed at least this closely."""
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
    reference_v = Row("_inputs", kernel.REFERENCE)
    sense_offset_v = Row("_inputs", kernel.SENSE_OFFSET)
    limiter_gain_a_per_v = Row("_inputs", kernel.GAIN)
    limiter_deadband_v = Row("_inputs", kernel.DEADBAND)
    limiter_max_a = Row("_inputs", kernel.MAX_A)
    supply_w = Row("_inputs", kernel.SUPPLY_W)
    rack_k = Row("_inputs", kernel.RACK_K)
    # what a block is, and what faults change
    cells = Row("_parameters", kernel.CELLS)
    q_ah = Row("_parameters", kernel.Q_AH)
    r0_ohm = Row("_parameters", kernel.R0)
    rd_ohm = Row("_parameters", kernel.RD)
    rc_ohm = Row("_parameters", kernel.RC)
    layer_f = Row("_parameters", kernel.LAYER_F)
    ig0_a = Row("_parameters", kernel.IG0)
    leak_s = Row("_parameters", kernel.LEAK)
    link_ohm = Row("_parameters", kernel.LINK)
    heat_capacity_jk = Row("_parameters", kernel.HEAT_CAPACITY)
    cooling_w_k = Row("_parameters", kernel.COOLING)
    # state
    u1 = Row("_state", kernel.U1)
    u2 = Row("_state", kernel.U2)
    cell_v = Row("_state", kernel.V)
    surface_v = Row("_state", kernel.SURFACE)
    temperature_c = Row("_state", kernel.TEMPERATURE)
    dip_readiness = Row("_state", kernel.READY)
    wear = Row("_state", kernel.AGE)
    soft_sulphate = Row("_state", kernel.SOFT_SULPHATE)
    hard_sulphate = Row("_state", kernel.HARD_SULPHATE)
    boiled = Row("_state", kernel.BOILED)
    gassed_ah = Row("_state", kernel.GASSED)
    # what the last step brought
    voltage_v = Row("_out", kernel.VOLTAGE)
    block_current_a = Row("_out", kernel.CURRENT)
    bypass_a = Row("_out", kernel.BYPASS)
    gassing_a = Row("_out", kernel.GASSING)
    soc = Row("_out", kernel.SOC)
    heat_w = Row("_out", kernel.HEAT)
    limiter_limit_a = Row("_out", kernel.LIMIT)

    def __init__(self, block: BlockType, strings: int, per_string: int, *, compiled: bool = False) -> None:
        """New blocks, all alike, full and at rest at 25 degC; `compiled` uses numba, which must be installed."""
        self.block, self.strings, self.per_string = block, strings, per_string
        self.size = strings * per_string
        self.chemistry = cell_set(block.technology)
        self.ambient_c = 25.0
        self.ripple_a = 0.0
        self._advance = compiled_kernel() if compiled else kernel.advance
        self._state = np.zeros((kernel.STATE_ROWS, self.size))
        self._parameters = np.zeros((kernel.PARAMETER_ROWS, self.size))
        self._inputs = np.zeros((kernel.INPUT_ROWS, self.size))
        self._factors = np.ones((kernel.FACTOR_ROWS, self.size))
        self._out = np.zeros((kernel.OUTPUT_ROWS, self.size))
        self._flags = np.zeros((kernel.FLAG_ROWS, self.size), dtype=np.bool_)
        self._strings = np.zeros((1, strings))
        self._constants = _constants(self.chemistry, block.capacity_ah)
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
        lack = 1.0 - self.soc
        block = self.cells * self.r0_ohm * self._factors[kernel.F_R0] * (1.0 + 0.5 * lack + 0.5 * lack**4)
        return np.asarray(block + self.link_ohm)

    def step(self, dt: float, feed: Feed) -> None:
        """Moves time on by `dt` seconds (> 0) under `feed`."""
        if not 0.0 < dt < float("inf"):
            raise ValueError(f"a step of {dt} s: must be positive and finite")
        parts = max(1, int(np.ceil(dt / LONGEST_STEP_S - 1e-9)))
        for _ in range(parts):
            self._step(dt / parts, feed)

    def renew(self, index: int) -> None:
        """Replaces one block by a new, full one with the parameters it has now."""
        self._state[:, index] = 0.0
        self._state[kernel.U1 : kernel.U2 + 1, index] = 1.0
        self._state[kernel.V, index] = self.chemistry.e0_v
        self._state[kernel.TEMPERATURE, index] = self.ambient_c + self.rack_k[index]
        self._out[kernel.SOC, index] = 1.0
        ageing.refresh_factors(self._state, self._factors)

    def refresh(self) -> None:
        """Takes up a state that was written from outside: SOC, factors, and volts at rest."""
        self.soc = self.chemistry_share * self.u1 + (1.0 - self.chemistry_share) * self.u2
        self.voltage_v = self.cells * self.cell_v
        ageing.refresh_factors(self._state, self._factors)

    @property
    def chemistry_share(self) -> float:
        """Share of the fast well in a cell's charge."""
        return self.chemistry.well_share

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
                self._constants,
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


def compiled_kernel() -> Callable[..., float]:
    """The kernel compiled by numba (about ten seconds at the first call); RuntimeError if numba is missing."""
    if not can_compile():
        raise RuntimeError("numba is not installed: pip install 'webmanager[fast]'")
    if "advance" not in _compiled:
        numba = import_module("numba")
        numba.extending.register_jitable(kernel.solve_bus)
        _compiled["advance"] = numba.njit(kernel.advance)
    return _compiled["advance"]


def can_compile() -> bool:
    """Whether numba is there."""
    return util.find_spec("numba") is not None


_TABLES = ("_state", "_parameters", "_inputs", "_factors", "_out", "_strings")
_compiled: dict[str, Callable[..., float]] = {}


def _constants(chemistry: CellSet, capacity_ah: float) -> Floats:
    scale = capacity_ah / REFERENCE_AH
    k = np.zeros(kernel.CONSTANTS)
    k[kernel.E0], k[kernel.E_SLOPE], k[kernel.E_CURVE] = chemistry.e0_v, chemistry.e_slope_v, chemistry.e_curve_v
    k[kernel.E_LOG], k[kernel.E_OFFSET] = chemistry.e_log_v, chemistry.e_log_offset
    k[kernel.SHARE], k[kernel.RATE] = chemistry.well_share, chemistry.well_rate_per_s
    k[kernel.D_RISE], k[kernel.C_RISE] = chemistry.discharge_rise, chemistry.charge_rise
    k[kernel.C_POLE], k[kernel.C_EXPONENT] = chemistry.charge_pole, chemistry.charge_exponent
    k[kernel.FULL_CUT] = chemistry.full_cut
    k[kernel.S_VOLT], k[kernel.S_DECAY] = chemistry.surface_v, chemistry.surface_decay_s
    k[kernel.S_UP] = chemistry.surface_up_ah * scale * 3600.0
    k[kernel.S_DOWN] = chemistry.surface_down_ah * scale * 3600.0
    k[kernel.DIP_VOLT], k[kernel.DIP_HALF] = chemistry.dip_v, chemistry.dip_half_a * scale
    k[kernel.DIP_CHARGE] = 0.01 * capacity_ah * 3600.0
    k[kernel.G_REF], k[kernel.G_WIDTH] = chemistry.gassing_ref_v, chemistry.gassing_decade_v / np.log(10.0)
    k[kernel.G_PER_K] = chemistry.gassing_per_k
    k[kernel.G_ESCAPE] = (1.0 - chemistry.recombination) * kernel.WATER_V
    return k
