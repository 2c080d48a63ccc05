"""The alarms of a device with everything real but the batteries: desk, jobs, a store on disk, kept state."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fakes.board import FakeBatteries, running_board
from webmanager.app.alarm_service import AlarmService, bacs_settings, device_values
from webmanager.app.event_log import DELIVERY, EventLog
from webmanager.app.messaging import Surroundings
from webmanager.engine.clock import ManualClock
from webmanager.engine.notify_ports import Output
from webmanager.outputs.board import SimulatedOutputs
from webmanager.settings.limits_model import LimitsSettings
from webmanager.settings.model import Settings
from webmanager.settings.state import FileStateKeeper
from webmanager.store.history import FlashHistory

LOW_V = 12.9
NOTIFY = {
    "receivers": [{"type": "outputs", "name": "relays"}],
    "jobs": [{"name": "door", "to": ["relays"], "kinds": ["voltage_*"], "do": "switch", "argument": "relay1"}],
}


class Device:
    """One life of the alarms; `scan` publishes a snapshot and waits until it has been judged."""

    def __init__(
        self, directory: Path, clock: ManualClock, batteries: FakeBatteries, flash: Path | None = None
    ) -> None:
        flash = flash or directory / "flash"
        flash.mkdir(exist_ok=True)
        self.clock = clock
        self.board, self.batteries = running_board(batteries)
        self.settings = Settings.model_validate(
            {"limits": {"start_grace_s": 0.0}, "notify": NOTIFY, "installation": {"name": "Room 7"}}
        )
        self.outputs = SimulatedOutputs()
        self.keeper = FileStateKeeper(directory / "state")
        self.history = FlashHistory(flash, self.board.installation, sectors=64)
        self.service = AlarmService(
            self.settings,
            self.board,
            clock,
            self.keeper,
            EventLog(self.history),
            self.history.status,
            Surroundings(outputs=self.outputs),
        )

    async def scan_for(self, seconds: float) -> None:
        for _ in range(round(seconds / 2.0)):
            self.clock.advance(2.0)
            snapshot = self.batteries.snapshot(self.clock.monotonic(), self.clock.now())
            self.board.publish(snapshot)
            await self.until(lambda number=snapshot.number: self.service.desk.picture.number == number)  # type: ignore[misc]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0)

    def stored(self, *, deliveries: bool = False) -> list[dict[str, Any]]:
        records = self.history.events(None, None, 100)
        return [dict(record.document) for record in reversed(records) if (record.kind == DELIVERY) is deliveries]


@asynccontextmanager
async def running(
    directory: Path, clock: ManualClock, batteries: FakeBatteries, flash: Path | None = None
) -> AsyncIterator[Device]:
    device = Device(directory, clock, batteries, flash)
    task = asyncio.create_task(device.service.run())
    await asyncio.sleep(0)
    try:
        yield device
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        device.keeper.close()
        device.history.close()


async def test_an_alarm_is_logged_told_and_cleared_and_every_step_is_in_the_store(tmp_path: Path) -> None:
    clock, batteries = ManualClock(), FakeBatteries()
    async with running(tmp_path, clock, batteries) as device:
        await device.scan_for(10)
        batteries.low = {81: LOW_V}
        await device.scan_for(80)
        assert [alarm.source.name for alarm in device.service.desk.picture.alarms] == ["S3-17"]
        await device.until(lambda: device.outputs.states()[Output.RELAY_1])
        batteries.low = {}
        await device.scan_for(80)
        await device.until(lambda: not device.outputs.states()[Output.RELAY_1])
        await device.until(lambda: len(device.stored(deliveries=True)) == 2)
        assert [event["change"] for event in device.stored()] == ["raised", "cleared"]
        assert [one["result"] for one in device.stored(deliveries=True)] == ["delivered", "delivered"]
        await device.until(lambda: not device.service.desk.unsent())


async def test_a_restart_takes_up_what_is_open_and_tells_nothing_twice(tmp_path: Path) -> None:
    clock, batteries = ManualClock(), FakeBatteries(low={81: LOW_V})
    async with running(tmp_path, clock, batteries) as device:
        await device.scan_for(100)
        await device.until(lambda: len(device.stored(deliveries=True)) == 1)
    clock.advance(5.0)
    async with running(tmp_path, clock, batteries) as device:
        assert [alarm.source.name for alarm in device.service.desk.picture.alarms] == ["S3-17"]
        await device.scan_for(20)
        batteries.low = {}
        await device.scan_for(80)
        await device.until(lambda: len(device.stored(deliveries=True)) == 2)
        assert [event["change"] for event in device.stored()] == ["raised", "cleared"]


async def test_an_event_nobody_had_confirmed_is_handed_on_once_more(tmp_path: Path) -> None:
    clock, batteries = ManualClock(), FakeBatteries(low={81: LOW_V})
    device = Device(tmp_path, clock, batteries)
    event = device.service.desk.happened("restart", "The device has started.", clock.now())
    device.keeper.close()
    device.history.close()
    # as if it had died before the store took the event
    async with running(tmp_path, clock, batteries, flash=tmp_path / "empty") as again:
        await again.until(lambda: bool(again.stored()))
        assert [one["id"] for one in again.stored()] == [event.id]


async def test_other_limits_and_jobs_hold_at_once(tmp_path: Path) -> None:
    clock, batteries = ManualClock(), FakeBatteries(low={81: LOW_V})
    async with running(tmp_path, clock, batteries) as device:
        await device.scan_for(100)
        assert len(device.service.desk.picture.alarms) == 1
        off = {kind: {"off": ["notice", "warning", "alarm"]} for kind in ("voltage_low", "voltage_deviation")}
        device.service.change_limits(LimitsSettings.model_validate({"kinds": off}), "admin")
        await device.scan_for(10)
        assert device.service.desk.picture.alarms == ()
        assert "limits_changed" in {event["kind"] for event in device.stored()}
        device.service.change_jobs(device.settings.notify.model_copy(update={"jobs": (), "receivers": ()}))
        assert device.service.queues() == []


async def test_a_silent_device_has_its_values_for_texts_and_snmp(tmp_path: Path) -> None:
    clock, batteries = ManualClock(), FakeBatteries()
    async with running(tmp_path, clock, batteries) as device:
        assert "BATTVOLT" not in device_values(device.board, device.settings, "1")
        await device.scan_for(4)
        values = device_values(device.board, device.settings, "1")
        assert (values["NAME"], values["AGENTSOFTREV"]) == ("Room 7", "1")
        assert values["BATTVOLT"].endswith(" V")
        assert bacs_settings(device.service.desk).temperature_high_c == 45.0
        assert bacs_settings(device.service.desk).ri_high_mohm is None
        assert device.service.snmp_sources().alarms() == ()
