"""What arrived in the room, on which channel, and how its receivers behave. Pure; times are arguments."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

MOST_KEPT = 200
LONGEST_SUBJECT = 200
LONGEST_TEXT = 4000
LONGEST_SENDER = 120


class Channel(StrEnum):
    """A way in; the words are the types of receivers in the settings of a webmanager."""

    MAIL = "mail"
    RCCMD = "rccmd"
    TRAP = "trap"
    SYSLOG = "syslog"
    WEBHOOK = "webhook"
    SMS = "sms"


@dataclass(slots=True)
class Conduct:
    """How one receiver behaves: it is not there, it answers so much later (host seconds), it says no."""

    is_dead: bool = False
    slow_s: float = 0.0
    refuses: bool = False

    def mend(self) -> None:
        """Well behaved again."""
        self.is_dead, self.slow_s, self.refuses = False, 0.0, False


@dataclass(frozen=True, slots=True)
class Letter:
    """What a receiver understood of one message."""

    channel: Channel
    sender: str
    subject: str
    text: str
    has_picture: bool = False


@dataclass(frozen=True, slots=True)
class Cause:
    """What was done in the room before an arrival that names the same place, and how long before, both clocks."""

    what: str
    title: str
    where: str
    after_s: float
    host_after_s: float


@dataclass(frozen=True, slots=True)
class Arrival:
    """A letter that was accepted; `at_s` is device time (UTC), `host_s` the host's monotonic clock."""

    number: int
    at_s: float
    host_s: float
    letter: Letter
    cause: Cause | None = None


@dataclass(slots=True)
class Count:
    """What became of what one channel was given; `unreadable` was not in its language."""

    received: int = 0
    refused: int = 0
    unreadable: int = 0


class Taker(Protocol):
    """Where receivers put what they get."""

    def take(self, letter: Letter) -> None:
        """A message was accepted."""

    def refused(self, channel: Channel) -> None:
        """A receiver has said no."""

    def unreadable(self, channel: Channel) -> None:
        """What came was not in the language of this channel."""


class Inbox:
    """The newest arrivals, numbered from 1 on; a number is never given twice, also after `clear`."""

    def __init__(self, channels: Iterable[Channel]) -> None:
        self.counts = {channel: Count() for channel in channels}
        self.newest = 0
        self._arrivals: deque[Arrival] = deque(maxlen=MOST_KEPT)

    @property
    def oldest(self) -> int:
        """Number of the oldest arrival kept; without any, the number the next one will have."""
        return self._arrivals[0].number if self._arrivals else self.newest + 1

    def put(self, letter: Letter, at_s: float, host_s: float, cause: Cause | None = None) -> Arrival:
        """Keeps a letter, cut to what is shown, and counts it."""
        self.newest += 1
        cut = Letter(
            letter.channel,
            letter.sender[:LONGEST_SENDER],
            _first_line(letter.subject),
            letter.text[:LONGEST_TEXT],
            letter.has_picture,
        )
        arrival = Arrival(self.newest, at_s, host_s, cut, cause)
        self._arrivals.append(arrival)
        self.counts[letter.channel].received += 1
        return arrival

    def after(self, number: int = 0) -> list[Arrival]:
        """All with a higher number, newest first."""
        return [arrival for arrival in reversed(self._arrivals) if arrival.number > number]

    def clear(self) -> None:
        """Forgets all arrivals; what was counted stays."""
        self._arrivals.clear()


def _first_line(text: str) -> str:
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= LONGEST_SUBJECT else line[: LONGEST_SUBJECT - 1] + "…"
