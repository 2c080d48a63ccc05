"""Device time: one clock tuple for all that is measured, and host time for all that waits."""

import time
from collections.abc import Callable
from typing import Protocol

from webmanager.domain.device_time import ClockTuple

__all__ = ["Clock", "ClockTuple", "HostClock", "ManualClock", "TupleClock", "WallClock"]

SLEW = 500e-6
"""A small difference is made good by running so much faster or slower, as time daemons do."""
STEP_FROM_S = 0.5
"""A difference from here on is made good at once: slewed it would take longer than from one poll to the next."""


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


class WallClock:
    """A clock that can be set: `monotonic` is the host's and never touched, `now` follows the host until it is set.

    Begun at a time of its own (`begins_at`, UTC seconds) or set, it runs on by the host's monotonic clock alone.
    """

    factor = 1.0

    def __init__(
        self,
        begins_at: float | None = None,
        *,
        host_now: Callable[[], float] = time.time,
        host_monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._host_now = host_now
        self._host_s = host_monotonic
        self._wall0: float | None = None
        self._m0 = 0.0
        self._slew_s = 0.0
        if begins_at is not None:
            self._set(begins_at)

    @property
    def follows_host(self) -> bool:
        """Nobody has set it: it says what the host's clock says, steps and all."""
        return self._wall0 is None

    @property
    def slewing_s(self) -> float:
        """What is still to be made good by running faster (> 0) or slower, s."""
        return self._slew_s - self._slewed(self._host_s())

    def now(self) -> float:
        if self._wall0 is None:
            return self._host_now()
        host_s = self._host_s()
        return self._wall0 + (host_s - self._m0) + self._slewed(host_s)

    def monotonic(self) -> float:
        return self._host_s()

    def follow_host(self) -> None:
        """From now on it says what the host's clock says."""
        self._wall0 = None
        self._slew_s = 0.0

    def let_go(self) -> None:
        """From now on it runs on its own, from where it is."""
        self._set(self.now())

    def adjust(self, offset_s: float) -> bool:
        """Moves on by an offset (back if negative): True if at once, False if little by little, never backwards."""
        is_step = abs(offset_s) >= STEP_FROM_S
        self._set(self.now() + (offset_s if is_step else 0.0))
        self._slew_s = 0.0 if is_step else offset_s
        return is_step

    def _set(self, at: float) -> None:
        self._wall0, self._m0, self._slew_s = at, self._host_s(), 0.0

    def _slewed(self, host_s: float) -> float:
        most_s = SLEW * (host_s - self._m0)
        return max(-most_s, min(most_s, self._slew_s))


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
