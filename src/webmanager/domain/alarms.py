"""The alarms that are open: one a slot, from raised to cleared, with what people have done about them.

A slot is what an alarm is about (one battery, one module, the bus ...). Everything raised in it is one alarm; it has
one `raised`, at most one `worsened` a step of severity, and one `cleared` event. Times are UTC seconds.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from webmanager.domain.errors import ConfigError
from webmanager.domain.events import DEVICE, Change, Event, Severity, Source
from webmanager.domain.layout import SlotKey
from webmanager.domain.limits import ROWS

LONGEST_SHELF_S = 24 * 3600.0
MOST_COMMENTS, LONGEST_COMMENT = 20, 500


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody wrote about an alarm."""

    at: float
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a slot shows now, in words: the gravest kind speaks, `kinds` names all that are raised, `urgent` some."""

    kind: str
    severity: Severity
    source: Source
    where: str
    text: str
    advice: str
    value: float | None
    limit: float | None
    unit: str
    since_at: float
    affected: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    urgent: tuple[str, ...] = ()
    string_state: str | None = None


@dataclass(frozen=True, slots=True)
class Alarm:
    """One open alarm. `severity` is the gravest it has had; `found` is as it stands now, `kind` as it was told."""

    id: int
    slot: SlotKey
    kind: str
    severity: Severity
    raised_at: float
    found: Found
    told: tuple[str, ...] = ()
    acknowledged_by: str | None = None
    acknowledged_at: float | None = None
    shelved_until: float | None = None
    comments: tuple[Comment, ...] = ()
    event: int = 0
    """Number of the event that told it, or told last that it has worsened."""

    @property
    def state(self) -> str:
        """active, acknowledged or shelved."""
        if self.shelved_until is not None:
            return "shelved"
        return "active" if self.acknowledged_by is None else "acknowledged"

    @property
    def source(self) -> Source:
        """Where it is."""
        return self.found.source


@dataclass
class AlarmBook:
    """Owner of all open alarms; every method returns the events it made, in order."""

    alarms: dict[SlotKey, Alarm] = field(default_factory=dict)
    shelves: dict[SlotKey, float] = field(default_factory=dict)
    next_alarm: int = 1
    next_event: int = 1

    def settle(self, slot: SlotKey, found: Found | None, at: float, by: str | None = None) -> list[Event]:
        """Makes the alarm of a slot what was found there; None = nothing is raised in it any more."""
        alarm = self.alarms.get(slot)
        if found is None:
            return [] if alarm is None else self._clear(alarm, at, by)
        if alarm is None:
            return self._raise(slot, found, at)
        news = set(found.urgent) - set(alarm.told)
        if found.severity > alarm.severity or news:
            return self._worsen(alarm, found, at)
        self.alarms[slot] = replace(alarm, found=_as_told(alarm, found))
        return []

    def refresh(self, slot: SlotKey, found: Found) -> None:
        """Shows newer figures of an open alarm; makes no event."""
        alarm = self.alarms.get(slot)
        if alarm is not None:
            self.alarms[slot] = replace(alarm, found=_as_told(alarm, found))

    def by_id(self, alarm_id: int) -> Alarm:
        """An open alarm; ConfigError if there is none with that number."""
        for alarm in self.alarms.values():
            if alarm.id == alarm_id:
                return alarm
        raise ConfigError(f"alarm {alarm_id} is not open")

    def acknowledge(self, alarm_id: int, by: str, at: float) -> list[Event]:
        """Somebody takes care of it; doing so twice changes nothing."""
        alarm = self.by_id(alarm_id)
        if alarm.acknowledged_by is not None:
            return []
        alarm = self._keep(replace(alarm, acknowledged_by=by, acknowledged_at=at))
        return [self._event(alarm, Change.ACKNOWLEDGED, at, by)]

    def unacknowledge(self, alarm_id: int, by: str, at: float) -> list[Event]:
        """Takes an acknowledgement back: it waits for an answer again; one that nobody gave stays as it is."""
        alarm = self.by_id(alarm_id)
        if alarm.acknowledged_by is None:
            return []
        alarm = self._keep(replace(alarm, acknowledged_by=None, acknowledged_at=None))
        return [self._event(alarm, Change.UNACKNOWLEDGED, at, by)]

    def shelve(self, alarm_id: int, until: float, by: str, at: float) -> list[Event]:
        """Silences what the alarm is about, also if it comes again, until a time within 24 h; ConfigError else."""
        if not 0.0 < until - at <= LONGEST_SHELF_S:
            raise ConfigError("an alarm is shelved until a time from now to 24 h ahead")
        alarm = self.by_id(alarm_id)
        self.shelves[alarm.slot] = until
        alarm = self._keep(replace(alarm, shelved_until=until))
        return [self._event(alarm, Change.SHELVED, at, by)]

    def unshelve(self, alarm_id: int, by: str | None, at: float) -> list[Event]:
        """Ends the shelving of an alarm; one that is not shelved stays as it is."""
        alarm = self.by_id(alarm_id)
        self.shelves.pop(alarm.slot, None)
        if alarm.shelved_until is None:
            return []
        alarm = self._keep(replace(alarm, shelved_until=None))
        return [self._event(alarm, Change.UNSHELVED, at, by)]

    def comment(self, alarm_id: int, text: str, by: str, at: float) -> list[Event]:
        """Writes something to an alarm; ConfigError if it is empty, too long, or one too many."""
        alarm = self.by_id(alarm_id)
        words = text.strip()
        if not 0 < len(words) <= LONGEST_COMMENT:
            raise ConfigError(f"a comment has 1 to {LONGEST_COMMENT} characters")
        if len(alarm.comments) >= MOST_COMMENTS:
            raise ConfigError(f"alarm {alarm_id} has {MOST_COMMENTS} comments already")
        alarm = self._keep(replace(alarm, comments=(*alarm.comments, Comment(at, by, words))))
        return [self._event(alarm, Change.COMMENTED, at, by, words)]

    def expire(self, at: float) -> list[Event]:
        """Ends the shelving whose time has come."""
        if not self.shelves:
            return []
        events: list[Event] = []
        # A clock that was set back must not shelve for longer than anybody may.
        over = [slot for slot, until in self.shelves.items() if not 0.0 < until - at <= LONGEST_SHELF_S]
        for slot in over:
            del self.shelves[slot]
            alarm = self.alarms.get(slot)
            if alarm is not None and alarm.shelved_until is not None:
                alarm = self._keep(replace(alarm, shelved_until=None))
                events.append(self._event(alarm, Change.UNSHELVED, at))
        return events

    def shift_clock(self, before: float, seconds: float) -> None:
        """The wall clock was set, at `before`, by so many seconds: alarms it dated move along, shelves last as long.

        What was dated by a right clock before a restart lies ahead of one that begins in 1970, and stays.
        """
        for slot, alarm in self.alarms.items():
            if alarm.found.since_at <= before:
                found = replace(alarm.found, since_at=alarm.found.since_at + seconds)
                self.alarms[slot] = replace(alarm, found=found, raised_at=alarm.raised_at + seconds)
        for slot, until in self.shelves.items():
            if until - before <= LONGEST_SHELF_S:
                self.shelves[slot] = until + seconds
                if slot in self.alarms:
                    self.alarms[slot] = replace(self.alarms[slot], shelved_until=until + seconds)

    def happened(self, kind: str, text: str, at: float, by: str | None = None) -> Event:
        """An event without an alarm."""
        number, self.next_event = self.next_event, self.next_event + 1
        return Event(number, at, kind, Change.HAPPENED, DEVICE, Severity.NOTICE, text, by=by)

    def escalated(self, event: Event, text: str, at: float) -> Event:
        """Nobody has acknowledged the alarm of an event in time."""
        number, self.next_event = self.next_event, self.next_event + 1
        return replace(event, id=number, at=at, change=Change.ESCALATED, text=text)

    def sorted(self) -> tuple[Alarm, ...]:
        """Open alarms, gravest first, then newest."""
        return tuple(sorted(self.alarms.values(), key=lambda alarm: (-alarm.severity, -alarm.id)))

    def _raise(self, slot: SlotKey, found: Found, at: float) -> list[Event]:
        until = self.shelves.get(slot)
        number, self.next_alarm = self.next_alarm, self.next_alarm + 1
        alarm = Alarm(
            number,
            slot,
            found.kind,
            found.severity,
            at,
            found,
            found.kinds,
            shelved_until=until,
            event=self.next_event,
        )
        self._keep(alarm)
        # What is shelved comes back in silence: it is logged, and told when the shelf ends.
        return [self._event(alarm, Change.RAISED if until is None else Change.SHELVED, at)]

    def _worsen(self, alarm: Alarm, found: Found, at: float) -> list[Event]:
        told = tuple(dict.fromkeys((*alarm.told, *found.kinds)))
        severity = max(alarm.severity, found.severity)
        grave = replace(alarm, kind=found.kind, severity=severity, found=found, told=told, event=self.next_event)
        self._keep(replace(grave, acknowledged_by=None, acknowledged_at=None))
        return [self._event(self.alarms[alarm.slot], Change.WORSENED, at)]

    def _clear(self, alarm: Alarm, at: float, by: str | None) -> list[Event]:
        del self.alarms[alarm.slot]
        row, lasted = ROWS[alarm.kind], duration(at - alarm.found.since_at)
        text = row.over.format(where=alarm.found.where, label=row.label.lower(), lasted=lasted)
        return [self._event(alarm, Change.CLEARED, at, by, text[0].upper() + text[1:])]

    def _keep(self, alarm: Alarm) -> Alarm:
        self.alarms[alarm.slot] = alarm
        return alarm

    def _event(self, alarm: Alarm, change: Change, at: float, by: str | None = None, text: str | None = None) -> Event:
        number, self.next_event = self.next_event, self.next_event + 1
        event = replace(told_by(alarm), id=number, at=at, change=change, by=by)
        if change is Change.CLEARED:
            event = replace(event, advice="")
        return event if text is None else replace(event, text=text)


def told_by(alarm: Alarm) -> Event:
    """The event that told an alarm, with what is known of it now."""
    found = alarm.found
    return Event(
        id=alarm.event,
        at=alarm.raised_at,
        kind=alarm.kind,
        change=Change.RAISED,
        source=found.source,
        severity=alarm.severity,
        text=found.text,
        advice=found.advice,
        value=found.value,
        limit=found.limit,
        unit=found.unit,
        alarm=alarm.id,
        affected=found.affected,
        string_state=found.string_state,
    )


def _as_told(alarm: Alarm, found: Found) -> Found:
    """Newer figures of an alarm: where it was told to be stays, what it stands for only grows."""
    affected = tuple(sorted({*alarm.found.affected, *found.affected}))
    return replace(found, source=alarm.source, affected=affected)


def counts(alarms: Iterable[Alarm]) -> dict[Severity, int]:
    """How many alarms of each severity are open."""
    found = dict.fromkeys(Severity, 0)
    for alarm in alarms:
        found[alarm.severity] += 1
    return found


def duration(seconds: float) -> str:
    """As people say it: `41 s`, `12 min`, `2 h 14 min`, `3 d 4 h`."""
    whole = max(int(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    minutes, hours, days = whole // 60, whole // 3600, whole // 86_400
    if hours < 1:
        return f"{minutes} min"
    if days < 1:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    return f"{days} d {hours % 24} h" if hours % 24 else f"{days} d"
