"""What the pages may know of the device's clock: where it comes from, how far it can be trusted, in which zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Literal, Protocol

TimeSource = Literal["host", "ntp", "none"]


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """One time server since the start. `error` is why its last answer did not count, empty if it did.

    `offset_s` is how far the device was behind it, `delay_s` the way there and back; None before a good answer.
    """

    server: str
    asked: int = 0
    answered: int = 0
    offset_s: float | None = None
    delay_s: float | None = None
    stratum: int | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class TimeStatus:
    """The clock. `text` says in one sentence why it is synchronised or not; `good_at` is the last good answer, UTC s.

    `steps` and `slews` count how often the clock was set at once, and little by little; `polls` the rounds.
    """

    source: TimeSource
    is_synchronised: bool
    text: str
    servers: Sequence[ServerStatus] = ()
    good_at: float | None = None
    offset_s: float | None = None
    polls: int = 0
    steps: int = 0
    slews: int = 0


class TimeKeeper(Protocol):
    """Who keeps the clock."""

    def status(self) -> TimeStatus:
        """As it is now."""

    @property
    def zone(self) -> tzinfo:
        """The zone in which people read times here."""
