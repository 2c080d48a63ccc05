"""The event log: events and deliveries go to the store; the desk hears what is on the flash."""

import logging
from collections.abc import Iterable
from dataclasses import asdict
from typing import Protocol

from webmanager.domain.events import Delivery, Event
from webmanager.engine.event_document import write_event
from webmanager.engine.history_ports import EventRecord

log = logging.getLogger(__name__)

DELIVERY = "delivery"
"""Kind of the records that say how a message fared; their document is a `Delivery`."""
LOOK_BACK_S = 600.0
MOST_LOOKED_AT = 2000


class Store(Protocol):
    """The part of the store that keeps events."""

    def append_event(self, event: EventRecord) -> None:
        """Returns at once."""

    def events(self, from_s: float | None, to_s: float | None, limit: int) -> Iterable[EventRecord]:
        """Newest first; takes milliseconds."""

    def wait(self, timeout_s: float) -> bool:
        """Whether everything handed over is on the flash."""


class EventLog:
    """Writes to the store and remembers what is not yet known to be on the flash."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._written: list[int] = []

    def write(self, event: Event) -> None:
        """Logs an event; it returns at once and is confirmed later."""
        self._written.append(event.id)
        self._store.append_event(EventRecord(event.at, event.kind, write_event(event)))

    def delivered(self, delivery: Delivery) -> None:
        """Logs how a message about a logged event fared; a sign of life is not logged."""
        if delivery.event:
            self._store.append_event(EventRecord(delivery.at, DELIVERY, asdict(delivery)))

    def confirmed(self, *, gave_up: bool = False) -> list[int]:
        """Events that are on the flash since the last call, or, with `gave_up`, that a failing store will not take."""
        if not self._written or not (gave_up or self._store.wait(0.0)):
            return []
        written, self._written = self._written, []
        return written

    def known(self, events: Iterable[Event]) -> set[int]:
        """Which of these events the store has already; reads for milliseconds, call it from a thread."""
        wanted = {event.id: event.at for event in events}
        if not wanted:
            return set()
        kept = self._store.events(min(wanted.values()) - LOOK_BACK_S, None, MOST_LOOKED_AT)
        numbers = {record.document.get("id") for record in kept if record.kind != DELIVERY}
        return {number for number in wanted if number in numbers}
