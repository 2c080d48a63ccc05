"""One time step of all blocks: plain array expressions that run with numpy as they stand, or compiled by numba.

Each block is `cells` equal cells in series. A cell is an equilibrium voltage over two charge wells, behind a charge
or a discharge resistance, beside a gassing branch and a leak, all across the double layer's capacitance; before it
lies the ohmic resistance. The step is linearly implicit: the voltage of a block at the end of the step is a straight
line over its current, so strings and bus are solved in closed form. Equations: docs/battery-model.md.
"""

import numpy as np

from webmanager.domain.reading import Bools, Floats

# Rows of the tables, one column a block. State: what the past has left.
U1, U2, V, SURFACE, TEMPERATURE, READY, AGE, SOFT_SULPHATE, HARD_SULPHATE, BOILED, GASSED = range(11)
STATE_ROWS = 11
# Parameters: what a block is, and what faults change.
(CELLS, Q_AH, R0, RD, RC, LAYER_F, IG0, LEAK, LINK, HEAT_CAPACITY, COOLING) = range(11)
PARAMETER_ROWS = 11
# Inputs: what modules and room write.
REFERENCE, SENSE_OFFSET, GAIN, DEADBAND, MAX_A, SUPPLY_W, RACK_K = range(7)
INPUT_ROWS = 7
# Slow factors on the parameters, made by `ageing`.
F_Q, F_R0, F_RD, F_RC, F_IG = range(5)
FACTOR_ROWS = 5
# Outputs: what the last step brought.
VOLTAGE, CURRENT, BYPASS, GASSING, SOC, HEAT, LIMIT = range(7)
OUTPUT_ROWS = 7
# Flags: on which straight piece of its curves each block was.
CHARGING, LINEAR, SATURATED = range(3)
FLAG_ROWS = 3
# Constants of the cell set, in one vector.
(E0, E_SLOPE, E_CURVE, E_LOG, E_OFFSET, SHARE, RATE, D_RISE, C_RISE, C_POLE, C_EXPONENT, FULL_CUT) = range(12)
(S_VOLT, S_UP, S_DOWN, S_DECAY, DIP_VOLT, DIP_HALF, DIP_CHARGE, G_REF, G_WIDTH, G_PER_K, G_ESCAPE) = range(12, 23)
CONSTANTS = 23

FEWEST_CELLS = 0.02
"""What is left of a block all of whose cells are shorted: a few millivolts, never a division by zero."""
LOWEST_FILL = -0.3
LOWEST_EMF_V = -0.5
FULL_FLOOR = 1e-6
LARGEST_EXPONENT = 12.0
WATER_V = 1.48
"""Heat-neutral voltage of water splitting."""
BOILING_C = 120.0
"""No block gets hotter: it boils instead, and `ageing` dries it out."""
READY_S = 12 * 3600.0
LINK_HEAT_SHARE = 0.5
"""Part of the heat of a bad link that reaches its block."""
MODULE_RATED_V = 2.27
"""Volts per cell at which a module draws its rated power. It counts as a resistor: one of constant power would run
away where it bridges an open block."""
NO_REFERENCE_V = 1e9
LIMITER_W = 2.0
DERATE_FROM_C, DERATE_TO_C = 55.0, 70.0
ROUNDS = 6


def advance(  # noqa: PLR0915 - one pass over the equations
    state: Floats,
    parameters: Floats,
    inputs: Floats,
    factors: Floats,
    out: Floats,
    flags: Bools,
    current_a: Floats,
    k: Floats,
    dt: float,
    set_v: float,
    limit_a: float,
    load_w: float,
    bus_v: float,
    ambient_c: float,
    ripple_a: float,
) -> float:
    """Moves every table forward by `dt` seconds and returns the bus voltage, V.

    `set_v` is NaN without a charger; `bus_v` is the voltage of the last step; `current_a` (strings,) is written.
    """
    strings = current_a.size
    cells = np.maximum(parameters[CELLS], FEWEST_CELLS)
    u1, u2, v = state[U1], state[U2], state[V]
    temperature = state[TEMPERATURE]

    soc = k[SHARE] * u1 + (1.0 - k[SHARE]) * u2
    floor = -0.98 * k[E_OFFSET]
    fill = np.maximum(u1, floor)
    slope = k[E_SLOPE] + 2.0 * k[E_CURVE] * (fill - 1.0) + k[E_LOG] / (fill + k[E_OFFSET])
    emf = (
        k[E0]
        + (k[E_SLOPE] + k[E_CURVE] * (fill - 1.0)) * (fill - 1.0)
        + k[E_LOG] * np.log((fill + k[E_OFFSET]) / (1.0 + k[E_OFFSET]))
        + slope * np.minimum(u1 - floor, 0.0)
    )
    emf = np.maximum(emf, LOWEST_EMF_V) + state[SURFACE]

    # The equilibrium voltage moves with the charge of this very step: without that term the knee of an empty cell
    # swings between parallel strings.
    well_as = 3600.0 * k[SHARE] * parameters[Q_AH] * factors[F_Q]
    exchange = dt * k[RATE] * (u2 - u1)
    emf = emf + slope * exchange / k[SHARE]
    storing = slope * dt / well_as

    lack = 1.0 - soc
    ready = np.maximum(soc, 0.0) / np.maximum(k[C_POLE] - soc, 1e-3)
    cut = np.maximum(np.minimum(lack / k[FULL_CUT], 1.0), FULL_FLOOR)
    charge_r = parameters[RC] * factors[F_RC] * (1.0 + k[C_RISE] * ready ** k[C_EXPONENT]) / cut + storing
    discharge_r = parameters[RD] * factors[F_RD] * (1.0 + k[D_RISE] * (1.0 - u1)) + storing
    lack2 = lack * lack
    r0 = parameters[R0] * factors[F_R0] * (1.0 + 0.5 * lack + 0.5 * lack2 * lack2)
    string_a = np.repeat(np.abs(current_a), cells.size // strings)
    demand_a = load_w / max(bus_v, 1.0) / strings
    dip_r = state[READY] * k[DIP_VOLT] / (np.maximum(string_a, demand_a) + k[DIP_HALF])

    exponent = (v - k[G_REF]) / k[G_WIDTH] + k[G_PER_K] * (temperature - 25.0)
    gas = parameters[IG0] * factors[F_IG] * np.exp(np.minimum(exponent, LARGEST_EXPONENT))
    gas_slope = gas / k[G_WIDTH]
    leak = parameters[LEAK]
    h = dt / parameters[LAYER_F]

    supply_g = inputs[SUPPLY_W] / (cells * MODULE_RATED_V * MODULE_RATED_V)
    derate = np.minimum(np.maximum((DERATE_TO_C - temperature) / (DERATE_TO_C - DERATE_FROM_C), 0.0), 1.0)
    limit = np.minimum(inputs[MAX_A], LIMITER_W / np.maximum(out[VOLTAGE], 1.0)) * derate
    reference = inputs[REFERENCE]
    aim = (reference + inputs[DEADBAND] - inputs[SENSE_OFFSET]) / cells
    aim = np.where(np.isnan(aim), NO_REFERENCE_V, aim)
    gain = inputs[GAIN] * cells
    outer_r = r0 + parameters[LINK] / cells

    charging, linear, saturated = flags[CHARGING].copy(), flags[LINEAR].copy(), flags[SATURATED].copy()
    new_bus = bus_v
    for _ in range(ROUNDS):
        # v' = rest + lift * (current into the cell); terminal per cell y = rest + reach * current
        main_g = 1.0 / np.where(charging, charge_r, discharge_r)
        stiff = 1.0 + h * (main_g + gas_slope + leak)
        rest = (v + h * (main_g * emf + gas_slope * v - gas)) / stiff
        lift = h / stiff
        reach = lift + outer_r + np.where(charging, 0.0, dip_r)
        bent = np.where(linear, gain, 0.0)
        fixed = np.where(saturated, limit, 0.0)
        soft = 1.0 + reach * (bent + supply_g)
        offset_y = (rest + reach * (bent * aim - fixed)) / soft
        reach_y = reach / soft
        string_v = (cells * offset_y).reshape(strings, -1).sum(axis=1)
        string_r = (cells * reach_y).reshape(strings, -1).sum(axis=1)
        new_bus = solve_bus(string_v, string_r, set_v, limit_a, load_w)
        new_a = (new_bus - string_v) / string_r
        string_a = np.repeat(new_a, cells.size // strings)
        y = offset_y + reach_y * string_a
        wanted = gain * (y - aim)
        bypass = np.where(linear, wanted, np.where(saturated, limit, 0.0))
        inner = string_a - supply_g * y - bypass
        v_new = rest + lift * inner

        is_charging = v_new >= emf
        off = ~(linear | saturated)
        is_linear = (off & (wanted > 0.0)) | (linear & (wanted >= 0.0) & (wanted <= limit))
        is_linear = is_linear | (saturated & (wanted < limit))
        is_saturated = (linear & (wanted > limit)) | (saturated & (wanted >= limit))
        moved = (is_charging ^ charging) | (is_linear ^ linear) | (is_saturated ^ saturated)
        charging, linear, saturated = is_charging, is_linear, is_saturated
        if not moved.any():
            break

    current_a[:] = new_a
    flags[CHARGING], flags[LINEAR], flags[SATURATED] = charging, linear, saturated
    main = main_g * (v_new - emf)
    gas_now = gas + gas_slope * (v_new - v)
    ohmic = inner * inner + (ripple_a / strings) ** 2
    heat = cells * (
        ohmic * r0 + main * (v_new - emf) + np.maximum(gas_now, 0.0) * (v_new - k[G_ESCAPE]) + leak * v_new * v_new
    ) + LINK_HEAT_SHARE * parameters[LINK] * np.minimum(inner * inner, 1e6)

    state[V] = v_new
    state[U1] = np.maximum(u1 + dt * main / well_as + exchange / k[SHARE], LOWEST_FILL)
    state[U2] = u2 - exchange / (1.0 - k[SHARE])
    inward, outward = np.maximum(main, 0.0) * dt, np.maximum(-main, 0.0) * dt
    state[SURFACE] = (state[SURFACE] + k[S_VOLT] * inward / k[S_UP]) / (
        1.0 + inward / k[S_UP] + outward / k[S_DOWN] + dt / k[S_DECAY]
    )
    recover = np.where(charging, dt / READY_S, 0.0)
    state[READY] = (state[READY] + recover) / (1.0 + recover + outward / k[DIP_CHARGE])
    warming = heat - parameters[COOLING] * (temperature - ambient_c - inputs[RACK_K])
    temperature_new = temperature + dt * warming / (parameters[HEAT_CAPACITY] + dt * parameters[COOLING])
    state[TEMPERATURE] = np.minimum(temperature_new, BOILING_C)
    state[GASSED] = state[GASSED] + gas_now * dt / 3600.0

    out[VOLTAGE] = cells * y
    out[CURRENT] = inner
    out[BYPASS] = bypass
    out[GASSING] = np.maximum(gas_now, 0.0)
    out[SOC] = k[SHARE] * state[U1] + (1.0 - k[SHARE]) * state[U2]
    out[HEAT] = heat
    out[LIMIT] = limit
    return new_bus


def solve_bus(string_v: Floats, string_r: Floats, set_v: float, limit_a: float, load_w: float) -> float:
    """Bus voltage, V, with strings (`string_v` behind `string_r`), a charger (NaN = none) and a load of constant power.

    The charger holds `set_v`, gives at most `limit_a` and takes nothing back. A load beyond what the strings can
    give gets the most they can.
    """
    pull = (string_v / string_r).sum()
    grip = (1.0 / string_r).sum()
    if not np.isnan(set_v):
        charger_a = set_v * grip - pull + load_w / max(set_v, 1.0)
        if 0.0 <= charger_a <= limit_a:
            return set_v
        if charger_a > limit_a:
            pull += limit_a
    within = pull * pull - 4.0 * grip * load_w
    bus_v: float = max((pull + np.sqrt(max(within, 0.0))) / (2.0 * grip), 0.0)
    return bus_v
