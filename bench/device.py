"""Device and room as processes: CPU, memory, what live browsers cost, what faults cost the scan of the others."""

import asyncio
import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from bench.table import Row

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from e2e.demo_process import LOGIN, DemoProcess

SECONDS = 20.0
SIZES = ((16, 2), (64, 4), (256, 8))
FAULTS = (
    {"kind": "module_silent", "address": 9},
    {"kind": "bit_errors", "bus": True, "value": 1e-4},
    {"kind": "bus_break", "address": 41},
)


def rows() -> Iterator[Row]:
    """Three sizes, then 1, 20 and 50 live clients and the faults at 256 modules."""
    for modules, strings in SIZES:
        with tempfile.TemporaryDirectory() as data:
            options = ("--modules", str(modules), "--strings", str(strings))
            with DemoProcess(Path(data), *options) as demo:
                demo.until_ready()
                time.sleep(3.0)  # a new process settles
                yield from _size(demo, modules)
                if modules == 256:
                    yield from _live(demo)
                    yield from _faults(demo)


def _size(demo: DemoProcess, modules: int) -> Iterator[Row]:
    device, room = _processes(demo)
    device_percent, room_percent = _cpu([device, room], SECONDS)
    memory = sum(process.memory_info().rss for process in (device, room)) / 1e6
    full = modules == 256
    both = device_percent + room_percent
    yield Row(f"CPU of device and room, {modules} modules", both, "% of a core", "< 50" if full else "")
    yield Row(f"CPU of the device alone, {modules} modules", device_percent, "% of a core")
    yield Row(f"memory of device and room, {modules} modules", memory, "MB", "< 250" if full else "")


def _live(demo: DemoProcess) -> Iterator[Row]:
    device, _ = _processes(demo)
    idle = _cpu([device], SECONDS)[0]
    for count in (1, 20, 50):
        busy, received = asyncio.run(_with_clients(demo.port, count, device))
        limit = "< 5" if count == 20 else ""
        yield Row(f"CPU of {count} live clients beyond the idle device", busy - idle, "% of a core", limit)
        yield Row(f"snapshots that {count} live clients received", received, "each, in 20 s")


async def _with_clients(port: int, count: int, device: psutil.Process) -> tuple[float, float]:
    """CPU of the device and snapshots received by each client while `count` clients listen."""
    received = [0] * count

    async def listen(index: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        request = f"GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Basic {LOGIN}\r\n\r\n"
        writer.write(request.encode())
        with contextlib.closing(writer):
            while line := await reader.readline():
                received[index] += line.startswith(b"event: snapshot")

    tasks = [asyncio.create_task(listen(index)) for index in range(count)]
    await asyncio.sleep(3.0)
    received[:] = [0] * count
    before = _seconds(device)
    began = time.monotonic()
    await asyncio.sleep(SECONDS)
    percent = (_seconds(device) - before) / (time.monotonic() - began) * 100
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return percent, statistics.mean(received)


def _faults(demo: DemoProcess) -> Iterator[Row]:
    healthy = _scan_s(demo)
    yield Row("scan of 256 healthy modules, median", healthy, "s", "<= 1.5")
    for fault in FAULTS:
        _, answer = demo.request("POST", "/api/v1/room/faults", fault)
        ratio = _scan_s(demo) / healthy
        yield Row(f"scan with {fault['kind']} against the healthy one, mean", ratio, "ratio", "<= 1.10")
        demo.request("DELETE", f"/api/v1/room/faults/{answer['id']}")
        time.sleep(6.0)  # three scans: everybody is back


def _scan_s(demo: DemoProcess) -> float:
    seen: dict[int, float] = {}
    while len(seen) < 12:
        scan = demo.get("/api/v1/system")["scan"]
        seen[scan["number"]] = scan["duration_s"]
        time.sleep(0.5)
    return statistics.mean(seen.values())


def _processes(demo: DemoProcess) -> tuple[psutil.Process, psutil.Process]:
    device = psutil.Process(demo.process.pid)
    return device, device.children()[0]


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _cpu(processes: list[psutil.Process], seconds: float) -> list[float]:
    before = [_seconds(process) for process in processes]
    time.sleep(seconds)
    return [(_seconds(process) - used) / seconds * 100 for process, used in zip(processes, before, strict=True)]
