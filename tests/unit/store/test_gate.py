"""Which scans belong to one minute."""

import pytest

from fakes.snapshot_series import MIDNIGHT_S, SnapshotSeries
from webmanager.domain.installation import BlockType, Installation
from webmanager.store.columns import Layout
from webmanager.store.gate import MinuteGate, RowJob

INSTALLATION = Installation(4, 1, BlockType())
FIRST = int(MIDNIGHT_S) // 60


class Stand:
    def __init__(self) -> None:
        self.series = SnapshotSeries(INSTALLATION)
        self.gate = MinuteGate(Layout.of(INSTALLATION))
        self.jobs: list[RowJob] = []

    def scans(self, count: int, seconds: float = 2.0) -> None:
        for _ in range(count):
            job = self.gate.add(self.series.advance(seconds))
            if job is not None:
                self.jobs.append(job)

    def set_clock(self, seconds: float) -> None:
        self.series.taken_at += seconds


def test_a_minute_ends_with_the_first_scan_of_the_next() -> None:
    stand = Stand()
    stand.scans(29)
    assert stand.jobs == []
    stand.scans(1)
    assert [job.wall for job in stand.jobs] == [FIRST]
    stand.scans(90)
    assert [job.wall for job in stand.jobs] == [FIRST, FIRST + 1, FIRST + 2, FIRST + 3]


def test_it_says_when_the_minute_began_on_the_monotonic_clock() -> None:
    stand = Stand()
    stand.scans(61)
    assert [job.began_s for job in stand.jobs] == pytest.approx([100.0, 160.0])
    assert stand.jobs[1].minutes_since(stand.jobs[0]) == 1
    assert stand.jobs[0].minutes_since(None) is None


def test_a_minute_without_scans_is_left_out() -> None:
    stand = Stand()
    stand.scans(3, seconds=600)
    assert [job.wall - FIRST for job in stand.jobs] == [10, 20]
    assert stand.jobs[1].minutes_since(stand.jobs[0]) == 10


@pytest.mark.parametrize("back_s", [1.0, 30.0, 90.0])
def test_a_clock_that_steps_back_a_little_makes_one_longer_minute(back_s: float) -> None:
    stand = Stand()
    stand.scans(150)
    before = len(stand.jobs)
    stand.set_clock(-back_s)
    stand.scans(30 + int(back_s))
    walls = [job.wall for job in stand.jobs]
    assert walls == sorted(set(walls))
    assert len(walls) > before


def test_a_clock_set_back_far_ends_the_minute_at_once() -> None:
    stand = Stand()
    stand.scans(35)
    stand.set_clock(-7_200)
    stand.scans(1)
    assert stand.jobs[-1].wall == FIRST + 1
    stand.scans(30)
    assert stand.jobs[-1].wall == FIRST - 119
    assert stand.jobs[-1].minutes_since(stand.jobs[-2]) in (0, 1)


def test_from_1970_to_now_is_one_minute_on_the_monotonic_clock() -> None:
    stand = Stand()
    stand.series.taken_at = 0.0
    stand.scans(35)
    stand.set_clock(MIDNIGHT_S)
    stand.scans(35)
    assert stand.jobs[0].wall == 0
    assert stand.jobs[-1].wall >= FIRST
    assert stand.jobs[-1].minutes_since(stand.jobs[0]) in (1, 2)
