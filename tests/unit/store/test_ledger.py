"""The heart: what is acknowledged is there after a restart, in one consistent view."""

import numpy as np
import pytest

from fakes.store_stand import BULKY, LAYOUT, MIDNIGHT, StoreStand, value, values
from webmanager.domain.errors import StoreError
from webmanager.store.blocks import Plane
from webmanager.store.columns import Layout
from webmanager.store.ledger import MOST_EVENTS, Ledger
from webmanager.store.rows import MinuteRow
from webmanager.store.sections import SectionKind
from webmanager.store.volumes import VolumeKind


def tail_minutes(ledger: Ledger) -> list[int]:
    return [minute for tail in ledger.tails for minute in tail.block(0, 2**40).axis.tolist()]


def test_a_new_store_is_empty() -> None:
    ledger = StoreStand().ledger
    view = ledger.view()
    assert (view.minutes, view.rollups, view.recordings, view.tails, view.events) == ((), (), (), (), ())
    assert ledger.last_minute is None
    assert ledger.closed_end == 0


def test_rows_are_there_after_a_restart() -> None:
    stand = StoreStand()
    stand.write(MIDNIGHT, 20)
    ledger = stand.mount()
    assert tail_minutes(ledger) == list(range(MIDNIGHT, MIDNIGHT + 20))
    block = ledger.tails[0].block(0, 2**40)
    assert block.planes[Plane.MEAN][7].tolist() == values(MIDNIGHT + 7).tolist()
    assert ledger.last_minute == MIDNIGHT + 19


def test_the_axis_never_goes_back() -> None:
    stand = StoreStand()
    stand.write(MIDNIGHT, 2)
    for minute in (MIDNIGHT, MIDNIGHT + 1):
        with pytest.raises(StoreError, match="the axis never goes back"):
            stand.ledger.append_row(LAYOUT, MinuteRow(minute, values(minute)))


def test_nothing_is_written_by_mounting() -> None:
    stand = StoreStand()
    stand.write(MIDNIGHT, 3_000)
    before = bytes(stand.flash.data)
    for _ in range(3):
        stand.mount()
    assert bytes(stand.flash.data) == before


def test_events_are_there_after_a_restart() -> None:
    stand = StoreStand()
    stand.write(MIDNIGHT, 3)
    stand.ledger.append_event(60.0 * MIDNIGHT + 90.5, "raised", {"address": 3})
    stand.ledger.sync()
    event = stand.mount().events[0]
    assert (event.kind, event.document, event.axis_s) == ("raised", {"address": 3}, 60.0 * MIDNIGHT + 90.5)


def test_an_event_before_any_row_is_kept_and_finds_its_place() -> None:
    stand = StoreStand()
    stand.ledger.append_event(60.0 * MIDNIGHT, "started", {})
    stand.write(MIDNIGHT + 1, 2)
    ledger = stand.mount()
    assert [event.kind for event in ledger.events] == ["started"]
    assert len(ledger.tails[0]) == 2


def test_a_flood_of_events_is_bounded_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webmanager.store.ledger.MOST_EVENTS", 10)
    stand = StoreStand()
    for number in range(15):
        stand.ledger.append_event(60.0 * MIDNIGHT, "flood", {"n": number})
    assert len(stand.ledger.events) == 10
    assert stand.ledger.events_dropped == 5
    assert MOST_EVENTS >= 1_000


def test_place_records_what_it_learns_of_the_clock() -> None:
    stand = StoreStand()
    for wall in range(5):
        minute = stand.ledger.place(wall, None if wall == 0 else 1)
        assert minute is not None
        stand.ledger.append_row(LAYOUT, MinuteRow(minute, values(minute)))
    minute = stand.ledger.place(MIDNIGHT, 1)
    assert minute == MIDNIGHT
    stand.ledger.append_row(LAYOUT, MinuteRow(minute, values(minute)))
    ledger = stand.mount()
    axis = ledger.tails[0].block(0, 2**40).axis
    assert ledger.timeline.wall(axis).tolist() == list(range(MIDNIGHT - 5, MIDNIGHT + 1))


def test_the_timeline_outlives_the_journal_it_was_recorded_in() -> None:
    stand = StoreStand()
    minute = stand.ledger.place(0, None)
    assert minute is not None
    stand.ledger.append_row(LAYOUT, MinuteRow(minute, values(minute)))
    assert stand.ledger.place(MIDNIGHT, 1) == MIDNIGHT
    stand.write(MIDNIGHT, 4_000)
    assert stand.ledger.volumes.of_kind(VolumeKind.MINUTES)
    runs = stand.ledger.timeline.runs
    assert runs
    assert stand.mount().timeline.runs == runs


def test_another_layout_begins_another_tail() -> None:
    stand = StoreStand()
    stand.write(MIDNIGHT, 5, tidy=False)
    other = Layout(2, 1)
    stand.ledger.append_row(other, MinuteRow(MIDNIGHT + 5, np.ones(other.columns, np.int16)))
    assert [tail.layout for tail in stand.ledger.tails] == [LAYOUT, other]
    assert [tail.layout for tail in stand.mount().tails] == [LAYOUT, other]


def test_a_view_stays_as_it_was() -> None:
    stand = StoreStand()
    stand.write(MIDNIGHT, 10)
    view = stand.ledger.view()
    stand.write(MIDNIGHT + 10, 3_000)
    assert view.minutes == ()
    assert view.tails[0].first == MIDNIGHT


def test_heads_of_volumes_are_remembered() -> None:
    stand = StoreStand()
    stand.write(MIDNIGHT, 1_500)
    volume = stand.ledger.view().minutes[0]
    first = stand.ledger.sections_of(volume, SectionKind.MINUTES)
    assert stand.ledger.sections_of(volume, SectionKind.MINUTES) == first


def test_few_heads_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webmanager.store.ledger.MOST_OPEN", 2)
    stand = StoreStand()
    stand.write(MIDNIGHT, 24 * 6, step=60)
    for volume in stand.ledger.view().minutes:
        block = stand.ledger.sections_of(volume, SectionKind.MINUTES)[0].block
        first = volume.label.start
        assert block.column(0, (Plane.MEAN,))[0][0] == value(first, 0)


def test_damaged_runs_and_partial_volumes_cost_themselves_only() -> None:
    stand = StoreStand(24, layout=BULKY)
    stand.write(MIDNIGHT, 1_400, tidy=True)
    partial = stand.ledger.volumes.of_kind(VolumeKind.PARTIAL)
    assert partial, "the journal was long enough to be saved early"
    at = partial[0].sectors[0] * 4096 + 400
    stand.flash.data[at] ^= 0xFF
    ledger = stand.mount()
    minutes = tail_minutes(ledger)
    assert minutes
    assert minutes[-1] == MIDNIGHT + 1_399
