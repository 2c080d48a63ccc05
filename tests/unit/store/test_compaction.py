"""From journal to volumes: days, months, recordings, what is too old, cold sectors; and every row stays readable."""

import numpy as np
import pytest

from fakes.store_stand import BULKY, LAYOUT, MIDNIGHT, StoreStand, value, values
from webmanager.domain.snapshot import StringState
from webmanager.store import compaction, space
from webmanager.store.blocks import Block, Plane
from webmanager.store.columns import Layout
from webmanager.store.compaction import SPAN, Compaction, discharges
from webmanager.store.emulated import Defects
from webmanager.store.ledger import Ledger
from webmanager.store.rows import MinuteRow
from webmanager.store.sections import SectionKind
from webmanager.store.verify import verify
from webmanager.store.volumes import VolumeKind

DAY = 1440
FIRST_SPAN = -(-MIDNIGHT // SPAN) * SPAN


def stored(ledger: Ledger, kind: SectionKind, volume_kind: VolumeKind) -> dict[int, list[int]]:
    """Axis minute to means, from every volume of a kind."""
    found: dict[int, list[int]] = {}
    for volume in ledger.volumes.of_kind(volume_kind):
        for section in ledger.sections_of(volume, kind):
            block = section.block.block()
            assert not found.keys() & set(block.axis.tolist()), "stored twice"
            found |= dict(zip(block.axis.tolist(), block.planes[Plane.MEAN].tolist(), strict=True))
    return found


def minutes(ledger: Ledger) -> dict[int, list[int]]:
    found = stored(ledger, SectionKind.MINUTES, VolumeKind.MINUTES)
    for tail in ledger.tails:
        block = tail.block(0, 2**40)
        found |= dict(zip(block.axis.tolist(), block.planes[Plane.MEAN].tolist(), strict=True))
    return found


def test_nothing_is_due_while_the_day_lasts() -> None:
    stand = StoreStand()
    stand.tidy()
    stand.write(MIDNIGHT, 1_440, tidy=False)
    assert not stand.compaction.is_due()


def test_the_first_minute_of_a_day_closes_the_one_before() -> None:
    stand = StoreStand()
    stand.write(MIDNIGHT, 1_441)
    assert stand.ledger.closed_end == MIDNIGHT + DAY
    assert [len(tail) for tail in stand.ledger.tails] == [1]
    assert stand.compaction.days_closed == 1


def test_every_row_is_still_what_it_was() -> None:
    stand = StoreStand(128)
    stand.write(MIDNIGHT, 5 * DAY + 17)
    for ledger in (stand.ledger, stand.mount()):
        found = minutes(ledger)
        assert sorted(found) == list(range(MIDNIGHT, MIDNIGHT + 5 * DAY + 17))
        assert all(numbers == values(minute).tolist() for minute, numbers in found.items())


def test_the_journal_is_given_up_with_the_day() -> None:
    stand = StoreStand()
    stand.write(MIDNIGHT, 1_440)
    before = stand.ledger.journal.sectors
    stand.write(MIDNIGHT + 1_440, 10)
    assert stand.ledger.journal.sectors <= 2 < before


def test_hours_and_days_are_written_with_the_minutes() -> None:
    stand = StoreStand()
    stand.write(MIDNIGHT, 2 * DAY + 1)
    found = stored(stand.ledger, SectionKind.HOURS, VolumeKind.ROLLUP)
    assert sorted(found) == list(range(MIDNIGHT, MIDNIGHT + 2 * DAY, 60))
    hour = [value(minute, 1) for minute in range(MIDNIGHT + 60, MIDNIGHT + 120)]
    assert found[MIDNIGHT + 60][1] == round(np.mean(hour))
    assert sorted(stored(stand.ledger, SectionKind.DAYS, VolumeKind.ROLLUP)) == [MIDNIGHT, MIDNIGHT + DAY]


def test_a_day_half_of_which_is_missing() -> None:
    stand = StoreStand()
    stand.write(MIDNIGHT + 700, 100)
    stand.write(MIDNIGHT + 3 * DAY + 5, 1)
    assert sorted(minutes(stand.ledger)) == [*range(MIDNIGHT + 700, MIDNIGHT + 800), MIDNIGHT + 3 * DAY + 5]
    label = stand.ledger.volumes.of_kind(VolumeKind.MINUTES)[0].label
    assert (label.start, label.end) == (MIDNIGHT + 700, MIDNIGHT + DAY)


def test_a_month_becomes_one_volume() -> None:
    stand = StoreStand(256)
    stand.write(FIRST_SPAN, 33 * 24, step=60)
    rollups = stand.ledger.volumes.of_kind(VolumeKind.ROLLUP)
    assert [(v.label.start, v.label.end) for v in rollups[:1]] == [(FIRST_SPAN, FIRST_SPAN + SPAN)]
    assert len(rollups) == 3
    found = stored(stand.mount(), SectionKind.HOURS, VolumeKind.ROLLUP)
    assert sorted(found) == list(range(FIRST_SPAN, FIRST_SPAN + 32 * DAY, 60))
    assert all(found[minute][3] == value(minute, 3) for minute in found)


def test_a_month_with_days_missing_is_joined_too() -> None:
    stand = StoreStand(256)
    stand.write(FIRST_SPAN, 3 * 24, step=60)
    stand.write(FIRST_SPAN + 40 * DAY, 30, step=60)
    rollups = stand.ledger.volumes.of_kind(VolumeKind.ROLLUP)
    assert [(v.label.start, v.label.end) for v in rollups] == [
        (FIRST_SPAN, FIRST_SPAN + 3 * DAY),
        (FIRST_SPAN + 40 * DAY, FIRST_SPAN + 41 * DAY),
    ]


def test_events_move_from_the_journal_to_the_day_and_to_the_month() -> None:
    stand = StoreStand(256)
    for day in range(33):
        stand.write(FIRST_SPAN + day * DAY, 12, step=120)
        stand.ledger.append_event(60.0 * (FIRST_SPAN + day * DAY) + 40_000, "noon", {"day": day})
    stand.tidy()
    from webmanager.store.query import read_events

    for ledger in (stand.ledger, stand.mount()):
        events = read_events(ledger, None, None, 100)
        assert [event.document["day"] for event in events] == list(range(32, -1, -1))
        assert len(ledger.events) <= 2


def test_minutes_give_way_when_the_flash_is_full_and_their_hours_stay() -> None:
    stand = StoreStand(40)
    stand.write(MIDNIGHT, 25 * DAY, step=1)
    found = minutes(stand.ledger)
    assert MIDNIGHT not in found
    newest = MIDNIGHT + 25 * DAY - 1
    assert sorted(found) == list(range(min(found), newest + 1))
    hourly = stored(stand.ledger, SectionKind.HOURS, VolumeKind.ROLLUP)
    assert sorted(hourly) == list(range(MIDNIGHT, MIDNIGHT + 24 * DAY, 60))
    assert verify(stand.mount()).wrong == []


def test_hours_end_after_their_time_and_days_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "HOURS_KEPT_DAYS", 60)
    stand = StoreStand(256)
    stand.write(FIRST_SPAN, 125 * 6, step=240)
    spans = stand.ledger.volumes.of_kind(VolumeKind.ROLLUP)[:4]
    has_hours = [bool(stand.ledger.sections_of(volume, SectionKind.HOURS)) for volume in spans]
    assert has_hours == [False, False, True, True]
    days = stored(stand.ledger, SectionKind.DAYS, VolumeKind.ROLLUP)
    assert sorted(days) == list(range(FIRST_SPAN, FIRST_SPAN + 124 * DAY, DAY))


def test_days_end_after_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "DAYS_KEPT_DAYS", 60)
    stand = StoreStand(256)
    stand.write(FIRST_SPAN, 125 * 6, step=240)
    assert stand.ledger.volumes.of_kind(VolumeKind.ROLLUP)[0].label.start == FIRST_SPAN + 2 * SPAN


def discharge(stand: StoreStand, start: int, first: int, count: int, total: int) -> None:
    for minute in range(start, start + total):
        row = values(minute)
        if first <= minute < first + count:
            row[-1] = StringState.DISCHARGING
        stand.ledger.append_row(LAYOUT, MinuteRow(minute, row))
    stand.ledger.sync()
    stand.tidy()


def test_a_discharge_is_recorded_for_good() -> None:
    stand = StoreStand()
    begin = MIDNIGHT + 600
    discharge(stand, MIDNIGHT, begin, 45, 1_500)
    recordings = stand.ledger.volumes.of_kind(VolumeKind.RECORDING)
    assert [(v.label.start, v.label.end) for v in recordings] == [(begin - 10, begin + 45 + 60)]
    found = stored(stand.mount(), SectionKind.MINUTES, VolumeKind.RECORDING)
    assert sorted(found) == list(range(begin - 10, begin + 105))


def test_a_short_pause_is_part_of_a_discharge_and_a_long_one_is_not() -> None:
    def at(*minutes: int) -> list[tuple[int, int]]:
        mean = np.ones((1_440, LAYOUT.columns), np.int16)
        for minute in minutes:
            mean[minute, LAYOUT.columns - 2] = StringState.DISCHARGING
        return discharges(Block(LAYOUT, 1, np.arange(1_440), {Plane.MEAN: mean}))

    assert at() == []
    assert at(100) == [(90, 161)]
    assert at(100, 130) == [(90, 191)]
    assert at(100, 300) == [(90, 161), (290, 361)]
    assert at(100, 165) == [(90, 226)]


def test_a_journal_too_long_for_the_flash_is_saved_before_the_day_is_over() -> None:
    stand = StoreStand(24, layout=BULKY)
    stand.write(MIDNIGHT, 1_000)
    assert stand.ledger.volumes.of_kind(VolumeKind.PARTIAL)
    assert stand.ledger.journal.sectors <= 7
    assert sorted(minutes(stand.mount())) == list(range(MIDNIGHT, MIDNIGHT + 1_000))
    stand.write(MIDNIGHT + 1_000, 500)
    assert not stand.ledger.volumes.of_kind(VolumeKind.PARTIAL)
    found = minutes(stand.mount())
    assert sorted(found) == list(range(MIDNIGHT, MIDNIGHT + 1_500))
    assert all(numbers == values(minute, BULKY).tolist() for minute, numbers in found.items())


def test_events_saved_early_are_there_once() -> None:
    stand = StoreStand(24, layout=BULKY)
    for number in range(900):
        stand.write(MIDNIGHT + number, 1)
        if number % 50 == 0:
            stand.ledger.append_event(60.0 * (MIDNIGHT + number), "n", {"number": number})
    assert stand.ledger.volumes.of_kind(VolumeKind.PARTIAL)
    for _ in range(2):
        ledger = stand.mount()
        assert [event.document["number"] for event in ledger.events] == list(range(0, 900, 50))
    stand.write(MIDNIGHT + 900, 700)
    assert len(stand.ledger.events) == 0
    assert verify(stand.mount()).events == 18


def test_a_flood_of_events_alone_does_not_fill_the_flash() -> None:
    stand = StoreStand(24)
    stand.write(MIDNIGHT, 1)
    for number in range(800):
        stand.ledger.append_event(60.0 * MIDNIGHT + number, "flood", {"number": number, "text": "x" * 80})
        if stand.compaction.is_due():
            stand.tidy()
    assert stand.ledger.journal.sectors <= 7
    assert len(stand.mount().events) == 800


def test_another_layout_closes_what_was_before() -> None:
    stand = StoreStand()
    stand.write(MIDNIGHT, 30)
    other = Layout(3, 1)
    for minute in range(MIDNIGHT + 30, MIDNIGHT + 60):
        stand.ledger.append_row(other, MinuteRow(minute, np.full(other.columns, 9, np.int16)))
    stand.tidy()
    assert [tail.layout for tail in stand.ledger.tails] == [other]
    stand.layout = other
    stand.write(MIDNIGHT + 60, DAY)
    ledger = stand.mount()
    labels = [(v.label.start, v.label.end) for v in ledger.volumes.of_kind(VolumeKind.MINUTES)]
    assert labels == [(MIDNIGHT, MIDNIGHT + 30), (MIDNIGHT + 30, MIDNIGHT + DAY)]
    assert sorted(minutes(ledger)) == list(range(MIDNIGHT, MIDNIGHT + 60 + DAY))


def test_layouts_that_changed_within_a_month_are_joined_side_by_side() -> None:
    stand = StoreStand(256)
    stand.write(FIRST_SPAN, 10 * 24, step=60)
    stand.layout = Layout(3, 1)
    stand.write(FIRST_SPAN + 10 * DAY, 22 * 24, step=60)
    volume = stand.ledger.volumes.of_kind(VolumeKind.ROLLUP)[0]
    blocks = [section.block for section in stand.ledger.sections_of(volume, SectionKind.HOURS)]
    assert [block.layout for block in blocks] == [LAYOUT, Layout(3, 1)]
    assert sum(block.axis.size for block in blocks) == 30 * 24


def test_cold_sectors_take_part_in_wear(monkeypatch: pytest.MonkeyPatch) -> None:
    def spread(moves: int) -> tuple[int, int]:
        monkeypatch.setattr(compaction, "MOVES", moves)
        stand = StoreStand(24)
        stand.write(FIRST_SPAN, 100 * 4, step=360)
        for day in range(100, 700):
            stand.write(FIRST_SPAN + day * DAY, 1)
        assert verify(stand.mount()).wrong == []
        return min(stand.flash.erased), max(stand.flash.erased)

    still, moved = spread(0), spread(64)
    assert moved[0] > still[0]
    assert moved[1] < 3 * moved[0]


def test_work_is_done_in_steps_between_which_rows_are_written() -> None:
    stand = StoreStand(64)
    stand.write(MIDNIGHT, 1_441, tidy=False)
    minute = MIDNIGHT + 1_441
    for _ in stand.compaction.steps():
        stand.ledger.append_row(LAYOUT, MinuteRow(minute, values(minute)))
        minute += 1
    stand.ledger.sync()
    assert minute > MIDNIGHT + 1_445
    assert sorted(minutes(stand.mount())) == list(range(MIDNIGHT, minute))


def test_bad_sectors_cost_nothing_but_themselves() -> None:
    bad = Defects(
        fail_to_erase={3, 11},
        fail_to_program={5, 17},
        stuck_at_0={7 * 4096 + 99: 0x10},
        stuck_at_1={n * 4096 + 777: 0xFF for n in (9, 21)},
    )
    stand = StoreStand(48, bad)
    stand.write(MIDNIGHT, 12 * DAY)
    found = minutes(stand.mount())
    assert sorted(found) == list(range(min(found), MIDNIGHT + 12 * DAY))
    assert all(numbers == values(minute).tolist() for minute, numbers in found.items())
    assert stand.ledger.pool.retired >= 3  # those that can still be marked are known at the start
    assert verify(stand.ledger).wrong == []


def test_sectors_that_go_bad_while_they_are_used_cost_nothing_either() -> None:
    stand = StoreStand(64)
    for day in range(20):
        stand.write(MIDNIGHT + day * DAY, DAY)
        stand.flash.defects.fail_to_program.add(day)
        stand.flash.defects.fail_to_erase.add(63 - day // 4)
    found = minutes(stand.mount())
    assert sorted(found) == list(range(min(found), MIDNIGHT + 20 * DAY))
    hourly = stored(stand.ledger, SectionKind.HOURS, VolumeKind.ROLLUP)
    assert sorted(hourly) == list(range(MIDNIGHT, MIDNIGHT + 19 * DAY, 60))


def test_after_an_error_the_work_is_done_again() -> None:
    stand = StoreStand()
    stand.write(MIDNIGHT, 1_441, tidy=False)
    steps = stand.compaction.steps()
    for _ in range(4):
        next(steps)
    steps.close()
    again = Compaction(stand.ledger)
    for _ in again.steps():
        pass
    assert stand.ledger.closed_end == MIDNIGHT + DAY
    assert sorted(minutes(stand.mount())) == list(range(MIDNIGHT, MIDNIGHT + 1_441))


def test_damaged_days_do_not_stop_a_month_from_being_joined() -> None:
    stand = StoreStand(256)
    stand.write(FIRST_SPAN, 29 * 24, step=60)
    victim = stand.ledger.volumes.of_kind(VolumeKind.ROLLUP)[5]
    stand.flash.data[victim.sectors[0] * 4096 + 600] ^= 0xFF
    stand.write(FIRST_SPAN + 29 * DAY, 3 * 24, step=60)
    found = stored(stand.ledger, SectionKind.HOURS, VolumeKind.ROLLUP)
    lost = set(range(victim.label.start, victim.label.end, 60))
    assert set(found) == set(range(FIRST_SPAN, FIRST_SPAN + 31 * DAY, 60)) - lost
    assert stand.ledger.unreadable >= 1


def test_the_limits_are_years() -> None:
    assert space.HOURS_KEPT_DAYS >= 1_095
    assert space.DAYS_KEPT_DAYS > space.HOURS_KEPT_DAYS
