import time

import pytest

from webmanager.engine.clock import ClockTuple, HostClock, ManualClock, TupleClock, WallClock


def test_device_time_is_the_tuple_applied_to_the_host_clock() -> None:
    given = ClockTuple(1000.0, 50.0, 60.0)
    assert given.at(50.0) == 1000.0
    assert given.at(51.5) == 1090.0


def test_a_new_factor_makes_no_step() -> None:
    slow = ClockTuple(1000.0, 0.0, 1.0)
    fast = slow.with_factor(600.0, 10.0)
    assert fast.at(10.0) == slow.at(10.0)
    assert fast.at(11.0) == 1610.0


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The host's monotonic clock, in the hand of the test."""
    seconds = [50.0]
    monkeypatch.setattr(time, "monotonic", lambda: seconds[0])
    return seconds


def test_a_followed_clock_counts_its_own_monotonic_time(host: list[float]) -> None:
    clock = TupleClock(ClockTuple(5000.0, 50.0, 1.0))
    assert (clock.now(), clock.monotonic()) == (5000.0, 0.0)
    host[0] = 60.0
    clock.follow(ClockTuple(5000.0, 50.0, 1.0).with_factor(10.0, 60.0))
    assert (clock.factor, clock.monotonic()) == (10.0, 10.0)
    host[0] = 61.0
    assert (clock.now(), clock.monotonic()) == (5020.0, 20.0)


@pytest.mark.parametrize("s0", [100.0, 1e9])
def test_another_room_with_another_time_steps_the_clock_but_not_what_waits_on_it(host: list[float], s0: float) -> None:
    clock = TupleClock(ClockTuple(5000.0, 50.0, 600.0))
    host[0] = 60.0
    clock.follow(ClockTuple(s0, 60.0, 1.0))
    assert (clock.now(), clock.monotonic()) == (s0, 6000.0)
    host[0] = 61.0
    assert (clock.now(), clock.monotonic()) == (s0 + 1.0, 6001.0)


def test_the_host_clock_is_the_hosts() -> None:
    before = time.time()
    assert HostClock().now() >= before
    assert HostClock().factor == 1.0


def test_a_manual_clock_moves_only_when_told() -> None:
    clock = ManualClock(100.0)
    assert (clock.now(), clock.monotonic()) == (100.0, 0.0)
    clock.advance(31_536_000.0)
    assert clock.monotonic() == 31_536_000.0


# -- a clock that can be set


class Host:
    """The two clocks of a computer, in the hand of the test."""

    def __init__(self) -> None:
        self.wall, self.mono = 1_700_000_000.0, 50.0

    def clock(self, begins_at: float | None = None) -> WallClock:
        return WallClock(begins_at, host_now=lambda: self.wall, host_monotonic=lambda: self.mono)

    def passes(self, seconds: float) -> None:
        self.wall += seconds
        self.mono += seconds


def test_a_wall_clock_follows_the_host_until_it_is_set() -> None:
    host = Host()
    clock = host.clock()
    host.wall += 100.0
    assert (clock.now(), clock.monotonic(), clock.follows_host) == (1_700_000_100.0, 50.0, True)
    assert clock.adjust(10.0)
    host.wall = 5.0  # somebody sets the host's clock: it is no longer ours
    host.mono += 1.0
    assert (clock.now(), clock.follows_host) == (1_700_000_111.0, False)
    clock.follow_host()
    assert clock.now() == 5.0


def test_a_wall_clock_can_begin_in_1970() -> None:
    host = Host()
    clock = host.clock(0.0)
    host.passes(7.0)
    assert (clock.now(), clock.monotonic()) == (7.0, 57.0)


@pytest.mark.parametrize("offset_s", [0.499, -0.499, 0.0, 0.001])
def test_a_small_difference_is_made_good_little_by_little_and_time_never_goes_back(offset_s: float) -> None:
    host = Host()
    clock = host.clock()
    assert not clock.adjust(offset_s)
    assert clock.slewing_s == offset_s
    last = clock.now()
    for _ in range(2000):
        host.passes(0.5)
        assert 0.5 * (1 - 5.1e-4) <= clock.now() - last <= 0.5 * (1 + 5.1e-4)
        last = clock.now()
    assert last == pytest.approx(host.wall + offset_s, abs=1e-6)
    assert clock.slewing_s == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("offset_s", [0.5, -0.5, 1.7e9, -3600.0])
def test_a_large_difference_is_made_good_at_once(offset_s: float) -> None:
    host = Host()
    clock = host.clock()
    assert clock.adjust(offset_s)
    assert clock.now() == pytest.approx(host.wall + offset_s)
    assert clock.slewing_s == 0.0


def test_a_new_difference_replaces_what_is_left_of_the_last_one() -> None:
    host = Host()
    clock = host.clock()
    clock.adjust(0.4)
    host.passes(100.0)  # 0.05 s of it are made good
    clock.adjust(-0.1)
    host.passes(1000.0)
    assert clock.now() == pytest.approx(host.wall + 0.05 - 0.1)


def test_a_clock_that_is_let_go_runs_on_from_where_it_is() -> None:
    host = Host()
    clock = host.clock()
    clock.let_go()
    host.wall = 0.0
    host.mono += 3.0
    assert clock.now() == 1_700_000_003.0
