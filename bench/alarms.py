"""The alarm desk with 256 modules: one whole evaluation, from a snapshot to the picture every reader sees."""

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from bench.table import Row

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from fakes.alarm_bench import AlarmBench

SCANS, BATCH = 600, 25


def healthy(_: AlarmBench) -> None:
    """Nothing is wrong."""


def five_low(bench: AlarmBench) -> None:
    """Five batteries with a shorted cell."""
    bench.volts[[3, 40, 80, 120, 200]] = 11.4


def cable(bench: AlarmBench) -> None:
    """The bus cable is open behind module 41."""
    bench.silence(*range(42, 65))


def rows() -> Iterator[Row]:
    """CPU time of one evaluation, the best of many batches, so that other processes do not count."""
    for spoil, limit in ((healthy, "<= 0.5"), (five_low, ""), (cable, "")):
        yield Row(f"evaluation, {(spoil.__doc__ or '').rstrip('.').lower()}", _cost_ms(spoil), "ms", limit)


def _cost_ms(spoil: Callable[[AlarmBench], None]) -> float:
    bench = AlarmBench(256, 8)
    spoil(bench)
    bench.scan(100)
    snapshot = bench.snapshot
    if snapshot is None:
        raise RuntimeError("no scan was made")
    batches = []
    for first in range(0, SCANS, BATCH):
        started = time.process_time()
        for number in range(first, first + BATCH):
            bench.now_s += 2.0
            fresh = replace(snapshot, number=10_000 + number, at_s=bench.now_s, taken_at=bench.at)
            bench.desk.take(fresh, bench.bus, bench.now_s, bench.at)
        batches.append((time.process_time() - started) / BATCH * 1000.0)
    return min(batches)
