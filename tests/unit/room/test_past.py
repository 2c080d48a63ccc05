"""What happened before: seasons, outages, blocks that fail; and that the room is whole again at the end."""

import itertools
from datetime import UTC, datetime

import numpy as np
import pytest

from webmanager.room import state_file
from webmanager.room.config import RoomConfig
from webmanager.room.past import DAY_S, NOTICE_S, YEAR_S, Past, failing_blocks, outages, warmer_k
from webmanager.room.simulation import Room

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()


def small_room(**more: object) -> Room:
    return Room(RoomConfig(modules=8, strings=2, **more), NOON)  # type: ignore[arg-type]


def at(*when: int) -> float:
    return datetime(*when, tzinfo=UTC).timestamp()  # type: ignore[misc]


def test_summer_is_warmer_than_winter_and_day_than_night() -> None:
    assert warmer_k(at(2026, 7, 24, 15)) - warmer_k(at(2026, 1, 24, 15)) == pytest.approx(7.0, abs=0.2)
    assert warmer_k(at(2026, 4, 2, 15)) - warmer_k(at(2026, 4, 2, 3)) == pytest.approx(1.6, abs=0.1)


def test_the_cooling_fails_for_some_days_in_july_and_comes_back_slowly() -> None:
    before, during, after = (warmer_k(at(2026, 7, day, 12)) for day in (6, 11, 15))
    assert during - before == pytest.approx(6.0, abs=0.3)
    assert after - before == pytest.approx(0.0, abs=0.3)
    hours = [warmer_k(at(2026, 7, 7) + hour * 3600.0) for hour in range(24 * 8)]
    assert max(abs(later - former) for former, later in itertools.pairwise(hours)) < 1.0


def test_tests_every_month_and_some_failures_a_year() -> None:
    found = outages(NOON, NOON + 3 * YEAR_S, seed=1)
    tests = [outage for outage in found if outage.lasts_s == 1200.0]
    assert 34 <= len(tests) <= 37
    assert all(datetime.fromtimestamp(outage.start_s, UTC).hour == 10 for outage in tests)
    assert 4 <= len(found) - len(tests) <= 25
    assert all(later.start_s > former.end_s for former, later in itertools.pairwise(found))


def test_the_same_seed_has_the_same_past() -> None:
    assert outages(NOON, NOON + YEAR_S, 5) == outages(NOON, NOON + YEAR_S, 5)
    assert outages(NOON, NOON + 3 * YEAR_S, 5) != outages(NOON, NOON + 3 * YEAR_S, 6)


def test_the_mains_are_there_at_the_end() -> None:
    for seed in range(20):
        found = outages(NOON, NOON + 40 * DAY_S, seed)
        assert all(outage.end_s < NOON + 39.6 * DAY_S for outage in found)


@pytest.mark.parametrize(("modules", "strings"), [(1, 1), (8, 2), (256, 8), (10, 10)])
def test_blocks_that_fail_exist_in_any_room(modules: int, strings: int) -> None:
    room = Room(RoomConfig(modules=modules, strings=strings), NOON)
    for years in (0.1, 3):
        found = failing_blocks(room, NOON, NOON + years * YEAR_S)
        assert len({block.index for block in found}) == len(found)
        assert all(0 <= block.index < modules for block in found)
    assert failing_blocks(Room(RoomConfig(), NOON), NOON, NOON + YEAR_S)[0].index == 80, "S3-17"


def test_a_discharge_is_lively_before_during_and_until_it_is_charged_again() -> None:
    room = small_room()
    past = Past(room, 5.0)
    outage = past.outages[0]
    past.advance(outage.start_s - NOTICE_S - 60.0 - room.now_s)
    assert not past.is_lively
    past.advance(120.0)
    assert past.is_lively
    past.advance(outage.start_s + 300.0 - room.now_s)
    assert not room.mains
    assert room.batteries.current_a.max() < -1.0
    past.advance(outage.end_s + 60.0 - room.now_s)
    assert room.mains
    assert past.is_lively, "it is being charged"
    past.advance(2 * DAY_S)
    assert not past.is_lively


def test_long_steps_do_not_miss_the_end_of_an_outage() -> None:
    room = small_room()
    past = Past(room, 5.0)
    outage = past.outages[0]
    room.set_references([13.62, 13.62])
    past.advance(outage.end_s + 3.0 - room.now_s)
    assert room.mains
    assert room.batteries.soc.min() == pytest.approx(0.86, abs=0.05), "twenty minutes at 0.4 C10, no more"


def test_one_battery_fails_while_the_others_do_not() -> None:
    room = small_room()
    index = failing_blocks(room, NOON, NOON + 8 * DAY_S)[0].index
    before = room.batteries.ri_ohm()
    past = Past(room, 8.0)
    for _ in range(8 * 12):
        past.advance(7200.0)
        room.measure()
        room.set_references(room.batteries.voltage_v.reshape(2, -1).mean(axis=1))
    share = room.batteries.ri_ohm() / before
    assert share[index] > 1.6
    assert np.delete(share, index).max() < 1.2
    volts = room.batteries.voltage_v + room.batteries.sense_offset_v
    assert volts[index] < np.delete(volts, index).min() - 0.05


def test_a_string_is_unplugged_once_and_comes_back() -> None:
    room = small_room()
    past = Past(room, 2.0)
    past.advance(0.8 * DAY_S + 10 * 3600.0)
    assert room.cable.reached.tolist() == [True] * 5 + [False] * 3
    past.advance(5 * 3600.0)
    assert room.cable.reached.all()


def test_a_block_that_was_exchanged_is_new() -> None:
    room = small_room()
    past = Past(room, 400.0)
    exchanged = next(block for block in past.failing if block.exchanged)
    past._age(exchanged.ends_s - 1.0)
    worn = room.batteries.ri_ohm()[exchanged.index]
    room.batteries.wear[exchanged.index] = 0.5
    past._age(exchanged.ends_s)
    assert room.batteries.ri_ohm()[exchanged.index] < worn / 1.5
    assert room.batteries.wear[exchanged.index] == 0.0
    room.batteries.wear[exchanged.index] = 0.1
    past._age(exchanged.ends_s + DAY_S)
    assert room.batteries.wear[exchanged.index] == 0.1, "exchanged once"


def test_the_state_can_be_kept_at_any_moment(tmp_path: object) -> None:
    room = small_room()
    past = Past(room, 1.0)
    past.advance(0.4 * DAY_S + 10 * 3600.0)
    assert len(room.faults) == 1
    past.finish()
    assert len(room.faults) == 0
    assert room.mains
    state_file.save(room, tmp_path / "room.npz")  # type: ignore[operator]
