"""Messages on their way, kept so that a restart loses none and repeats none that has arrived."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from webmanager.engine.event_document import read_message, write_message
from webmanager.engine.notify_ports import Message
from webmanager.engine.ports import StateKeeper

log = logging.getLogger(__name__)

DOCUMENT = "outbox"
MOST_KEPT = 500
PAUSE_S = 0.25


class Outbox:
    """What has been submitted and has not ended. The newest 500 outlive a restart, if there is a keeper."""

    def __init__(self, keeper: StateKeeper | None) -> None:
        self._keeper = keeper
        self._messages: dict[str, Message] = {}
        self._changed = asyncio.Event()
        self.left_over = _load(keeper) if keeper else ()

    def __len__(self) -> int:
        return len(self._messages)

    def add(self, message: Message) -> None:
        """Notes a message that is to be delivered."""
        self._messages[message.key] = message
        self._changed.set()

    def merge(self, message: Message, others: Iterable[Message]) -> None:
        """Several messages travel as one from now on."""
        events = message.events
        for other in others:
            events += other.events
            self._messages.pop(other.key, None)
        self._messages[message.key] = replace(message, events=events)
        self._changed.set()

    def remove(self, message: Message) -> None:
        """Notes that a message has come to its end."""
        if self._messages.pop(message.key, None):
            self._changed.set()

    def keep(self) -> None:
        """Saves what is on its way now."""
        self._changed.clear()
        if self._keeper:
            newest = list(self._messages.values())[-MOST_KEPT:]
            self._keeper.save(DOCUMENT, {"messages": [write_message(message) for message in newest]})

    async def run(self) -> None:
        """Saves each change at once, but no more often than four times a second; until cancelled, then once more."""
        try:
            while True:
                await self._changed.wait()
                self.keep()
                await asyncio.sleep(PAUSE_S)
        finally:
            self.keep()


def _load(keeper: StateKeeper) -> Sequence[Message]:
    """The messages that were on their way; one that cannot be read is left out and logged."""
    document: dict[str, Any] | None = keeper.load(DOCUMENT)
    found: list[Message] = []
    for row in (document or {}).get("messages", []):
        try:
            found.append(read_message(row))
        except (KeyError, TypeError, ValueError) as error:
            log.warning("A message kept from before the restart cannot be read: %s", error)
    return tuple(found)
