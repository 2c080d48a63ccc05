from dataclasses import replace

import numpy as np
import pytest

from fakes.snapshots import TAKEN_AT, FakeBoard, FakeBus, installation_of, silenced, snapshot_of
from webmanager.domain.picture import MEASURED_OF_MODULE, MEASURED_OF_STRING, Freshness, Picture, picture_of
from webmanager.domain.reading import Quality
from webmanager.domain.snapshot import Snapshot, StringQuality, StringState
from webmanager.engine.board import Board
from webmanager.engine.clock import ManualClock

SMALL = installation_of(8, 2)


def picture_after(seconds: float, snapshot: Snapshot | None = None, bus: str = "running") -> Picture:
    snapshot = snapshot or snapshot_of(SMALL)
    board = FakeBoard.showing(snapshot)
    board.bus = FakeBus(bus)
    return picture_of(board, snapshot.at_s + seconds, TAKEN_AT + seconds)


def test_a_board_without_a_scan_has_a_picture_without_a_value() -> None:
    picture = picture_of(FakeBoard(SMALL), 5.0, TAKEN_AT)
    assert picture.freshness is Freshness.EXPIRED
    assert picture.snapshot_age_s == float("inf")
    assert (picture.module_quality == Quality.SILENT).all()
    assert (picture.string_quality == StringQuality.SILENT).all()
    assert not picture.has_value.any()
    assert np.isnan(picture.module_age_s).all()


@pytest.mark.parametrize(
    ("age_s", "expected"),
    [
        (0.0, Freshness.FRESH),
        (10.0, Freshness.FRESH),
        (10.1, Freshness.STALE),
        (60.0, Freshness.STALE),
        (60.1, Freshness.EXPIRED),
        (1e6, Freshness.EXPIRED),
    ],
)
def test_a_snapshot_grows_stale_and_expires(age_s: float, expected: Freshness) -> None:
    assert picture_after(age_s).freshness is expected


@pytest.mark.parametrize(
    ("age_s", "expected"), [(180.0, Freshness.FRESH), (181.0, Freshness.STALE), (361.0, Freshness.EXPIRED)]
)
def test_a_stretched_scan_period_stretches_the_patience(age_s: float, expected: Freshness) -> None:
    assert picture_after(age_s, snapshot_of(SMALL, period_s=60.0)).freshness is expected


@pytest.mark.parametrize("state", ["starting", "refused", "down"])
def test_a_snapshot_of_a_bus_that_does_not_run_is_stale(state: str) -> None:
    assert picture_after(0.0, bus=state).freshness is Freshness.STALE


@pytest.mark.parametrize(
    ("age_s", "expected"), [(1800.0, Freshness.FRESH), (1801.0, Freshness.STALE), (3601.0, Freshness.EXPIRED)]
)
def test_fast_time_gives_a_scan_its_seconds_of_the_host(age_s: float, expected: Freshness) -> None:
    board = FakeBoard.showing(snapshot_of(SMALL))
    assert picture_of(board, 100.0 + age_s, TAKEN_AT, 600.0).freshness is expected


def test_a_fresh_snapshot_is_shown_as_it_is() -> None:
    snapshot = snapshot_of(SMALL)
    assert picture_after(5.0, snapshot).aged is snapshot
    assert picture_of(FakeBoard(SMALL), 5.0, TAKEN_AT).aged is None


def test_a_stale_snapshot_keeps_its_values_but_nothing_is_good() -> None:
    snapshot = snapshot_of(SMALL)
    aged = picture_after(20.0, snapshot).aged
    assert aged is not None
    assert aged.answered == 0
    assert aged.modules.voltage_v is snapshot.modules.voltage_v
    assert (aged.strings.quality == StringQuality.INCOMPLETE).all()
    assert (aged.strings.answering == 0).all()
    assert aged.strings.current_a is snapshot.strings.current_a


def test_an_expired_snapshot_has_no_value_left_but_what_holds() -> None:
    snapshot = snapshot_of(SMALL)
    aged = picture_after(61.0, snapshot).aged
    assert aged is not None
    for name in MEASURED_OF_MODULE:
        assert np.isnan(getattr(aged.modules, name)).all()
    for name in MEASURED_OF_STRING:
        assert np.isnan(getattr(aged.strings, name)).all()
    assert (aged.modules.quality == Quality.SILENT).all()
    assert (aged.strings.quality == StringQuality.SILENT).all()
    assert (aged.strings.state == StringState.UNKNOWN).all()
    assert aged.modules.charges is snapshot.modules.charges
    assert (aged.number, aged.taken_at) == (snapshot.number, snapshot.taken_at)


def test_what_is_measured_is_every_array_of_floats_but_the_times() -> None:
    snapshot = snapshot_of(SMALL)
    for values, named in ((snapshot.modules, MEASURED_OF_MODULE), (snapshot.strings, MEASURED_OF_STRING)):
        floats = {name for name in values.__slots__ if getattr(values, name).dtype.kind == "f"}
        assert floats - {"measured_s", "ri_measured_at"} == set(named)


def test_stale_makes_good_values_stale_and_nothing_better() -> None:
    quality = [Quality.GOOD, Quality.STALE, Quality.SILENT, Quality.IMPLAUSIBLE] * 2
    snapshot = snapshot_of(SMALL, modules={"quality": quality})
    assert picture_after(1.0, snapshot).module_quality.tolist() == quality
    assert picture_after(20.0, snapshot).module_quality.tolist() == [Quality.STALE, *quality[1:4]] * 2
    assert picture_after(20.0, snapshot).has_value.tolist() == [True, True, False, False] * 2
    assert (picture_after(61.0, snapshot).module_quality == Quality.SILENT).all()


def test_the_picture_leaves_the_snapshot_as_it_was() -> None:
    snapshot = snapshot_of(SMALL)
    assert (picture_after(30.0, snapshot).module_quality == Quality.STALE).all()
    assert (snapshot.modules.quality == Quality.GOOD).all()


def test_ages_count_from_the_last_answer_of_each_module() -> None:
    picture = picture_after(2.5, silenced(snapshot_of(SMALL), 3))
    assert picture.module_age_s.tolist() == [2.5, 2.5, 32.5, 2.5, 2.5, 2.5, 2.5, 2.5]


def test_a_clock_behind_the_scan_makes_no_negative_age() -> None:
    picture = picture_after(-5.0)
    assert picture.snapshot_age_s == 0.0
    assert (picture.module_age_s == 0.0).all()


def test_a_module_counts_as_never_answered_only_if_it_was_not_found_either() -> None:
    board = FakeBoard.showing(snapshot_of(SMALL, modules={"measured_s": [100.0, np.nan, np.nan, *[100.0] * 5]}))
    board.identities = {3: object(), 300: object()}
    picture = picture_of(board, 101.0, TAKEN_AT)
    assert picture.never_answered.tolist() == [False, True, *[False] * 6]


def test_before_the_first_scan_the_found_modules_are_known() -> None:
    board = FakeBoard(SMALL, identities={1: object(), 2: object()})
    assert picture_of(board, 0.0, 0.0).never_answered.tolist() == [False, False, *[True] * 6]


@pytest.mark.parametrize(
    ("unaddressed", "missing", "waiting"),
    [
        (0, (3,), []),
        (1, (3,), [3]),
        (1, (), []),
        (1, (3, 4), []),
        (2, (3, 4, 5), [3, 4, 5]),
    ],
)
def test_a_factory_new_module_stands_for_the_one_that_is_missing(
    unaddressed: int, missing: tuple[int, ...], waiting: list[int]
) -> None:
    board = FakeBoard.showing(silenced(snapshot_of(SMALL), *missing))
    board.bus = FakeBus(unaddressed=unaddressed)
    found = picture_of(board, 101.0, TAKEN_AT).not_initialised
    assert (np.flatnonzero(found) + 1).tolist() == waiting
    board.bus = FakeBus("down", unaddressed=unaddressed)
    assert not picture_of(board, 101.0, TAKEN_AT).not_initialised.any()


def test_the_real_board_and_clock_fit() -> None:
    board, clock = Board(SMALL), ManualClock()
    board.publish(replace(snapshot_of(SMALL), at_s=0.0))
    clock.advance(3.0)
    picture = picture_of(board, clock.monotonic(), clock.now())
    assert picture.bus_state == "starting"
    assert picture.snapshot_age_s == 3.0
