"""Messages on their way and those that have come to an end, so that a restart loses none and repeats none.

An event that was not yet known to be stored is handed on again after a restart, and would be told again: what has
ended is remembered by key and time of its event.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from webmanager.engine.event_document import read_message, write_message
from webmanager.engine.notify_ports import Message
from webmanager.engine.ports import StateKeeper

log = logging.getLogger(__name__)

DOCUMENT = "outbox"
MOST_KEPT = 500
PAUSE_S = 0.02
PAUSE_TIMES_COST = 10.0
"""Between two savings; so many times as long as the last one took, so that a flood of events is not slowed down."""


class Outbox:
    """What has been submitted and has not ended. The newest 500, and the last 500 that ended, outlive a restart."""

    def __init__(self, keeper: StateKeeper | None, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._keeper = keeper
        self._monotonic = monotonic
        self._messages: dict[str, Message] = {}
        self._changed = asyncio.Event()
        document: dict[str, Any] = (keeper.load(DOCUMENT) if keeper else None) or {}
        self._ended = _pairs(document.get("ended", []))
        self._joined = {str(key): _pairs(parts) for key, parts in dict(document.get("joined", {})).items()}
        self.left_over = _left_over(document)

    def __len__(self) -> int:
        return len(self._messages)

    def add(self, message: Message) -> None:
        """Notes a message that is to be delivered."""
        self._messages[message.key] = message
        self._changed.set()

    def merge(self, message: Message, others: Iterable[Message]) -> None:
        """Several messages travel as one from now on."""
        events = message.events
        joined = self._joined.setdefault(message.key, OrderedDict())
        for other in others:
            events += other.events
            joined[other.key] = other.event.at
            self._messages.pop(other.key, None)
        self._messages[message.key] = replace(message, events=events)
        self._changed.set()

    def remove(self, message: Message) -> None:
        """Notes that a message, or a digest of several, has come to its end."""
        kept = self._messages.pop(message.key, None)
        if kept is None:
            return
        self._ended[message.key] = kept.events[0].at
        self._ended |= self._joined.pop(message.key, {})
        while len(self._ended) > MOST_KEPT:
            self._ended.popitem(last=False)
        self._changed.set()

    def knows(self, message: Message) -> bool:
        """Whether just this message has come to its end, or travels in another one; also from before a restart."""
        return any(parts.get(message.key) == message.event.at for parts in (self._ended, *self._joined.values()))

    def keep(self) -> None:
        """Saves what is on its way now."""
        self._changed.clear()
        if self._keeper:
            newest = list(self._messages.values())[-MOST_KEPT:]
            messages = [write_message(message) for message in newest]
            joined = {key: list(parts.items()) for key, parts in self._joined.items()}
            ended = list(self._ended.items())
            self._keeper.save(DOCUMENT, {"messages": messages, "ended": ended, "joined": joined})

    async def run(self) -> None:
        """Saves each change at once, unless one was saved just before; until cancelled, then once more."""
        try:
            while True:
                await self._changed.wait()
                began_s = self._monotonic()
                self.keep()
                await asyncio.sleep(max(PAUSE_S, PAUSE_TIMES_COST * (self._monotonic() - began_s)))
        finally:
            self.keep()


def _pairs(rows: Iterable[Any]) -> OrderedDict[str, float]:
    """Keys of messages with the time of their event."""
    try:
        return OrderedDict((str(key), float(at)) for key, at in rows)
    except (TypeError, ValueError) as error:
        log.warning("Which messages were sent before the restart cannot be read: %s", error)
        return OrderedDict()


def _left_over(document: dict[str, Any]) -> Sequence[Message]:
    """The messages that were on their way; one that cannot be read is left out and logged."""
    found: list[Message] = []
    for row in document.get("messages", []):
        try:
            found.append(read_message(row))
        except (KeyError, TypeError, ValueError) as error:
            log.warning("A message kept from before the restart cannot be read: %s", error)
    return tuple(found)
