"""One beat on the injected clock, 256 modules: freeze, equalize, publish, without a wire."""

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.table import Row

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from fakes.module_bus import FakeModuleBus
from webmanager.domain.installation import BlockType, Installation
from webmanager.engine.board import Board
from webmanager.engine.clock import ManualClock
from webmanager.engine.cycle import CycleSettings, ScanCycle

BEATS = 500


async def _beat_ms(modules: int, strings: int) -> float:
    installation = Installation(modules, strings, BlockType())
    clock = ManualClock()
    cycle = ScanCycle(FakeModuleBus(installation), Board(installation), clock, CycleSettings())
    for _ in range(20):
        clock.advance(2.0)
        await cycle.scan_once()
    best = float("inf")
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(BEATS // 5):
            clock.advance(2.0)
            await cycle.scan_once()
        best = min(best, (time.perf_counter() - began) / (BEATS // 5))
    return best * 1e3


def rows() -> Iterator[Row]:
    """Cost of one cycle, fake bus included."""
    for modules, strings in ((16, 2), (64, 4), (256, 8)):
        limit = "<= 0.5" if modules == 256 else ""
        yield Row(f"one cycle, {modules} modules", asyncio.run(_beat_ms(modules, strings)), "ms", limit)
