"""A web door with a real alarm desk behind it: batteries that can be broken, a log that keeps what happened."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any

from fakes.board import FakeBatteries
from fakes.site import Bench, bench
from fakes.stored import FakeStore
from webmanager.domain.errors import ConfigError
from webmanager.domain.events import Delivery, Event
from webmanager.domain.limits import limits_of
from webmanager.domain.observation import BusCondition
from webmanager.engine.alarming import AlarmDesk, DeskSettings
from webmanager.engine.event_document import write_event
from webmanager.engine.history_ports import EventRecord
from webmanager.engine.notify_ports import QueueStatus
from webmanager.web.site.parts import Parts

AT = 1_700_000_000.0
LOW_V, LOW = 12.60, 81
"""S3-17 under its alarm limit on float."""
BEHIND_THE_CUT = tuple(range(217, 225))
"""S7-25 to S7-32."""


class Log:
    """Puts events and deliveries into a fake store, as the device does into the real one."""

    def __init__(self, store: FakeStore) -> None:
        self._store = store
        self.events: list[Event] = []

    def take(self, event: Event) -> None:
        self.events.append(event)
        self._store.records.append(EventRecord(event.at, event.kind, write_event(event), len(self._store.records) + 1))

    def deliver(self, event: Event, **more: Any) -> None:
        """One message about an event arrived two seconds later, unless told otherwise."""
        given: dict[str, Any] = {"job": "Night shift", "target": "mail", "result": "delivered", "proof": "250 OK"}
        made = Delivery(event.id, at=event.at + 2.0, **{**given, **more})
        self._store.records.append(EventRecord(made.at, "delivery", asdict(made), len(self._store.records) + 1))


@dataclass
class AlarmSite:
    """The server, its desk, its log."""

    device: Bench
    desk: AlarmDesk
    log: Log

    def scan(self, times: int = 1) -> None:
        """Scans, and lets the desk judge each."""
        for _ in range(times):
            self.device.publish()
            clock = self.device.clock
            self.desk.take(self.device.board.snapshot, BusCondition(), clock.monotonic(), clock.now())

    def break_two(self) -> None:
        """S3-17 falls under its alarm limit and the cable behind S7-24 opens; both alarms are raised on return."""
        self.device.batteries.low = {LOW: LOW_V}
        self.device.batteries.silent = BEHIND_THE_CUT
        self.scan(35)

    def number_of(self, kind: str) -> int:
        """The id of the open alarm of a kind."""
        return next(alarm.id for alarm in self.desk.picture.alarms if alarm.kind == kind)


class FakeJobs:
    """One job, *Night shift*, with two receivers: one takes everything, one is gone."""

    async def test(self, job: str) -> Sequence[Delivery]:
        if job != "Night shift":
            raise ConfigError(f"there is no job {job!r}")
        return [Delivery(7, job, "mail", "delivered", AT, "250 OK"), Delivery(7, job, "nms", "failed", AT, "gone")]

    def queues(self) -> Sequence[QueueStatus]:
        return [QueueStatus("mail", "mail", 2, 14, 1, 3, 5, True, "connection refused")]


@asynccontextmanager
async def alarm_site(*, has_store: bool = True, **more: Any) -> AsyncIterator[AlarmSite]:
    """A healthy device whose limits are judged; `more` goes to the bench."""
    batteries = more.pop("batteries", None) or FakeBatteries()
    store = FakeStore()
    log = Log(store)
    parts = more.pop("parts", None) or {}
    desk = AlarmDesk(batteries.installation, limits_of(), at=AT, sink=log.take, settings=DeskSettings(grace_s=0.0))
    async with bench(
        batteries=batteries, store=store, has_store=has_store, parts=Parts(alarms=desk, **parts), **more
    ) as device:
        made = AlarmSite(device, desk, log)
        made.scan()
        yield made
