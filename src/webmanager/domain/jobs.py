"""What shall happen on an event: jobs with their filter, timing and action. Pure; time is an argument."""

import fnmatch
from dataclasses import dataclass, field
from enum import StrEnum

from webmanager.domain.errors import ConfigError
from webmanager.domain.events import Change, Event, Severity

LONGEST_S = 7 * 86400.0
AUDIT = "access_"
"""What the kinds of events begin with that say who did something: for the log, not for the night."""


class Timing(StrEnum):
    """When a job acts."""

    AT_ONCE = "at_once"
    AFTER = "after"
    """After `seconds`; dropped if the event has ended by then."""
    REPEAT = "repeat"
    """After `seconds` and every `seconds` until the event ends."""
    ON_BATTERY = "on_battery"
    """Once the installation has been on battery for `seconds` while the event lasts."""
    REMAINING = "remaining"
    """Once `seconds` of autonomy or less remain while the event lasts."""


class Verb(StrEnum):
    """What a receiver is asked to do. A message about the end of an event asks for the opposite."""

    TELL = "tell"
    SHUTDOWN = "shutdown"
    EXECUTE = "execute"
    WAKE_UP = "wake_up"
    SWITCH = "switch"


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events a job is for. Empty `kinds` (patterns like `voltage_*`) or `strings` mean all.

    Logins and what else is only for the audit log (`access_*`) concern a job that names them. An event that belongs to
    no string (a dead bus) concerns every string.
    """

    kinds: tuple[str, ...] = ()
    severity: Severity = Severity.NOTICE
    strings: frozenset[int] = frozenset()
    changes: frozenset[Change] = frozenset({Change.RAISED, Change.CLEARED, Change.HAPPENED})

    def covers(self, event: Event) -> bool:
        """Whether the event's kind, severity and string are meant, whatever its change."""
        if event.severity < self.severity:
            return False
        if self.strings and event.source.string is not None and event.source.string not in self.strings:
            return False
        if not self.kinds:
            return not event.kind.startswith(AUDIT)
        return any(fnmatch.fnmatchcase(event.kind, pattern) for pattern in self.kinds)


@dataclass(frozen=True, slots=True)
class Escalation:
    """Whom to tell when nobody has acknowledged within `after_s` of the event."""

    after_s: float
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the page *Jobs*. `subject` and `text` are templates; empty ones leave the words to the channel.

    `argument` is what the verb needs: a relay, the name of a command. `seconds` belongs to `timing`.
    """

    name: str
    targets: tuple[str, ...]
    filter: EventFilter = field(default_factory=EventFilter)
    timing: Timing = Timing.AT_ONCE
    seconds: float = 0.0
    verb: Verb = Verb.TELL
    argument: str = ""
    subject: str = ""
    text: str = ""
    language: str = "en"
    escalations: tuple[Escalation, ...] = ()
    enabled: bool = True

    def __post_init__(self) -> None:
        if not self.targets:
            raise ConfigError(f"job {self.name}: names no receiver")
        if self.timing is not Timing.AT_ONCE and not 1 <= self.seconds <= LONGEST_S:
            raise ConfigError(f"job {self.name}: seconds must be 1 to {LONGEST_S:.0f} with timing {self.timing.value}")
        if self.verb in {Verb.EXECUTE, Verb.SWITCH} and not self.argument:
            raise ConfigError(f"job {self.name}: {self.verb.value} needs an argument")
        steps = [step.after_s for step in self.escalations]
        if steps != sorted(set(steps)) or any(not 1 <= step <= LONGEST_S for step in steps):
            raise ConfigError(f"job {self.name}: escalations must come one after the other, 1 to {LONGEST_S:.0f} s")


@dataclass(frozen=True, slots=True)
class Power:
    """How the load is supplied: seconds on battery (None = mains is on), autonomy left (None = not known)."""

    on_battery_s: float | None = None
    remaining_s: float | None = None


@dataclass(frozen=True, slots=True)
class Beat:
    """A message sent again and again: the end-to-end test (`logged`, with its proof) or a bare sign of life."""

    name: str
    targets: tuple[str, ...]
    every_s: float
    logged: bool = True
    language: str = "en"

    def __post_init__(self) -> None:
        if not self.targets:
            raise ConfigError(f"{self.name}: names no receiver")
        if not 10 <= self.every_s <= 31 * 86400:
            raise ConfigError(f"{self.name}: every_s must be 10 s to 31 days")
