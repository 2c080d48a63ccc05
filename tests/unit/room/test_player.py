import numpy as np
import pytest

from webmanager.domain.errors import ConfigError
from webmanager.room.scenario import built_in, parse

SCENARIO = parse(
    "test",
    """
    lasts_s = 100
    [[step]]
    at_s = 0
    mains = false
    load_w = 700
    [[step]]
    at_s = 20
    ambient_c = 32
    over_s = 40
    [[step]]
    at_s = 30
    fault = { kind = "module_silent", address = 3, name = "quiet" }
    [[step]]
    at_s = 35
    fault = { kind = "module_silent", address = 5 }
    [[step]]
    at_s = 70.5
    mains = true
    repair = "quiet"
    """,
)


@pytest.fixture
def room(make_room):
    return make_room(load_w=100.0)


def silent(room):
    return (np.flatnonzero(~room.measure().answered) + 1).tolist()


def test_steps_happen_in_their_time(room):
    room.player.play(SCENARIO)
    assert (room.mains, room.load_w) == (False, 700.0)
    room.advance(29.0)
    assert silent(room) == []
    assert room.ambient_c == pytest.approx(22.0 + 10.0 * 9 / 40, abs=2.6)
    room.advance(2.0)
    assert silent(room) == [3]
    room.advance(30.0)
    assert silent(room) == [3, 5]
    assert room.ambient_c == pytest.approx(32.0, abs=2.6)
    room.advance(20.0)
    assert room.mains
    assert room.ambient_c == 32.0
    assert silent(room) == [5]
    assert room.player.progress == pytest.approx(0.81)


def test_steps_come_to_the_second_even_in_long_strides(room):
    room.player.play(SCENARIO)
    start_s = room.now_s
    room.advance(99.0, 60.0)
    (kept,) = room.faults
    assert kept.since_s == pytest.approx(start_s + 35.0, abs=0.01)


def test_at_its_end_the_room_is_as_before(room):
    room.player.play(SCENARIO)
    room.advance(101.0)
    assert room.player.scenario is None
    assert (room.mains, room.load_w, room.ambient_c) == (True, 100.0, 22.0)
    assert len(room.faults) == 0
    assert room.player.progress == 0.0


def test_stopping_puts_back_what_the_scenario_changed_and_nothing_else(room):
    room.faults.add({"kind": "module_silent", "address": 8}, room.now_s)
    room.player.play(SCENARIO)
    room.advance(50.0)
    room.player.stop()
    assert (room.mains, room.load_w, room.ambient_c) == (True, 100.0, 22.0)
    assert silent(room) == [8]
    room.player.stop()
    room.advance(100.0)
    assert silent(room) == [8]


def test_a_fault_repaired_by_hand_is_not_repaired_twice(room):
    room.player.play(SCENARIO)
    room.advance(40.0)
    for fault in room.faults:
        room.faults.remove(fault.id)
    room.advance(70.0)
    assert silent(room) == []


def test_another_one_ends_the_first(room):
    room.player.play(SCENARIO)
    room.advance(40.0)
    room.player.play(built_in()["summer_without_cooling"])
    assert silent(room) == []
    assert room.mains
    room.player.stop()
    assert room.ambient_c == 22.0


def test_what_does_not_suit_the_room_is_refused_before_anything_happens(room):
    with pytest.raises(ConfigError, match="string 3 is not there: 1 to 2"):
        room.player.play(built_in()["thermal_runaway_string_3"])
    wrong = parse(
        "wrong", "lasts_s = 1\n[[step]]\nat_s = 0\nmains = false\nfault = { kind = 'soft_short', address = 99 }"
    )
    with pytest.raises(ConfigError, match="address 99 is not there"):
        room.player.play(wrong)
    lost = parse("lost", "lasts_s = 1\n[[step]]\nat_s = 0\nmains = false\nrepair = 'nothing'")
    with pytest.raises(ConfigError, match="repair of 'nothing'"):
        room.player.play(lost)
    assert room.mains
    assert room.player.scenario is None


@pytest.mark.parametrize("name", sorted(built_in()))
def test_every_built_in_scenario_plays_to_its_end(make_room, name):
    room = make_room(modules=12, strings=3)
    scenario = built_in()[name]
    room.player.play(scenario)
    room.advance(scenario.lasts_s + 60.0, 60.0)
    assert room.player.scenario is None
    assert len(room.faults) == 0
    assert np.isfinite(room.batteries.voltage_v).all()


def test_a_monthly_discharge_test_discharges(make_room):
    room = make_room()
    room.player.play(built_in()["monthly_discharge_test"])
    room.advance(1190.0)
    scan = room.measure()
    assert scan.voltage_v.max() < 12.6
    assert scan.current_a.max() < -30.0
    room.advance(600.0)
    assert room.measure().current_a.min() > 5.0


def test_string_3_runs_away_in_its_scenario(make_room):
    room = make_room(modules=12, strings=3)
    room.player.play(built_in()["thermal_runaway_string_3"])
    warmth = room.measure().temperature_c[8:].mean()
    room.advance(8 * 3600.0, 60.0)
    strings = room.batteries.temperature_c.reshape(3, 4).mean(axis=1)
    assert strings[2] > strings[0] + 10.0
    assert strings[2] > warmth + 25.0
