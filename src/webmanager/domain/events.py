"""What happened and where: the event that is logged, shown, sent. An event carries the state at its time."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Severity(IntEnum):
    """How urgent: a notice asks for nothing now, a warning for a plan, an alarm for a person."""

    NOTICE = 1
    WARNING = 2
    ALARM = 3

    @property
    def word(self) -> str:
        """As it stands in every protocol and on every page."""
        return self.name.lower()


class Change(StrEnum):
    """What an event did to its alarm.

    `worsened` is an open alarm that has become graver, or another thing that is urgent; whoever was told it was raised
    is told again. `happened` is an event without an alarm (a login, a restart, a test).
    """

    RAISED = "raised"
    WORSENED = "worsened"
    CLEARED = "cleared"
    ACKNOWLEDGED = "acknowledged"
    UNACKNOWLEDGED = "unacknowledged"
    SHELVED = "shelved"
    UNSHELVED = "unshelved"
    COMMENTED = "commented"
    ESCALATED = "escalated"
    HAPPENED = "happened"


@dataclass(frozen=True, slots=True)
class Source:
    """Where it happened: the whole device, a string, a battery with its module, or another named part."""

    name: str
    string: int | None = None
    address: int | None = None


DEVICE = Source("device")


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the log. `at` is UTC seconds, `value` and `limit` are in `unit`; None = there is none.

    `alarm` is the id of the alarm it belongs to, `affected` the addresses a grouped alarm stands for, `by` who did it.
    """

    id: int
    at: float
    kind: str
    change: Change
    source: Source
    severity: Severity
    text: str
    advice: str = ""
    value: float | None = None
    limit: float | None = None
    unit: str = ""
    alarm: int | None = None
    affected: tuple[int, ...] = ()
    by: str | None = None
    string_state: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """How one message about an event fared. `proof` is the receiver's own answer, or why there is none."""

    event: int
    job: str
    target: str
    result: str
    at: float
    proof: str = ""
    attempts: int = 1
