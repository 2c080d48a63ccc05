"""A seeded population of batteries: no two blocks alike, settled on float or just installed."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from webmanager.domain.errors import ConfigError
from webmanager.domain.installation import BlockType
from webmanager.domain.reading import Floats
from webmanager.room import cell, tables
from webmanager.room.battery import Batteries

Start = Literal["settled", "fresh"]

LIMITER_BY_NOMINAL_V = {12: (0.005, 50.0), 6: (0.004, 50.0), 4: (0.003, 40.0), 2: (0.003, 30.0)}
"""Nominal block voltage to deadband, V, and slope, A/V, of the module's limiter."""
LIMITER_MAX_A = 0.15
MODULE_W = 0.1
OFFSET_SIGMA_V = 0.007
"""Fixed error of a module's voltage reading for a 12 V block; others in proportion."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How unlike the blocks are, one sigma (log-normal for gassing), and how much warmer the far end of a rack is."""

    gassing: float = 0.35
    capacity: float = 0.025
    resistance: float = 0.05
    charge_resistance: float = 0.10
    rack_k: float = 3.0


def populate(
    *,
    block: BlockType,
    strings: int,
    per_string: int,
    seed: int,
    start: Start = "settled",
    equalized: bool = True,
    ambient_c: float = 22.0,
    spread: Spread | None = None,
    compiled: bool = False,
) -> Batteries:
    """Batteries with modules' limiters set up: the same arguments always give the same room.

    `settled` has spent days on float, with equalizing unless `equalized` is False; `fresh` is a new installation,
    92-100 % full, every block different. ConfigError on an unknown start or technology.
    """
    spread = spread or Spread()
    batteries = Batteries(block, strings, per_string, compiled=compiled)
    draw = np.random.default_rng(seed)
    size = batteries.size
    batteries.ig0_a *= np.exp(spread.gassing * np.clip(draw.standard_normal(size), -2, 2))
    batteries.q_ah *= 1.0 + spread.capacity * np.clip(draw.standard_normal(size), -3, 3)
    batteries.r0_ohm *= 1.0 + spread.resistance * np.clip(draw.standard_normal(size), -3, 3)
    batteries.rc_ohm *= 1.0 + spread.charge_resistance * np.clip(draw.standard_normal(size), -3, 3)
    batteries.sense_offset_v = OFFSET_SIGMA_V * block.cells / 6 * draw.standard_normal(size)
    filled = 1.0 - 0.08 * draw.random(size)

    batteries.ambient_c = ambient_c
    batteries.rack_k = np.tile(np.linspace(0.0, spread.rack_k, per_string), strings)
    batteries.temperature_c = ambient_c + batteries.rack_k
    deadband_v, gain = LIMITER_BY_NOMINAL_V[block.nominal_v]
    batteries.limiter_deadband_v, batteries.limiter_gain_a_per_v = deadband_v, gain
    batteries.limiter_max_a = LIMITER_MAX_A
    batteries.supply_w = MODULE_W
    if start == "settled":
        settle(batteries, batteries.chemistry.float_v_per_cell, equalized=equalized)
    elif start == "fresh":
        _fill(batteries, filled)
    else:
        raise ConfigError(f"start {start!r} is not known: settled or fresh")
    return batteries


def settle(batteries: Batteries, float_v_per_cell: float, *, equalized: bool) -> None:
    """Puts full batteries into the steady state of float at this voltage, found by bisection rather than by waiting.

    In a string all blocks carry one current: each block's voltage is the one at which gassing, leak, module and
    limiter take just that current, and the current is the one at which the voltages add up to the charger's.
    """
    set_v = float_v_per_cell * batteries.nominal_cells
    batteries.u1 = batteries.u2 = 1.0
    batteries.reference_v = set_v / batteries.per_string if equalized else np.nan
    shape = (batteries.strings, batteries.per_string)
    for _ in range(4):  # heat warms, warmth lets more current through: a few rounds are exact to a millikelvin
        low, high = (
            np.zeros((batteries.strings, 1)),
            np.full((batteries.strings, 1), 0.05 * batteries.block.capacity_ah),
        )
        for _ in range(50):
            middle = (low + high) / 2
            cell_v = _float_v(batteries, np.broadcast_to(middle, shape).ravel())
            too_high = (cell_v * batteries.cells).reshape(shape).sum(axis=1, keepdims=True) > set_v
            low, high = np.where(too_high, low, middle), np.where(too_high, middle, high)
        gas = _gassing(batteries, cell_v)
        heat = batteries.cells * (gas * (cell_v - batteries.constants[tables.G_ESCAPE]) + batteries.leak_s * cell_v**2)
        rise_k = np.minimum(heat / batteries.cooling_w_k, 14.0)
        batteries.temperature_c = batteries.ambient_c + batteries.rack_k + rise_k
    batteries.cell_v = cell_v
    batteries.current_a[:] = middle.ravel()
    batteries.refresh()
    batteries.bus_v = set_v


def _fill(batteries: Batteries, filled: Floats) -> None:
    batteries.u1 = batteries.u2 = filled
    batteries.cell_v = cell.equilibrium(filled, batteries.constants)[0]
    batteries.refresh()
    batteries.bus_v = float(batteries.voltage_v.sum()) / batteries.strings


def _float_v(batteries: Batteries, current_a: Floats) -> Floats:
    """Cell voltage at which each block takes this current on float, V."""
    low, high = np.full(batteries.size, 1.9), np.full(batteries.size, 3.2)
    for _ in range(40):
        middle = (low + high) / 2
        too_high = _taken_a(batteries, middle) > current_a
        low, high = np.where(too_high, low, middle), np.where(too_high, middle, high)
    return np.asarray((low + high) / 2)


def _taken_a(batteries: Batteries, cell_v: Floats) -> Floats:
    block_v = batteries.cells * cell_v
    over_v = block_v + batteries.sense_offset_v - batteries.reference_v - batteries.limiter_deadband_v
    limit_a = np.minimum(batteries.limiter_max_a, cell.LIMITER_W / block_v)
    bypass = np.clip(batteries.limiter_gain_a_per_v * np.nan_to_num(over_v, nan=-1.0), 0.0, limit_a)
    module_a = batteries.supply_w * cell_v / (batteries.cells * cell.MODULE_RATED_V**2)
    return np.asarray(_gassing(batteries, cell_v) + batteries.leak_s * cell_v + module_a + bypass)


def _gassing(batteries: Batteries, cell_v: Floats) -> Floats:
    return np.asarray(cell.gassing(batteries.ig0_a, cell_v, batteries.temperature_c, batteries.constants))
