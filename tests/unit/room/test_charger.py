import pytest

from webmanager.domain.installation import BlockType
from webmanager.room.battery import Batteries
from webmanager.room.charger import Charger
from webmanager.room.population import populate


@pytest.fixture
def batteries() -> Batteries:
    return populate(block=BlockType(), strings=2, per_string=16, seed=1)


@pytest.fixture
def charger(batteries: Batteries) -> Charger:
    return Charger.for_batteries(batteries)


def test_floats_while_there_are_mains(batteries, charger):
    charger.load_w = 3000.0
    feed = charger.feed(batteries)
    assert feed.voltage_v == pytest.approx(2.27 * 96)
    assert feed.current_limit_a == pytest.approx(30.0)
    assert feed.load_w == 0.0


def test_boost_overvoltage_and_compensation_set_the_voltage(batteries, charger):
    charger.boost = True
    assert charger.feed(batteries).voltage_v == pytest.approx(2.40 * 96)
    charger.overvoltage_v_per_cell = 2.45
    assert charger.feed(batteries).voltage_v == pytest.approx(2.45 * 96)
    charger.overvoltage_v_per_cell, charger.boost = None, False
    charger.temperature_v_per_k = -0.0033
    batteries.ambient_c = 35.0
    assert charger.feed(batteries).voltage_v == pytest.approx((2.27 - 0.033) * 96)


def test_set_point_counts_nominal_cells_also_with_a_shorted_one(batteries, charger):
    batteries.cells[0] -= 1
    assert charger.feed(batteries).voltage_v == pytest.approx(2.27 * 96)


def test_without_mains_the_battery_feeds_the_load(batteries, charger):
    charger.mains, charger.load_w = False, 3000.0
    feed = charger.feed(batteries)
    assert feed.voltage_v is None
    assert feed.load_w == 3000.0


def test_off_leaves_the_battery_at_rest_and_the_load_on_the_mains(batteries, charger):
    charger.off, charger.load_w = True, 3000.0
    feed = charger.feed(batteries)
    assert feed.voltage_v is None
    assert feed.load_w == 0.0


def test_sheds_the_load_at_the_end_of_discharge_until_mains_return(batteries, charger):
    charger.mains, charger.load_w = False, 10_000.0
    lowest = batteries.bus_v
    for _ in range(8 * 60):
        batteries.step(60.0, charger.feed(batteries))
        lowest = min(lowest, batteries.bus_v)
    assert charger.shed
    assert 1.2 * 96 < lowest < 1.6 * 96
    assert batteries.bus_v > 1.8 * 96  # recovers, and yet is not loaded again
    charger.mains = True
    for _ in range(60):
        batteries.step(60.0, charger.feed(batteries))
    assert not charger.shed
    assert batteries.current_a.sum() == pytest.approx(30.0, rel=1e-6)


def test_recharge_goes_from_constant_current_to_constant_voltage(batteries, charger):
    charger.mains, charger.load_w = False, 5000.0
    for _ in range(180):
        batteries.step(60.0, charger.feed(batteries))
    charger.mains = True
    for _ in range(60):
        batteries.step(60.0, charger.feed(batteries))
        assert batteries.current_a.sum() == pytest.approx(30.0, rel=1e-6)
    for _ in range(48 * 60):
        batteries.step(60.0, charger.feed(batteries))
    assert batteries.bus_v == pytest.approx(2.27 * 96)
    assert batteries.current_a.sum() < 0.2
    assert batteries.soc.min() > 0.995
