"""The last hour in memory: one row a step, bounded, with gaps that are seen."""

import asyncio

import numpy as np
import pytest

from fakes.board import FakeBatteries, running_board
from webmanager.engine.recent import RecentHour


def filled(ring: RecentHour, batteries: FakeBatteries, seconds: range) -> None:
    for second in seconds:
        ring.add(batteries.snapshot(float(second), 1.7e9 + second))


def test_one_row_a_step() -> None:
    ring, batteries = RecentHour(256), FakeBatteries()
    filled(ring, batteries, range(0, 60, 2))
    assert len(ring.of(1).taken_at) == 6
    assert np.diff(ring.of(1).taken_at).tolist() == [10.0] * 5


def test_add_says_whether_it_took_the_snapshot() -> None:
    ring, batteries = RecentHour(256), FakeBatteries()
    assert ring.add(batteries.snapshot(0.0, 1.7e9))
    assert not ring.add(batteries.snapshot(9.9, 1.7e9 + 9.9))
    assert ring.add(batteries.snapshot(10.0, 1.7e9 + 10))


def test_the_ring_holds_an_hour_and_no_more() -> None:
    ring, batteries = RecentHour(256), FakeBatteries()
    filled(ring, batteries, range(0, 7200, 10))
    taken_at = ring.of(256).taken_at
    assert len(taken_at) == 360
    assert taken_at[-1] - taken_at[0] == 3590
    assert taken_at[-1] == 1.7e9 + 7190


def test_rows_are_oldest_first_with_the_values_of_that_module() -> None:
    ring = RecentHour(256)
    batteries = FakeBatteries(low={7: 12.5})
    filled(ring, batteries, range(0, 30, 10))
    assert ring.of(7).voltage_v.tolist() == pytest.approx([12.5] * 3)
    assert ring.of(7).voltage_v.dtype == np.float32
    assert (np.abs(ring.of(8).voltage_v - 13.62) < 0.2).all()


def test_values_that_are_not_good_count_as_none() -> None:
    ring, batteries = RecentHour(256), FakeBatteries()
    filled(ring, batteries, range(0, 20, 10))
    batteries.stale, batteries.silent = (3,), (4,)
    filled(ring, batteries, range(20, 30, 10))
    assert np.isnan(ring.of(3).voltage_v).tolist() == [False, False, True]
    assert np.isnan(ring.of(4).temperature_c).tolist() == [False, False, True]
    assert not np.isnan(ring.of(5).ri_mohm).any()


def test_a_stretch_without_snapshots_is_one_row_of_nothing() -> None:
    ring, batteries = RecentHour(256), FakeBatteries()
    filled(ring, batteries, range(0, 100, 10))
    filled(ring, batteries, range(400, 500, 10))
    values = ring.of(1)
    assert len(values.taken_at) == 21
    gap = int(np.flatnonzero(np.isnan(values.voltage_v))[0])
    assert values.taken_at[gap] == 1.7e9 + 100
    assert (np.diff(values.taken_at) > 0).all()


def test_a_slow_room_is_no_gap() -> None:
    ring, batteries = RecentHour(256), FakeBatteries()
    filled(ring, batteries, range(0, 1200, 60))
    assert not np.isnan(ring.of(1).voltage_v).any()
    assert len(ring.of(1).taken_at) == 20


def test_what_is_older_than_the_span_is_left_out_even_if_the_ring_has_it() -> None:
    ring, batteries = RecentHour(256), FakeBatteries()
    filled(ring, batteries, range(0, 100, 10))
    filled(ring, batteries, range(50_000, 50_050, 10))
    assert ring.of(1).taken_at.min() == 1.7e9 + 50_000


def test_a_device_time_that_steps_back_is_taken_as_it_is() -> None:
    ring, batteries = RecentHour(256), FakeBatteries()
    filled(ring, batteries, range(1000, 1030, 10))
    assert ring.add(batteries.snapshot(0.0, 1.7e9))


def test_an_empty_ring_has_empty_rows() -> None:
    values = RecentHour(16).of(16)
    assert values.taken_at.shape == values.voltage_v.shape == (0,)


async def test_follow_takes_what_the_board_publishes() -> None:
    board, batteries = running_board()
    ring = RecentHour(256)
    task = asyncio.create_task(ring.follow(board))
    for second in (0.0, 10.0, 20.0):
        board.publish(batteries.snapshot(second, 1.7e9 + second))
        while len(ring.of(1).taken_at) < second / 10 + 1:
            await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(ring.of(1).taken_at) == 3
