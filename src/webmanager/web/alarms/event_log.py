"""The stored events as people ask for them: filtered, newest first, each with what became of its messages."""

import fnmatch
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from webmanager.domain.events import DEVICE, Change, Delivery, Event, Severity
from webmanager.domain.installation import Installation
from webmanager.engine.event_document import read_event
from webmanager.engine.history_ports import EventRecord, HistoryReader

DELIVERY = "delivery"
"""Kind of the records that are deliveries; all others are events."""
MOST_READ = 40_000
DELIVERED_WITHIN_S = 7 * 86_400.0
"""Nobody's patience is longer: so long after an event a message about it may still arrive."""
EARLY_S = 5.0

_STRING = re.compile(r"(?:string )?[sS]?(\d{1,2})")
_DELIVERY_FIELDS = frozenset(field.name for field in fields(Delivery))


@dataclass(frozen=True, slots=True)
class Logged:
    """One line of the log, with every delivery of its messages, oldest first."""

    event: Event
    deliveries: tuple[Delivery, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events: from (incl.) and to (excl.) in UTC seconds, kinds as patterns, least severity, where, one alarm.

    `string` finds also what happened to its batteries, `address` also alarms that stand for a battery among others.
    """

    limit: int = 100
    from_s: float | None = None
    to_s: float | None = None
    kind: str = ""
    severity: Severity = Severity.NOTICE
    change: Change | None = None
    source: str = ""
    string: int | None = None
    address: int | None = None
    alarm: int | None = None

    def has(self, event: Event) -> bool:
        """Whether an event is meant."""
        if event.severity < self.severity or (self.kind and not fnmatch.fnmatchcase(event.kind, self.kind)):
            return False
        if (self.change is not None and event.change is not self.change) or (
            self.alarm is not None and event.alarm != self.alarm
        ):
            return False
        if self.address is not None:
            return event.source.address == self.address or self.address in event.affected
        if self.string is not None:
            return event.source.string == self.string
        return not self.source or event.source.name.lower() == self.source.lower()


def place_in(installation: Installation, text: str) -> dict[str, Any]:
    """What a name of a place means to `Wanted`: a battery, a string (`string 3`, `S3`), else a part by its name."""
    name = text.strip()
    if name.upper() in installation.names:
        return {"address": installation.names.index(name.upper()) + 1}
    if (found := _STRING.fullmatch(name)) and 1 <= int(found[1]) <= installation.strings:
        return {"string": int(found[1])}
    return {"source": name}


def read_log(reader: HistoryReader, wanted: Wanted) -> list[Logged]:
    """Events of the store; reads ever more until there are enough of them. From a thread: it takes milliseconds."""
    reach_s = None if wanted.to_s is None else wanted.to_s + DELIVERED_WITHIN_S
    count = 4 * wanted.limit + 100
    while True:
        records = reader.events(wanted.from_s, reach_s, count)
        found = joined(records, wanted)
        if len(found) >= wanted.limit or len(records) < count or count >= MOST_READ:
            return found[: wanted.limit]
        count = min(4 * count, MOST_READ)


def joined(records: Iterable[EventRecord], wanted: Wanted) -> list[Logged]:
    """Records, newest first, as the events that are wanted; a delivery belongs to the next older event of its number.

    Numbers may come again after a factory reset; what cannot be read is left out.
    """
    waiting: dict[int, list[Delivery]] = {}
    found: list[Logged] = []
    for record in records:
        if record.kind == DELIVERY:
            delivery = delivery_of(record.document)
            if delivery is not None:
                waiting.setdefault(delivery.event, []).append(delivery)
            continue
        event = event_of(record)
        own = waiting.pop(event.id, [])
        is_inside = wanted.to_s is None or record.at_s < wanted.to_s
        if is_inside and wanted.has(event):
            found.append(Logged(event, tuple(one for one in reversed(own) if one.at >= event.at - EARLY_S)))
    return found


def event_of(record: EventRecord) -> Event:
    """The event of a record; one that is no document of an event is told as far as it goes."""
    try:
        return read_event(dict(record.document))
    except (KeyError, TypeError, ValueError):
        text = str(record.document.get("text") or record.kind.replace("_", " "))
        return Event(0, record.at_s, record.kind, Change.HAPPENED, DEVICE, Severity.NOTICE, text)


def delivery_of(document: Mapping[str, Any]) -> Delivery | None:
    """The delivery of a record, None if it is none."""
    try:
        known = {name: document[name] for name in _DELIVERY_FIELDS if name in document}
        made = Delivery(**known)
    except TypeError:
        return None
    return made if isinstance(made.event, int) and isinstance(made.at, int | float) else None


def by_alarm(log: Sequence[Logged]) -> dict[int, list[Logged]]:
    """The events of each alarm, newest first."""
    found: dict[int, list[Logged]] = {}
    for entry in log:
        if entry.event.alarm is not None:
            found.setdefault(entry.event.alarm, []).append(entry)
    return found
