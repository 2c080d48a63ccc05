"""Runs the device, again after each restart; one task group owns every task of one life."""

import asyncio
import logging
import signal
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from webmanager.app import reached_time
from webmanager.app.data_dir import claimed
from webmanager.app.device import Device
from webmanager.app.hardware import Hardware
from webmanager.app.plan import STATE_DIR, DevicePlan, Served, plan_of
from webmanager.app.room_clock import clock_of
from webmanager.app.trial import NetworkTrial
from webmanager.domain.errors import ConfigError
from webmanager.settings.desk import SettingsDesk
from webmanager.settings.state import FileStateKeeper
from webmanager.store.history import FlashHistory
from webmanager.timeserver.service import device_clock
from webmanager.web.accounts.sessions import Sessions, sessions_of
from webmanager.web.config import WebConfig
from webmanager.web.site.room_link import RoomControl

log = logging.getLogger(__name__)


async def run_on_hardware(hardware: Hardware) -> None:
    """`webmanager run`: the device as the hardware file says, until SIGINT or SIGTERM."""
    with claimed(hardware.flash.data) as data_dir:
        await serve(plan_of(hardware, data_dir), stop_on_signals())


def stop_on_signals() -> asyncio.Event:
    """An event that SIGINT and SIGTERM set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


def log_served(served: Served) -> None:
    """Says in the log where the services are."""
    log.info("Web: %s, Modbus: %s, SNMP: %s", served.web, served.modbus or "off", served.snmp or "off")


async def serve(plan: DevicePlan, stop: asyncio.Event, announce: Callable[[Served], None] = log_served) -> None:
    """Runs the device until `stop` is set, then closes everything within 10 s.

    Who is logged in stays so over a restart. A device that does not start on its settings starts on the last good
    ones; ConfigError if it does not start at all.
    """
    keeper = FileStateKeeper(plan.data_dir / STATE_DIR)
    try:
        settings = await asyncio.to_thread(SettingsDesk.open, plan.data_dir, keeper, plan.told)
        sessions = sessions_of(WebConfig(), time.monotonic)
        trial = NetworkTrial(keeper)
        while not stop.is_set():
            async with _set_with(stop) as ended:
                try:
                    await _live(plan, settings, keeper, sessions, trial, ended, announce)
                except ConfigError as error:
                    trial.end()
                    settings.fall_back(str(error))
                    continue
            if not stop.is_set():
                log.info("The device restarts.")
                await asyncio.to_thread(settings.reload)
                if await asyncio.to_thread(settings.other_ways_in):
                    trial.begin()
                announce = log_served
    finally:
        await asyncio.to_thread(keeper.close)


@asynccontextmanager
async def _set_with(stop: asyncio.Event) -> AsyncIterator[asyncio.Event]:
    """An event that is set with another one, or before."""
    ended = asyncio.Event()

    async def follow() -> None:
        await stop.wait()
        ended.set()

    following = asyncio.create_task(follow(), name="stop")
    try:
        yield ended
    finally:
        following.cancel()


async def _live(
    plan: DevicePlan,
    settings: SettingsDesk,
    keeper: FileStateKeeper,
    sessions: Sessions,
    trial: NetworkTrial,
    ended: asyncio.Event,
    announce: Callable[[Served], None],
) -> None:
    """One life of the device, from its start to `ended`; every port and file is free on return.

    ConfigError if it cannot start, or if nobody has come in through network settings that are on trial.
    """
    installation = settings.applied.installation.to_domain()
    history = await asyncio.to_thread(FlashHistory, plan.data_dir, installation)
    room = RoomControl(plan.room) if plan.room else None
    try:
        async with asyncio.TaskGroup() as tasks:
            clock, follower = await clock_of(room, device_clock(settings.applied.timeserver), tasks, ended)
            following = [follower] if follower else []
            device = Device(plan, settings, clock, keeper, history, room, sessions, ended.set, trial)
            try:
                announce(await device.open())
            except ConfigError as error:
                failed: ConfigError | None = error
                for task in following:
                    task.cancel()
            else:
                trying = tasks.create_task(_judged(settings, trial, ended), name="network trial")
                await _run(device, tasks, [*following, trying], ended)
                failed = trying.result() if trying.done() and not trying.cancelled() else None
                if room:
                    reached_time.keep(keeper, clock)
    finally:
        if room:
            await room.close()
        await asyncio.to_thread(history.close)
    if failed is not None:
        raise failed


async def _judged(settings: SettingsDesk, trial: NetworkTrial, ended: asyncio.Event) -> ConfigError | None:
    """Calls the settings of this life good, those on trial once an admin has come in; else it ends and says why."""
    minutes = settings.running.network.trial_min
    other = await asyncio.to_thread(settings.other_ways_in)
    if trial.is_on and minutes and other:
        log.info("Other network settings: back to the last good ones unless an admin logs in within %g min.", minutes)
        if not await trial.reached(minutes * 60.0):
            ended.set()
            return ConfigError(f"nobody logged in within {minutes:g} min of the reboot with other network settings")
    trial.end()
    await asyncio.to_thread(settings.confirm_good)
    return None


async def _run(
    device: Device, tasks: asyncio.TaskGroup, following: Sequence[asyncio.Task[Any]], ended: asyncio.Event
) -> None:
    running = [tasks.create_task(work, name=name) for name, work in device.work().items()]
    await ended.wait()
    await device.close()
    for task in [*running, *following]:
        task.cancel()
