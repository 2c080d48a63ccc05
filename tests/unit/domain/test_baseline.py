"""The Ri baseline: temperature taken out, learned from the first readings, never from the same one twice."""

import json

import numpy as np
import pytest

from fakes.observations import AT, room_of, seen_of
from webmanager.domain.baseline import LEARNED_FROM, RiBaseline, at_25c
from webmanager.domain.installation import Installation

ROOM = room_of(4, 1)
ALL, NONE = np.ones(4, np.bool_), np.zeros(4, np.bool_)


class Meter:
    """Takes readings twelve hours apart."""

    def __init__(self, room: Installation = ROOM) -> None:
        self.baseline = RiBaseline(room)
        self.at = AT

    def read(self, ri_mohm: float | dict[int, float], *, comparable: bool = True, celsius: float = 25.0) -> None:
        self.at += 12 * 3600
        self.again(ri_mohm, comparable=comparable, celsius=celsius)

    def again(self, ri_mohm: float | dict[int, float], *, comparable: bool = True, celsius: float = 25.0) -> None:
        seen = seen_of(ROOM, ri_mohm=ri_mohm, ri_measured_at=self.at, temperature_c=celsius)
        self.baseline.update(seen, ALL if comparable else NONE)


def test_resistance_is_normalised_to_25_degrees() -> None:
    assert at_25c(np.array([4.0]), np.array([35.0])).tolist() == [pytest.approx(4.0 / 0.96)]
    assert at_25c(np.array([4.0]), np.array([25.0])).tolist() == [4.0]


def test_the_first_reading_is_the_first_baseline_and_the_mean_of_five_the_last() -> None:
    meter = Meter()
    for count, ri_mohm in enumerate([4.0, 4.1, 3.9, 4.2, 3.8, 9.0], start=1):
        meter.read(ri_mohm)
        assert meter.baseline.count.tolist() == [min(count, LEARNED_FROM)] * 4
    assert meter.baseline.base_mohm.tolist() == [pytest.approx(4.0)] * 4


def test_a_warm_battery_has_not_changed() -> None:
    meter = Meter()
    meter.read(4.2)
    meter.read(4.2 * (1 - 0.004 * 15), celsius=40.0)
    assert meter.baseline.rise_percent.tolist() == [pytest.approx(0.0, abs=1e-9)] * 4


def test_a_fault_right_after_the_start_does_not_become_the_baseline() -> None:
    meter = Meter()
    meter.read(4.0)
    for _ in range(6):
        meter.read({2: 12.0})
    assert meter.baseline.base_mohm[1] == pytest.approx(4.0)
    assert meter.baseline.rise_percent[1] == pytest.approx(200.0)
    assert meter.baseline.count.tolist() == [5, 1, 5, 5]


def test_the_same_reading_is_new_only_once() -> None:
    meter = Meter()
    meter.read(4.0)
    assert meter.baseline.is_new.all()
    for late_s in (0.0, 30.0, -60.0):
        meter.at += late_s
        meter.again(4.0)
        assert not meter.baseline.is_new.any()
    assert meter.baseline.count.tolist() == [1] * 4


def test_readings_after_a_discharge_teach_nothing_but_are_shown() -> None:
    meter = Meter()
    meter.read(4.0)
    meter.read(5.0, comparable=False)
    assert meter.baseline.count.tolist() == [1] * 4
    assert meter.baseline.rise_percent.tolist() == [pytest.approx(25.0)] * 4


def test_a_reading_without_a_value_is_a_finding() -> None:
    meter = Meter()
    meter.read(4.0)
    meter.read({3: np.nan})
    assert meter.baseline.is_unmeasurable.tolist() == [False, False, True, False]
    assert np.isnan(meter.baseline.rise_percent[2])
    meter.read(4.0)
    assert not meter.baseline.is_unmeasurable.any()


def test_a_silent_module_measures_nothing() -> None:
    baseline = RiBaseline(ROOM)
    baseline.update(seen_of(ROOM, silent=True, ri_mohm=np.nan), ALL)
    assert not baseline.is_new.any()
    assert not baseline.is_unmeasurable.any()


def test_an_exchanged_battery_begins_anew() -> None:
    meter = Meter()
    for _ in range(6):
        meter.read(4.0)
    meter.baseline.renew(2)
    meter.read({2: 6.0})
    assert meter.baseline.base_mohm.tolist() == pytest.approx([4.0, 6.0, 4.0, 4.0])
    assert meter.baseline.rise_percent[1] == pytest.approx(0.0)
    assert meter.baseline.count.tolist() == [5, 1, 5, 5]


def test_a_restart_keeps_it_all() -> None:
    meter = Meter()
    meter.read(4.0)
    meter.read({2: np.nan})
    again = Meter()
    again.at = meter.at
    again.baseline.restore(json.loads(json.dumps(meter.baseline.document())))
    np.testing.assert_allclose(again.baseline.base_mohm, meter.baseline.base_mohm)
    again.again(4.0)
    assert not again.baseline.is_new.any()
    assert again.baseline.count.tolist() == meter.baseline.count.tolist()


@pytest.mark.parametrize("document", [{}, {"base_mohm": [1.0]}, {"base_mohm": [4.0] * 4, "count": "five"}])
def test_a_damaged_document_is_left_out(document: dict[str, object]) -> None:
    baseline = RiBaseline(ROOM)
    baseline.restore(document)
    assert np.isnan(baseline.base_mohm).all()
