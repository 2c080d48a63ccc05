"""Time that never goes back, whatever the clock does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webmanager.store.timeline import (
    CLOCK_IS_SET,
    MOST_GAPS,
    MOST_SHIFTS,
    SMALL_STEP,
    Run,
    Timeline,
    pack_run,
    unpack_run,
)

NOW = 28_000_000


class Device:
    """Writes a row each minute, on whatever clock it has, and remembers the true time of each."""

    def __init__(self) -> None:
        self.timeline = Timeline()
        self.last: int | None = None
        self.since: int | None = None
        self.written: list[int] = []

    def minute(self, wall: int, since: int | None = 1) -> int | None:
        placing = self.timeline.place(wall, self.last, since if self.written else None)
        self.timeline = self.timeline.with_runs(placing.runs)
        if placing.minute is not None:
            assert self.last is None or placing.minute > self.last
            self.last = placing.minute
            self.written.append(placing.minute)
        return placing.minute

    def walls(self) -> list[int]:
        return self.timeline.wall(np.array(self.written)).tolist()


def test_normally_axis_and_clock_are_one() -> None:
    device = Device()
    for wall in range(NOW, NOW + 5):
        assert device.minute(wall) == wall
    assert device.timeline.runs == ()
    assert device.walls() == list(range(NOW, NOW + 5))


def test_a_gap_stays_a_gap() -> None:
    device = Device()
    device.minute(NOW)
    device.minute(NOW + 500)
    device.minute(NOW + 900, since=None)
    assert device.walls() == [NOW, NOW + 500, NOW + 900]


@pytest.mark.parametrize("step", range(1, SMALL_STEP))
def test_a_clock_that_steps_back_a_little_is_waited_for(step: int) -> None:
    device = Device()
    device.minute(NOW)
    assert device.minute(NOW - step + 1) is None
    assert device.minute(NOW + 1) == NOW + 1
    assert device.timeline.runs == ()


def test_a_device_that_starts_again_within_the_minute_waits_too() -> None:
    device = Device()
    device.minute(NOW)
    assert device.minute(NOW, since=None) is None
    assert device.minute(NOW + 1) == NOW + 1


def test_a_clock_set_back_moves_what_was_ahead_and_keeps_the_order() -> None:
    device = Device()
    for wall in range(NOW, NOW + 10):
        device.minute(wall)
    for wall in range(NOW - 120, NOW - 110):
        device.minute(wall)
    walls = device.walls()
    assert walls[10:] == list(range(NOW - 120, NOW - 110))
    assert walls == sorted(set(walls))
    assert walls[:10] == list(range(NOW - 130, NOW - 120))


def test_after_a_set_back_axis_and_clock_meet_again_behind_a_gap() -> None:
    device = Device()
    device.minute(NOW)
    device.minute(NOW - 100)
    assert device.minute(NOW + 50, since=None) == NOW + 50
    assert device.walls()[-1] == NOW + 50
    assert device.timeline.shift(NOW + 50) == 0


def test_a_clock_set_back_twice_keeps_the_order_through_all_runs() -> None:
    device = Device()
    for start in (NOW, NOW - 60, NOW - 300):
        for wall in range(start, start + 20):
            device.minute(wall)
    walls = device.walls()
    assert walls == sorted(set(walls))
    assert walls[-20:] == list(range(NOW - 300, NOW - 280))


def test_an_old_run_behind_a_long_gap_is_not_moved() -> None:
    device = Device()
    device.minute(NOW - 10_000)
    for wall in range(NOW, NOW + 5):
        device.minute(wall)
    device.minute(NOW - 50)
    assert device.walls()[0] == NOW - 10_000


def test_from_1970_to_real_time_the_rows_before_are_dated_to_end_just_then() -> None:
    device = Device()
    for wall in range(30):
        device.minute(wall)
    assert device.timeline.runs[0].unset
    device.minute(NOW)
    assert device.walls() == list(range(NOW - 30, NOW + 1))


def test_a_restart_without_a_clock_goes_on_right_behind_what_was_there() -> None:
    device = Device()
    for wall in range(NOW, NOW + 5):
        device.minute(wall)
    device.minute(0, since=None)
    for wall in range(1, 4):
        device.minute(wall)
    assert device.walls() == list(range(NOW, NOW + 9))


def test_when_the_clock_is_set_after_such_a_restart_the_gap_appears() -> None:
    device = Device()
    device.minute(NOW)
    device.minute(0, since=None)
    device.minute(1)
    device.minute(NOW + 1_000)
    assert device.walls() == [NOW, NOW + 998, NOW + 999, NOW + 1_000]


def test_a_run_that_never_learnt_the_time_stays_where_it_is() -> None:
    device = Device()
    device.minute(NOW)
    device.minute(0, since=None)
    device.minute(1)
    device.minute(0, since=None)
    device.minute(NOW + 500)
    walls = device.walls()
    assert walls[:3] == [NOW, NOW + 1, NOW + 2]
    assert walls[3:] == [NOW + 499, NOW + 500]


def test_the_monotonic_clock_counts_while_there_is_no_other() -> None:
    device = Device()
    device.minute(0)
    assert device.minute(1, since=7) == 7
    assert device.minute(1, since=0) is None


def test_a_clock_that_once_ran_far_ahead_does_not_hide_the_past() -> None:
    device = Device()
    for wall in range(NOW, NOW + 5):
        device.minute(wall)
    device.minute(NOW + 60 * 365 * 1440)
    device.minute(NOW + 5)
    device.minute(NOW + 6)
    walls = device.walls()
    assert walls == sorted(set(walls))
    assert walls[-2:] == [NOW + 5, NOW + 6]
    assert walls[0] >= NOW - 5


def test_axis_is_the_inverse_of_wall() -> None:
    device = Device()
    for wall in (*range(NOW, NOW + 10), *range(NOW - 120, NOW - 100), NOW + 5_000, NOW + 5_001):
        device.minute(wall, since=1)
    for axis in device.written:
        wall = int(device.timeline.wall(np.array([axis]))[0])
        assert device.timeline.axis(wall) == axis


def test_between_two_runs_the_next_minute_is_found() -> None:
    timeline = Timeline((Run(1_000, 500, -100),))
    assert timeline.axis(700) == 700
    assert timeline.axis(900) == 1_000
    assert timeline.axis(950) == 1_050
    assert timeline.axis(899) in (899, 1_000)


def test_a_later_run_with_the_same_start_replaces_the_former() -> None:
    timeline = Timeline((Run(10, 9, 0, unset=True),)).with_runs((Run(10, 9, 500),))
    assert timeline.runs == (Run(10, 9, 500),)


def test_runs_are_bounded_and_those_that_only_mark_gaps_go_first() -> None:
    gaps = tuple(Run(10 * n, 10 * n - 5, 0) for n in range(1, 100))
    assert len(Timeline().with_runs(gaps).runs) == MOST_GAPS
    shifts = tuple(Run(10 * n, 10 * n - 1, -n) for n in range(1, 400))
    timeline = Timeline().with_runs(shifts).with_runs(tuple(Run(5_000 + 10 * n, 5_000, -399) for n in range(50)))
    assert len(timeline.runs) == MOST_SHIFTS + MOST_GAPS
    assert timeline.runs[0].shift == -(400 - MOST_SHIFTS)


def test_a_restart_marks_a_gap_and_a_step_forward_too() -> None:
    device = Device()
    device.minute(NOW)
    device.minute(NOW + 10, since=None)
    device.minute(NOW + 60)
    device.minute(NOW + 70, since=10)
    device.minute(NOW + 71, since=None)
    assert [run.start for run in device.timeline.runs] == [NOW + 10, NOW + 60]


def test_a_run_comes_back_from_its_bytes() -> None:
    for run in (Run(1, 0, -5), Run(2**33, 2**33 - 1, 2**31, unset=True)):
        assert unpack_run(pack_run(run)) == run


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["minute", "back", "forth", "restart", "lost"]), st.integers(1, 4000))))
def test_order_is_kept_and_nothing_is_dated_twice_whatever_happens(story: list[tuple[str, int]]) -> None:
    device, wall = Device(), NOW
    for what, size in story:
        since: int | None = 1
        if what == "back":
            wall = max(wall - size, CLOCK_IS_SET)
        elif what == "forth":
            wall = max(wall, CLOCK_IS_SET) + size
        elif what == "restart":
            wall, since = max(wall, CLOCK_IS_SET) + size % 10, None
        elif what == "lost":
            wall, since = 0, None
        else:
            wall += 1
        device.minute(wall, since)
    walls = device.walls()
    assert walls == sorted(set(walls))
    for axis, shown in zip(device.written, walls, strict=True):
        assert device.timeline.axis(shown) <= axis
