"""The stored log: what a filter means, and which delivery belongs to which event."""

from collections.abc import Sequence
from dataclasses import asdict, replace

import pytest

from fakes.events import AT, event
from webmanager.domain.events import Change, Delivery, Event, Severity, Source
from webmanager.domain.installation import BlockType, Installation
from webmanager.engine.event_document import write_event
from webmanager.engine.history_ports import EventRecord
from webmanager.web.alarms.event_log import (
    DELIVERED_WITHIN_S,
    MOST_READ,
    Wanted,
    by_alarm,
    delivery_of,
    event_of,
    joined,
    place_in,
    read_log,
)

ROOM = Installation(256, 8, BlockType())


def record(one: Event) -> EventRecord:
    return EventRecord(one.at, one.kind, write_event(one))


def delivery(number: int, at: float, target: str = "mail") -> EventRecord:
    return EventRecord(at, "delivery", asdict(Delivery(number, "job", target, "delivered", at, "250 OK", 1)))


class Reader:
    """A store with so many events of one kind, one a second; counts how much was asked for."""

    def __init__(self, kinds: Sequence[str]) -> None:
        self.records = [record(event(number, kind=kind, at=AT + number)) for number, kind in enumerate(kinds)]
        self.asked: list[tuple[float | None, float | None, int]] = []

    def events(self, from_s: float | None, to_s: float | None, limit: int) -> Sequence[EventRecord]:
        self.asked.append((from_s, to_s, limit))
        return self.records[::-1][:limit]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("S3-17", {"address": 81}),
        ("s8-32", {"address": 256}),
        (" S1-1 ", {"address": 1}),
        ("S3", {"string": 3}),
        ("3", {"string": 3}),
        ("string 8", {"string": 8}),
        ("S9", {"source": "S9"}),
        ("string 0", {"source": "string 0"}),
        ("S3-33", {"source": "S3-33"}),
        ("bus", {"source": "bus"}),
        ("", {"source": ""}),
    ],
)
def test_names_of_places(text: str, meant: dict[str, object]) -> None:
    assert place_in(ROOM, text) == meant


@pytest.mark.parametrize(
    ("wanted", "has"),
    [
        (Wanted(), True),
        (Wanted(kind="voltage_high"), True),
        (Wanted(kind="voltage_*"), True),
        (Wanted(kind="*low*"), False),
        (Wanted(kind="VOLTAGE_HIGH"), False),
        (Wanted(severity=Severity.ALARM), True),
        (Wanted(change=Change.CLEARED), False),
        (Wanted(alarm=7), True),
        (Wanted(alarm=8), False),
        (Wanted(address=81), True),
        (Wanted(address=82), False),
        (Wanted(string=3), True),
        (Wanted(string=4), False),
        (Wanted(source="Battery S3-17"), True),
        (Wanted(source="battery"), False),
    ],
)
def test_what_is_wanted(wanted: Wanted, has: bool) -> None:
    assert wanted.has(event()) is has


def test_a_milder_event_is_below_the_least_severity() -> None:
    mild = event(severity=Severity.NOTICE)
    assert not Wanted(severity=Severity.WARNING).has(mild)
    assert Wanted(severity=Severity.NOTICE).has(mild)


def test_a_battery_is_also_found_in_the_alarm_that_stands_for_it() -> None:
    cut = event(source=Source("string 7", 7), affected=(217, 218))
    assert Wanted(address=218).has(cut)
    assert not Wanted(address=219).has(cut)


def test_deliveries_go_to_their_event_in_the_order_they_came() -> None:
    records = [delivery(1, AT + 9, "b"), delivery(1, AT + 3, "a"), delivery(2, AT + 2), record(event(1, at=AT))]
    (found,) = joined(records, Wanted())
    assert [one.target for one in found.deliveries] == ["a", "b"]


def test_a_delivery_before_its_event_belongs_to_nobody() -> None:
    (found,) = joined([delivery(1, AT - 60.0), record(event(1, at=AT))], Wanted())
    assert found.deliveries == ()


def test_an_event_that_is_not_wanted_takes_its_deliveries_along() -> None:
    old, new = event(1, at=AT), event(1, at=AT + 100, kind="bus_open")
    records = [delivery(1, AT + 101), record(new), record(old)]
    (found,) = joined(records, Wanted(kind="voltage_high"))
    assert (found.event.at, found.deliveries) == (AT, ())


def test_what_lies_behind_the_end_is_read_for_deliveries_only() -> None:
    records = [record(event(2, at=AT + 50)), delivery(1, AT + 20), record(event(1, at=AT))]
    (found,) = joined(records, Wanted(to_s=AT + 10))
    assert (found.event.id, len(found.deliveries)) == (1, 1)


@pytest.mark.parametrize(
    "document", [{}, {"event": 1}, {"event": "x", "job": "j", "target": "t", "result": "r", "at": 1}]
)
def test_a_damaged_delivery_is_left_out(document: dict[str, object]) -> None:
    assert delivery_of(document) is None


def test_a_delivery_of_a_later_version_is_read_as_far_as_it_is_known() -> None:
    document = asdict(Delivery(1, "job", "mail", "delivered", AT, "250 OK")) | {"colour": "blue"}
    made = delivery_of(document)
    assert made is not None
    assert made.proof == "250 OK"


def test_an_event_is_read_back_as_it_was() -> None:
    assert event_of(record(event())) == event()


def test_a_record_that_is_no_event_keeps_its_kind_and_time() -> None:
    made = event_of(EventRecord(AT, "power_cut", {}))
    assert (made.kind, made.at, made.change, made.text) == ("power_cut", AT, Change.HAPPENED, "power cut")


def test_it_reads_no_more_than_it_must() -> None:
    reader = Reader(["voltage_high"] * 5000)
    assert len(read_log(reader, Wanted(limit=50))) == 50  # type: ignore[arg-type]
    assert len(reader.asked) == 1


def test_it_reads_on_until_there_are_enough_or_nothing_is_left() -> None:
    reader = Reader(["bus_open"] * 3 + ["voltage_high"] * 3000)
    found = read_log(reader, Wanted(limit=2, kind="bus_open"))  # type: ignore[arg-type]
    assert [one.event.id for one in found] == [2, 1]
    assert [limit for *_, limit in reader.asked] == sorted({limit for *_, limit in reader.asked})
    assert read_log(reader, Wanted(limit=2, kind="nothing")) == []  # type: ignore[arg-type]


def test_it_never_reads_without_an_end() -> None:
    reader = Reader(["voltage_high"] * (MOST_READ + 5000))
    assert read_log(reader, Wanted(limit=1, kind="nothing")) == []  # type: ignore[arg-type]
    assert max(limit for *_, limit in reader.asked) == MOST_READ


def test_the_store_is_asked_far_enough_for_late_deliveries() -> None:
    reader = Reader(["voltage_high"])
    read_log(reader, Wanted(from_s=AT, to_s=AT + 60))  # type: ignore[arg-type]
    assert reader.asked[0][:2] == (AT, AT + 60 + DELIVERED_WITHIN_S)


def test_events_by_their_alarm() -> None:
    raised, login = event(1), event(3, alarm=None)
    log = joined([record(login), record(replace(raised, id=2, change=Change.CLEARED)), record(raised)], Wanted())
    assert {alarm: [one.event.id for one in entries] for alarm, entries in by_alarm(log).items()} == {7: [2, 1]}
