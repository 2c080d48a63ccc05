import math

import numpy as np
import pytest

from webmanager.domain.errors import ConfigError
from webmanager.room.config import RoomConfig
from webmanager.room.simulation import Room


def test_time_is_what_was_advanced(make_room):
    room = make_room()
    start_s = room.now_s
    room.advance(0.0)
    room.advance(-5.0)
    assert room.now_s == start_s
    room.advance(61.5)
    assert room.now_s == pytest.approx(start_s + 61.5)


def test_a_settled_room_stands_still(make_room):
    room = make_room(modules=16)
    first = room.measure().voltage_v
    room.advance(600.0)
    assert room.measure().voltage_v == pytest.approx(first, abs=0.03)


def test_a_measurement_has_all_quantities_of_all_batteries(make_room):
    room = make_room()
    room.advance(5.0)
    scan = room.measure()
    for values in (
        scan.answered,
        scan.voltage_v,
        scan.temperature_c,
        scan.equalizing_percent,
        scan.status,
        scan.ri_mohm,
    ):
        assert values.shape == (8,)
    for values in (scan.current_a, scan.ripple_a):
        assert values.shape == (2,)
        assert np.isfinite(values).all()
    assert scan.answered.all()
    assert scan.ri_mohm == pytest.approx(room.batteries.ri_ohm() * 1000, rel=0.08)


def test_the_same_moment_is_measured_alike_another_one_is_not(make_room):
    room = make_room()
    room.advance(5.0)
    first = room.measure().voltage_v.tolist()
    assert room.measure().voltage_v.tolist() == first
    room.advance(5.0)
    assert room.measure().voltage_v.tolist() != first


def test_long_and_short_steps_come_to_the_same(make_room):
    fine, coarse = make_room(), make_room()
    for room in (fine, coarse):
        room.set_load(1500.0)
        room.set_mains(False)
    fine.advance(1800.0, 1.0)
    coarse.advance(1800.0, 10.0)
    assert coarse.batteries.voltage_v == pytest.approx(fine.batteries.voltage_v, abs=0.01)
    assert coarse.batteries.soc == pytest.approx(fine.batteries.soc, abs=0.002)


def test_mains_load_and_ambient(make_room):
    room = make_room()
    room.set_mains(False)
    room.set_load(1000.0)
    room.advance(60.0)
    assert room.measure().current_a.sum() * room.batteries.bus_v == pytest.approx(-1000.0, rel=0.02)
    room.set_load(2000.0)
    room.advance(60.0)
    assert room.measure().current_a.sum() * room.batteries.bus_v == pytest.approx(-2000.0, rel=0.02)
    room.set_mains(True)
    room.set_ambient(35.0)
    room.advance(24 * 3600.0, 60.0)
    assert room.measure().temperature_c.min() > 33.0
    assert (room.mains, room.load_w, room.ambient_c) == (True, 2000.0, 35.0)


@pytest.mark.parametrize("load", [-1.0, 2e7, math.nan])
def test_an_impossible_load_is_refused(make_room, load):
    with pytest.raises(ConfigError, match="0 to 1e\\+07 W are possible"):
        make_room().set_load(load)


@pytest.mark.parametrize("celsius", [-21.0, 61.0, math.nan])
def test_an_impossible_ambient_is_refused(make_room, celsius):
    with pytest.raises(ConfigError, match="-20 to 60 degC"):
        make_room().set_ambient(celsius)


def test_the_room_file_reaches_the_room(make_room):
    room = make_room(mains=False, load_w=777.0, float_v_per_cell=2.2, current_limit_a=3.0, ambient_c=31.0, rack_k=0.0)
    assert not room.mains
    assert room.load_w == 777.0
    assert (room.charger.float_v_per_cell, room.charger.current_limit_a) == (2.2, 3.0)
    assert room.ambient_c == 31.0
    assert not room.batteries.rack_k.any()


def test_references_are_in_millivolts_and_for_their_string(make_room):
    room = make_room()
    room.set_references([13.51249, math.nan])
    room.advance(5.0)
    assert room.batteries.reference_v[:4].tolist() == [13.512] * 4
    assert np.isnan(room.batteries.reference_v[4:]).all()


@pytest.mark.parametrize("nominal_v", [2, 4, 6, 12])
def test_every_block_type_floats(make_room, nominal_v):
    room = make_room(nominal_v=nominal_v)
    room.advance(60.0)
    scan = room.measure()
    assert scan.answered.all()
    assert scan.voltage_v == pytest.approx(room.batteries.voltage_v, abs=0.05)


def test_a_fresh_room_is_unequal_a_settled_one_is_not():
    spreads = {}
    for start in ("fresh", "settled"):
        room = Room(RoomConfig(modules=32, strings=1, start=start), 0.0)
        room.advance(60.0)
        volts = room.measure().voltage_v
        spreads[start] = float(volts.max() - volts.min())
    assert spreads["fresh"] > 3 * spreads["settled"]
    assert spreads["settled"] < 0.3
