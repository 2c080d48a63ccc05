"""Events and messages as documents that outlive a restart: plain tables of JSON, and back."""

from dataclasses import asdict
from typing import Any

from webmanager.domain.events import Change, Event, Severity, Source
from webmanager.domain.jobs import Verb
from webmanager.engine.notify_ports import Message


def write_event(event: Event) -> dict[str, object]:
    """An event as a table of plain values."""
    return {**asdict(event), "change": event.change.value, "severity": int(event.severity)}


def read_event(table: dict[str, Any]) -> Event:
    """An event from its table; KeyError, TypeError or ValueError if it is none."""
    return Event(
        **{
            **table,
            "change": Change(table["change"]),
            "severity": Severity(table["severity"]),
            "source": Source(**table["source"]),
            "affected": tuple(table["affected"]),
        }
    )


def write_message(message: Message) -> dict[str, object]:
    """A message as a table of plain values."""
    return {
        **asdict(message),
        "verb": message.verb.value,
        "events": [write_event(event) for event in message.events],
    }


def read_message(table: dict[str, Any]) -> Message:
    """A message from its table; KeyError, TypeError or ValueError if it is none."""
    events = tuple(read_event(row) for row in table["events"])
    if not events:
        raise ValueError("a message without an event")
    return Message(**{**table, "verb": Verb(table["verb"]), "events": events})
