"""Device time: one clock tuple for all that is measured, and host time for all that waits."""

import time
from typing import Protocol

from webmanager.domain.device_time import ClockTuple

__all__ = ["Clock", "ClockTuple", "HostClock", "ManualClock", "TupleClock"]


class Clock(Protocol):
    """What the device knows of time."""

    def now(self) -> float:
        """UTC seconds since 1970, device time."""

    def monotonic(self) -> float:
        """Device seconds that never step: ages, hold times and intervals count on them."""

    @property
    def factor(self) -> float:
        """Device seconds in one host second."""


class HostClock:
    """The host's own clock: wall time for `now`, CLOCK_MONOTONIC for everything else."""

    factor = 1.0

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


class TupleClock:
    """A clock that follows a tuple somebody else owns."""

    def __init__(self, given: ClockTuple) -> None:
        self._tuple = given
        self._start = given.s0  # what `now` was when `monotonic` was 0

    @property
    def factor(self) -> float:
        return self._tuple.factor

    def follow(self, given: ClockTuple) -> None:
        """Uses a new tuple from now on: `now` may step, `monotonic` goes on from where it is."""
        host_s = time.monotonic()
        self._start += given.at(host_s) - self._tuple.at(host_s)
        self._tuple = given

    def now(self) -> float:
        return self._tuple.at(time.monotonic())

    def monotonic(self) -> float:
        return self.now() - self._start


class ManualClock:
    """A clock that only moves when told: a year passes in a test as fast as the code can count."""

    factor = 1.0

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self._now = start
        self._start = start

    def now(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._now - self._start

    def advance(self, seconds: float) -> None:
        """Lets time pass."""
        self._now += seconds
