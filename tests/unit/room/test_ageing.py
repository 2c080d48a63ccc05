"""Wear, sulphation and boiling dry, against the published checks in docs/battery-model.md."""

import numpy as np
import pytest

from webmanager.domain.installation import BlockType
from webmanager.room import ageing
from webmanager.room import tables as t
from webmanager.room.ageing import DAY_S, YEAR_S
from webmanager.room.battery import Batteries, Feed


def tables(temperature_c: float = 20.0, v: float = 2.27, soc: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    state, out = np.zeros((t.STATE_ROWS, 1)), np.zeros((t.OUTPUT_ROWS, 1))
    state[t.TEMPERATURE], state[t.V], out[t.SOC] = temperature_c, v, soc
    return state, out


def worn(temperature_c: float = 20.0, v: float = 2.27) -> float:
    state, out = tables(temperature_c, v)
    ageing.age(state, out, YEAR_S, 10.0)
    return float(state[t.AGE, 0])


def factors(**rows: float) -> dict[str, float]:
    state, _ = tables(25.0)
    for name, value in rows.items():
        state[getattr(t, name)] = value
    found = np.ones((t.FACTOR_ROWS, 1))
    ageing.refresh_factors(state, found)
    return {name: float(found[getattr(t, name), 0]) for name in ("F_Q", "F_R0", "F_RD", "F_RC", "F_IG")}


def test_a_ten_year_block_is_worn_after_ten_years_at_20_degrees():
    assert worn() == pytest.approx(0.1)


def test_ten_kelvin_or_60_mv_halve_its_life():
    assert worn(temperature_c=30.0) / worn() == pytest.approx(2.0, rel=1e-4)
    assert worn(v=2.33) / worn() == pytest.approx(2.0, rel=0.01)


def test_life_at_25_degrees_is_seven_years():
    """10, 7 and 5 years at 20, 25 and 30 degC (maker's figures)."""
    assert 1 / worn(temperature_c=25.0) == pytest.approx(7.0, rel=0.02)


def test_wear_takes_capacity_and_adds_resistance_and_gassing():
    assert factors(AGE=1.0) == pytest.approx({"F_Q": 0.8, "F_R0": 1.4, "F_RD": 1.4, "F_RC": 1.0, "F_IG": 5.0})


def test_sulphate_grows_while_undercharged_and_partly_dissolves_on_float():
    state, out = tables(soc=0.85)
    for _ in range(100):
        ageing.age(state, out, DAY_S, 10.0)
    lost = state[t.SOFT_SULPHATE] + state[t.HARD_SULPHATE]
    assert lost[0] == pytest.approx(0.2, rel=0.01)
    out[t.SOC] = 1.0
    for _ in range(60):
        ageing.age(state, out, DAY_S, 10.0)
    assert state[t.SOFT_SULPHATE, 0] < 0.002
    assert state[t.HARD_SULPHATE, 0] == pytest.approx(0.06, rel=0.01)


def test_sulphate_shows_as_the_fault_of_that_name():
    """At its most it does what the fault `sulphation` does at 1: capacity x0.6, charge x3, ohmic x1.5."""
    most = factors(SOFT_SULPHATE=0.3, HARD_SULPHATE=0.3)
    assert (most["F_Q"], most["F_RC"], most["F_R0"]) == pytest.approx((0.6, 3.0, 1.5))


def capacity_ah(celsius: float) -> float:
    batteries = Batteries(BlockType(), 1, 1)
    batteries.ambient_c = celsius
    batteries.temperature_c = celsius
    batteries.refresh()
    drawn_ah = 0.0
    while batteries.bus_v > 6 * 1.80:
        batteries.step(60.0, Feed(None, 0.0, 10.0 * batteries.bus_v))
        drawn_ah -= batteries.current_a[0] / 60
    return drawn_ah


@pytest.mark.parametrize(("celsius", "share"), [(40.0, 1.03), (0.0, 0.86)])
def test_capacity_at_temperature_is_the_data_sheets(celsius, share):
    assert capacity_ah(celsius) / capacity_ah(25.0) == pytest.approx(share, abs=0.01)


def test_factors_stay_sane_at_any_temperature():
    for celsius in (-60.0, -20.0, 60.0, 120.0):
        found = factors(TEMPERATURE=celsius)
        assert 0.4 < found["F_Q"] < 1.1
        assert 0.6 < found["F_R0"] < 1.5


def test_boils_dry_in_two_hours_at_the_boiling_point_and_not_below_80():
    state, out = tables(temperature_c=120.0)
    for _ in range(24):
        ageing.age(state, out, 300.0, 10.0)
    assert state[t.BOILED, 0] == pytest.approx(1.0)
    cool, out = tables(temperature_c=79.0)
    ageing.age(cool, out, DAY_S, 10.0)
    assert cool[t.BOILED, 0] == 0.0


def test_a_dry_block_is_open():
    assert factors(BOILED=0.5)["F_R0"] == pytest.approx(5.5)
    assert factors(BOILED=0.5)["F_IG"] == pytest.approx(0.5)
    assert factors(BOILED=1.0)["F_R0"] == ageing.OPEN_FACTOR
    assert factors(BOILED=1.0)["F_IG"] == 0.0
