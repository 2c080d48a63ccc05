"""The same step as `kernel.advance`, as a loop over blocks that numba compiles: several times as fast, same results.

The equations are those of `cell`; only the joining to strings and bus is written a second time, because a compiled loop
wants it block by block. It also runs uncompiled, far too slowly for anything but a test.
"""

from collections.abc import Callable
from importlib import import_module, util

import numpy as np

from webmanager.domain.reading import Bools, Floats
from webmanager.room import cell
from webmanager.room import tables as t
from webmanager.room.cell import (
    LOWEST_FILL,
    MODULE_RATED_V,
    charge_resistance,
    dip_readiness,
    dip_resistance,
    discharge_resistance,
    equilibrium,
    gassing,
    heat_w,
    inner_line,
    limiter_aim,
    limiter_limit,
    limiter_piece,
    ohmic_resistance,
    outer_line,
    state_of_charge,
    surface_charge,
    warmed,
)
from webmanager.room.kernel import FEWEST_CELLS, ROUNDS, solve_bus

Advance = Callable[..., float]

# Rows of the scratch table: what is the same in every round, then the lines and results of the latest round.
(W_EMF, W_CHARGE_G, W_DISCHARGE_G, W_R0, W_GAS, W_DIP, W_AIM, W_LIMIT, W_WELL, W_EXCHANGE) = range(10)
(W_REST, W_LIFT, W_OFFSET, W_SLOPE, W_MAIN_G, W_Y, W_V, W_INNER, W_BYPASS) = range(10, 19)
SCRATCH_ROWS = 19


def can_compile() -> bool:
    """Whether numba is there."""
    return util.find_spec("numba") is not None


def compiled_advance() -> Advance:
    """`advance`, compiled (some seconds at the first call of a process); RuntimeError without numba."""
    if not can_compile():
        raise RuntimeError("numba is not installed: pip install 'webmanager[fast]'")
    if not _ready:
        numba = import_module("numba")
        for function in (*cell.ALL, solve_bus, _prepare, _solve_round, _finish):
            numba.extending.register_jitable(error_model="numpy")(function)
        _ready.append(numba.njit(error_model="numpy")(advance))
    return _ready[0]


def advance(
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
    """As `kernel.advance`."""
    strings = current_a.size
    work = np.empty((SCRATCH_ROWS, state.shape[1]))
    string_v, string_r = np.empty(strings), np.empty(strings)
    demand_a = np.maximum(np.abs(current_a), load_w / max(bus_v, 1.0) / strings)
    _prepare(state, parameters, inputs, factors, out, demand_a, k, dt, work)
    new_bus = bus_v
    for _ in range(ROUNDS):
        new_bus, moved = _solve_round(
            state, parameters, inputs, flags, current_a, k, dt, set_v, limit_a, load_w, work, string_v, string_r
        )
        if not moved:
            break
    _finish(state, parameters, inputs, out, flags, k, dt, ambient_c, (ripple_a / strings) ** 2, work)
    return new_bus


_ready: list[Advance] = []


def _prepare(
    state: Floats,
    parameters: Floats,
    inputs: Floats,
    factors: Floats,
    out: Floats,
    demand_a: Floats,
    k: Floats,
    dt: float,
    work: Floats,
) -> None:
    per_string = state.shape[1] // demand_a.size
    for i in range(state.shape[1]):
        cells = max(parameters[t.CELLS, i], FEWEST_CELLS)
        u1, u2 = state[t.U1, i], state[t.U2, i]
        soc = state_of_charge(u1, u2, k)
        emf, slope = equilibrium(u1, k)
        well_as = 3600.0 * k[t.SHARE] * parameters[t.Q_AH, i] * factors[t.F_Q, i]
        exchange = dt * k[t.RATE] * (u2 - u1)
        storing = slope * dt / well_as
        charge_r = charge_resistance(parameters[t.RC, i] * factors[t.F_RC, i], soc, k)
        discharge_r = discharge_resistance(parameters[t.RD, i] * factors[t.F_RD, i], u1, k)
        work[W_EMF, i] = emf + state[t.SURFACE, i] + slope * exchange / k[t.SHARE]
        work[W_CHARGE_G, i] = 1.0 / (charge_r + storing)
        work[W_DISCHARGE_G, i] = 1.0 / (discharge_r + storing)
        work[W_R0, i] = ohmic_resistance(parameters[t.R0, i] * factors[t.F_R0, i], soc)
        work[W_GAS, i] = gassing(parameters[t.IG0, i] * factors[t.F_IG, i], state[t.V, i], state[t.TEMPERATURE, i], k)
        work[W_DIP, i] = factors[t.F_RD, i] * dip_resistance(state[t.READY, i], demand_a[i // per_string], k)
        work[W_AIM, i] = limiter_aim(inputs[t.REFERENCE, i], inputs[t.DEADBAND, i], inputs[t.SENSE_OFFSET, i], cells)
        work[W_LIMIT, i] = limiter_limit(inputs[t.MAX_A, i], out[t.VOLTAGE, i], state[t.TEMPERATURE, i])
        work[W_WELL, i], work[W_EXCHANGE, i] = well_as, exchange


def _solve_round(
    state: Floats,
    parameters: Floats,
    inputs: Floats,
    flags: Bools,
    current_a: Floats,
    k: Floats,
    dt: float,
    set_v: float,
    limit_a: float,
    load_w: float,
    work: Floats,
    string_v: Floats,
    string_r: Floats,
) -> tuple[float, bool]:
    """Solves with the pieces in `flags`, moves them on, and says whether any moved."""
    per_string = state.shape[1] // current_a.size
    string_v[:] = 0.0
    string_r[:] = 0.0
    for i in range(state.shape[1]):
        cells = max(parameters[t.CELLS, i], FEWEST_CELLS)
        charging, linear, saturated = flags[t.CHARGING, i], flags[t.LINEAR, i], flags[t.SATURATED, i]
        main_g = work[W_CHARGE_G, i] if charging else work[W_DISCHARGE_G, i]
        h = dt / parameters[t.LAYER_F, i]
        rest, lift = inner_line(state[t.V, i], work[W_EMF, i], main_g, work[W_GAS, i], parameters[t.LEAK, i], h, k)
        reach = lift + (work[W_R0, i] + parameters[t.LINK, i] / cells) + (0.0 if charging else work[W_DIP, i])
        bend = inputs[t.GAIN, i] * cells if linear else 0.0
        fixed_a = work[W_LIMIT, i] if saturated else 0.0
        supply_g = inputs[t.SUPPLY_W, i] / (cells * MODULE_RATED_V**2)
        offset, slope = outer_line(rest, reach, bend, work[W_AIM, i], fixed_a, supply_g)
        work[W_MAIN_G, i], work[W_REST, i], work[W_LIFT, i] = main_g, rest, lift
        work[W_OFFSET, i], work[W_SLOPE, i] = offset, slope
        string_v[i // per_string] += cells * offset
        string_r[i // per_string] += cells * slope
    bus_v = solve_bus(string_v, string_r, set_v, limit_a, load_w)
    current_a[:] = (bus_v - string_v) / string_r
    moved = False
    for i in range(state.shape[1]):
        cells = max(parameters[t.CELLS, i], FEWEST_CELLS)
        charging, linear, saturated = flags[t.CHARGING, i], flags[t.LINEAR, i], flags[t.SATURATED, i]
        y = work[W_OFFSET, i] + work[W_SLOPE, i] * current_a[i // per_string]
        wanted = inputs[t.GAIN, i] * cells * (y - work[W_AIM, i])
        bypass = wanted if linear else (work[W_LIMIT, i] if saturated else 0.0)
        supply_g = inputs[t.SUPPLY_W, i] / (cells * MODULE_RATED_V**2)
        inner = current_a[i // per_string] - supply_g * y - bypass
        v = work[W_REST, i] + work[W_LIFT, i] * inner
        work[W_Y, i], work[W_BYPASS, i], work[W_INNER, i], work[W_V, i] = y, bypass, inner, v
        is_charging = v >= work[W_EMF, i]
        is_linear, is_saturated = limiter_piece(wanted, work[W_LIMIT, i], linear, saturated)
        moved = moved or is_charging != charging or is_linear != linear or is_saturated != saturated
        flags[t.CHARGING, i], flags[t.LINEAR, i], flags[t.SATURATED, i] = is_charging, is_linear, is_saturated
    return bus_v, moved


def _finish(
    state: Floats,
    parameters: Floats,
    inputs: Floats,
    out: Floats,
    flags: Bools,
    k: Floats,
    dt: float,
    ambient_c: float,
    ripple2: float,
    work: Floats,
) -> None:
    for i in range(state.shape[1]):
        cells = max(parameters[t.CELLS, i], FEWEST_CELLS)
        v, inner = work[W_V, i], work[W_INNER, i]
        over_v = v - work[W_EMF, i]
        main = work[W_MAIN_G, i] * over_v
        gas = work[W_GAS, i] + work[W_GAS, i] / k[t.G_WIDTH] * (v - state[t.V, i])
        leak, link = parameters[t.LEAK, i], parameters[t.LINK, i]
        heat = heat_w(cells, inner, ripple2, work[W_R0, i], main, over_v, gas, v, leak, link, k)
        around_c = ambient_c + inputs[t.RACK_K, i]
        exchange = work[W_EXCHANGE, i]
        state[t.TEMPERATURE, i] = warmed(
            state[t.TEMPERATURE, i], heat, parameters[t.COOLING, i], parameters[t.HEAT_CAPACITY, i], around_c, dt
        )
        state[t.V, i] = v
        state[t.U1, i] = max(state[t.U1, i] + dt * main / work[W_WELL, i] + exchange / k[t.SHARE], LOWEST_FILL)
        state[t.U2, i] -= exchange / (1.0 - k[t.SHARE])
        state[t.SURFACE, i] = surface_charge(state[t.SURFACE, i], main, dt, k)
        state[t.READY, i] = dip_readiness(state[t.READY, i], flags[t.CHARGING, i], main, dt, k)
        state[t.GASSED, i] += gas * (dt / 3600.0)
        out[t.VOLTAGE, i], out[t.CURRENT, i], out[t.BYPASS, i] = cells * work[W_Y, i], inner, work[W_BYPASS, i]
        out[t.GASSING, i], out[t.HEAT, i], out[t.LIMIT, i] = max(gas, 0.0), heat, work[W_LIMIT, i]
        out[t.SOC, i] = state_of_charge(state[t.U1, i], state[t.U2, i], k)
