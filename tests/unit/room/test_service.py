from datetime import UTC, datetime

import numpy as np
import pytest

from webmanager.bus.commands import Command, Group
from webmanager.bus.frame import BROADCAST, Frame, encode
from webmanager.domain.errors import ConfigError
from webmanager.domain.installation import BlockType
from webmanager.room.config import RoomConfig
from webmanager.room.service import RoomService, minutes_left

WALL_S = 1_700_000_000.0


@pytest.fixture
def make(make_room):
    """A service on injected clocks; `make_room` is asked for so that settled batteries are shared."""

    def make(busy=None, **settings):
        chosen = {"modules": 8, "strings": 2, "block": BlockType(), "revision": "1.3"} | settings
        return RoomService(RoomConfig(**chosen), WALL_S, 100.0, busy or (lambda: 0.0))

    return make


def scan(service, host_s):
    request = encode(Frame(Command.READ_VALUES, 1, 0, Group(8).encode()))
    service.hears(host_s)
    service.line.hear(request, host_s)
    return service.line.due(host_s + 1.0)


def test_room_time_begins_at_the_hosts_and_follows_the_factor(make):
    service = make(speed=10.0)
    assert service.room.now_s == WALL_S
    service.tick(100.5)
    assert service.room.now_s == pytest.approx(WALL_S + 5.0)
    service.set_speed(1.0, 100.5)
    service.tick(101.5)
    assert service.room.now_s == pytest.approx(WALL_S + 6.0)


def test_room_time_does_not_begin_before_kept_data(make):
    later = datetime(2030, 1, 1, tzinfo=UTC)
    assert make(not_before=later).room.now_s == later.timestamp()
    assert make(not_before=datetime(2001, 1, 1, tzinfo=UTC)).room.now_s == WALL_S


def test_a_late_tick_catches_up_in_a_bounded_number_of_steps(make, monkeypatch):
    service = make(speed=3600.0)
    steps = []
    batteries_step = service.room.batteries.step
    monkeypatch.setattr(service.room.batteries, "step", lambda dt, feed: (steps.append(dt), batteries_step(dt, feed)))
    service.tick(101.0)
    assert service.room.now_s == pytest.approx(WALL_S + 3600.0)
    assert len(steps) == pytest.approx(60, abs=1)
    assert max(steps) <= 60.0


def test_at_speed_one_steps_are_short(make, monkeypatch):
    service = make()
    steps = []
    monkeypatch.setattr(service.room.batteries, "step", lambda dt, feed: steps.append(dt))
    service.tick(100.5)
    service.tick(103.5)
    assert max(steps) <= 1.0


def test_ticks_come_often_enough(make):
    assert make().tick_s == 0.5
    assert make(speed=10.0).tick_s == pytest.approx(0.1)
    assert make(speed=600.0).tick_s == pytest.approx(0.05)


def test_the_line_is_paced_at_the_baud_times_the_factor(make):
    assert make(baud=9600).line.bit_s == pytest.approx(1 / 9600)
    assert make(baud=9600, speed=10.0).line.bit_s == pytest.approx(1 / 96000)
    assert make(speed=600.0).line.bit_s == 0.0


def test_slow_physics_slows_time(make):
    spent = iter(np.arange(0.0, 100.0, 0.09))
    service = make(busy=lambda: float(next(spent)), speed=600.0)
    service.tick(100.1)
    assert service.clock.factor_reached < 600.0
    assert service.clock.factor_set == 600.0


def test_slow_scans_slow_time_fast_ones_do_not(make):
    service = make(speed=600.0)
    for number in range(20):
        scan(service, 100.0 + number * 0.05)
    assert service.clock.factor_reached == 600.0
    for number in range(20):
        scan(service, 102.0 + number * 0.5)
    assert service.clock.factor_reached <= 120.0


def test_only_the_read_of_the_lowest_address_counts_as_a_scan(make):
    service = make(speed=600.0)
    for number in range(20):
        service.line.hear(encode(Frame(Command.READ_VALUES, 2, 0)), 100.0 + number)
        service.line.hear(encode(Frame(Command.IDENTIFY, 1, 0)), 100.3 + number)
        service.line.hear(encode(Frame(Command.BLINK, BROADCAST, 0)), 100.6 + number)
    assert service.clock.factor_reached == 600.0


def test_a_scan_brings_answers(make):
    assert len(scan(make(), 100.0)) == 8 * 12


def test_a_scenario_can_begin_with_the_room(make, tmp_path):
    assert not make(play="mains_failure").room.mains
    own = tmp_path / "mine.toml"
    own.write_text("lasts_s = 10\n[[step]]\nat_s = 0\nload_w = 3\n", encoding="utf-8")
    assert make(play=str(own)).room.load_w == 3.0
    with pytest.raises(ConfigError, match="scenario 'flood' is not known: broken_bus_cable"):
        make(play="flood")


def test_minutes_left_are_about_those_of_the_simulation(make_room):
    for load_c10 in (0.2, 0.5):
        room = make_room(modules=16, strings=2, load_w=load_c10 * 16 * 1200.0)
        promised = minutes_left(room)
        room.set_mains(False)
        minutes = 0
        while room.batteries.voltage_v.min() > 6 * 1.75:
            room.advance(60.0)
            minutes += 1
        assert promised == pytest.approx(minutes, rel=0.15)


def test_without_a_load_no_end_is_foretold(make_room):
    assert minutes_left(make_room(load_w=0.0)) is None
