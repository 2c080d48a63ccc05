"""One time step of all blocks, with numpy: the equations of `cell` joined to strings and one bus.

The step is linearly implicit: the voltage of a block at its end is a straight line over the string current, so strings
and bus are solved in closed form. The curves are straight in pieces (charge or discharge; limiter off, on its slope, at
its limit): each round solves with the pieces of the round before, until no block leaves its piece.
"""

import numpy as np

from webmanager.domain.reading import Bools, Floats
from webmanager.room import cell
from webmanager.room import tables as t

FEWEST_CELLS = 0.02
"""What is left of a block all of whose cells are shorted: a few millivolts, never a division by zero."""
ROUNDS = 6


def advance(  # noqa: PLR0915 - one pass over the equations, in their order
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
    """Moves all tables (rows: `tables`) forward by `dt` seconds and returns the bus voltage, V.

    `set_v` is NaN without a charger; `bus_v` is the voltage of the last step; `current_a` (strings,) is written.
    """
    strings = current_a.size
    per_string = state.shape[1] // strings
    cells = np.maximum(parameters[t.CELLS], FEWEST_CELLS)
    u1, u2, v, temperature = state[t.U1], state[t.U2], state[t.V], state[t.TEMPERATURE]

    soc = cell.state_of_charge(u1, u2, k)
    emf, slope = cell.equilibrium(u1, k)
    # The equilibrium voltage moves with the charge of this very step: without that term the knee of an empty cell
    # swings between parallel strings.
    well_as = 3600.0 * k[t.SHARE] * parameters[t.Q_AH] * factors[t.F_Q]
    exchange = dt * k[t.RATE] * (u2 - u1)
    emf = emf + state[t.SURFACE] + slope * exchange / k[t.SHARE]
    storing = slope * dt / well_as
    charge_g = 1.0 / (cell.charge_resistance(parameters[t.RC] * factors[t.F_RC], soc, k) + storing)
    discharge_g = 1.0 / (cell.discharge_resistance(parameters[t.RD] * factors[t.F_RD], u1, k) + storing)
    r0 = cell.ohmic_resistance(parameters[t.R0] * factors[t.F_R0], soc)
    gas = cell.gassing(parameters[t.IG0] * factors[t.F_IG], v, temperature, k)
    demand_a = np.maximum(np.abs(current_a), load_w / max(bus_v, 1.0) / strings)
    dip_r = factors[t.F_RD] * cell.dip_resistance(state[t.READY], np.repeat(demand_a, per_string), k)
    outer_r = r0 + parameters[t.LINK] / cells
    leak, h = parameters[t.LEAK], dt / parameters[t.LAYER_F]

    supply_g = inputs[t.SUPPLY_W] / (cells * cell.MODULE_RATED_V**2)
    limit = cell.limiter_limit(inputs[t.MAX_A], out[t.VOLTAGE], temperature)
    aim = cell.limiter_aim(inputs[t.REFERENCE], inputs[t.DEADBAND], inputs[t.SENSE_OFFSET], cells)
    gain = inputs[t.GAIN] * cells

    charging, linear, saturated = flags[t.CHARGING], flags[t.LINEAR], flags[t.SATURATED]
    for _ in range(ROUNDS):
        main_g = np.where(charging, charge_g, discharge_g)
        rest, lift = cell.inner_line(v, emf, main_g, gas, leak, h, k)
        reach = lift + outer_r + np.where(charging, 0.0, dip_r)
        bend, fixed_a = np.where(linear, gain, 0.0), np.where(saturated, limit, 0.0)
        offset_y, slope_y = cell.outer_line(rest, reach, bend, aim, fixed_a, supply_g)
        string_v = (cells * offset_y).reshape(strings, per_string).sum(axis=1)
        string_r = (cells * slope_y).reshape(strings, per_string).sum(axis=1)
        new_bus = solve_bus(string_v, string_r, set_v, limit_a, load_w)
        new_a = (new_bus - string_v) / string_r
        string_a = np.repeat(new_a, per_string)
        y = offset_y + slope_y * string_a
        wanted = gain * (y - aim)
        bypass = np.where(linear, wanted, fixed_a)
        inner = string_a - supply_g * y - bypass
        v_new = rest + lift * inner

        was = charging, linear, saturated
        charging = v_new >= emf
        linear, saturated = cell.limiter_piece(wanted, limit, linear, saturated)
        if not ((charging ^ was[0]) | (linear ^ was[1]) | (saturated ^ was[2])).any():
            break

    current_a[:] = new_a
    flags[t.CHARGING], flags[t.LINEAR], flags[t.SATURATED] = charging, linear, saturated
    main = main_g * (v_new - emf)
    gas_now = gas + gas / k[t.G_WIDTH] * (v_new - v)
    ripple2 = (ripple_a / strings) ** 2
    cooling, heat_capacity = parameters[t.COOLING], parameters[t.HEAT_CAPACITY]
    heat = cell.heat_w(cells, inner, ripple2, r0, main, v_new - emf, gas_now, v_new, leak, parameters[t.LINK], k)
    around = ambient_c + inputs[t.RACK_K]

    state[t.V] = v_new
    state[t.U1] = np.maximum(u1 + dt * main / well_as + exchange / k[t.SHARE], cell.LOWEST_FILL)
    state[t.U2] = u2 - exchange / (1.0 - k[t.SHARE])
    state[t.SURFACE] = cell.surface_charge(state[t.SURFACE], main, dt, k)
    state[t.READY] = cell.dip_readiness(state[t.READY], charging, main, dt, k)
    state[t.TEMPERATURE] = cell.warmed(temperature, heat, cooling, heat_capacity, around, dt)
    state[t.GASSED] += gas_now * (dt / 3600.0)
    out[t.VOLTAGE], out[t.CURRENT], out[t.BYPASS] = cells * y, inner, bypass
    out[t.GASSING], out[t.HEAT], out[t.LIMIT] = np.maximum(gas_now, 0.0), heat, limit
    out[t.SOC] = cell.state_of_charge(state[t.U1], state[t.U2], k)
    return new_bus


def solve_bus(string_v: Floats, string_r: Floats, set_v: float, limit_a: float, load_w: float) -> float:
    """Bus voltage, V, with strings (`string_v` behind `string_r`), a charger (NaN = none) and a constant-power load.

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
