import numpy as np

from fakes.snapshots import installation_of, silenced, snapshot_of
from webmanager.domain.observation import BusCondition, observe, silence
from webmanager.domain.reading import ModuleStatus, Quality
from webmanager.domain.snapshot import StringState


def test_good_values_are_taken_over() -> None:
    snapshot = snapshot_of(installation_of(8, 2))
    seen = observe(snapshot, 2.0)
    np.testing.assert_array_equal(seen.voltage_v, snapshot.modules.voltage_v)
    assert (seen.at_s, seen.at, seen.elapsed_s) == (snapshot.at_s, snapshot.taken_at, 2.0)
    assert seen.equalizing.all()
    assert not (seen.silent | seen.implausible | seen.saturated).any()
    assert seen.has_scan


def test_stale_and_implausible_values_are_no_values_of_this_moment() -> None:
    quality = np.zeros(8, np.int8)
    quality[[1, 2]] = Quality.STALE, Quality.IMPLAUSIBLE
    seen = observe(snapshot_of(installation_of(8, 2), modules={"quality": quality}), 2.0)
    for values in (seen.voltage_v, seen.temperature_c, seen.equalizing_percent, seen.deviation_percent):
        assert np.isnan(values).tolist() == [False, True, True] + [False] * 5
    assert seen.implausible.tolist() == [False, False, True] + [False] * 5
    assert not seen.silent.any()


def test_silent_modules_are_told_apart_from_stale_ones() -> None:
    seen = observe(silenced(snapshot_of(installation_of(8, 2)), 3), 2.0)
    assert np.flatnonzero(seen.silent).tolist() == [2]


def test_a_sensor_fault_is_an_implausible_reading_and_the_limiter_tells_its_limit() -> None:
    status = np.zeros(8, np.uint8)
    status[0], status[1] = ModuleStatus.SENSOR_FAULT, ModuleStatus.LIMITING | ModuleStatus.LIMITER_SATURATED
    seen = observe(snapshot_of(installation_of(8, 2), modules={"status": status}), 2.0)
    assert np.flatnonzero(seen.implausible).tolist() == [0]
    assert np.flatnonzero(seen.saturated).tolist() == [1]


def test_a_string_without_reference_does_not_equalize() -> None:
    reference = np.array([np.nan, 13.6])
    assert observe(snapshot_of(installation_of(8, 2), strings={"reference_v": reference}), 2.0).equalizing.tolist() == [
        False,
        True,
    ]


def test_silence_knows_nothing() -> None:
    seen = silence(installation_of(8, 2), 5.0, 1000.0, 2.0, BusCondition("down", "COM3 is gone"))
    assert seen.silent.all()
    assert not seen.has_scan
    assert np.isnan(seen.voltage_v).all()
    assert (seen.state == StringState.UNKNOWN).all()
    assert seen.bus.text == "COM3 is gone"
