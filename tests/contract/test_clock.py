"""What every clock keeps, whatever is done to it: `monotonic` never steps, `now` is UTC seconds."""

import time
from collections.abc import Callable

import pytest

from webmanager.domain.device_time import ClockTuple
from webmanager.engine.clock import Clock, HostClock, ManualClock, TupleClock, WallClock


def _tuple_clock() -> tuple[Clock, Callable[[float], object]]:
    clock = TupleClock(ClockTuple(time.time(), time.monotonic()))
    return clock, lambda by: clock.follow(ClockTuple(clock.now() + by, time.monotonic()))


def _wall_clock() -> tuple[Clock, Callable[[float], object]]:
    clock = WallClock()
    return clock, clock.adjust


def _begun_in_1970() -> tuple[Clock, Callable[[float], object]]:
    clock = WallClock(0.0)
    return clock, clock.adjust


def _manual_clock() -> tuple[Clock, Callable[[float], object]]:
    return ManualClock(), lambda by: None


def _host_clock() -> tuple[Clock, Callable[[float], object]]:
    return HostClock(), lambda by: None


CLOCKS = [_host_clock, _manual_clock, _tuple_clock, _wall_clock, _begun_in_1970]


@pytest.mark.parametrize("made", CLOCKS)
def test_monotonic_never_steps_whatever_is_done_to_the_time(made: Callable[..., tuple[Clock, Callable]]) -> None:
    clock, move = made()
    host_s, begun_s = time.monotonic(), clock.monotonic()
    for by in (0.1, -0.1, 3600.0, -3600.0, 1e9, -1e9):
        before_s = clock.monotonic()
        move(by)
        assert clock.monotonic() >= before_s - 1e-6
    assert clock.monotonic() - begun_s <= clock.factor * (time.monotonic() - host_s) + 1e-6


@pytest.mark.parametrize("made", CLOCKS)
def test_time_goes_on_at_the_factor(made: Callable[..., tuple[Clock, Callable]]) -> None:
    clock, _ = made()
    assert clock.factor == 1.0
    before = clock.now()
    assert clock.now() >= before >= 0.0
