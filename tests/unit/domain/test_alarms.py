"""The book of open alarms: one raised, one cleared, and what people do in between."""

from dataclasses import replace

import pytest

from webmanager.domain.alarms import LONGEST_COMMENT, MOST_COMMENTS, Alarm, AlarmBook, Found, counts, duration
from webmanager.domain.errors import ConfigError
from webmanager.domain.events import Change, Event, Severity, Source

AT = 1_700_000_000.0
SLOT = ("battery", 17)
FOUND = Found(
    kind="voltage_deviation",
    severity=Severity.WARNING,
    source=Source("S2-1", 2, 17),
    where="S2-1",
    text="S2-1 voltage 13.03 V, 4.2 % below its string.",
    advice="Exchange this battery.",
    value=3.1,
    limit=2.0,
    unit="%",
    since_at=AT - 60.0,
    affected=(17,),
    kinds=("voltage_deviation",),
)
GRAVE = replace(FOUND, severity=Severity.ALARM, value=4.2, limit=4.0)


def changes(events: list[Event]) -> list[Change]:
    return [event.change for event in events]


def raised(found: Found = FOUND) -> tuple[AlarmBook, Alarm]:
    book = AlarmBook()
    book.settle(SLOT, found, AT)
    return book, book.alarms[SLOT]


def test_what_is_found_is_raised_once_and_cleared_once() -> None:
    book = AlarmBook()
    (event,) = book.settle(SLOT, FOUND, AT)
    assert (event.change, event.kind, event.severity, event.source.name) == (
        Change.RAISED, "voltage_deviation", Severity.WARNING, "S2-1",
    )  # fmt: skip
    assert (event.value, event.limit, event.unit, event.affected, event.alarm) == (3.1, 2.0, "%", (17,), 1)
    assert book.settle(SLOT, replace(FOUND, value=3.3), AT + 10) == []
    (cleared,) = book.settle(SLOT, None, AT + 8040)
    assert cleared.change is Change.CLEARED
    assert cleared.text == "S2-1: voltage off its string, normal again after 2 h 15 min."
    assert (cleared.alarm, cleared.advice) == (1, "")
    assert book.settle(SLOT, None, AT + 8050) == []
    assert book.alarms == {}


def test_it_may_worsen_and_then_needs_an_answer_again() -> None:
    book, alarm = raised()
    book.acknowledge(alarm.id, "kern", AT + 5)
    (event,) = book.settle(SLOT, GRAVE, AT + 20)
    assert (event.change, event.severity, event.value) == (Change.WORSENED, Severity.ALARM, 4.2)
    assert book.alarms[SLOT].state == "active"
    assert book.settle(SLOT, GRAVE, AT + 30) == []


def test_it_does_not_flap_between_its_tiers() -> None:
    book, _ = raised(GRAVE)
    for minute in range(5):
        assert book.settle(SLOT, FOUND, AT + 60 * minute) == []
        assert book.settle(SLOT, GRAVE, AT + 60 * minute + 30) == []
    assert book.alarms[SLOT].severity is Severity.ALARM


def test_another_symptom_joins_in_silence_an_urgent_one_does_not() -> None:
    book, _ = raised(GRAVE)
    joined = replace(GRAVE, kinds=("voltage_deviation", "ri_rise"))
    assert book.settle(SLOT, joined, AT + 10) == []
    urgent = replace(
        joined, kind="thermal_runaway", urgent=("thermal_runaway",), kinds=(*joined.kinds, "thermal_runaway")
    )
    (event,) = book.settle(SLOT, urgent, AT + 20)
    assert (event.change, event.kind, event.severity) == (Change.WORSENED, "thermal_runaway", Severity.ALARM)
    assert book.settle(SLOT, urgent, AT + 30) == []
    assert book.settle(SLOT, None, AT + 40)[0].kind == "thermal_runaway"


def test_what_it_stands_for_only_grows_and_its_place_stays_as_it_was_told() -> None:
    book, _ = raised(replace(FOUND, affected=(17, 18)))
    book.settle(SLOT, replace(FOUND, affected=(18, 19), source=Source("elsewhere")), AT + 10)
    found = book.alarms[SLOT].found
    assert (found.affected, found.source.name) == ((17, 18, 19), "S2-1")


def test_newer_figures_make_no_event() -> None:
    book, _ = raised()
    book.refresh(SLOT, replace(FOUND, value=3.9, text="newer"))
    assert (book.alarms[SLOT].found.value, book.alarms[SLOT].found.text) == (3.9, "newer")
    book.refresh(("battery", 1), FOUND)
    assert list(book.alarms) == [SLOT]


def test_acknowledging_twice_is_once() -> None:
    book, alarm = raised()
    (event,) = book.acknowledge(alarm.id, "kern", AT + 5)
    assert (event.change, event.by, event.alarm) == (Change.ACKNOWLEDGED, "kern", 1)
    assert book.acknowledge(alarm.id, "other", AT + 6) == []
    kept = book.by_id(1)
    assert (kept.acknowledged_by, kept.acknowledged_at, kept.state) == ("kern", AT + 5, "acknowledged")


def test_an_acknowledgement_can_be_taken_back_once() -> None:
    book, alarm = raised()
    assert book.unacknowledge(alarm.id, "kern", AT) == []
    book.acknowledge(alarm.id, "kern", AT + 5)
    (event,) = book.unacknowledge(alarm.id, "other", AT + 9)
    assert (event.change, event.by, event.text) == (Change.UNACKNOWLEDGED, "other", FOUND.text)
    assert (book.by_id(1).state, book.by_id(1).acknowledged_at) == ("active", None)


def test_nobody_can_touch_what_is_not_open() -> None:
    book, _ = raised()
    for action in (
        lambda: book.acknowledge(99, "kern", AT),
        lambda: book.unacknowledge(99, "kern", AT),
        lambda: book.shelve(99, AT + 60, "kern", AT),
        lambda: book.unshelve(99, "kern", AT),
        lambda: book.comment(99, "words", "kern", AT),
    ):
        with pytest.raises(ConfigError, match="alarm 99 is not open"):
            action()


def test_a_shelf_ends_by_itself_and_says_so() -> None:
    book, alarm = raised()
    assert changes(book.shelve(alarm.id, AT + 3600, "kern", AT)) == [Change.SHELVED]
    assert book.by_id(1).state == "shelved"
    assert book.expire(AT + 3599) == []
    (event,) = book.expire(AT + 3600)
    assert (event.change, event.by) == (Change.UNSHELVED, None)
    assert book.by_id(1).state == "active"
    assert book.expire(AT + 3601) == []


@pytest.mark.parametrize("until", [AT, AT - 1, AT + 24 * 3600 + 1, float("nan"), float("inf")])
def test_a_shelf_is_never_longer_than_a_day(until: float) -> None:
    book, alarm = raised()
    with pytest.raises(ConfigError, match="24 h"):
        book.shelve(alarm.id, until, "kern", AT)


def test_a_clock_that_is_set_back_does_not_prolong_a_shelf() -> None:
    book, alarm = raised()
    book.shelve(alarm.id, AT + 3600, "kern", AT)
    assert changes(book.expire(AT - 40 * 86_400)) == [Change.UNSHELVED]


def test_what_is_shelved_comes_and_goes_in_silence_until_the_shelf_ends() -> None:
    book, alarm = raised()
    book.shelve(alarm.id, AT + 3600, "kern", AT)
    assert changes(book.settle(SLOT, None, AT + 10)) == [Change.CLEARED]
    assert changes(book.settle(SLOT, FOUND, AT + 20)) == [Change.SHELVED]
    assert book.alarms[SLOT].state == "shelved"
    assert changes(book.expire(AT + 3600)) == [Change.UNSHELVED]


def test_a_shelf_can_be_ended_by_hand() -> None:
    book, alarm = raised()
    book.shelve(alarm.id, AT + 3600, "kern", AT)
    assert changes(book.unshelve(alarm.id, "kern", AT + 5)) == [Change.UNSHELVED]
    assert book.unshelve(alarm.id, "kern", AT + 6) == []
    assert book.shelves == {}


def test_comments_are_kept_and_bounded() -> None:
    book, alarm = raised()
    (event,) = book.comment(alarm.id, "  spare part ordered ", "kern", AT + 5)
    assert (event.change, event.text, event.by) == (Change.COMMENTED, "spare part ordered", "kern")
    assert book.by_id(1).comments[0].text == "spare part ordered"
    for text in ("", "   ", "x" * (LONGEST_COMMENT + 1)):
        with pytest.raises(ConfigError):
            book.comment(alarm.id, text, "kern", AT)
    for number in range(MOST_COMMENTS - 1):
        book.comment(alarm.id, f"note {number}", "kern", AT)
    with pytest.raises(ConfigError, match="already"):
        book.comment(alarm.id, "one more", "kern", AT)


def test_numbers_are_never_used_twice() -> None:
    book = AlarmBook()
    events = [*book.settle(SLOT, FOUND, AT), book.happened("login", "kern logged in.", AT, "kern")]
    events += book.settle(("battery", 3), FOUND, AT)
    events.append(book.escalated(events[0], "Nobody has answered.", AT + 600))
    assert [event.id for event in events] == [1, 2, 3, 4]
    assert [event.alarm for event in events] == [1, None, 2, 1]
    assert changes(events) == [Change.RAISED, Change.HAPPENED, Change.RAISED, Change.ESCALATED]


def test_the_gravest_and_newest_come_first() -> None:
    book = AlarmBook()
    for number, found in enumerate([FOUND, GRAVE, FOUND, GRAVE], start=1):
        book.settle(("battery", number), found, AT)
    assert [alarm.id for alarm in book.sorted()] == [4, 2, 3, 1]
    assert counts(book.sorted()) == {Severity.NOTICE: 0, Severity.WARNING: 2, Severity.ALARM: 2}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"),
        (41.9, "41 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (8040, "2 h 14 min"),
        (86_400, "1 d"),
        (97_200, "1 d 3 h"),
    ],
)
def test_durations_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words
