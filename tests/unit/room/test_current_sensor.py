import numpy as np
import pytest

from webmanager.bus.commands import Current
from webmanager.domain.reading import ModuleStatus


def test_offset_noise_and_step(make_room):
    room = make_room(modules=40, strings=10)
    error = []
    for _ in range(200):
        room.advance(5.0)
        scan = room.measure()
        assert scan.current_a * 100 == pytest.approx(np.rint(scan.current_a * 100), abs=1e-9)
        error.append(scan.current_a - room.batteries.current_a)
    assert np.std(error, axis=0).mean() == pytest.approx(0.0104, rel=0.1)
    offsets = np.mean(error, axis=0)
    assert offsets == pytest.approx(room.sensors.offset_a, abs=0.004)


def test_offsets_scatter_as_promised(make_room):
    offsets = [make_room(modules=20, strings=10, seed=seed).sensors.offset_a for seed in range(8)]
    assert np.std(offsets) == pytest.approx(0.02, rel=0.25)


def test_discharge_is_negative_and_reads_as_hundredths(make_room):
    room = make_room()
    room.set_load(2000.0)
    room.set_mains(False)
    room.advance(30.0)
    reading = room.sensors.reading(1)
    assert reading.current_ca is not None
    assert reading.current_ca < -1000
    assert reading.current_ca / 100 == pytest.approx(room.batteries.current_a[0], abs=0.1)


def test_outside_300_amperes_there_is_no_value(make_room):
    room = make_room()
    room.batteries.current_a[0] = -301.0
    room.sensors.restarted[:] = False
    assert room.sensors.reading(1) == Current(None, None, ModuleStatus.SENSOR_FAULT)
    assert np.isnan(room.measure().current_a[0])
    assert np.isnan(room.measure().ripple_a[0])


def test_ripple_divides_over_the_strings(make_room):
    room = make_room()
    room.batteries.ripple_a = 10.0
    assert room.sensors.reading(2).ripple_ca == 500


def test_restarted_is_reported_until_somebody_clears_it(make_room):
    room = make_room()
    assert room.sensors.reading(1).status == ModuleStatus.RESTARTED
    room.sensors.restarted[0] = False
    assert room.sensors.reading(1).status == 0


def test_the_led_is_steady_while_polled_and_flashes_from_a_minute_later(make_room):
    room = make_room()
    assert room.sensors.led(1, room.now_s) == "flashing"
    room.sensors.answered(1, room.now_s)
    room.advance(60.0)
    assert room.sensors.led(1, room.now_s) == "steady"
    assert room.sensors.led(2, room.now_s) == "flashing"
    room.advance(1.0)
    assert room.sensors.led(1, room.now_s) == "flashing"
