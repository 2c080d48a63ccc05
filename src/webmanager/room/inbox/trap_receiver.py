"""An SNMP manager: takes traps and informs of version 2c, and acknowledges informs."""

import asyncio

from webmanager.room.inbox.arrivals import Channel, Conduct, Letter, Taker
from webmanager.room.inbox.doors import Datagrams
from webmanager.room.inbox.trap_bytes import GENERAL_ERROR, Notification, acknowledgement, read

KNOWN = {
    "1.3.6.1.2.1.33.5.3.0.1": "raised",
    "1.3.6.1.2.1.33.5.3.0.2": "cleared",
    "1.3.6.1.2.1.33.5.3.0.3": "acknowledged",
    "1.3.6.1.2.1.33.5.3.0.4": "note",
    "1.3.6.1.2.1.33.2.1": "on battery",
    "1.3.6.1.2.1.33.2.3": "alarm added",
    "1.3.6.1.2.1.33.2.4": "alarm removed",
}
"""Notifications as a manager that has loaded the MIB calls them."""
EVENT_TEXT = "1.3.6.1.2.1.33.5.3.1.6.0"
MOST_WAITING = 50


class TrapReceiver:
    """Answers through `datagrams`, which must be given before the first notification."""

    def __init__(self, conduct: Conduct, taker: Taker) -> None:
        self._conduct = conduct
        self._taker = taker
        self._tasks: set[asyncio.Task[None]] = set()
        self.datagrams: Datagrams | None = None

    def hear(self, data: bytes, address: tuple[str, int]) -> None:
        """A datagram; it has arrived when it is answered."""
        if self._conduct.is_dead or len(self._tasks) >= MOST_WAITING:
            return
        try:
            notification = read(data)
        except ValueError:
            self._taker.unreadable(Channel.TRAP)
            return
        task = asyncio.create_task(self._take(notification, address), name="manager")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        """Leaves unanswered what is not answered yet."""
        for task in self._tasks:
            task.cancel()

    async def _take(self, notification: Notification, address: tuple[str, int]) -> None:
        await asyncio.sleep(self._conduct.slow_s)
        if self._conduct.is_dead:
            return
        if self._conduct.refuses:
            self._taker.refused(Channel.TRAP)
        else:
            self._taker.take(as_letter(notification, address[0]))
        if notification.is_inform and self.datagrams is not None:
            error = GENERAL_ERROR if self._conduct.refuses else 0
            self.datagrams.answer(acknowledgement(notification, error), address)


def as_letter(notification: Notification, sender: str) -> Letter:
    """A notification in words: what it is, and the text it carries if it is ours."""
    values = dict(notification.values)
    name = KNOWN.get(notification.oid, notification.oid)
    said = values.get(EVENT_TEXT, "")
    kind = "inform" if notification.is_inform else "trap"
    text = "\n".join(f"{oid} = {value}" for oid, value in notification.values)
    return Letter(Channel.TRAP, f"{sender} ({kind})", f"{name}: {said}" if said else name, text)
