"""Builds everything between an event and its receivers: jobs, dispatcher, channels, general alarm."""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from webmanager.domain.events import Delivery, Event
from webmanager.domain.jobs import Power
from webmanager.engine.clock import Clock
from webmanager.engine.dispatch import Destination, Dispatcher, Policy
from webmanager.engine.general_alarm import GeneralAlarm
from webmanager.engine.jobs import Jobs
from webmanager.engine.notify_ports import Journal, Notifier, OutputBoard, QueueStatus, Trend
from webmanager.engine.outbox import Outbox
from webmanager.engine.ports import StateKeeper
from webmanager.notify.mail import MailNotifier
from webmanager.notify.message import Device
from webmanager.notify.rccmd import RccmdNotifier
from webmanager.notify.sms import SmsNotifier
from webmanager.notify.syslog import SyslogNotifier
from webmanager.notify.webhook import WebhookNotifier
from webmanager.notify.wol import WakeNotifier
from webmanager.outputs.board import SimulatedOutputs
from webmanager.outputs.switching import OutputsNotifier
from webmanager.settings.destinations_model import (
    AnyReceiver,
    MailReceiver,
    OutputsReceiver,
    RccmdReceiver,
    SmsReceiver,
    SyslogReceiver,
    TrapReceiver,
    WakeReceiver,
    WebhookReceiver,
)
from webmanager.settings.jobs_model import NotifySettings
from webmanager.snmp.engine import EngineIdentity, new_engine_id
from webmanager.snmp.traps import TrapNotifier


@dataclass(frozen=True)
class Surroundings:
    """What the channels need of the rest of the device; the defaults are those of a device that has nothing else."""

    device: Callable[[], Device] = Device
    device_values: Callable[[], Mapping[str, str]] = dict
    power: Callable[[], Power] = Power
    low_battery_min: Callable[[], int | None] = lambda: None
    uptime_s: Callable[[], float] = lambda: 0.0
    identity: EngineIdentity = field(default_factory=lambda: EngineIdentity(new_engine_id(), 1))
    outputs: OutputBoard = field(default_factory=SimulatedOutputs)
    trend: Trend | None = None
    tls: ssl.SSLContext | None = None


class Messaging:
    """One owner of jobs, queues and channels. `journal` logs what they make happen, `report` takes each delivery."""

    def __init__(
        self,
        settings: NotifySettings,
        clock: Clock,
        journal: Journal,
        report: Callable[[Delivery], None],
        around: Surroundings,
        keeper: StateKeeper | None = None,
    ) -> None:
        self._around = around
        self._ways: dict[AnyReceiver, Destination] = {}
        self.dispatcher = Dispatcher(self._destinations(settings), report, clock, Outbox(keeper))
        self.jobs = Jobs(
            [job.to_domain() for job in settings.jobs],
            clock,
            self.dispatcher.submit,
            journal,
            beats=[beat.to_domain() for beat in settings.beats],
            power=around.power,
            device_values=around.device_values,
            keeper=keeper,
        )
        alarm = settings.general_alarm
        self.general_alarm = GeneralAlarm(
            alarm.to_domain(),
            around.outputs,
            clock,
            buzzer=alarm.buzzer,
            relay=alarm.relay,
            pick_up_s=alarm.pick_up_s,
        )

    def configure(self, settings: NotifySettings) -> None:
        """Other receivers, jobs and general alarm from now on; what is on its way or followed stays so."""
        self.dispatcher.configure(self._destinations(settings))
        self.jobs.configure([job.to_domain() for job in settings.jobs], [beat.to_domain() for beat in settings.beats])
        alarm = settings.general_alarm
        self.general_alarm.configure(alarm.to_domain(), buzzer=alarm.buzzer, relay=alarm.relay)

    def on_event(self, event: Event) -> None:
        """Switches and submits what the event asks for; returns at once."""
        self.general_alarm.on_event(event)
        self.jobs.on_event(event)

    def tick(self) -> None:
        """After each scan: what time and the state of the supply make due, without waiting for the next second."""
        self.general_alarm.tick()
        self.jobs.tick()

    async def open(self) -> None:
        """Loads what would make the first message slow."""
        for way in self._ways.values():
            if isinstance(way.notifier, TrapNotifier):
                await way.notifier.open()

    async def run(self) -> None:
        """Serves jobs and receivers until cancelled; then keeps what is not done, and lets the relay go."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.jobs.run(), name="jobs")
                group.create_task(self.dispatcher.run(), name="dispatcher")
                group.create_task(self._tick_outputs(), name="general alarm")
        finally:
            self.jobs.keep()
            self.general_alarm.close()
            for way in self._ways.values():
                _close(way)

    async def test(self, job: str) -> list[Delivery]:
        """Tries a job out past the queues and says how each receiver fared; ConfigError if there is no such job."""
        return [await self.dispatcher.deliver_now(message) for message in self.jobs.test(job)]

    def queues(self) -> list[QueueStatus]:
        """Every receiver with its counters, in the order of the settings."""
        counters = self.dispatcher.counters
        return [
            QueueStatus(
                target=receiver.name,
                type=receiver.type,
                waiting=counted.waiting,
                delivered=counted.delivered,
                failed=counted.failed,
                dropped=counted.dropped,
                retries=counted.retries,
                is_failing=counted.failing,
                last_error=counted.last_error,
            )
            for receiver in self._ways
            if (counted := counters.get(receiver.name)) is not None
        ]

    def _destinations(self, settings: NotifySettings) -> list[Destination]:
        """The ways to all receivers; one whose settings are the same stays the same."""
        before = self._ways
        self._ways = {
            receiver: before.get(receiver) or destination(receiver, self._around) for receiver in settings.receivers
        }
        for receiver in before.keys() - self._ways.keys():
            _close(before[receiver])
        return list(self._ways.values())

    async def _tick_outputs(self) -> None:
        """The relay must pick up, and what is stuck must be tried again, also while nothing is scanned."""
        while True:
            self.general_alarm.tick()
            await asyncio.sleep(1.0)


def _close(way: Destination) -> None:
    if isinstance(way.notifier, TrapNotifier):
        way.notifier.close()


def destination(receiver: AnyReceiver, around: Surroundings) -> Destination:
    """The way to one receiver, with the patience its settings ask for."""
    policy = Policy(
        queue=receiver.queue,
        attempts=receiver.attempts,
        timeout_s=receiver.timeout_s,
        expiry_s=receiver.expiry_s,
        digest_from=receiver.digest_from if isinstance(receiver, MailReceiver) else 0,
    )
    return Destination(receiver.name, notifier(receiver, around), policy)


def notifier(receiver: AnyReceiver, around: Surroundings) -> Notifier:  # noqa: PLR0911 -- one line for each way out
    """The channel for one receiver: to add a way to notify, add a line."""
    match receiver:
        case MailReceiver():
            return MailNotifier(receiver, around.device, around.trend, around.tls)
        case RccmdReceiver():
            return RccmdNotifier(receiver, around.device, around.tls)
        case SmsReceiver():
            return SmsNotifier(receiver, around.device)
        case SyslogReceiver():
            return SyslogNotifier(receiver, around.device, around.tls)
        case WebhookReceiver():
            return WebhookNotifier(receiver, around.device, around.tls)
        case WakeReceiver():
            return WakeNotifier(receiver)
        case OutputsReceiver():
            return OutputsNotifier(around.outputs)
        case TrapReceiver():
            return TrapNotifier(receiver, around.identity, around.uptime_s, around.power, around.low_battery_min)
