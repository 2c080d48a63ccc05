"""Between board and desk: every snapshot once, the bus also when it is silent."""

import asyncio
import contextlib
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pytest

from fakes.snapshots import installation_of, snapshot_of
from webmanager.domain.events import Event
from webmanager.domain.limits import limits_of
from webmanager.domain.reading import Ints, ModuleIdentity
from webmanager.engine import watch as watch_module
from webmanager.engine.alarming import AlarmDesk, DeskSettings
from webmanager.engine.board import Board, BusReport, BusState
from webmanager.engine.clock import ManualClock
from webmanager.engine.watch import AlarmWatch

ROOM = installation_of(8, 2)


@dataclass
class Counts:
    """What a bus has counted."""

    answered: Ints
    crc_errors: Ints


class Stand:
    def __init__(self, counts: Counts | None = None) -> None:
        self.board = Board(ROOM)
        self.clock = ManualClock()
        self.events: list[Event] = []
        self.desk = AlarmDesk(
            ROOM, limits_of(), at=self.clock.now(), sink=self.events.append, settings=DeskSettings(grace_s=0.0)
        )
        self.watch = AlarmWatch(self.board, self.desk, self.clock, (lambda: counts) if counts else None)


def identity(address: int, revision: str) -> ModuleIdentity:
    return ModuleIdentity(address, "C20", revision, "1.0", address, 12)


async def test_each_snapshot_reaches_the_desk_as_it_comes() -> None:
    stand = Stand()
    stand.board.report_bus(BusReport(BusState.RUNNING, "8 of 8 modules", "2.0"))
    task = asyncio.create_task(stand.watch.run())
    try:
        for number in (1, 2, 3):
            stand.board.publish(snapshot_of(ROOM, number=number, at_s=2.0 * number))
            async with asyncio.timeout(5):
                while stand.desk.picture.number != number:
                    await asyncio.sleep(0)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_a_bus_without_snapshots_is_looked_at_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_module, "LOOKS_EVERY_S", 0.001)
    stand = Stand()
    stand.board.report_bus(BusReport(BusState.DOWN, "COM3 is gone"))
    task = asyncio.create_task(stand.watch.run())
    try:
        async with asyncio.timeout(5):
            while not stand.events:
                stand.clock.advance(2.0)
                await asyncio.sleep(0.001)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    assert stand.events[0].kind == "bus_down"


def test_a_module_of_another_revision_is_found_while_the_bus_runs() -> None:
    stand = Stand()
    stand.board.report_bus(BusReport(BusState.RUNNING, "", "2.0"))
    stand.board.identify({1: identity(1, "2.0"), 2: identity(2, "9.9")})
    assert stand.watch.condition().odd_revisions == {2: "9.9"}


def test_a_bus_that_refuses_says_itself_which_modules_are_odd() -> None:
    stand = Stand()
    stand.board.report_bus(BusReport(BusState.REFUSED, "mixed", "2.0", MappingProxyType({5: "9.9"})))
    condition = stand.watch.condition()
    assert (condition.state, condition.odd_revisions) == ("refused", {5: "9.9"})
    stand.watch.look()
    assert [event.kind for event in stand.events] == ["mixed_revision"]


def test_damaged_answers_without_a_good_one_are_garbled() -> None:
    zeros = np.zeros(8, np.int64)
    counts = Counts(zeros.copy(), zeros.copy())
    stand = Stand(counts)
    assert not np.any(stand.watch.condition().garbled)
    for _ in range(3):
        counts.crc_errors[4] += 1
        counts.crc_errors[6] += 1
        counts.answered[6] += 1
        garbled = stand.watch.condition().garbled
    assert garbled is not None
    assert np.flatnonzero(garbled).tolist() == [4]
    counts.answered[4] += 1
    assert not np.any(stand.watch.condition().garbled)


def test_a_bus_that_does_not_count_knows_no_garbled_answers() -> None:
    assert Stand().watch.condition().garbled is None
