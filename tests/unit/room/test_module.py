import math

import numpy as np
import pytest

from webmanager.bus.commands import ModuleType
from webmanager.domain.reading import ModuleStatus
from webmanager.room.cell import DERATE_FROM_C


def readings(room, number, seconds=5.0):
    volts, celsius = [], []
    for _ in range(number):
        room.advance(seconds)
        scan = room.measure()
        volts.append(scan.voltage_v - room.batteries.voltage_v)
        celsius.append(scan.temperature_c - room.batteries.temperature_c)
    return np.array(volts), np.array(celsius)


def is_set(room, bit, index=0):
    return bool(room.modules.sample().status[index] & bit)


def test_voltage_and_temperature_are_as_accurate_as_promised(make_room):
    room = make_room(modules=256, strings=8)
    volts, celsius = readings(room, 40)
    assert np.std(volts.mean(axis=0)) == pytest.approx(0.007, rel=0.15)
    assert np.std(volts, axis=0).mean() == pytest.approx(0.00104, rel=0.15)  # 1 mV and the step of 1 mV
    assert np.std(celsius.mean(axis=0)) == pytest.approx(0.3, rel=0.15)
    assert np.std(celsius, axis=0).mean() == pytest.approx(0.058, rel=0.15)
    assert abs(volts.mean()) < 0.002


def test_high_noise_is_five_millivolts_and_small_blocks_have_their_share(make_room):
    loud, _ = readings(make_room(modules=64, noise="high"), 40)
    assert np.std(loud, axis=0).mean() == pytest.approx(0.005, rel=0.1)
    small, _ = readings(make_room(nominal_v=2, modules=256, strings=8, noise="high"), 40)
    assert np.std(small, axis=0).mean() == pytest.approx(0.005 / 6, rel=0.15)
    assert np.std(small.mean(axis=0)) == pytest.approx(0.007 / 6, rel=0.15)


def test_the_filter_takes_a_second(make_room):
    room = make_room()
    room.advance(60.0)
    before = room.batteries.voltage_v[0]
    room.set_mains(False)
    room.advance(0.5, 0.5)
    now = room.batteries.voltage_v[0]
    seen = room.measure().voltage_v[0] - room.batteries.sense_offset_v[0]
    assert seen == pytest.approx(now + (before - now) * math.exp(-0.5), abs=0.004)
    assert before - now > 0.1


def test_what_is_out_of_range_is_no_value_and_a_sensor_fault(make_room):
    room = make_room()
    room.advance(1.0)
    room.batteries.voltage_v[0] = 25.0
    room.batteries.temperature_c[1] = 130.0
    room.modules.follow(60.0, room.now_s)
    assert room.modules.values(0).voltage_mv is None
    assert room.modules.values(1).temperature_dc is None
    assert is_set(room, ModuleStatus.SENSOR_FAULT, 0)
    assert is_set(room, ModuleStatus.SENSOR_FAULT, 1)
    assert not is_set(room, ModuleStatus.SENSOR_FAULT, 2)


def test_identity(make_room):
    room = make_room(nominal_v=2, module_type="C42", revision="1.0", firmware="3.7")
    identity = room.modules.identity(3)
    assert identity.type == ModuleType.C42
    assert (identity.revision, identity.firmware, identity.nominal_v) == ((1, 0), (3, 7), 2)
    serials = [room.modules.identity(index).serial for index in range(8)]
    assert len(set(serials)) == 8


def test_same_seed_same_modules_other_seed_others(make_room):
    one, same, other = make_room(seed=5), make_room(seed=5), make_room(seed=6)
    for room in (one, same, other):
        room.advance(30.0)
    assert one.measure().voltage_v.tolist() == same.measure().voltage_v.tolist()
    assert one.measure().voltage_v.tolist() != other.measure().voltage_v.tolist()
    assert one.modules.serial.tolist() == same.modules.serial.tolist() != other.modules.serial.tolist()


def test_ri_is_there_from_the_start_within_its_error(make_room):
    room = make_room(modules=256, strings=8)
    error = room.measure().ri_mohm / (room.batteries.ri_ohm() * 1000.0) - 1.0
    assert np.std(error) == pytest.approx(math.hypot(0.01, 0.015), rel=0.15)


def test_a_measurement_of_ri_takes_its_time(make_room):
    room = make_room()
    room.advance(3600.0)
    old = room.modules.ri(2)
    assert old.age_min == 60
    assert room.modules.start_ri(2, room.now_s)
    assert not room.modules.start_ri(2, room.now_s)
    room.advance(4.0, 1.0)
    assert is_set(room, ModuleStatus.MEASURING_RI, 2)
    assert room.modules.ri(2).ri_uohm == old.ri_uohm
    room.advance(2.0, 1.0)
    assert not is_set(room, ModuleStatus.MEASURING_RI, 2)
    assert is_set(room, ModuleStatus.RI_NEW, 2)
    new = room.modules.ri(2)
    assert new.ri_uohm != old.ri_uohm
    assert new.age_min == 0
    assert new.temperature_dc == pytest.approx(room.batteries.temperature_c[2] * 10, abs=15)
    room.modules.take_ri(2)
    assert not is_set(room, ModuleStatus.RI_NEW, 2)


def test_ripple_makes_ri_noisy(make_room):
    def spread(ripple_a):
        room = make_room(modules=256, strings=8)
        room.batteries.ripple_a = ripple_a
        error = []
        for _ in range(2):
            room.modules._measure_ri(np.ones(256, dtype=bool))
            error.append([room.modules.ri(index).ri_uohm for index in range(256)])
        return np.std(np.diff(np.array(error), axis=0) / np.array(error)[0]) / math.sqrt(2)

    assert spread(0.0) == pytest.approx(0.015, rel=0.2)
    assert spread(80.0) > 0.1


def test_the_limiter_follows_the_reference_and_reports_its_share(make_room):
    room = make_room()
    room.advance(10.0)
    room.set_references([12.0, math.nan])
    room.advance(120.0)
    scan = room.measure()
    limit_a = room.batteries.limiter_limit_a[:4]
    assert scan.equalizing_percent[:4] == pytest.approx(limit_a / 0.15 * 100, abs=0.5)
    assert (scan.equalizing_percent[4:] == 0).all()
    assert is_set(room, ModuleStatus.LIMITING, 0)
    assert is_set(room, ModuleStatus.LIMITER_SATURATED, 0)
    assert not is_set(room, ModuleStatus.LIMITING, 4)
    assert not is_set(room, ModuleStatus.NO_REFERENCE, 4)


def test_the_limiter_is_off_while_ri_is_measured(make_room):
    room = make_room()
    room.set_references([12.0, 12.0])
    room.advance(60.0)
    assert room.batteries.bypass_a[0] > 0.1
    room.modules.start_ri(0, room.now_s)
    room.advance(3.0, 1.0)
    assert room.batteries.bypass_a[0] == 0.0
    assert room.batteries.bypass_a[1] > 0.1
    room.advance(10.0, 1.0)
    assert room.batteries.bypass_a[0] > 0.1


def test_without_a_reference_for_ten_minutes_the_limiter_goes_off(make_room):
    room = make_room()
    room.set_references([12.0, 12.0])
    room.advance(590.0)
    assert room.measure().equalizing_percent[0] > 90
    room.advance(30.0)
    assert (room.measure().equalizing_percent == 0).all()
    assert is_set(room, ModuleStatus.NO_REFERENCE)
    room.set_references([12.0, 12.0])
    room.advance(30.0)
    assert room.measure().equalizing_percent[0] > 90


def test_a_fresh_room_has_no_reference_a_settled_one_still_has(make_room):
    fresh, settled = make_room(start="fresh"), make_room(start="settled")
    for room in (fresh, settled):
        room.advance(10.0)
    assert is_set(fresh, ModuleStatus.NO_REFERENCE)
    assert not is_set(settled, ModuleStatus.NO_REFERENCE)


def test_a_hot_module_derates(make_room):
    room = make_room()
    room.advance(10.0)
    room.batteries.temperature_c[0] = DERATE_FROM_C + 5.0
    room.set_references([12.0, 12.0])
    room.advance(30.0)
    assert is_set(room, ModuleStatus.LIMITER_DERATED)
    assert room.measure().equalizing_percent[0] < 80
    assert not is_set(room, ModuleStatus.LIMITER_DERATED, 1)


def test_a_module_restarts_with_its_battery_and_keeps_its_ri(make_room):
    room = make_room()
    room.advance(10.0)
    room.modules.identified(0)
    assert not is_set(room, ModuleStatus.RESTARTED)
    ri = room.modules.ri(0).ri_uohm
    room.batteries.voltage_v[0] = 5.0
    room.modules.follow(1.0, room.now_s)
    assert not room.measure().answered[0]
    room.advance(10.0)
    assert room.measure().answered[0]
    assert is_set(room, ModuleStatus.RESTARTED)
    assert is_set(room, ModuleStatus.NO_REFERENCE)
    assert room.modules.ri(0).ri_uohm == ri


def test_a_replaced_module_is_factory_new(make_room):
    room = make_room()
    room.advance(10.0)
    old = room.modules.identity(3).serial
    room.modules.replace(3)
    assert room.modules.places(4) == ()
    assert list(room.modules.places(0)) == [3]
    assert room.modules.identity(3).serial not in {old, *(room.modules.identity(i).serial for i in range(3))}
    assert room.modules.ri(3).ri_uohm is None
    assert room.modules.ri(3).age_min == 0xFFFF
    assert not room.measure().answered[3]


def test_ri_outside_the_range_is_no_value(make_room):
    room = make_room()
    room.batteries.link_ohm[0] = 1e6
    room.modules.start_ri(0, room.now_s)
    room.advance(10.0, 1.0)
    assert room.modules.ri(0).ri_uohm is None
    assert room.modules.ri(0).age_min == 0
