"""Device time as a value: one tuple says what time it is and how fast it runs; pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClockTuple:
    """Device time = s0 + factor x (host monotonic - m0); owned by the room, or by the host with factor 1."""

    s0: float
    m0: float
    factor: float = 1.0

    def at(self, host_monotonic: float) -> float:
        """Device time, UTC seconds, at a moment of the host's monotonic clock."""
        return self.s0 + self.factor * (host_monotonic - self.m0)

    def with_factor(self, factor: float, host_monotonic: float) -> "ClockTuple":
        """The same time running at another factor from this moment on."""
        return ClockTuple(self.at(host_monotonic), host_monotonic, factor)
