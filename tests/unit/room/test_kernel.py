"""The bus: strings side by side, a charger with a limit, a load of constant power."""

import numpy as np
import pytest

from webmanager.domain.installation import BlockType
from webmanager.room.battery import Batteries, Feed
from webmanager.room.kernel import solve_bus

NONE = float("nan")
VOLTS, OHMS = np.array([400.0, 396.0]), np.array([0.4, 0.5])


def currents(bus_v: float) -> np.ndarray:
    return (bus_v - VOLTS) / OHMS


def test_at_rest_the_strings_balance():
    bus_v = solve_bus(VOLTS, OHMS, NONE, 0.0, 0.0)
    assert currents(bus_v).sum() == pytest.approx(0.0, abs=1e-9)
    assert 396 < bus_v < 400


def test_a_load_gets_its_power():
    bus_v = solve_bus(VOLTS, OHMS, NONE, 0.0, 20_000.0)
    assert -bus_v * currents(bus_v).sum() == pytest.approx(20_000.0)
    assert bus_v > 380


def test_a_load_beyond_reach_gets_the_most_there_is():
    bus_v = solve_bus(VOLTS, OHMS, NONE, 0.0, 1e9)
    assert bus_v == pytest.approx(solve_bus(VOLTS, OHMS, NONE, 0.0, 0.0) / 2)


def test_a_charger_holds_its_voltage_within_its_limit():
    assert solve_bus(VOLTS, OHMS, 405.0, 100.0, 0.0) == 405.0
    limited = solve_bus(VOLTS, OHMS, 440.0, 30.0, 0.0)
    assert limited < 440
    assert currents(limited).sum() == pytest.approx(30.0)


def test_a_charger_under_the_batteries_gives_and_takes_nothing():
    bus_v = solve_bus(VOLTS, OHMS, 390.0, 30.0, 0.0)
    assert currents(bus_v).sum() == pytest.approx(0.0, abs=1e-9)


def test_a_charger_serves_the_load_first():
    bus_v = solve_bus(VOLTS, OHMS, 440.0, 30.0, 4000.0)
    assert currents(bus_v).sum() == pytest.approx(30.0 - 4000.0 / bus_v)


def test_reversed_strings_pull_the_bus_to_zero_not_below():
    assert solve_bus(np.array([-20.0]), np.array([0.3]), NONE, 0.0, 100.0) == 0.0


def test_strings_share_by_their_resistance():
    batteries = Batteries(BlockType(), 2, 8)
    batteries.r0_ohm[8:] *= 3
    batteries.step(1.0, Feed(None, 0.0, 3000.0))
    batteries.step(1.0, Feed(None, 0.0, 3000.0))
    assert batteries.current_a[0] < 1.5 * batteries.current_a[1] < 0


def test_every_piece_of_the_curves_is_found_in_one_step():
    """From a state far off, the first step already lies on the right pieces: as small steps say."""
    coarse, fine = Batteries(BlockType(), 1, 8), Batteries(BlockType(), 1, 8)
    for batteries in (coarse, fine):
        batteries.limiter_gain_a_per_v, batteries.limiter_max_a = 50.0, 0.15
        batteries.reference_v = np.linspace(12.6, 14.0, 8)
    coarse.step(60.0, Feed(2.27 * 48, 1e3, 0.0))
    for _ in range(600):
        fine.step(0.1, Feed(2.27 * 48, 1e3, 0.0))
    assert coarse.bypass_a == pytest.approx(fine.bypass_a, abs=0.04)
    assert (coarse.bypass_a >= 0).all()
    assert (coarse.bypass_a <= 0.15).all()
