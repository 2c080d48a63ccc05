"""What the engine needs from the ways out: a message, who takes it, what switches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from webmanager.domain.events import Delivery, Event, Source
from webmanager.domain.jobs import Verb


@dataclass(frozen=True, slots=True)
class Message:
    """What one job has for one receiver. A second message with the same `key` is a duplicate.

    Empty `subject` and `text` leave the words to the channel. `ended` says that the event is over: a shutdown is
    withdrawn, a relay falls back. `at` is UTC seconds of the device, `remaining_s` the autonomy left (None = unknown).
    """

    key: str
    job: str
    target: str
    at: float
    events: tuple[Event, ...]
    verb: Verb = Verb.TELL
    argument: str = ""
    subject: str = ""
    text: str = ""
    language: str = "en"
    ended: bool = False
    remaining_s: float | None = None

    @property
    def event(self) -> Event:
        """The newest event it is about."""
        return self.events[-1]


class Notifier(Protocol):
    """One receiver, wherever it is."""

    async def send(self, message: Message) -> str:
        """Delivers and returns the receiver's own answer; DeliveryError if not, RefusedError if never."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One quantity over time for a picture: `times` are UTC seconds, `values` in `unit`, NaN where there is none."""

    label: str
    unit: str
    times: Sequence[float]
    values: Sequence[float]


class Trend(Protocol):
    """Where the curve of a message comes from."""

    async def last_day(self, source: Source, kind: str, until: float) -> Curve | None:
        """The 24 h before `until` (UTC seconds) of what an event of this kind is about; None if nothing is stored."""


class Output(StrEnum):
    """What this host can switch."""

    RELAY_1 = "relay1"
    RELAY_2 = "relay2"
    RELAY_3 = "relay3"
    RELAY_4 = "relay4"
    ALARM_RELAY = "alarm_relay"
    BUZZER = "buzzer"


class OutputBoard(Protocol):
    """Relays and buzzer of this host."""

    def switch(self, output: Output, on: bool) -> None:
        """Energises an output or lets it go; DeliveryError if the hardware does not follow or is not there."""

    def states(self) -> Mapping[Output, bool]:
        """What is energised now; outputs that this host does not have are missing."""


class Journal(Protocol):
    """The event log as the jobs need it."""

    def happened(self, kind: str, text: str) -> Event:
        """Numbers and logs an event of the device itself, a notice without an alarm."""

    def escalated(self, event: Event, text: str) -> Event:
        """Numbers and logs that nobody has acknowledged the alarm of an event in time."""


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """What has become of the messages to one receiver since the start; `waiting` and `is_failing` are of now.

    `type` is the way out, as the settings name it; a `failed` message also counts as refused or expired where it was.
    """

    target: str
    type: str
    waiting: int = 0
    delivered: int = 0
    failed: int = 0
    dropped: int = 0
    retries: int = 0
    is_failing: bool = False
    last_error: str = ""


class JobsDesk(Protocol):
    """Jobs and queues as the pages need them."""

    async def test(self, job: str) -> Sequence[Delivery]:
        """Tries a job out now and says how each receiver fared; ConfigError if there is no such job."""

    def queues(self) -> Sequence[QueueStatus]:
        """Every receiver with its counters, in the order of the settings; cheap."""
