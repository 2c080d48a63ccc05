"""The alarms of this device: judged, kept, logged and told; the one place where desk, jobs and event log meet."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from webmanager.app.alarm_bridge import ClockedJournal, open_alarms, severities
from webmanager.app.event_log import EventLog
from webmanager.app.messaging import Messaging, Surroundings
from webmanager.app.snmp_service import SnmpSources
from webmanager.domain.events import Delivery, Event
from webmanager.domain.jobs import Power
from webmanager.domain.snapshot import Snapshot
from webmanager.engine.alarming import AlarmDesk, DeskSettings
from webmanager.engine.board import Board
from webmanager.engine.clock import Clock
from webmanager.engine.history_ports import StoreStatus
from webmanager.engine.notify_ports import QueueStatus
from webmanager.engine.ports import StateKeeper
from webmanager.engine.power import PowerWatch
from webmanager.engine.watch import AlarmWatch, AnswerCounts
from webmanager.settings.jobs_model import NotifySettings
from webmanager.settings.limits_model import LimitsSettings
from webmanager.settings.model import Settings
from webmanager.snmp.state import BacsSettings

log = logging.getLogger(__name__)

CONFIRMS_EVERY_S = 0.25
LOOKS_AT_STORE_EVERY_S = 10.0


class AlarmService:
    """Owns desk, jobs and event log from `run` to its end. `status` tells how the store is, `counts` what the bus has
    counted. `around` is what the channels need; how the load is supplied is taken from the batteries.
    """

    def __init__(
        self,
        settings: Settings,
        board: Board,
        clock: Clock,
        keeper: StateKeeper,
        event_log: EventLog,
        status: Callable[[], StoreStatus],
        around: Surroundings,
        counts: Callable[[], AnswerCounts] | None = None,
    ) -> None:
        self._clock = clock
        self._log = event_log
        self._status = status
        self._is_store_fine = True
        self._power = PowerWatch()
        limits = settings.limits
        self.desk = AlarmDesk(
            board.installation,
            limits.to_domain(),
            at=clock.now(),
            keeper=keeper,
            sink=self._take,
            settings=_desk_settings(limits),
        )
        around = replace(around, power=self.power, low_battery_min=lambda: None)
        journal = ClockedJournal(self.desk, clock)
        self.messaging = Messaging(settings.notify, clock, journal, self._delivered, around, keeper)
        self._outputs = around.outputs
        self._watch = AlarmWatch(board, self.desk, clock, counts, before=self._see, after=self.messaging.tick)

    # -- what others ask

    def power(self) -> Power:
        """How the load is supplied, as the batteries tell it."""
        return self._power.power()

    async def test(self, job: str) -> Sequence[Delivery]:
        """Tries a job out now; ConfigError if there is no such job."""
        return await self.messaging.test(job)

    def queues(self) -> Sequence[QueueStatus]:
        """What has become of the messages to each receiver."""
        return self.messaging.queues()

    def note(self, kind: str, text: str) -> None:
        """Logs something the device itself did."""
        self.desk.happened(kind, text, self._clock.now())

    def snmp_sources(self) -> SnmpSources:
        """What the SNMP agent publishes of all this."""
        return SnmpSources(
            alarms=lambda: open_alarms(self.desk.picture.alarms),
            severities=lambda: severities(self.desk.picture.states.overall),
            power=self.power,
            outputs=self._outputs.states,
            limits=lambda: bacs_settings(self.desk),
        )

    def change_limits(self, limits: LimitsSettings, by: str) -> None:
        """Judges by other limits from the next scan on."""
        self.desk.configure(_desk_settings(limits))
        self.desk.change_limits(limits.to_domain(), by, self._clock.now())

    def change_jobs(self, settings: NotifySettings) -> None:
        """Other receivers and jobs from now on."""
        self.messaging.configure(settings)

    # -- what it does

    async def run(self) -> None:
        """Takes up what was open before the restart, then judges and tells until cancelled; keeps everything then."""
        await self._take_up()
        await self.messaging.open()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.messaging.run(), name="messaging")
                group.create_task(self._watch.run(), name="alarm watch")
                group.create_task(self._confirm(), name="event log")
                group.create_task(self._follow_store(), name="store watch")
        finally:
            self._confirm_now()
            self.desk.keep(self._clock.now())

    async def _take_up(self) -> None:
        """Hands on what nobody had confirmed, without logging anything twice, and follows what is still open."""
        unsent = self.desk.unsent()
        known = await asyncio.to_thread(self._log.known, unsent)
        for event in unsent:
            if event.id in known:
                self.desk.confirm(event.id)
            else:
                self._log.write(event)
            self.messaging.on_event(event)
        standing = self.desk.standing()
        self.messaging.jobs.reconcile([event for event, _, _ in standing])
        self.messaging.general_alarm.restore(standing)

    def _take(self, event: Event) -> None:
        """Each event of the desk, in order: stored before it is sent."""
        self._log.write(event)
        self.messaging.on_event(event)

    def _delivered(self, delivery: Delivery) -> None:
        self._log.delivered(delivery)
        failing = [status.target for status in self.messaging.queues() if status.is_failing]
        self.desk.report("delivery_failed", float(bool(failing)), ", ".join(failing))

    def _see(self, snapshot: Snapshot) -> None:
        self._power.update(snapshot)

    async def _confirm(self) -> None:
        while True:
            self._confirm_now()
            await asyncio.sleep(CONFIRMS_EVERY_S)

    def _confirm_now(self) -> None:
        numbers = self._log.confirmed(gave_up=not self._is_store_fine)
        for number in numbers:
            self.desk.confirm(number)
        if numbers:
            self.desk.keep_alarms(self._clock.now())

    async def _follow_store(self) -> None:
        while True:
            status = await asyncio.to_thread(self._status)
            self._is_store_fine = status.state == "ok"
            self.desk.report("store_failed", float(not self._is_store_fine), status.text)
            await asyncio.sleep(LOOKS_AT_STORE_EVERY_S)


def bacs_settings(desk: AlarmDesk) -> BacsSettings:
    """The limits that the public settings group publishes."""

    def raised(kind: str) -> float | None:
        tiers = desk.limits.of(kind)
        return tiers[-1].raise_at if tiers else None

    return BacsSettings(
        log_rate_s=60,
        log_rate_process_s=60,
        ri_low_mohm=raised("ri_low"),
        ri_high_mohm=raised("ri_high"),
        temperature_low_c=raised("temperature_low"),
        temperature_high_c=raised("temperature_high"),
    )


def device_values(board: Board, settings: Settings, version: str) -> Mapping[str, str]:
    """The placeholders of job texts that the device fills."""
    values = {
        "NAME": settings.installation.name,
        "LOCATION": settings.installation.location,
        "AGENTSOFTREV": version,
    }
    if board.snapshot is not None and (average := board.snapshot.strings.average_v).size:
        known = average[average == average]  # noqa: PLR0124 -- NaN is what differs from itself
        if known.size:
            values["BATTVOLT"] = f"{known.mean():.2f} V"
    return values


def _desk_settings(limits: LimitsSettings) -> DeskSettings:
    return DeskSettings(grace_s=limits.start_grace_s, maintenance_s=limits.maintenance_max_h * 3600.0)
