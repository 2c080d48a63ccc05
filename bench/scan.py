"""How near a scan comes to the wire: real seconds over a paced pseudo terminal, and their ratio to the bits sent.

python bench/scan.py [--modules 256] [--baud 38400] [--scans 10] [--silent ADDRESS ...]
"""

import argparse
import asyncio
import statistics
import subprocess
import sys
import time
from pathlib import Path

from webmanager.bus.frame import BITS_PER_BYTE
from webmanager.bus.link import SerialLink
from webmanager.bus.serial_bus import ScanRules, SerialModuleBus
from webmanager.bus.timing import LinkTiming

TESTS = Path(__file__).parents[1] / "tests"


async def measure(path: str, options: argparse.Namespace) -> None:
    """Prints one line a figure: seconds, ratio, CPU, errors of the median scan."""
    link = SerialLink(path, LinkTiming(baud=options.baud))
    link.open()
    bus = SerialModuleBus(link, options.modules, options.sensors, ScanRules(find_s=0.0))
    await bus.discover()
    seconds, ratios, cpus, errors = [], [], [], 0
    for _ in range(options.scans):
        before, cpu = link.counters(), time.process_time()
        reading = await bus.scan()
        cpus.append(time.process_time() - cpu)
        after = link.counters()
        bits = (after.bytes_in + after.bytes_out - before.bytes_in - before.bytes_out) * BITS_PER_BYTE
        seconds.append(reading.duration_s)
        ratios.append(reading.duration_s / (bits / options.baud))
        errors += reading.errors
    counters = link.counters()
    print(f"scan of {options.modules} modules, {options.sensors} sensors, {options.baud} baud: {options.scans} scans")
    print(f"  seconds    median {statistics.median(seconds):.3f}  worst {max(seconds):.3f}")
    print(f"  ratio      median {statistics.median(ratios):.3f}  worst {max(ratios):.3f}  (time / bits on the wire)")
    print(f"  CPU        median {1000 * statistics.median(cpus):.1f} ms a scan")
    print(f"  errors {errors}, late {counters.late}, lost requests {counters.lost_requests}, ", end="")
    print(f"noise {counters.noise_bytes} bytes, timeouts {int(counters.modules.timeouts.sum())}")
    link.close()


def main() -> None:
    """The modules run in a process of their own, as real ones do."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--modules", type=int, default=256)
    parser.add_argument("--sensors", type=int, default=8)
    parser.add_argument("--baud", type=int, default=38400)
    parser.add_argument("--scans", type=int, default=10)
    parser.add_argument("--silent", nargs="*", default=[])
    options = parser.parse_args()
    command = [sys.executable, "-m", "fakes.paced_modules"]
    for name in ("modules", "sensors", "baud"):
        command += [f"--{name}", str(getattr(options, name))]
    command += ["--silent", *options.silent]
    with subprocess.Popen(command, cwd=TESTS, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as room:
        path = room.stdout.readline().strip() if room.stdout else ""
        asyncio.run(measure(path, options))


if __name__ == "__main__":
    main()
