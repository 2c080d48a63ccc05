"""What people know of each battery outlives a restart, whatever stands in the file."""

from datetime import date

import pytest

from fakes.state import MemoryStateKeeper
from webmanager.engine.battery_notes import (
    DOCUMENT,
    EMPTY,
    LONGEST_LABEL,
    LONGEST_TEXT,
    MOST_EXCHANGES,
    BatteryNotes,
    Exchange,
)

DAY = date(2026, 5, 31)


def reread(keeper: MemoryStateKeeper) -> BatteryNotes:
    notes = BatteryNotes(keeper)
    notes.load()
    return notes


def test_a_note_is_kept() -> None:
    keeper = MemoryStateKeeper()
    written = reread(keeper).write(81, "  bolt is worn ", DAY)
    assert written.text == "bolt is worn"
    assert reread(keeper).of(81) == written
    assert reread(keeper).of(82) is EMPTY


def test_an_exchange_ends_the_old_note_and_is_remembered() -> None:
    keeper = MemoryStateKeeper()
    notes = reread(keeper)
    notes.write(81, "old", date(2015, 1, 1))
    notes.exchange(81, "anna", 1000.0, DAY)
    kept = reread(keeper).of(81)
    assert (kept.text, kept.installed_on, kept.exchanges) == ("", DAY, (Exchange(1000.0, "anna"),))
    assert reread(keeper).write(81, "new", DAY).exchanges == kept.exchanges


def test_texts_and_exchanges_are_bounded() -> None:
    notes = reread(MemoryStateKeeper())
    assert len(notes.write(1, "x" * 5000, None).text) == LONGEST_TEXT
    for number in range(MOST_EXCHANGES + 5):
        notes.exchange(1, "anna", float(number), DAY)
    kept = notes.of(1).exchanges
    assert len(kept) == MOST_EXCHANGES
    assert kept[-1].at == MOST_EXCHANGES + 4


@pytest.mark.parametrize(
    "row",
    [7, None, {"text": None}, {"installed_on": "soon"}, {"exchanges": [{"at": "x", "by": 1}]}, {"exchanges": 5}],
)
def test_what_cannot_be_understood_is_left_out(row: object) -> None:
    keeper = MemoryStateKeeper()
    keeper.save(DOCUMENT, {"batteries": {"5": row, "x": {}, "6": {"text": "good"}}})
    notes = reread(keeper)
    assert notes.of(5) == EMPTY
    assert notes.of(6).text == "good"


def test_a_document_of_another_kind_is_no_trouble() -> None:
    keeper = MemoryStateKeeper()
    keeper.save(DOCUMENT, {"batteries": [1, 2]})
    assert reread(keeper).all == {}


def test_a_label_is_kept_on_one_line_and_stays_when_the_battery_is_exchanged() -> None:
    keeper = MemoryStateKeeper()
    notes = reread(keeper)
    assert notes.write(81, "", None, "  rack 4,\n shelf 2 ").label == "rack 4, shelf 2"
    notes.exchange(81, "anna", 1000.0, DAY)
    assert reread(keeper).of(81).label == "rack 4, shelf 2"
    assert len(notes.write(81, "", None, "x" * 500).label) == LONGEST_LABEL
