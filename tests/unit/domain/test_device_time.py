import pytest

from webmanager.domain.device_time import ClockTuple


def test_time_runs_at_the_factor():
    given = ClockTuple(s0=1000.0, m0=50.0, factor=600.0)
    assert given.at(50.0) == 1000.0
    assert given.at(51.5) == pytest.approx(1900.0)


@pytest.mark.parametrize("factor", [1.0, 7.5, 3600.0])
def test_a_new_factor_makes_no_step(factor):
    given = ClockTuple(s0=1000.0, m0=50.0, factor=600.0)
    changed = given.with_factor(factor, 53.0)
    assert changed.at(53.0) == pytest.approx(given.at(53.0))
    assert changed.at(54.0) - changed.at(53.0) == pytest.approx(factor)
