import numpy as np

from webmanager.domain.installation import BlockType, Installation
from webmanager.domain.snapshot import StringState
from webmanager.engine.ri_schedule import RiSchedule

INSTALLATION = Installation(8, 2, BlockType())
QUIET = np.full(2, StringState.FLOAT, np.int8)


def run(schedule: RiSchedule, seconds: int, states: np.typing.NDArray[np.int8], start_s: int = 0) -> list[int]:
    seen: list[int] = []
    for now_s in range(start_s, start_s + seconds):
        for address in schedule.due(float(now_s), states):
            schedule.started(address, float(now_s))
            schedule.finished(address)
            seen.append(address)
    return seen


def test_each_module_measures_once_an_interval_and_strings_take_turns() -> None:
    seen = run(RiSchedule(INSTALLATION, 800.0), 801, QUIET)
    assert seen == [1, 5, 2, 6, 3, 7, 4, 8]


def test_nothing_is_due_at_the_start() -> None:
    assert run(RiSchedule(INSTALLATION, 800.0), 100, QUIET) == []


def test_a_string_under_load_is_put_off_and_made_up_for_one_by_one() -> None:
    schedule = RiSchedule(INSTALLATION, 800.0)
    busy = np.array([StringState.DISCHARGING, StringState.FLOAT], np.int8)
    assert run(schedule, 801, busy) == [5, 6, 7, 8]
    assert schedule.due(801.0, QUIET) == [1]
    schedule.started(1, 801.0)
    assert schedule.due(802.0, QUIET) == []
    assert schedule.measuring(802.0).tolist() == [True, False]
    schedule.finished(1)
    assert schedule.due(803.0, QUIET) == [2]


def test_a_measurement_that_never_ends_is_given_up() -> None:
    schedule = RiSchedule(INSTALLATION, 800.0, longest_s=20.0)
    schedule.started(3, 0.0)
    assert schedule.measuring(19.0)[0]
    assert not schedule.measuring(21.0)[0]


def test_a_clock_that_jumps_ahead_does_not_pile_up_measurements() -> None:
    schedule = RiSchedule(INSTALLATION, 800.0)
    schedule.due(0.0, QUIET)
    assert len(schedule.due(1e7, QUIET)) == 2
    seen = run(schedule, 12, QUIET, start_s=10_000_001)
    assert sorted(seen) == [2, 3, 4, 6, 7, 8]
