import asyncio
import contextlib
from collections.abc import AsyncIterator

import numpy as np
import pytest

from fakes.module_bus import FakeModuleBus
from fakes.state import MemoryStateKeeper
from webmanager.domain.errors import BusError
from webmanager.domain.installation import BlockType, Installation
from webmanager.domain.reading import Quality
from webmanager.domain.snapshot import Snapshot
from webmanager.engine.board import Board, BusState
from webmanager.engine.clock import ManualClock
from webmanager.engine.cycle import CycleSettings, ScanCycle
from webmanager.engine.history_ports import EventRecord, StoreStatus

INSTALLATION = Installation(8, 2, BlockType())


class Stand:
    """A cycle on a fake bus and a clock that moves when told."""

    def __init__(self, keeper: MemoryStateKeeper | None = None, **settings: float) -> None:
        self.bus = FakeModuleBus(INSTALLATION)
        self.board = Board(INSTALLATION)
        self.clock = ManualClock()
        self.cycle = ScanCycle(
            self.bus,
            self.board,
            self.clock,
            CycleSettings(**{"retry_s": 0.001, "period_s": 0.001, **settings}),  # type: ignore[arg-type]
            keeper,
        )

    async def beat(self, times: int = 1, step_s: float = 2.0) -> None:
        for _ in range(times):
            self.clock.advance(step_s)
            await self.cycle.scan_once()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.cycle.run())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def until(self, state: BusState) -> None:
        async with asyncio.timeout(5):
            while self.board.bus.state is not state:
                await asyncio.sleep(0.001)


async def test_references_are_sent_to_every_string_and_again_when_they_move() -> None:
    stand = Stand()
    await stand.beat()
    assert [(sent.first_address, sent.count) for sent in stand.bus.sent] == [(1, 4), (5, 4)]
    assert stand.bus.sent[0].reference_v == pytest.approx(13.62)
    stand.bus.sent.clear()
    await stand.beat()
    assert stand.bus.sent == []
    stand.bus.voltage_v[4:] += 0.01
    await stand.beat()
    assert [sent.first_address for sent in stand.bus.sent] == [5]


async def test_references_are_repeated_for_modules_that_restarted_unnoticed() -> None:
    stand = Stand(reference_every_s=30.0)
    await stand.beat()
    stand.bus.sent.clear()
    await stand.beat(14)
    assert stand.bus.sent == []
    await stand.beat()
    assert len(stand.bus.sent) == 2


async def test_a_discharge_switches_the_limiters_off_at_once() -> None:
    stand = Stand()
    await stand.beat()
    stand.bus.sent.clear()
    stand.bus.current_a[0] = -20.0
    await stand.beat()
    assert [(sent.first_address, sent.reference_v) for sent in stand.bus.sent] == [(1, None)]


async def test_ri_is_measured_in_turn_and_the_string_rests_meanwhile() -> None:
    stand = Stand(ri_interval_s=80.0)
    await stand.beat(7)
    assert stand.bus.ri_started == [1]
    await stand.beat()
    assert np.isnan(stand.board.snapshot.strings.reference_v[0])  # type: ignore[union-attr]
    stand.bus.finish_ri(1, 5.5)
    await stand.beat()
    snapshot = stand.board.snapshot
    assert snapshot is not None
    assert snapshot.modules.ri_mohm[0] == pytest.approx(5.5)
    await stand.beat()
    assert not np.isnan(stand.board.snapshot.strings.reference_v[0])  # type: ignore[union-attr]


async def test_the_first_snapshot_has_the_ri_that_modules_remember() -> None:
    stand = Stand()
    async with stand.running():
        await stand.until(BusState.RUNNING)
        snapshot = await stand.board.newer_than(0, 5.0)
    assert snapshot is not None
    assert snapshot.modules.ri_mohm.tolist() == pytest.approx([4.2] * 8)


async def test_mixed_revisions_refuse_the_start_and_name_the_modules_until_they_are_alike() -> None:
    stand = Stand()
    stand.bus.revisions[5] = "9.9"
    async with stand.running():
        await stand.until(BusState.REFUSED)
        assert dict(stand.board.bus.odd_revisions) == {6: "9.9"}
        assert stand.board.snapshot is None
        stand.bus.revisions[5] = "1.4"
        await stand.until(BusState.RUNNING)


async def test_a_module_exchanged_while_the_bus_runs_is_named_and_stays_good() -> None:
    stand = Stand()
    async with stand.running():
        await stand.until(BusState.RUNNING)
    for revision, odd in (("9.9", {6: "9.9"}), ("1.4", {})):
        stand.bus.revisions[5] = revision
        stand.bus.restarted = [6]
        await stand.beat()
        assert stand.board.bus.state is BusState.RUNNING
        assert stand.board.bus.odd_revisions == odd
        assert ("module 6 has 9.9" in stand.board.bus.text) == bool(odd)
        assert stand.board.snapshot is not None
        assert stand.board.snapshot.answered == 8


async def test_factory_new_modules_are_reported_while_they_are_heard() -> None:
    stand = Stand()
    async with stand.running():
        await stand.until(BusState.RUNNING)
    texts = []
    for stand.bus.unaddressed in (1, 2, 0):
        await stand.beat()
        assert stand.board.bus.unaddressed == stand.bus.unaddressed
        texts.append(stand.board.bus.text)
    assert "A factory-new module" in texts[0]
    assert "Several factory-new modules" in texts[1]
    assert "factory-new" not in texts[2]


async def test_a_port_that_dies_makes_values_stale_then_silent_and_comes_back() -> None:
    stand = Stand()
    async with stand.running():
        await stand.until(BusState.RUNNING)
        await stand.board.newer_than(0, 5.0)
        stand.bus.dead = True
        await stand.until(BusState.DOWN)
        seen = set()
        async with asyncio.timeout(5):
            while Quality.SILENT not in seen:
                assert stand.board.snapshot is not None
                seen.add(Quality(int(stand.board.snapshot.modules.quality[0])))
                await asyncio.sleep(0)
        assert np.isnan(stand.board.snapshot.modules.voltage_v).all()
        stand.bus.dead = False
        await stand.until(BusState.RUNNING)
        async with asyncio.timeout(5):
            while stand.board.snapshot.answered != 8:
                await asyncio.sleep(0)
    assert stand.cycle.restarts >= 1


async def test_a_bus_that_is_refused_later_loses_its_values_like_a_dead_one() -> None:
    stand = Stand()
    async with stand.running():
        await stand.until(BusState.RUNNING)
        await stand.board.newer_than(0, 5.0)
        stand.bus.dead = True
        await stand.until(BusState.DOWN)
        stand.bus.revisions[5] = "9.9"
        stand.bus.dead = False
        await stand.until(BusState.REFUSED)
        async with asyncio.timeout(5):
            while stand.board.snapshot is None or (stand.board.snapshot.modules.quality != Quality.SILENT).any():
                await asyncio.sleep(0)


async def test_what_the_bus_does_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    stand = Stand()
    stand.bus.dead = True
    async with stand.running(), asyncio.timeout(5):
        while stand.bus.discoveries < 3:
            await asyncio.sleep(0)
    assert [record.message for record in caplog.records] == ["The bus is down: COM3 is gone"]


async def test_an_empty_bus_is_down_with_a_line_that_says_what_to_check() -> None:
    stand = Stand()
    stand.bus.present[:] = False
    async with stand.running():
        await stand.until(BusState.DOWN)
    assert "check COM3" in stand.board.bus.text


async def test_a_scan_on_a_dead_port_raises_to_the_loop() -> None:
    stand = Stand()
    stand.bus.dead = True
    with pytest.raises(BusError):
        await stand.beat()


async def test_counters_survive_a_restart() -> None:
    keeper = MemoryStateKeeper()
    stand = Stand(keeper)
    stand.bus.current_a[0] = -20.0
    await stand.beat(20)
    again = Stand(keeper)
    await again.beat()
    assert again.board.snapshot is not None
    assert again.board.snapshot.modules.discharges.tolist() == [1] * 4 + [0] * 4


@pytest.mark.parametrize(
    "kept", [{}, {"charges": [1]}, {"charges": "x", "discharges": 3}, {"charges": [1], "discharges": [1]}]
)
async def test_kept_counters_that_make_no_sense_start_at_zero(kept: dict[str, object]) -> None:
    keeper = MemoryStateKeeper()
    keeper.documents["counters"] = kept
    stand = Stand(keeper)
    await stand.beat()
    assert stand.board.snapshot is not None
    assert stand.board.snapshot.modules.charges.tolist() == [0] * 8


async def test_a_late_scan_is_counted_and_followed_at_once() -> None:
    stand = Stand(period_s=2.0)
    async with stand.running():
        await stand.until(BusState.RUNNING)
        stand.clock.advance(10.0)
        async with asyncio.timeout(5):
            while stand.bus.scans < 1:
                await asyncio.sleep(0)
    assert stand.bus.discoveries == 1


class Noted:
    """A history that remembers the numbers of what it was given."""

    def __init__(self) -> None:
        self.numbers: list[int] = []

    def add(self, snapshot: Snapshot) -> None:
        self.numbers.append(snapshot.number)

    def append_event(self, event: EventRecord) -> None:
        raise AssertionError("a cycle makes no events")

    def status(self) -> StoreStatus:
        raise AssertionError("a cycle does not ask")


async def test_every_snapshot_goes_into_the_history_silence_too() -> None:
    history, bus, clock = Noted(), FakeModuleBus(INSTALLATION), ManualClock()
    board = Board(INSTALLATION)
    cycle = ScanCycle(bus, board, clock, CycleSettings(retry_s=0.001), None, history)
    for _ in range(5):
        clock.advance(2.0)
        await cycle.scan_once()
    cycle._publish_silence()
    assert history.numbers == [1, 2, 3, 4, 5, 6]
    assert board.snapshot is not None
    assert board.snapshot.number == 6
