"""Alarms over a restart: as plain JSON and back, damaged documents included."""

import json
from typing import Any

import pytest

from fakes.observations import AT, room_of, seen_of
from webmanager.domain.alarm_document import event_document, event_from, from_document, to_document
from webmanager.domain.alarms import AlarmBook
from webmanager.domain.events import Change, Event, Severity, Source
from webmanager.domain.judge import Judge
from webmanager.domain.life_cycle import Phase
from webmanager.domain.limits import Change as LimitChange
from webmanager.domain.limits import limits_of
from webmanager.domain.wording import found_in

ROOM = room_of(32, 4)


class Past:
    """A device that has seen a low battery (3, raised) and a warm one (5, pending)."""

    def __init__(self) -> None:
        self.judge = Judge(ROOM, limits_of())
        self.book = AlarmBook()
        for step in range(60):
            seen = seen_of(ROOM, at_s=2.0 * step, voltage_v={3: 12.8}, temperature_c={5: 37.0})
            for slot in self.judge.judge(seen):
                self.book.settle(slot, found_in(self.judge, slot), seen.at)
        self.book.acknowledge(1, "kern", AT + 119)
        self.book.shelve(1, AT + 3600, "kern", AT + 119)
        self.book.comment(1, "ordered", "kern", AT + 119)

    def document(self) -> dict[str, Any]:
        made: dict[str, Any] = json.loads(json.dumps(to_document(self.judge, self.book, AT + 120)))
        return made


def test_everything_comes_back_as_it_was() -> None:
    past = Past()
    judge = Judge(ROOM, limits_of())
    book = from_document(past.document(), judge, AT + 130)
    assert book.alarms == past.book.alarms
    assert (book.shelves, book.next_alarm, book.next_event) == (past.book.shelves, 2, past.book.next_event)
    assert judge.stages() == past.judge.stages()
    assert judge.raised_slots() == {("battery", 3)}


def test_time_away_counts_for_what_was_pending() -> None:
    judge = Judge(ROOM, limits_of())
    from_document(Past().document(), judge, AT + 120 + 100)
    held = {limit.row.kind: judge.cycle.held[cell] for cell, limit, _ in judge.open_cells()}
    assert held["temperature_high"] == pytest.approx(118 + 100)


def test_what_was_pending_long_ago_is_forgotten_what_was_raised_is_not() -> None:
    judge = Judge(ROOM, limits_of())
    from_document(Past().document(), judge, AT + 10_000)
    assert {Phase(phase) for _, phase in judge.stages()} == {Phase.ACTIVE}
    assert judge.raised_slots() == {("battery", 3)}


def test_a_clock_that_starts_in_1970_makes_no_negative_time() -> None:
    judge = Judge(ROOM, limits_of())
    from_document(Past().document(), judge, 12.0)
    assert all(judge.cycle.held[cell] >= 0.0 for cell, _, _ in judge.open_cells())


def test_another_installation_keeps_only_its_numbers() -> None:
    judge = Judge(room_of(16, 4), limits_of())
    book = from_document(Past().document(), judge, AT + 130)
    assert (book.alarms, book.next_alarm, judge.stages()) == ({}, 2, frozenset())


def test_a_tier_that_is_gone_leaves_its_cell_out() -> None:
    off = LimitChange(off=frozenset({Severity.WARNING, Severity.ALARM}))
    judge = Judge(ROOM, limits_of({"voltage_low": off}))
    book = from_document(Past().document(), judge, AT + 130)
    assert judge.raised_slots() == set()
    assert list(book.alarms) == [("battery", 3)]


@pytest.mark.parametrize(
    "damage",
    [
        {"alarms": [{}]},
        {"alarms": None},
        {"cells": [["voltage_low", "warning"]]},
        {"cells": [["voltage_low", "warning", 1, 77, 0.0, 0.0]]},
        {"next_event": "many"},
        {"shelves": [["battery"]]},
    ],
)
def test_damage_is_an_error_that_can_be_caught(damage: dict[str, Any]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        from_document({**Past().document(), **damage}, Judge(ROOM, limits_of()), AT)


def test_an_alarm_of_a_kind_that_is_no_more_is_damage() -> None:
    document = Past().document()
    document["alarms"][0]["kind"] = "old_kind"
    with pytest.raises(ValueError, match="old_kind is no kind"):
        from_document(document, Judge(ROOM, limits_of()), AT)


def test_events_come_back_as_they_were() -> None:
    event = Event(
        7, AT, "voltage_low", Change.WORSENED, Source("S1-3", 1, 3), Severity.ALARM, "text", "advice",
        12.1, 12.7, "V", 3, (3, 4), "kern", "float",
    )  # fmt: skip
    assert event_from(json.loads(json.dumps(event_document(event)))) == event
