"""Events in the store: what happened, when, as a document; in the journal at once, later with a day's roll-up."""

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from webmanager.domain.errors import StoreError


class NotStorableError(StoreError):
    """This event cannot be stored as it is: too long, or no JSON."""


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event: its number in the journal, seconds on the axis, kind and document."""

    seq: int
    axis_s: float
    kind: str
    document: Mapping[str, object]


def pack_event(axis_s: float, kind: str, document: Mapping[str, object]) -> bytes:
    """An event as the payload of a record; NotStorableError if the document is no JSON."""
    try:
        text = json.dumps(
            [round(axis_s, 3), kind, document], separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
    except (TypeError, ValueError) as error:
        raise NotStorableError(f"event {kind} cannot be stored: {error}") from None
    return text.encode()


def unpack_event(seq: int, payload: bytes) -> StoredEvent:
    """An event from the payload of its record; StoreError if it is none."""
    try:
        axis_s, kind, document = json.loads(payload)
        return StoredEvent(seq, float(axis_s), str(kind), dict(document))
    except (ValueError, TypeError) as error:
        raise StoreError(f"not an event: {error}") from None


def pack_events(events: Iterable[StoredEvent]) -> bytes:
    """Events as a section of a volume."""
    lines = [b"%d %s" % (event.seq, pack_event(event.axis_s, event.kind, event.document)) for event in events]
    return zlib.compress(b"\n".join(lines), 9)


def unpack_events(section: bytes) -> list[StoredEvent]:
    """The events of a section; StoreError if they cannot be read."""
    try:
        lines = zlib.decompress(section).split(b"\n")
        split = (line.split(b" ", 1) for line in lines if line)
        return [unpack_event(int(seq), payload) for seq, payload in split]
    except (zlib.error, ValueError) as error:
        raise StoreError(f"a section of events cannot be read: {error}") from None
