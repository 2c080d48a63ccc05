"""What the store costs the scan loop: a day is closed and a month joined while snapshots come in every few ms.

The steps of compaction are measured by the processor time each takes between two moments at which the loop may run;
how late the loop is on a machine that does other things too is measured beside a store that has nothing to do.
"""

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bench.store_past import DAY, made
from bench.table import Row
from webmanager.domain.installation import BlockType, Installation
from webmanager.domain.snapshot import Snapshot
from webmanager.store.compaction import SPAN, Compaction
from webmanager.store.history import FlashHistory
from webmanager.store.medium import IMAGE

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from fakes.board import FakeBatteries

INSTALLATION = Installation(256, 8, BlockType())
TICK_S = 0.002
QUIET_TICKS = 3000


def rows() -> Iterator[Row]:
    """Late ticks with nothing to do and with a month to be joined, and the longest step."""
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        shutil.copy(made("low").directory / IMAGE, directory / IMAGE)
        steps: list[float] = []
        _watch(steps)
        history = FlashHistory(directory, INSTALLATION)
        try:
            yield from asyncio.run(_measure(history, steps))
        finally:
            history.close()


async def _measure(history: FlashHistory, steps: list[float]) -> list[Row]:
    ledger = history.ledger
    if ledger is None or ledger.last_minute is None:
        raise SystemExit("the store cannot be opened")
    batteries = FakeBatteries()
    minute = ledger.last_minute + 1
    boundary = (minute // SPAN + 1) * SPAN
    while minute < boundary - DAY // 4:
        history.add(_at(batteries, minute))
        minute += 1
        if minute % 200 == 0:
            await asyncio.to_thread(history.wait, 60.0)
    await asyncio.to_thread(history.wait, 60.0)
    quiet = await _ticks(history, batteries, minute, QUIET_TICKS, at_rest=True)
    steps.clear()
    busy = await _ticks(history, batteries, minute, DAY // 4 + DAY)
    await asyncio.to_thread(history.wait, 60.0)
    return [
        Row("latest of 3000 ticks of 2 ms, store at rest", quiet[-1], "ms"),
        Row("latest tick while a day is closed and a month joined", busy[-1], "ms", "<= 50"),
        Row("99.9 % of these ticks", busy[int(len(busy) * 0.999)], "ms"),
        Row("steps of compaction", len(steps), ""),
        Row("longest step, processor", max(steps), "ms", "<= 50"),
    ]


async def _ticks(
    history: FlashHistory, batteries: FakeBatteries, minute: int, count: int, *, at_rest: bool = False
) -> list[float]:
    """Gives a snapshot at every tick; how late each was, ms, in order."""
    late = []
    snapshots = [_at(batteries, minute)] if at_rest else [_at(batteries, minute + number) for number in range(count)]
    for number in range(count):
        due_s = time.perf_counter() + TICK_S
        await asyncio.sleep(TICK_S)
        history.add(snapshots[0 if at_rest else number])
        late.append((time.perf_counter() - due_s) * 1e3)
    return sorted(late)


def _at(batteries: FakeBatteries, minute: int) -> Snapshot:
    return replace(batteries.snapshot(0.0, 0.0), at_s=60.0 * minute, taken_at=60.0 * minute + 1.0)


def _watch(steps: list[float]) -> None:
    """Notes the processor time of every step of every compaction, ms."""
    whole = Compaction.steps

    def watched(compaction: Compaction) -> Iterator[None]:
        running = whole(compaction)
        while True:
            began_s = time.thread_time()
            try:
                next(running)
            except StopIteration:
                return
            finally:
                steps.append((time.thread_time() - began_s) * 1e3)
            yield

    Compaction.steps = watched  # type: ignore[assignment, method-assign]
