"""Curves and events: every resolution agrees with what was written."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.store_stand import LAYOUT, MIDNIGHT, StoreStand, value, values
from webmanager.domain.snapshot import StringState
from webmanager.engine.history_ports import Selection, Series
from webmanager.store import compaction
from webmanager.store.columns import NONE, Layout
from webmanager.store.query import grid, query, read_events
from webmanager.store.rows import MinuteRow
from webmanager.store.volumes import VolumeGoneError, VolumeKind

DAY = 1440
START_S = 60.0 * MIDNIGHT
VOLTAGE = Selection("voltage", 2)
COLUMN = 1


@pytest.fixture(scope="module")
def stand() -> StoreStand:
    """Forty days, a month joined, a gap of six hours on day 20."""
    stand = StoreStand(512)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compaction, "SPAN", 10 * DAY)
        stand.write(MIDNIGHT, 20 * DAY)
        stand.write(MIDNIGHT + 20 * DAY + 360, 20 * DAY - 360 + 45)
    return stand


def ask(stand: StoreStand, start: int, end: int, points: int, selection: Selection = VOLTAGE) -> Series:
    return query(stand.ledger, selection, START_S + 60 * start, START_S + 60 * end, points)


def truth(start: int, end: int) -> list[float]:
    """What was written in these minutes (from MIDNIGHT), V."""
    gap = range(20 * DAY, 20 * DAY + 360)
    return [value(MIDNIGHT + minute, COLUMN) / 1000 for minute in range(start, end) if minute not in gap]


def agrees(series: Series) -> None:
    """Every step has exactly the extremes of its minutes and a mean within rounding."""
    width = series.resolution_s // 60
    for at, low, mean, high in zip(series.t, series.minimum, series.mean, series.maximum, strict=True):
        start = int(at) // 60 - MIDNIGHT
        wanted = truth(max(start, 0), min(start + width, 40 * DAY + 45))
        if not wanted:
            assert np.isnan(mean)
            continue
        assert low == min(wanted)
        assert high == max(wanted)
        assert mean == pytest.approx(np.mean(wanted), abs=0.001)


def test_an_empty_store_has_no_curve() -> None:
    series = query(StoreStand().ledger, VOLTAGE, None, None, 1_000)
    assert series.t.size == series.mean.size == 0


def test_minutes_are_exact_and_begin_at_their_minute(stand: StoreStand) -> None:
    series = ask(stand, 5 * DAY + 100, 5 * DAY + 200, 1_000)
    assert series.resolution_s == 60
    assert series.t.tolist() == [START_S + 60 * minute for minute in range(5 * DAY + 100, 5 * DAY + 200)]
    assert series.mean.tolist() == truth(5 * DAY + 100, 5 * DAY + 200)
    assert series.minimum.tolist() == series.maximum.tolist() == series.mean.tolist()


def test_the_newest_minutes_are_there(stand: StoreStand) -> None:
    series = query(stand.ledger, VOLTAGE, START_S + 60 * 40 * DAY, None, 1_000)
    assert series.mean.tolist() == truth(40 * DAY, 40 * DAY + 45)


@pytest.mark.parametrize("points", [1, 2, 7, 30, 100, 333, 1_000, 5_000, 57_645, 100_000])
def test_all_that_is_stored_in_any_number_of_points(stand: StoreStand, points: int) -> None:
    series = query(stand.ledger, VOLTAGE, None, None, points)
    assert 0 < series.t.size <= points
    assert series.t[0] <= START_S
    assert series.t[-1] + series.resolution_s >= START_S + 60 * (40 * DAY + 45)
    agrees(series)


@pytest.mark.parametrize(
    ("start", "end"), [(0, 1), (0, 60), (19 * DAY, 21 * DAY), (3, 11 * DAY + 7), (39 * DAY, 41 * DAY)]
)
@pytest.mark.parametrize("points", [3, 50, 2_000])
def test_any_range(stand: StoreStand, start: int, end: int, points: int) -> None:
    series = ask(stand, start, end, points)
    assert series.t.size <= points
    assert np.all(np.diff(series.t) == series.resolution_s)
    agrees(series)


def test_gaps_are_nan(stand: StoreStand) -> None:
    series = ask(stand, 20 * DAY - 10, 20 * DAY + 370, 1_000)
    missing = np.isnan(series.mean)
    assert np.flatnonzero(missing).tolist() == list(range(10, 370))
    assert np.isnan(series.minimum[missing]).all()
    assert np.isnan(series.maximum[missing]).all()


def test_steps_stay_where_they_are_when_the_range_moves(stand: StoreStand) -> None:
    one, other = ask(stand, 100, 10 * DAY, 200), ask(stand, 137, 10 * DAY + 37, 200)
    assert one.resolution_s == other.resolution_s
    assert set(one.t[1:].tolist()) - set(other.t.tolist()) == set()


def test_the_same_after_a_restart(stand: StoreStand) -> None:
    other = StoreStand(512)
    other.flash = stand.flash
    other.mount()
    for points in (10, 1_000):
        one, two = (query(ledger, VOLTAGE, None, None, points) for ledger in (stand.ledger, other.ledger))
        for name in ("t", "minimum", "mean", "maximum"):
            assert np.array_equal(getattr(one, name), getattr(two, name), equal_nan=True)


@pytest.mark.parametrize(("start", "end"), [(50 * DAY, 60 * DAY), (-10, -5), (10, 10), (20, 10)])
def test_ranges_without_data_are_empty(stand: StoreStand, start: int, end: int) -> None:
    assert ask(stand, start, end, 100).t.size == 0


@pytest.mark.parametrize("selection", [Selection("voltage", 5), Selection("voltage", 0), Selection("current", 3)])
def test_a_battery_that_does_not_exist_has_no_values(stand: StoreStand, selection: Selection) -> None:
    assert np.isnan(ask(stand, 0, 100, 100, selection).mean).all()


@pytest.mark.parametrize(
    ("selection", "column", "unit"),
    [
        (Selection("temperature", 3), 6, 0.1),
        (Selection("ri", 1), 8, 0.001),
        (Selection("equalizing", 4), 15, 0.1),
        (Selection("current", 2), 17, 0.01),
    ],
)
def test_every_quantity_in_its_unit(stand: StoreStand, selection: Selection, column: int, unit: float) -> None:
    series = ask(stand, 500, 503, 10, selection)
    assert series.mean.tolist() == pytest.approx(
        [value(MIDNIGHT + minute, column) * unit for minute in (500, 501, 502)]
    )


def test_extremes_of_single_scans_survive_every_tier() -> None:
    stand = StoreStand(256)
    spike = MIDNIGHT + 500
    for minute in range(MIDNIGHT, MIDNIGHT + 3 * DAY):
        below = None
        if minute == spike:
            below = np.zeros(LAYOUT.columns, np.int16)
            below[COLUMN] = 5_000
        stand.ledger.append_row(LAYOUT, MinuteRow(minute, values(minute), below))
        if stand.compaction.is_due():
            stand.tidy()
    lowest = (value(spike, COLUMN) - 5_000) / 1000
    for points in (1, 3, 10, 100, 5_000):
        series = query(stand.ledger, VOLTAGE, None, None, points)
        at = int(np.nanargmin(series.minimum))
        assert series.minimum[at] == lowest
        assert series.t[at] <= 60.0 * spike < series.t[at] + series.resolution_s


def test_the_mean_of_days_is_exact() -> None:
    stand = StoreStand(256)
    stand.write(MIDNIGHT, 12 * DAY)
    stand.write(MIDNIGHT + 12 * DAY, 1)
    for points in (1, 2, 3):
        series = query(stand.ledger, VOLTAGE, START_S, START_S + 86_400 * 12, points)
        assert series.resolution_s >= 4 * 86_400
        for at, mean in zip(series.t, series.mean, strict=True):
            start = max(int(at) // 60, MIDNIGHT)
            end = min(int(at + series.resolution_s) // 60, MIDNIGHT + 12 * DAY + 1)
            wanted = np.mean([value(minute, COLUMN) / 1000 for minute in range(start, end)])
            assert mean == pytest.approx(wanted, abs=1e-9)


def test_when_minutes_are_gone_hours_answer() -> None:
    stand = StoreStand(40)
    stand.write(MIDNIGHT, 25 * DAY)
    assert stand.ledger.volumes.of_kind(VolumeKind.MINUTES)[0].label.start > MIDNIGHT
    series = query(stand.ledger, VOLTAGE, START_S, START_S + 7_200, 1_000)
    assert series.resolution_s == 3_600
    hour = [value(MIDNIGHT + minute, COLUMN) / 1000 for minute in range(60)]
    assert (series.minimum[0], series.maximum[0]) == (min(hour), max(hour))


def test_when_a_recording_has_the_minutes_it_answers() -> None:
    stand = StoreStand(48)
    begin = MIDNIGHT + 600
    for minute in range(MIDNIGHT, MIDNIGHT + DAY):
        row = values(minute)
        row[-1] = StringState.DISCHARGING if begin <= minute < begin + 20 else StringState.FLOAT
        stand.ledger.append_row(LAYOUT, MinuteRow(minute, row))
    stand.write(MIDNIGHT + DAY, 25 * DAY)
    assert stand.ledger.volumes.of_kind(VolumeKind.MINUTES)[0].label.start > MIDNIGHT
    series = query(stand.ledger, VOLTAGE, 60.0 * begin, 60.0 * (begin + 20), 1_000)
    assert series.resolution_s == 60
    assert series.mean.tolist() == [value(minute, COLUMN) / 1000 for minute in range(begin, begin + 20)]


def test_missing_values_are_nan_in_every_tier() -> None:
    stand = StoreStand(256)
    stand.write(MIDNIGHT, 12 * DAY, missing=COLUMN)
    for points in (1, 5, 200, 20_000):
        assert np.isnan(query(stand.ledger, VOLTAGE, None, None, points).mean).all()
        assert not np.isnan(query(stand.ledger, Selection("voltage", 1), None, None, points).mean).any()


def test_a_module_that_was_added_later_has_values_since_then() -> None:
    stand = StoreStand(256)
    stand.write(MIDNIGHT, DAY)
    bigger = Layout(8, 2)
    stand.layout = bigger
    stand.write(MIDNIGHT + DAY, DAY)
    series = query(stand.ledger, Selection("voltage", 7), None, None, 100_000)
    assert np.isnan(series.mean[:DAY]).all()
    assert not np.isnan(series.mean[DAY:]).any()
    assert not np.isnan(query(stand.ledger, VOLTAGE, None, None, 100_000).mean).any()


def test_damaged_days_are_gaps_not_errors() -> None:
    stand = StoreStand(256)
    stand.write(MIDNIGHT, 3 * DAY + 1)
    victim = stand.ledger.volumes.of_kind(VolumeKind.MINUTES)[1]
    for sector in victim.sectors:
        stand.flash.data[sector * 4096 + 3_000] ^= 0xFF
        stand.flash.data[sector * 4096 + 200] ^= 0xFF
    series = query(stand.ledger, VOLTAGE, None, None, 100_000)
    missing = np.isnan(series.mean)
    assert missing[DAY : 2 * DAY].all()
    assert not missing[:DAY].any()
    assert stand.ledger.unreadable >= 1


def test_a_volume_that_ends_while_it_is_read_is_looked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    stand = StoreStand(256)
    stand.write(MIDNIGHT, DAY + 10)
    real, calls = stand.ledger.sections_of, []

    def once_gone(*arguments: object) -> object:
        calls.append(arguments)
        if len(calls) == 1:
            raise VolumeGoneError("gone")
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(stand.ledger, "sections_of", once_gone)
    assert not np.isnan(query(stand.ledger, VOLTAGE, None, None, 100_000).mean).any()
    assert len(calls) > 1


def test_a_volume_that_is_gone_again_and_again_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    stand = StoreStand(256)
    stand.write(MIDNIGHT, DAY + 10)

    def gone(*arguments: object) -> object:
        raise VolumeGoneError("gone")

    monkeypatch.setattr(stand.ledger, "sections_of", gone)
    with pytest.raises(VolumeGoneError):
        query(stand.ledger, VOLTAGE, None, None, 100_000)


def test_rows_dated_anew_are_found_at_their_new_time() -> None:
    stand = StoreStand(64)
    for wall in range(10):
        minute = stand.ledger.place(wall, None if wall == 0 else 1)
        assert minute is not None
        stand.ledger.append_row(LAYOUT, MinuteRow(minute, values(minute)))
    assert stand.ledger.place(MIDNIGHT, 1) == MIDNIGHT
    stand.write(MIDNIGHT, 5)
    series = query(stand.ledger, VOLTAGE, None, None, 1_000)
    assert series.t.tolist() == [60.0 * minute for minute in range(MIDNIGHT - 10, MIDNIGHT + 5)]
    assert series.mean[:10].tolist() == [value(minute, COLUMN) / 1000 for minute in range(10)]


@settings(deadline=None)
@given(st.integers(1, 10**9), st.integers(1, 10**8), st.sampled_from([60, 3_600, 86_400]), st.integers(1, 5_000))
def test_a_grid_covers_the_range_in_at_most_the_wanted_points(start: int, length: int, step: int, points: int) -> None:
    origin, width, count = grid(start, start + length, step, points)
    assert count <= points
    assert width % step == 0
    assert origin <= start
    assert origin + width * count >= start + length
    assert origin + width > start
    assert origin % step == 0


def events(stand: StoreStand, *given_range: float | None, limit: int = 100) -> list[int]:
    found = read_events(stand.ledger, *given_range, limit)
    assert [event.at_s for event in found] == sorted((event.at_s for event in found), reverse=True)
    return [int(str(event.document["n"])) for event in found]


@pytest.fixture(scope="module")
def eventful() -> StoreStand:
    """An event at noon of each of 25 days."""
    stand = StoreStand(256)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compaction, "SPAN", 10 * DAY)
        for day in range(25):
            stand.write(MIDNIGHT + day * DAY, 12, step=60)
            stand.ledger.append_event(START_S + 86_400 * day + 43_200, "noon", {"n": day})
            stand.write(MIDNIGHT + day * DAY + 720, 12, step=60)
    return stand


def test_events_come_newest_first(eventful: StoreStand) -> None:
    assert events(eventful, None, None) == list(range(24, -1, -1))
    assert events(eventful, None, None, limit=3) == [24, 23, 22]


def test_events_of_a_range(eventful: StoreStand) -> None:
    noon = [START_S + 86_400 * day + 43_200 for day in range(25)]
    assert events(eventful, noon[5], noon[9]) == [8, 7, 6, 5]
    assert events(eventful, noon[5] + 1, noon[5] + 86_400 + 1) == [6]
    assert events(eventful, noon[24] + 1, None) == []
    assert events(eventful, None, noon[0]) == []


def test_none_is_not_a_number_in_the_store() -> None:
    assert NONE not in range(-32_767, 32_768)
