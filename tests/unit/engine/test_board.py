import asyncio

from fakes.module_bus import FakeModuleBus
from webmanager.domain.installation import BlockType, Installation
from webmanager.engine.board import Board, BusReport, BusState
from webmanager.engine.clock import ManualClock
from webmanager.engine.cycle import CycleSettings, ScanCycle

INSTALLATION = Installation(4, 1, BlockType())


async def test_a_reader_waits_for_the_next_snapshot_and_gets_the_newest() -> None:
    board = Board(INSTALLATION)
    cycle = ScanCycle(FakeModuleBus(INSTALLATION), board, ManualClock(), CycleSettings())
    waiting = asyncio.create_task(board.newer_than(0, 5.0))
    await asyncio.sleep(0)
    await cycle.scan_once()
    await cycle.scan_once()
    found = await waiting
    assert found is not None
    assert found.number == 2


async def test_waiting_ends_without_a_snapshot_after_its_timeout() -> None:
    assert await Board(INSTALLATION).newer_than(0, 0.01) is None


async def test_a_report_alone_does_not_make_a_snapshot() -> None:
    board = Board(INSTALLATION)
    waiting = asyncio.create_task(board.newer_than(0, 0.05))
    await asyncio.sleep(0)
    board.report_bus(BusReport(BusState.DOWN, "gone"))
    assert await waiting is None


async def test_ready_means_a_complete_scan_whatever_comes_after_it() -> None:
    board = Board(INSTALLATION)
    board.report_bus(BusReport(BusState.RUNNING))
    assert not board.is_ready
    await ScanCycle(FakeModuleBus(INSTALLATION), board, ManualClock(), CycleSettings()).scan_once()
    assert board.is_ready
    board.report_bus(BusReport(BusState.DOWN))
    assert board.is_ready
