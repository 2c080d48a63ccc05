import numpy as np
import pytest

from webmanager.room.fit.references import LOG_AGM, Discharge
from webmanager.room.fit.runs import discharge_hours, discharge_shape, draw, one_block, play
from webmanager.room.parameters import AGM, OPZV


@pytest.mark.parametrize("cells", [1, 2, 3, 6])
def test_one_block_is_full_and_rests(cells):
    batteries = one_block(AGM, cells)
    assert batteries.nominal_cells == cells
    assert batteries.bus_v == pytest.approx(cells * AGM.e0_v)


def test_draws_a_constant_current():
    batteries = one_block(AGM)
    for _ in range(20):
        draw(batteries, 30.0, 30.0)
        assert batteries.current_a[0] == pytest.approx(-30.0, rel=2e-3)


def test_time_to_the_end_voltage_is_found_between_steps():
    row = Discharge(30.0, 1.80, 2.0)
    exact = discharge_hours(AGM, row)
    assert discharge_hours(AGM, row._replace(hours=4.0)) == pytest.approx(exact, rel=2e-3)


def test_a_block_that_never_gets_there_ends_the_run():
    assert discharge_hours(AGM, Discharge(0.01, 1.80, 0.1)) == pytest.approx(0.3, rel=0.02)


def test_larger_cells_last_longer_at_low_rates():
    row = Discharge(5.2, 1.80, 20.0)
    assert discharge_hours(OPZV, row) > discharge_hours(AGM, row)


def test_play_gives_the_model_at_every_point():
    run = play(AGM, LOG_AGM, dt=60.0)
    for values, points in (
        (run.discharge_v, LOG_AGM.discharge_v),
        (run.rest_empty_v, LOG_AGM.rest_empty_v),
        (run.charging_v, LOG_AGM.charging_v),
        (run.charging_a, LOG_AGM.charging_a),
        (run.rest_full_v, LOG_AGM.rest_full_v),
    ):
        assert values.shape == (len(points),)
        assert np.isfinite(values).all()


def test_play_does_not_depend_on_the_step():
    coarse, fine = play(AGM, LOG_AGM, dt=60.0), play(AGM, LOG_AGM, dt=20.0)
    assert coarse.discharge_v == pytest.approx(fine.discharge_v, abs=0.03)
    assert coarse.charging_a == pytest.approx(fine.charging_a, rel=0.05)
    assert coarse.rest_full_v == pytest.approx(fine.rest_full_v, abs=0.05)


def test_shape_falls_from_full_to_the_end_voltage():
    volts = discharge_shape(AGM, 0.2, np.linspace(0.0, 1.0, 11), 1.80)
    assert (np.diff(volts) < 0).all()
    assert volts[0] == pytest.approx(AGM.e0_v)
    assert volts[-1] == pytest.approx(1.80, abs=0.01)


def test_size_does_not_matter_at_the_same_rate():
    small = discharge_hours(AGM, Discharge(0.7, 1.80, 10.0), 7.0)
    assert small == pytest.approx(discharge_hours(AGM, Discharge(10.0, 1.80, 10.0)), rel=0.02)
