"""The whole way of an alarm: from the scan that saw the breach to the first byte at each receiver; then with dead ones.

`python -m bench alarm_path`. Everything is real but the batteries: desk, kept state, event log in a flash store, jobs,
channels, sockets on loopback. Receivers live in the same loop, so that one clock measures both ends.
"""

import asyncio
import gc
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from bench.notify import Ear, _smtp
from bench.table import Row

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from e2e.receivers import Receivers
from e2e.room_and_device import DeviceProcess, Installation
from fakes.board import FakeBatteries, running_board
from webmanager.app.alarm_service import AlarmService
from webmanager.app.event_log import EventLog
from webmanager.app.messaging import Surroundings
from webmanager.engine.clock import HostClock
from webmanager.engine.history_ports import EventRecord
from webmanager.settings.model import Settings
from webmanager.settings.state import FileStateKeeper
from webmanager.store.history import FlashHistory
from webmanager.store.ledger import MOST_EVENTS

ALARMS, FLOOD = 1000, 10_000
WAYS = ("trap", "rccmd", "mail")
ADDRESS, LOW_V = 81, 12.9
AT_ONCE = {kind: {"hold": 0} for kind in ("voltage_low", "voltage_deviation")}
BATCH = 200
DEAD_WAITS_S = 3.0
PATIENCE_S = 20.0
SCANS = 20
HERE = ("127.0.0.1", 0)


class Arrivals:
    """When the first byte came, by way out, in seconds after `began`."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {way: [] for way in WAYS}
        self.began_s = 0.0
        self.moved = asyncio.Event()

    def note(self, way: str) -> Callable[[], None]:
        def note() -> None:
            self.seconds[way].append(asyncio.get_running_loop().time() - self.began_s)
            self.moved.set()

        return note

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self.moved.clear()
                await self.moved.wait()


class Device:
    """Alarms of a device whose batteries the bench makes up; `scan` publishes a snapshot and returns at once."""

    def __init__(self, directory: Path, notify: dict[str, Any]) -> None:
        self.clock = HostClock()
        self.batteries = FakeBatteries()
        self.board, _ = running_board(self.batteries)
        limits = {"start_grace_s": 0.0, "kinds": AT_ONCE}
        settings = Settings.model_validate({"limits": limits, "notify": notify})
        self.keeper = FileStateKeeper(directory / "state")
        self.history = FlashHistory(directory, self.board.installation)
        log, status = EventLog(self.history), self.history.status
        self.service = AlarmService(settings, self.board, self.clock, self.keeper, log, status, Surroundings())

    def scan(self, *, low: bool) -> None:
        self.batteries.low = {ADDRESS: LOW_V} if low else {}
        self.board.publish(self.batteries.snapshot(self.clock.monotonic(), self.clock.now()))

    async def cleared(self) -> None:
        """A scan without the breach, and the alarm is over."""
        self.scan(low=False)
        async with asyncio.timeout(PATIENCE_S):
            while any(alarm.kind in AT_ONCE for alarm in self.service.desk.picture.alarms):  # noqa: ASYNC110 -- the desk has no event to wait for
                await asyncio.sleep(0.001)


@asynccontextmanager
async def running(notify: dict[str, Any]) -> AsyncIterator[Device]:
    with tempfile.TemporaryDirectory() as directory:
        device = Device(Path(directory), notify)
        task = asyncio.create_task(device.service.run())
        try:
            for _ in range(2):  # the first scan has nothing before it to be compared with
                device.scan(low=False)
                await asyncio.sleep(0.2)
            yield device
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            device.keeper.close()
            device.history.close()


def rows(alarms: int = ALARMS, flood: int = FLOOD) -> Iterator[Row]:
    """The figures for `make bench`."""
    for way, seconds in asyncio.run(measure(alarms)).items():
        p50, p99 = np.percentile(np.array(seconds) * 1000.0, [50, 99])
        yield Row(f"scan to first byte of {way}, {alarms} alarms: p50", float(p50), "ms")
        yield Row(f"scan to first byte of {way}, {alarms} alarms: p99", float(p99), "ms", "<= 100")
    yield from asyncio.run(measure_dead(alarms // 5, flood))
    yield from scans()


async def measure(alarms: int) -> dict[str, list[float]]:
    """Seconds from the published snapshot, by way out; each alarm is cleared before the next."""
    arrivals = Arrivals()
    async with _ears(arrivals) as ports, running(_living(ports)) as device:
        for number in range(1, alarms + 1):
            arrivals.began_s = asyncio.get_running_loop().time()
            device.scan(low=True)
            await arrivals.until(lambda number=number: all(len(arrivals.seconds[way]) >= number for way in WAYS))  # type: ignore[misc]
            await device.cleared()
    return arrivals.seconds


async def measure_dead(alarms: int, flood: int) -> Iterator[Row]:
    """A dead mail server, an RCCMD receiver that hangs, no trap receiver: what a second trap receiver sees."""
    arrivals = Arrivals()
    found = []
    async with _ears(arrivals) as ports, _hanging() as hanging, running(_dead(ports, hanging)) as device:
        for number in range(1, alarms + 1):
            arrivals.began_s = asyncio.get_running_loop().time()
            device.scan(low=True)
            await arrivals.until(lambda number=number: len(arrivals.seconds["trap"]) >= number)  # type: ignore[misc]
            await device.cleared()
        seconds = np.array(arrivals.seconds["trap"]) * 1000.0
        what = f"scan to first byte of a trap, mail dead, RCCMD hanging, no other trap receiver, {alarms} alarms"
        found.append(Row(f"{what}: p99", float(np.percentile(seconds, 99)), "ms"))
        found.append(Row(f"{what}: longest", float(seconds.max()), "ms", "<= 100"))
        found += await _flood(device, flood)
    return iter(found)


async def _flood(device: Device, events: int) -> list[Row]:
    """Memory after one and after ten thousand events for receivers that take none."""
    process = psutil.Process()
    sizes = []
    await asyncio.to_thread(_fill_log, device)
    for number in range(BATCH, events + 1, BATCH):
        for event in range(number - BATCH + 1, number + 1):
            device.service.note("flood", f"Event {event}: something the device did.")
        async with asyncio.timeout(PATIENCE_S):
            while device.service.desk.unsent():  # noqa: ASYNC110 -- the desk has no event to wait for
                await asyncio.sleep(0.01)
        if number in {events // 10, events}:
            await asyncio.sleep(DEAD_WAITS_S)
            gc.collect()
            sizes.append(process.memory_info().rss / 1e6)
    waiting = max(status.waiting for status in device.service.queues())
    return [
        Row(
            f"memory grown from {events // 10:,} to {events:,} events for dead receivers, log full",
            sizes[1] - sizes[0],
            "MB",
            "< 20",
        ),
        Row("longest queue after them", float(waiting), "messages", "<= 100"),
    ]


def scans() -> Iterator[Row]:
    """Scans of a real device while one alarm after the other is told, to receivers that live and to dead ones."""
    lasts, periods = [], []
    for dead in (False, True):
        with (
            Receivers() as receivers,
            tempfile.TemporaryDirectory() as directory,
            socket.create_server(HERE) as hanging,
        ):
            told = receivers.settings("raised", "cleared")
            if dead:
                told = told.replace(f"port = {receivers.mail.port}", f"port = {NOBODY}")
                told = told.replace(f"port = {receivers.trap.port}", f"port = {NOBODY}\ninform = true")
                tcp = f'port = {hanging.getsockname()[1]}\ntransport = "tcp"'
                told = told.replace(f"port = {receivers.rccmd.port}", tcp)
            settings = f"[limits.kinds.module_lost]\nhold = 0\n{told}"
            with (
                Installation(Path(directory), modules=256, strings=8, settings=settings) as room,
                room.device() as device,
            ):
                device.until_ready()
                device.until_scanned(256)
                last, period = _told_scans(device)
                lasts.append(last)
                periods.append(period)
    yield Row("scan period with dead receivers against living ones, mean", periods[1] / periods[0], "ratio", "<= 1.05")
    yield Row("scan itself with dead receivers against living ones, mean", lasts[1] / lasts[0], "ratio")


def _told_scans(device: DeviceProcess) -> tuple[float, float]:
    """Mean duration of a scan and mean period, s, over scans in which a module falls silent again and again."""
    durations: dict[int, float] = {}
    fault: str | None = None
    first, began_s = device.get("/api/v1/system")["scan"]["number"], time.monotonic()
    while len(durations) < SCANS:
        scan = device.get("/api/v1/system")["scan"]
        if scan["number"] not in durations and len(durations) % 5 == 0:
            if fault is None:
                fault = device.request("POST", "/api/v1/room/faults", {"kind": "module_silent", "address": 9})[1]["id"]
            else:
                device.request("DELETE", f"/api/v1/room/faults/{fault}")
                fault = None
        durations[scan["number"]] = scan["duration_s"]
        time.sleep(0.1)
    return statistics.mean(durations.values()), (time.monotonic() - began_s) / (max(durations) - first)


def _fill_log(device: Device) -> None:
    """The store holds so many events of a day in memory: that is bounded, and not what is measured."""
    for number in range(1, MOST_EVENTS + 1):
        document = {"id": -number, "kind": "flood", "text": "Something the device did, long ago."}
        device.history.append_event(EventRecord(device.clock.now() - 60.0, "flood", document))
        if number % 1000 == 0:
            device.history.wait(PATIENCE_S)


@asynccontextmanager
async def _ears(arrivals: Arrivals) -> AsyncIterator[dict[str, int]]:
    loop = asyncio.get_running_loop()
    ports, transports = {}, []
    for way in ("trap", "rccmd"):
        transport, _ = await loop.create_datagram_endpoint(
            lambda way=way: Ear(arrivals.note(way)),  # type: ignore[misc]
            local_addr=("127.0.0.1", 0),
        )
        transports.append(transport)
        ports[way] = transport.get_extra_info("sockname")[1]
    async with await asyncio.start_server(_smtp(arrivals.note("mail")), "127.0.0.1", 0) as server:
        ports["mail"] = server.sockets[0].getsockname()[1]
        yield ports
    for transport in transports:
        transport.close()


@asynccontextmanager
async def _hanging() -> AsyncIterator[int]:
    """A port that takes connections and says nothing; closed as soon as the bench ends."""

    async with await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


def _living(ports: dict[str, int]) -> dict[str, Any]:
    return {
        "receivers": [
            {"type": "trap", "name": "trap", "host": "127.0.0.1", "port": ports["trap"]},
            {"type": "rccmd", "name": "rccmd", "receivers": "127.0.0.1", "port": ports["rccmd"]},
            {**MAIL, "port": ports["mail"]},
        ],
        "jobs": [{"name": "all", "to": list(WAYS), "kinds": ["voltage_*"], "changes": ["raised"]}],
    }


MAIL = {
    "type": "mail", "name": "mail", "server": "127.0.0.1", "security": "none", "sender": "a@b.c", "to": ["d@e.f"],
}  # fmt: skip
NOBODY = 9
"""The port of `discard`: nobody listens there."""


def _dead(ports: dict[str, int], hanging: int) -> dict[str, Any]:
    return {
        "receivers": [
            {**MAIL, "port": NOBODY},
            {"type": "rccmd", "name": "rccmd", "receivers": "127.0.0.1", "port": hanging, "transport": "tcp"},
            {"type": "trap", "name": "absent", "host": "127.0.0.1", "port": NOBODY, "inform": True},
            {"type": "trap", "name": "second", "host": "127.0.0.1", "port": ports["trap"]},
        ],
        "jobs": [
            {"name": "all", "to": ["mail", "rccmd", "absent", "second"], "kinds": ["voltage_*"], "changes": ["raised"]},
            {"name": "dead", "to": ["mail", "rccmd", "absent"], "kinds": ["flood"]},
        ],
    }
