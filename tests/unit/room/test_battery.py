"""Electrical and thermal behaviour of `Batteries`, held to the figures of docs/battery-model.md."""

import numpy as np
import pytest

from webmanager.domain.installation import BlockType
from webmanager.room.battery import Batteries, Feed
from webmanager.room.population import populate

FLOAT = 2.27
REST = Feed(None, 0.0, 0.0)


def one_block(capacity_ah: float = 100.0, strings: int = 1) -> Batteries:
    return Batteries(BlockType(12, capacity_ah), strings, 1)


def run(batteries: Batteries, hours: float, feed: Feed, dt: float = 60.0) -> None:
    for _ in range(round(hours * 3600 / dt)):
        batteries.step(dt, feed)


@pytest.mark.parametrize(
    "feed",
    [Feed(FLOAT * 192, 1e3, 0.0), Feed(FLOAT * 192, 5.0, 0.0), Feed(None, 0.0, 8000.0), REST],
    ids=["float", "limited", "discharge", "rest"],
)
def test_string_sum_is_the_bus_voltage_to_a_millivolt(feed):
    batteries = populate(block=BlockType(), strings=3, per_string=32, seed=5, start="fresh")
    batteries.reference_v = 13.62
    for _ in range(200):
        batteries.step(10.0, feed)
        sums = batteries.voltage_v.reshape(3, 32).sum(axis=1)
        assert np.abs(sums - batteries.bus_v).max() < 1e-3


@pytest.mark.parametrize("start", ["settled", "fresh"])
def test_charge_balances(start):
    """What flows into a block is found again in its wells, its double layer, its gas and its leak."""
    batteries = populate(block=BlockType(), strings=2, per_string=8, seed=3, start=start)
    batteries.reference_v = 13.62
    batteries.leak_s[3] = 0.02
    batteries.ambient_c = 25.0
    batteries.rack_k = 0.0
    batteries.temperature_c = 25.0
    batteries.cooling_w_k = 1e9  # capacity depends on temperature: hold it
    batteries.refresh()
    capacity = batteries.q_ah.copy()
    stored = batteries.soc * capacity + batteries.layer_f * batteries.cell_v / 3600
    leaked, given = np.zeros(16), np.zeros(16)
    for feed in (Feed(FLOAT * 48, 20.0, 0.0), Feed(None, 0.0, 1500.0), Feed(FLOAT * 48, 20.0, 0.0)):
        for _ in range(80):
            batteries.step(30.0, feed)
            given += batteries.block_current_a * 30 / 3600
            leaked += batteries.leak_s * batteries.cell_v * 30 / 3600
    found = batteries.soc * capacity + batteries.layer_f * batteries.cell_v / 3600 - stored
    assert found + batteries.gassed_ah + leaked == pytest.approx(given, abs=1e-4)


def float_current(cell_v: float, temperature_c: float) -> float:
    batteries = one_block()
    batteries.cooling_w_k = 1e6  # holds the temperature
    batteries.ambient_c = temperature_c
    batteries.temperature_c = temperature_c
    run(batteries, 20, Feed(6 * cell_v, 100.0, 0.0))
    return float(batteries.current_a[0])


def test_gassing_grows_tenfold_with_136_mv_and_doubles_with_10_k():
    base = float_current(2.27, 25.0)
    assert base == pytest.approx(0.010, rel=0.01)
    assert float_current(2.27 + 0.136, 25.0) / base == pytest.approx(10.0, rel=0.01)
    assert float_current(2.27, 35.0) / base == pytest.approx(2.0, rel=0.01)


def test_runs_away_exactly_beyond_the_stability_limit():
    """A steady state exists only while n V ig (at ambient) stays under cooling / (e cT); warmer by 14.4 K at most."""
    ratio = np.array([0.5, 0.8, 0.9, 1.1, 1.2, 1.5])
    batteries = one_block(strings=len(ratio))
    chemistry = batteries.chemistry
    limit_w = batteries.cooling_w_k / (np.e * chemistry.gassing_per_k)
    set_v = 6 * 2.40
    gas_w = set_v * chemistry.gassing_a * 10 ** ((2.40 - 2.27) / 0.136)
    batteries.ig0_a *= ratio * limit_w / gas_w
    hottest = np.zeros(len(ratio))
    for _ in range(14 * 1440):
        batteries.step(60.0, Feed(set_v, 1e3, 0.0))
        batteries.wear = 0.0  # raises gassing, and so would push the stable ones over in time
        hottest = np.maximum(hottest, batteries.temperature_c)
    ran_away = hottest > 60.0
    assert ran_away.tolist() == [False, False, False, True, True, True]
    assert hottest[2] - 25.0 < 14.4
    assert hottest.max() <= 120.0


def test_a_runaway_boils_dry_and_ends_as_an_open_circuit():
    batteries = one_block()
    batteries.ig0_a *= 60.0
    run(batteries, 48, Feed(6 * 2.45, 50.0, 0.0))
    assert batteries.boiled[0] == 1.0
    assert abs(batteries.current_a[0]) < 1e-3
    assert batteries.temperature_c[0] < 40.0


@pytest.mark.parametrize("nominal_v", [2, 4, 6, 12])
@pytest.mark.parametrize("capacity_ah", [7, 100, 5000])
@pytest.mark.parametrize("technology", ["AGM", "GEL", "OPZV"])
def test_every_block_type_scales(nominal_v, capacity_ah, technology):
    """A C10 discharge takes about ten hours whatever the size, and the volts per cell are the same."""
    block = BlockType(nominal_v, capacity_ah, technology)
    batteries = Batteries(block, 1, 4)
    per_cell = 1.0 / (4 * block.cells)
    hours = 0.0
    while batteries.bus_v * per_cell > 1.80 and hours < 20:
        batteries.step(60.0, Feed(None, 0.0, 0.1 * capacity_ah * batteries.bus_v))
        hours += 1 / 60
    assert hours == pytest.approx(10.0, rel=0.15)
    assert batteries.bus_v * per_cell == pytest.approx(1.80, abs=0.02)


def test_constant_power_is_drawn_exactly():
    batteries = populate(block=BlockType(), strings=2, per_string=16, seed=1)
    for _ in range(60):
        batteries.step(30.0, Feed(None, 0.0, 4000.0))
    assert -batteries.bus_v * batteries.current_a.sum() == pytest.approx(4000.0, rel=1e-6)
    assert (batteries.current_a < 0).all()


def test_charger_limit_holds_for_all_strings_together_and_with_a_load():
    batteries = populate(block=BlockType(), strings=4, per_string=16, seed=1, start="fresh")
    run(batteries, 2, Feed(None, 0.0, 12_000.0))
    for _ in range(30):
        batteries.step(60.0, Feed(FLOAT * 96, 30.0, 0.0))
    assert batteries.current_a.sum() == pytest.approx(30.0, rel=1e-9)
    assert batteries.bus_v < FLOAT * 96
    batteries.step(60.0, Feed(FLOAT * 96, 30.0, 2000.0))
    assert batteries.current_a.sum() == pytest.approx(30.0 - 2000.0 / batteries.bus_v, rel=1e-6)


def test_a_charger_takes_nothing_back():
    batteries = populate(block=BlockType(), strings=2, per_string=8, seed=1)
    batteries.step(60.0, Feed(2.10 * 48, 100.0, 0.0))
    assert batteries.current_a.sum() == pytest.approx(0.0, abs=1e-6)
    assert batteries.bus_v > 2.10 * 48


def test_no_collapse_in_the_first_step_of_a_heavy_discharge():
    """From float, where the charge branch of a full cell is nearly shut, to 1.5 C in one step of any length."""
    for dt in (1.0, 10.0, 60.0):
        batteries = populate(block=BlockType(), strings=1, per_string=32, seed=1)
        batteries.step(dt, Feed(None, 0.0, 150 * 400.0))
        assert batteries.voltage_v.min() > 11.0
        batteries.step(dt, Feed(None, 0.0, 150 * 400.0))
        assert batteries.voltage_v.min() > 11.0


def test_deep_discharge_is_clamped_and_recovers():
    batteries = populate(block=BlockType(), strings=2, per_string=8, seed=2)
    for _ in range(24 * 60):
        batteries.step(60.0, Feed(None, 0.0, 3000.0))
        assert np.isfinite(batteries.voltage_v).all()
    assert batteries.bus_v >= 0.0
    assert (batteries.soc > -0.65).all()
    assert batteries.voltage_v.min() > -6 * 1.5
    run(batteries, 72, Feed(FLOAT * 48, 30.0, 0.0))
    assert batteries.soc.min() > 0.97


FAULTS = {
    "open": lambda b: b.link_ohm.__setitem__(3, 1e6),
    "all open": lambda b: b.link_ohm.__setitem__(slice(None), 1e6),
    "shorted cell": lambda b: b.cells.__setitem__(3, 5.0),
    "dead short": lambda b: b.cells.__setitem__(3, 0.0),
    "hard leak": lambda b: b.leak_s.__setitem__(3, 10.0),
    "no cooling": lambda b: b.cooling_w_k.__setitem__(3, 0.0),
    "gassing": lambda b: b.ig0_a.__setitem__(3, 5.0),
    "no capacity": lambda b: b.q_ah.__setitem__(3, 1.0),
    "no resistance": lambda b: b.r0_ohm.__setitem__(3, 0.0),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("strings", [1, 3])
def test_no_fault_brings_nan_or_infinity(fault, strings):
    batteries = populate(block=BlockType(), strings=strings, per_string=8, seed=2)
    FAULTS[fault](batteries)
    for feed in (
        Feed(FLOAT * 48, 100.0, 0.0),
        Feed(None, 0.0, 50_000.0),
        REST,
        Feed(3.0 * 48, 1e6, 0.0),
        Feed(None, 0.0, 1e9),
        Feed(FLOAT * 48, 100.0, 0.0),
    ):
        for dt in (1.0, 60.0, 3600.0) * 5:
            batteries.step(dt, feed)
            state = batteries.snapshot()
            for name, table in state.tables.items():
                if name != "_inputs":  # NaN there says: no reference
                    assert np.isfinite(table).all(), (name, feed)
            assert np.abs(batteries.voltage_v).max() < 1e4


def test_an_open_block_stops_the_string_and_shows_the_overvoltage():
    batteries = populate(block=BlockType(), strings=1, per_string=32, seed=2)
    batteries.link_ohm[4] = 1e6
    batteries.reference_v = np.nan
    run(batteries, 1, Feed(FLOAT * 192, 100.0, 0.0))
    assert abs(batteries.current_a[0]) < 0.15  # what the module beside it lets through
    assert abs(batteries.block_current_a[4]) < 1e-4
    run(batteries, 47, Feed(FLOAT * 192, 100.0, 0.0))
    others = np.delete(batteries.voltage_v, 4)
    assert others.mean() < 13.5
    assert batteries.voltage_v[4] > 16.0


def test_a_bad_link_shows_in_ri_and_heat_of_its_block_only():
    batteries = populate(block=BlockType(), strings=1, per_string=8, seed=2)
    healthy = batteries.ri_ohm()
    batteries.link_ohm[2] = 0.020
    assert batteries.ri_ohm()[2] == pytest.approx(healthy[2] + 0.020)
    assert np.delete(batteries.ri_ohm(), 2) == pytest.approx(np.delete(healthy, 2))
    run(batteries, 1, Feed(None, 0.0, 3000.0))
    warm = batteries.temperature_c - batteries.rack_k
    assert warm[2] > np.delete(warm, 2).max() + 0.5


def test_ri_of_a_new_block_and_its_rise_in_cold_and_with_discharge():
    batteries = one_block()
    assert batteries.ri_ohm()[0] == pytest.approx(4.2e-3, rel=0.05)
    cold = one_block()
    cold.temperature_c = 5.0
    cold.refresh()
    assert cold.ri_ohm()[0] / batteries.ri_ohm()[0] == pytest.approx(1.08)
    batteries.u1 = batteries.u2 = 0.0
    batteries.refresh()
    assert batteries.ri_ohm()[0] == pytest.approx(2 * 4.2e-3, rel=0.05)


def test_limiter_draws_what_module_and_temperature_allow():
    batteries = populate(block=BlockType(), strings=1, per_string=8, seed=2)
    batteries.sense_offset_v = 0.0
    batteries.reference_v = 13.0
    run(batteries, 1, Feed(FLOAT * 48, 100.0, 0.0))
    allowed = np.minimum(0.15, 2.0 / batteries.voltage_v)
    assert batteries.bypass_a == pytest.approx(allowed, rel=0.01)
    assert batteries.limiter_limit_a == pytest.approx(allowed, rel=0.01)
    batteries.cooling_w_k = 1e6
    batteries.rack_k = 0.0
    for ambient_c, share in ((62.5, 0.5), (75.0, 0.0)):
        batteries.ambient_c = ambient_c
        run(batteries, 0.2, Feed(FLOAT * 48, 100.0, 0.0))
        assert batteries.bypass_a == pytest.approx(share * allowed, rel=0.02)
    batteries.reference_v = np.nan
    batteries.ambient_c = 25.0
    run(batteries, 0.1, Feed(FLOAT * 48, 100.0, 0.0))
    assert (batteries.bypass_a == 0).all()


def test_limiter_follows_its_own_reading_not_the_truth():
    """A module that reads 10 mV high starts 10 mV early; on the slope it draws gain x excess."""
    batteries = populate(block=BlockType(), strings=1, per_string=2, seed=2)
    batteries.sense_offset_v = np.array([0.0, 0.010])
    batteries.reference_v = 13.6
    run(batteries, 24, Feed(FLOAT * 12, 100.0, 0.0))
    over = batteries.voltage_v + batteries.sense_offset_v - 13.6 - 0.005
    assert batteries.bypass_a == pytest.approx(np.clip(50 * over, 0, 2 / 13.6), abs=1e-3)


def test_discharge_does_not_depend_on_the_step():
    hours = {}
    for dt in (2.0, 10.0, 60.0):
        batteries = populate(block=BlockType(), strings=2, per_string=8, seed=1)
        elapsed = 0.0
        while batteries.bus_v > 1.75 * 48:
            batteries.step(dt, Feed(None, 0.0, 5000.0))
            elapsed += dt
        hours[dt] = elapsed / 3600
    assert hours[10.0] == pytest.approx(hours[2.0], abs=0.02)
    assert hours[60.0] == pytest.approx(hours[2.0], abs=0.03)


def test_long_steps_are_divided():
    a, b = (populate(block=BlockType(), strings=1, per_string=8, seed=1, start="fresh") for _ in range(2))
    a.step(3600.0, Feed(FLOAT * 48, 10.0, 0.0))
    run(b, 1, Feed(FLOAT * 48, 10.0, 0.0))
    assert a.voltage_v == pytest.approx(b.voltage_v, abs=1e-9)


@pytest.mark.parametrize("dt", [0.0, -1.0, float("nan"), float("inf")])
def test_refuses_a_step_that_is_none(dt):
    with pytest.raises(ValueError, match="a step of"):
        one_block().step(dt, REST)


def test_snapshot_and_restore_repeat_the_future():
    batteries = populate(block=BlockType(), strings=2, per_string=8, seed=1, start="fresh")
    feed = Feed(FLOAT * 48, 10.0, 0.0)
    run(batteries, 1, feed)
    kept = batteries.snapshot()
    run(batteries, 1, feed)
    after = batteries.voltage_v.copy()
    other = Batteries(BlockType(), 2, 8)
    for target in (batteries, other):
        target.restore(kept)
        run(target, 1, feed)
        assert (target.voltage_v == after).all()
    with pytest.raises(ValueError, match="16 blocks does not fit 8"):
        Batteries(BlockType(), 1, 8).restore(kept)


def test_a_renewed_block_is_full_and_whole():
    batteries = populate(block=BlockType(), strings=1, per_string=4, seed=1)
    run(batteries, 5, Feed(None, 0.0, 500.0))
    batteries.boiled[1] = 1.0
    batteries.wear[1] = 1.0
    batteries.renew(1)
    assert batteries.soc[1] == 1.0
    assert batteries.ri_ohm()[1] == pytest.approx(6 * batteries.r0_ohm[1], rel=0.05)
    run(batteries, 0.1, Feed(FLOAT * 24, 10.0, 0.0))
    assert batteries.current_a[0] == pytest.approx(10.0, rel=0.01)


def test_ripple_warms():
    quiet, loud = one_block(), one_block()
    loud.ripple_a = 30.0
    for batteries in (quiet, loud):
        run(batteries, 24, Feed(FLOAT * 6, 10.0, 0.0))
    expected_k = 30.0**2 * 4.2e-3 / 2.0
    assert loud.temperature_c[0] - quiet.temperature_c[0] == pytest.approx(expected_k, rel=0.2)


@pytest.mark.parametrize(("current_a", "dip_mv"), [(10.0, 15.0), (33.0, 30.0)])
def test_a_discharge_from_float_begins_with_a_dip(current_a, dip_mv):
    """Coup de fouet: 15 to 40 mV a cell at C/10 to C/3, over within two or three percent of the capacity."""
    ready, spent = one_block(), one_block()
    spent.dip_readiness = 0.0
    deepest_mv, after = 0.0, 0.0
    for _ in range(round(0.05 * 100 / current_a * 360)):
        for batteries in (ready, spent):
            batteries.step(10.0, Feed(None, 0.0, current_a * batteries.bus_v))
        after = 1000 * (spent.bus_v - ready.bus_v) / 6
        deepest_mv = max(deepest_mv, after)
    assert deepest_mv == pytest.approx(dip_mv, rel=0.25)
    assert after < 0.1 * deepest_mv


def test_the_bottom_of_the_dip_shows_in_the_voltage_itself():
    batteries = one_block()
    run(batteries, 48, Feed(6 * FLOAT, 10.0, 0.0))
    volts = []
    for _ in range(180):
        batteries.step(10.0, Feed(None, 0.0, 15.0 * batteries.bus_v))
        volts.append(batteries.bus_v)
    bottom = int(np.argmin(volts[:90]))
    assert 0 < bottom < 60
    assert max(volts[bottom:]) > volts[bottom] + 0.01


def test_spread_at_the_end_does_not_depend_on_the_step():
    """10 s against 60 s, equalized from a fresh start for two days: the same spread within 1 %."""
    spread = {}
    for dt in (10.0, 60.0):
        batteries = populate(block=BlockType(), strings=1, per_string=16, seed=3, start="fresh")
        feed = Feed(FLOAT * 96, 1e3, 0.0)
        for step in range(round(2 * 86_400 / dt)):
            if step % round(300 / dt) == 0:
                batteries.reference_v = batteries.voltage_v.mean()
            batteries.step(dt, feed)
        spread[dt] = batteries.voltage_v.std()
    assert spread[10.0] == pytest.approx(spread[60.0], rel=0.01)
    assert 0.005 < spread[60.0] < 0.05


def test_a_worn_battery_shows_it():
    """Equal but for their wear, in parallel: the worn string gives less, earlier, through more resistance."""
    batteries = Batteries(BlockType(), 2, 4)
    batteries.wear[4:] = 1.0
    batteries.refresh()
    assert batteries.ri_ohm()[4] == pytest.approx(1.4 * batteries.ri_ohm()[0])
    run(batteries, 2, Feed(None, 0.0, 1500.0))
    assert 0.7 < batteries.current_a[1] / batteries.current_a[0] < 0.95
