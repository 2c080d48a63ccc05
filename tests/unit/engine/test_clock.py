import time

import pytest

from webmanager.engine.clock import ClockTuple, HostClock, ManualClock, TupleClock


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
