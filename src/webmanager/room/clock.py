"""The room's clock: owner of the one clock tuple, and of how fast time may run before something falls behind."""

import math
from collections import deque

from webmanager.domain.device_time import ClockTuple

LONGEST_PERIOD_S = 60.0
"""Device seconds that a scan may take before time itself slows down."""
RISE = 1.25
DEEPEST_FALL = 0.5
LEAST_CHANGE = 0.03


class RoomClock:
    """Device time = s0 + factor x (host monotonic - m0), with the factor that was set or, if need be, a lower one.

    Two things can be too slow: the controller's scan and the physics. Each has a ceiling of its own, which falls at
    once and rises in steps. The scan's period is the interval between two reads of the lowest address; a retry only
    shortens one, so time runs faster again only after the longest of three was short. `version` grows with every
    change of the tuple.
    """

    def __init__(self, start_s: float, host_s: float, factor: float) -> None:
        self.factor_set = factor
        self.version = 1
        self.tuple = ClockTuple(start_s, host_s, factor)
        self._scan = _Ceiling(most=LONGEST_PERIOD_S, aim=50.0, rise_below=40.0)
        self._physics = _Ceiling(most=0.5, aim=0.4, rise_below=0.25)
        self._scanned_s: float | None = None
        self._periods: deque[float] = deque(maxlen=3)

    @property
    def factor_reached(self) -> float:
        """The factor time runs at now."""
        return self.tuple.factor

    def now_s(self, host_s: float) -> float:
        """Device time, UTC seconds."""
        return self.tuple.at(host_s)

    def set_factor(self, factor: float, host_s: float) -> None:
        """What the operator wants from now on."""
        self.factor_set = factor
        self._scan.factor = self._physics.factor = math.inf
        self._periods.clear()
        self._apply(host_s)

    def scan_begins(self, host_s: float) -> None:
        """The controller has asked for the lowest address."""
        now_s = self.now_s(host_s)
        if self._scanned_s is not None:
            self._periods.append(now_s - self._scanned_s)
            longest_s = max(self._periods)
            if longest_s > LONGEST_PERIOD_S or len(self._periods) == self._periods.maxlen:
                self._scan.follow(longest_s, self.factor_reached, self.factor_set)
                self._periods.clear()
        self._scanned_s = now_s
        self._apply(host_s)

    def physics_took(self, busy_s: float, span_s: float, host_s: float) -> None:
        """Physics worked for `busy_s` of the last `span_s` host seconds."""
        self._physics.follow(busy_s / span_s, self.factor_reached, self.factor_set)
        self._apply(host_s)

    def _apply(self, host_s: float) -> None:
        wanted = min(self.factor_set, max(1.0, min(self._scan.factor, self._physics.factor)))
        now = self.tuple.factor
        if wanted == now or (wanted != self.factor_set and abs(wanted / now - 1.0) < LEAST_CHANGE):
            return
        self.tuple = self.tuple.with_factor(wanted, host_s)
        self.version += 1


class _Ceiling:
    """The highest factor at which one load stays bearable; infinite while it is no matter."""

    def __init__(self, *, most: float, aim: float, rise_below: float) -> None:
        self.factor = math.inf
        self._most, self._aim, self._rise_below = most, aim, rise_below

    def follow(self, load: float, factor_now: float, factor_set: float) -> None:
        """Takes the load at the present factor."""
        if load > self._most:
            self.factor = factor_now * max(self._aim / load, DEEPEST_FALL)
        elif load < self._rise_below and self.factor < math.inf:
            risen = self.factor * RISE
            self.factor = math.inf if risen >= factor_set else risen
