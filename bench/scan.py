"""How near a scan comes to the wire: 256 modules in a process of their own on a pseudo terminal paced at 38400 baud.

`python -m bench.scan --help` measures other rooms, with more detail.
"""

import argparse
import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.table import Row
from webmanager.bus.counters import BusCounters
from webmanager.bus.frame import BITS_PER_BYTE
from webmanager.bus.link import SerialLink
from webmanager.bus.serial_bus import ScanRules, SerialModuleBus
from webmanager.bus.timing import LinkTiming

TESTS = Path(__file__).parents[1] / "tests"


@dataclass
class Scans:
    """What was measured, one number a scan; `ratio` = seconds / (bits on the wire / baud)."""

    seconds: list[float] = field(default_factory=list)
    ratio: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    errors: int = 0
    counters: BusCounters | None = None


def rows() -> Iterator[Row]:
    """The figures of the issue's target."""
    scans = run(modules=256, sensors=8, baud=38400, scans=10)
    yield Row("256 modules, 8 sensors, 38400 baud: median", statistics.median(scans.seconds), "s", "1.5")
    yield Row("the same: worst of 10", max(scans.seconds), "s", "1.5")
    yield Row("time / bits on the wire: median", statistics.median(scans.ratio), "x", "1.15")
    yield Row("CPU of the device's side a scan", 1000 * statistics.median(scans.cpu_s), "ms")


def run(modules: int, sensors: int, baud: int, scans: int, silent: Sequence[int] = ()) -> Scans:
    """Starts the room, scans, ends the room."""
    command = [sys.executable, "-m", "fakes.paced_modules", f"--modules={modules}", f"--sensors={sensors}"]
    command += [f"--baud={baud}", "--silent", *map(str, silent)]
    with subprocess.Popen(command, cwd=TESTS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as room:  # noqa: S603
        path = room.stdout.readline().strip() if room.stdout else ""
        return asyncio.run(_measure(path, modules, sensors, baud, scans))


async def _measure(path: str, modules: int, sensors: int, baud: int, count: int) -> Scans:
    link = SerialLink(path, LinkTiming(baud=baud))
    link.open()
    bus = SerialModuleBus(link, modules, sensors, ScanRules(find_s=0.0))
    await bus.discover()
    measured = Scans()
    for _ in range(count):
        before, cpu_s = link.counters(), time.process_time()
        reading = await bus.scan()
        measured.cpu_s.append(time.process_time() - cpu_s)
        after = link.counters()
        wire_bytes = after.bytes_in + after.bytes_out - before.bytes_in - before.bytes_out
        measured.seconds.append(reading.duration_s)
        measured.ratio.append(reading.duration_s / (wire_bytes * BITS_PER_BYTE / baud))
        measured.errors += reading.errors
    measured.counters = link.counters()
    link.close()
    return measured


def main() -> None:
    """One room as asked, every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--modules", type=int, default=256)
    parser.add_argument("--sensors", type=int, default=8)
    parser.add_argument("--baud", type=int, default=38400)
    parser.add_argument("--scans", type=int, default=10)
    parser.add_argument("--silent", type=int, nargs="*", default=[])
    options = parser.parse_args()
    scans = run(**vars(options))
    print(f"seconds  median {statistics.median(scans.seconds):.3f}  worst {max(scans.seconds):.3f}")
    print(f"ratio    median {statistics.median(scans.ratio):.3f}  worst {max(scans.ratio):.3f}")
    print(f"CPU      median {1000 * statistics.median(scans.cpu_s):.1f} ms a scan")
    if counters := scans.counters:
        print(f"errors {scans.errors}, late {counters.late}, lost requests {counters.lost_requests}", end="")
        print(f", noise {counters.noise_bytes} bytes, timeouts {int(counters.modules.timeouts.sum())}")


if __name__ == "__main__":
    main()
