"""How long things take on the wire, and how long the link waits for them. Specified in `docs/bus-protocol.md`; pure."""

from dataclasses import dataclass

from webmanager.bus.commands import DEFAULT_GAP_BITS
from webmanager.bus.frame import BITS_PER_BYTE
from webmanager.domain.errors import ConfigError

BAUD_RATES = (9600, 19200, 38400, 57600, 115200)


@dataclass(frozen=True, slots=True)
class LinkTiming:
    """Speed and patience of one bus; all waits in host seconds.

    `margin_s` is what host, driver and adapter may add to an answer's time on the wire; the link widens it up to
    `margin_max_s` while answers come too late. `lost_after`: silent devices that answered last time, from the
    beginning of a train, until its request counts as lost.
    """

    baud: int = 38400
    gap_bits: int = DEFAULT_GAP_BITS
    margin_s: float = 0.005
    margin_max_s: float = 0.05
    clock_error: float = 0.005
    attempts: int = 3
    train_attempts: int = 2
    lost_after: int = 3
    write_timeout_s: float = 0.5
    reopen_first_s: float = 0.2
    reopen_longest_s: float = 2.0

    def __post_init__(self) -> None:
        if self.baud not in BAUD_RATES:
            raise ConfigError(f"bus baud {self.baud} is not known: allowed are {', '.join(map(str, BAUD_RATES))}")
        if not 5 <= self.gap_bits <= 255:
            raise ConfigError(f"bus gap of {self.gap_bits} bit times is out of range: 5 to 255")
        if not 0 < self.margin_s <= self.margin_max_s <= 1:
            raise ConfigError(
                f"bus margin {self.margin_s:g} s is out of range: over 0, at most margin_max_s, at most 1"
            )
        if not 0 <= self.clock_error <= 0.05:
            raise ConfigError(f"bus clock error {self.clock_error:g} is out of range: 0 to 0.05")
        if min(self.attempts, self.train_attempts, self.lost_after) < 1:
            raise ConfigError("bus attempts, train attempts and lost_after are at least 1")
        if not 0 < self.reopen_first_s <= self.reopen_longest_s or self.write_timeout_s <= 0:
            raise ConfigError(
                "bus pauses before reopening and the write timeout are over 0 s, the first pause shortest"
            )

    @property
    def gap_s(self) -> float:
        """Pause between two frames, seconds."""
        return self.gap_bits / self.baud

    def wire_s(self, length: int) -> float:
        """Time of `length` bytes on the wire, seconds."""
        return length * BITS_PER_BYTE / self.baud

    def slot_s(self, reply_bytes: int) -> float:
        """One device's share of a train whose good replies have this length, seconds."""
        return self.wire_s(reply_bytes) + self.gap_s
