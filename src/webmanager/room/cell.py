"""The equations of a block, each written once: they take arrays (numpy) or single numbers (a compiled loop) alike.

A block is `cells` equal cells in series. A cell is an equilibrium voltage over two charge wells, behind a charge or a
discharge resistance, beside a gassing branch and a leak, all across the capacitance of the double layer; before it lies
the ohmic resistance. Voltages, resistances and leaks count per cell, currents are positive while charging, charges of
wells are in ampere seconds. `k` is the vector of constants (`tables`). Equations and sources: docs/battery-model.md.
"""

from typing import Any

import numpy as np

from webmanager.domain.reading import Floats
from webmanager.room import tables as t

Number = Any
"""A float, or an array of floats of one shape; the compiled loop knows only the first, numpy both."""

LOWEST_FILL = -0.6
LOWEST_EMF_V = -0.5
COLLAPSE_V = 80.0
"""An emptied cell falls with the cube of what is drawn beyond the end of its curve: reversed within a third of it."""
FULL_FLOOR = 1e-6
LARGEST_EXPONENT = 12.0
BOILING_C = 120.0
"""No block gets hotter: it boils instead, and `ageing` dries it out."""
READY_S = 12 * 3600.0
LINK_HEAT_SHARE = 0.5
"""Part of the heat of a bad link that reaches its block."""
HOTTEST_LINK_A2 = 1e6
MODULE_RATED_V = 2.27
"""Volts per cell at which a module draws its rated power. It counts as a resistor: one of constant power would run
away where it bridges an open block."""
NO_REFERENCE_V = 1e9
LIMITER_W = 2.0
DERATE_FROM_C, DERATE_TO_C = 55.0, 70.0


def equilibrium(u1: Number, k: Floats) -> tuple[Number, Number]:
    """Voltage of a cell at rest over the fill of its fast well, and the slope of that voltage."""
    floor = -k[t.E_FLOOR] * k[t.E_OFFSET]
    fill = np.maximum(u1, floor)
    lack = fill - 1.0
    beyond = np.minimum(u1 - floor, 0.0)
    slope = k[t.E_SLOPE] + 2.0 * k[t.E_CURVE] * lack + k[t.E_LOG] / (fill + k[t.E_OFFSET])
    cubed = COLLAPSE_V * beyond * beyond
    emf = (
        k[t.E0]
        + (k[t.E_SLOPE] + k[t.E_CURVE] * lack) * lack
        + k[t.E_LOG] * np.log((fill + k[t.E_OFFSET]) / (1.0 + k[t.E_OFFSET]))
        + (slope + cubed) * beyond
    )
    return np.maximum(emf, LOWEST_EMF_V), slope + 3.0 * cubed


def charge_resistance(rc: Number, soc: Number, k: Floats) -> Number:
    """Resistance to charging: grows towards full, and a full cell takes no more."""
    fullness = np.maximum(soc, 0.0) / np.maximum(k[t.C_POLE] - soc, 1e-3)
    cut = np.minimum(np.maximum((1.0 - soc) / k[t.FULL_CUT], FULL_FLOOR), 1.0)
    return rc * (1.0 + k[t.C_RISE] * fullness ** k[t.C_EXPONENT]) / cut


def discharge_resistance(rd: Number, u1: Number, k: Floats) -> Number:
    """Resistance to discharging: grows as the fast well empties."""
    return rd * (1.0 + k[t.D_RISE] * (1.0 - u1))


def ohmic_resistance(r0: Number, soc: Number) -> Number:
    """Resistance of acid and metal: doubles towards empty."""
    lack = 1.0 - soc
    lack2 = lack * lack
    return r0 * (1.0 + 0.5 * lack + 0.5 * lack2 * lack2)


def gassing(ig0: Number, v: Number, temperature_c: Number, k: Floats) -> Number:
    """Current that splits water (Tafel), A: tenfold per decade voltage, double per 10 K."""
    exponent = (v - k[t.G_REF]) / k[t.G_WIDTH] + k[t.G_PER_K] * (temperature_c - 25.0)
    return ig0 * np.exp(np.minimum(exponent, LARGEST_EXPONENT))


def limiter_aim(reference_v: Number, deadband_v: Number, offset_v: Number, cells: Number) -> Number:
    """True volts per cell at which a limiter begins to draw; out of reach without a reference (NaN)."""
    return np.fmin((reference_v + deadband_v - offset_v) / cells, NO_REFERENCE_V)


def limiter_limit(max_a: Number, block_v: Number, temperature_c: Number) -> Number:
    """Most a limiter may draw, A: its own limit, its power, and less when hot."""
    derate = np.minimum(np.maximum((DERATE_TO_C - temperature_c) / (DERATE_TO_C - DERATE_FROM_C), 0.0), 1.0)
    return np.minimum(max_a, LIMITER_W / np.maximum(block_v, 1.0)) * derate


def inner_line(
    v: Number, emf: Number, main_g: Number, gas: Number, leak: Number, h: Number, k: Floats
) -> tuple[Number, Number]:
    """`v' = rest + lift * current`: inner voltage after the step, linearly implicit; `h` = dt / capacitance."""
    gas_slope = gas / k[t.G_WIDTH]
    stiff = 1.0 + h * (main_g + gas_slope + leak)
    return (v + h * (main_g * emf + gas_slope * v - gas)) / stiff, h / stiff


def outer_line(
    rest: Number, reach: Number, bend: Number, aim: Number, fixed_a: Number, supply_g: Number
) -> tuple[Number, Number]:
    """`y = offset + slope * string current`: terminal volts per cell, with limiter (`bend`, `fixed_a`) and module."""
    soft = 1.0 + reach * (bend + supply_g)
    return (rest + reach * (bend * aim - fixed_a)) / soft, reach / soft


def limiter_piece(wanted_a: Number, limit_a: Number, linear: Number, saturated: Number) -> tuple[Number, Number]:
    """Whether a limiter is on its slope, and whether at its limit; from where it was, one piece at a time."""
    off = np.logical_not(linear | saturated)
    above, over = wanted_a > 0.0, wanted_a > limit_a
    is_saturated = (linear & over) | (saturated & (wanted_a >= limit_a))
    is_linear = (off & above) | (linear & (wanted_a >= 0.0) & np.logical_not(over)) | (saturated & (wanted_a < limit_a))
    return is_linear, is_saturated


def heat_w(
    cells: Number, inner_a: Number, ripple2: Number, r0: Number, main_a: Number, over_v: Number, gas_a: Number,
    v: Number, leak: Number, link_ohm: Number, k: Floats,
) -> Number:  # fmt: skip
    """Heat of a block, W; recombining gas turns all its power into heat, escaping gas takes 1.48 V of it along."""
    current2 = inner_a * inner_a
    inside = (current2 + ripple2) * r0 + main_a * over_v + np.maximum(gas_a, 0.0) * (v - k[t.G_ESCAPE]) + leak * v * v
    return cells * inside + LINK_HEAT_SHARE * link_ohm * np.minimum(current2, HOTTEST_LINK_A2)


def warmed(
    temperature_c: Number, heat: Number, cooling: Number, capacity: Number, around_c: Number, dt: float
) -> Number:
    """Temperature after the step, degC; implicit in the cooling, and never above boiling."""
    warming = heat - cooling * (temperature_c - around_c)
    return np.minimum(temperature_c + dt * warming / (capacity + dt * cooling), BOILING_C)


def surface_charge(surface_v: Number, main_a: Number, dt: float, k: Floats) -> Number:
    """Slow polarisation, V: filled by charging, used up by discharging, else gone in half a day."""
    inward, outward = np.maximum(main_a, 0.0) * dt / k[t.S_UP], np.maximum(-main_a, 0.0) * dt / k[t.S_DOWN]
    return (surface_v + k[t.S_VOLT] * inward) / (1.0 + inward + outward + dt / k[t.S_DECAY])


def dip_resistance(ready: Number, demand_a: Number, k: Floats) -> Number:
    """Coup de fouet: none at first, deepest when half its readiness is used up, then gone; grows less than current."""
    return 4.0 * ready * (1.0 - ready) * k[t.DIP_VOLT] / (demand_a + k[t.DIP_HALF])


def dip_readiness(ready: Number, charging: Number, main_a: Number, dt: float, k: Floats) -> Number:
    """How much of the coup de fouet stands ready, 0-1: comes back in half a day of charge, gone with 1 % of C10."""
    recover = charging * (dt / READY_S)
    return (ready + recover) / (1.0 + recover + np.maximum(-main_a, 0.0) * dt / k[t.DIP_CHARGE])


def state_of_charge(u1: Number, u2: Number, k: Floats) -> Number:
    """Share of the capacity that is in the wells."""
    return k[t.SHARE] * u1 + (1.0 - k[t.SHARE]) * u2


ALL = (
    equilibrium,
    charge_resistance,
    discharge_resistance,
    ohmic_resistance,
    gassing,
    limiter_aim,
    limiter_limit,
    inner_line,
    outer_line,
    limiter_piece,
    heat_w,
    warmed,
    surface_charge,
    dip_resistance,
    dip_readiness,
    state_of_charge,
)
"""What the compiled loop calls."""
