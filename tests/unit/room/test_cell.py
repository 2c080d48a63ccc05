"""Each equation against figures worked by hand."""

import math

import numpy as np
import pytest

from webmanager.room import cell
from webmanager.room import tables as t
from webmanager.room.parameters import AGM, constants

K = constants(AGM, 100.0)


def test_equilibrium_of_a_full_cell_is_its_e0():
    emf, slope = cell.equilibrium(1.0, K)
    assert emf == pytest.approx(AGM.e0_v)
    assert slope == pytest.approx(AGM.e_slope_v + AGM.e_log_v / (1 + AGM.e_log_offset))


@pytest.mark.parametrize("fill", [1.0, 0.7, 0.3, 0.05, -0.06, -0.1, -0.2])
def test_slope_is_the_derivative_of_equilibrium(fill):
    low, high = cell.equilibrium(fill - 1e-6, K)[0], cell.equilibrium(fill + 1e-6, K)[0]
    assert cell.equilibrium(fill, K)[1] == pytest.approx((high - low) / 2e-6, rel=1e-3)


def test_equilibrium_falls_all_the_way_to_reversal_and_no_further():
    fills = np.linspace(1.1, -0.6, 400)
    volts = cell.equilibrium(fills, K)[0]
    assert (np.diff(volts) <= 0).all()
    assert cell.equilibrium(0.0, K)[0] > 1.85
    assert volts[-1] == cell.LOWEST_EMF_V
    assert volts[fills > -0.1].min() > 1.7


def test_a_full_cell_takes_no_more():
    half, full, over = (cell.charge_resistance(AGM.charge_ohm, soc, K) for soc in (0.5, 1.0, 1.01))
    assert 1.2 < half / AGM.charge_ohm < 2
    assert full / AGM.charge_ohm > 1e6
    assert over / AGM.charge_ohm > 1e6


def test_resistances_rise_towards_empty():
    assert cell.discharge_resistance(1.0, 1.0, K) == 1.0
    assert cell.discharge_resistance(1.0, 0.0, K) == pytest.approx(1 + AGM.discharge_rise)
    assert cell.ohmic_resistance(1.0, 1.0) == 1.0
    assert cell.ohmic_resistance(1.0, 0.0) == 2.0
    assert cell.ohmic_resistance(1.0, 0.5) == pytest.approx(1 + 0.25 + 0.5 / 16)


def test_gassing_follows_tafel_and_temperature():
    base = cell.gassing(0.01, 2.27, 25.0, K)
    assert base == pytest.approx(0.01)
    assert cell.gassing(0.01, 2.27 + 0.136, 25.0, K) == pytest.approx(0.1)
    assert cell.gassing(0.01, 2.27, 45.0, K) == pytest.approx(0.04)
    assert cell.gassing(0.01, 50.0, 25.0, K) == pytest.approx(0.01 * math.exp(12))


def test_limiter_begins_a_deadband_above_the_reference_as_its_module_reads_it():
    assert cell.limiter_aim(13.60, 0.005, 0.010, 6.0) == pytest.approx(13.595 / 6)
    assert cell.limiter_aim(np.array([np.nan, 13.6]), 0.0, 0.0, 6.0)[0] == cell.NO_REFERENCE_V


@pytest.mark.parametrize(
    ("block_v", "temperature_c", "ampere"),
    [
        (12.0, 25.0, 0.15),
        (16.0, 25.0, 0.125),
        (12.0, 62.5, 0.075),
        (12.0, 70.0, 0.0),
        (12.0, 90.0, 0.0),
        (0.0, 25.0, 0.15),
    ],
)
def test_limiter_gives_less_at_high_volts_and_degrees(block_v, temperature_c, ampere):
    assert cell.limiter_limit(0.15, block_v, temperature_c) == pytest.approx(ampere)


def test_inner_line_solves_the_implicit_step():
    """C dv/dt = I - (v' - E)/R - ig - ig' (v' - v) - leak v', for any current."""
    v, emf, conductance, gas, leak, h, dt = 2.25, 2.12, 0.5, 0.02, 0.001, 60 / 300.0, 60.0
    rest, lift = cell.inner_line(v, emf, conductance, gas, leak, h, K)
    for current in (-10.0, 0.0, 0.1, 30.0):
        new = rest + lift * current
        taken = conductance * (new - emf) + gas + gas / K[t.G_WIDTH] * (new - v) + leak * new
        assert 300.0 * (new - v) / dt == pytest.approx(current - taken)


def test_outer_line_is_the_terminal_with_module_and_limiter():
    """y = rest + reach (I - g y - bend (y - aim) - fixed)."""
    rest, reach, bend, aim, fixed, supply = 2.2, 0.01, 300.0, 2.27, 0.05, 0.003
    offset, slope = cell.outer_line(rest, reach, bend, aim, fixed, supply)
    for current in (-5.0, 0.0, 7.0):
        y = offset + slope * current
        assert y == pytest.approx(rest + reach * (current - supply * y - bend * (y - aim) - fixed))


OFF, SLOPE, LIMIT = (False, False), (True, False), (False, True)


@pytest.mark.parametrize(
    ("was", "wanted", "becomes"),
    [
        (OFF, -0.1, OFF),
        (OFF, 0.01, SLOPE),
        (OFF, 9.0, SLOPE),
        (SLOPE, -0.01, OFF),
        (SLOPE, 0.1, SLOPE),
        (SLOPE, 0.2, LIMIT),
        (LIMIT, 0.2, LIMIT),
        (LIMIT, 0.1, SLOPE),
        (LIMIT, -0.1, SLOPE),
    ],
)
def test_limiter_moves_one_piece_at_a_time(was, wanted, becomes):
    linear, saturated = cell.limiter_piece(np.array([wanted]), 0.15, np.array([was[0]]), np.array([was[1]]))
    assert (bool(linear[0]), bool(saturated[0])) == becomes


def test_heat_is_all_that_is_lost():
    heat = cell.heat_w(6.0, 10.0, 0.0, 0.001, 9.9, 0.05, 0.1, 2.3, 0.002, 0.0, K)
    assert heat == pytest.approx(6 * (0.1 + 0.495 + 0.1 * (2.3 - 0.02 * 1.48) + 0.002 * 2.3**2))
    with_link = cell.heat_w(6.0, 10.0, 0.0, 0.001, 9.9, 0.05, 0.1, 2.3, 0.002, 0.02, K)
    assert with_link - heat == pytest.approx(0.5 * 0.02 * 100)
    assert cell.heat_w(6.0, 0.0, 25.0, 0.001, 0, 0, 0, 2.1, 0, 0, K) == pytest.approx(0.15)


def test_warms_to_balance_and_never_beyond_boiling():
    temperature = 20.0
    for _ in range(3000):
        temperature = cell.warmed(temperature, 10.0, 2.0, 27_000.0, 20.0, 60.0)
    assert temperature == pytest.approx(25.0, abs=0.01)
    assert cell.warmed(119.0, 1e6, 2.0, 27_000.0, 20.0, 60.0) == cell.BOILING_C


def test_surface_charge_comes_with_charge_and_goes_with_time_or_discharge():
    level = 0.0
    for _ in range(600):
        level = cell.surface_charge(level, 30.0, 60.0, K)
    assert 0.1 < level < AGM.surface_v
    assert cell.surface_charge(level, 0.0, AGM.surface_decay_s, K) == pytest.approx(level / 2)
    assert cell.surface_charge(level, -10.0, 3600.0, K) < level / 8


def test_the_dip_is_deepest_halfway():
    full, half, spent = (cell.dip_resistance(ready, 10.0, K) for ready in (1.0, 0.5, 0.0))
    assert full == spent == 0.0
    assert 10.0 * half == pytest.approx(0.015)
    assert 33.0 * cell.dip_resistance(0.5, 33.0, K) == pytest.approx(0.0314, abs=0.001)


def test_the_dip_is_used_up_by_one_percent_and_comes_back_in_half_a_day():
    assert cell.dip_readiness(1.0, False, -10.0, 360.0, K) == pytest.approx(0.5)
    assert cell.dip_readiness(0.0, True, 0.0, 12 * 3600.0, K) == pytest.approx(0.5)
    assert cell.dip_readiness(0.3, False, 0.0, 60.0, K) == pytest.approx(0.3)


def test_state_of_charge_weighs_the_wells():
    assert cell.state_of_charge(1.0, 0.0, K) == pytest.approx(AGM.well_share)
    assert cell.state_of_charge(0.4, 0.4, K) == pytest.approx(0.4)
