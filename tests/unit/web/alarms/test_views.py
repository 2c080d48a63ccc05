"""Cards and lines in words: moments, steps, facts, load; pure, without a server."""

from dataclasses import replace
from datetime import UTC, timedelta, timezone

import pytest

from fakes.alarm_bench import AlarmBench
from fakes.events import AT, event
from webmanager.domain.alarm_load import AlarmLoad
from webmanager.domain.events import Change, Delivery
from webmanager.domain.installation import BlockType, Installation
from webmanager.language.spoken import speaking
from webmanager.language.tongue import tongue
from webmanager.web.alarms.event_log import Logged
from webmanager.web.alarms.objects import alarm_object, counts_object, pending_object
from webmanager.web.alarms.views import (
    Place,
    card_of,
    delivery_view,
    groups_of,
    label_of,
    line_of,
    load_rows,
    moment_view,
    shelves_of,
)

ROOM = Installation(32, 2, BlockType())
HERE = Place(AT, UTC, ROOM)
EAST = timezone(timedelta(hours=3))
QUIET = AlarmLoad(0, 0, 0, 0, 0, None)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("ago_s", "short"),
    [(0.0, "22:13:20"), (3600.0, "21:13:20"), (86_400.0, "13 Nov 22:13"), (400 * 86_400.0, "10 Oct 2022 22:13")],
)
def test_a_moment_says_no_more_than_one_needs(ago_s: float, short: str) -> None:
    assert plain(moment_view(AT - ago_s, HERE).short) == short


def test_a_moment_is_in_the_zone_of_the_page_and_in_utc_for_machines() -> None:
    there = moment_view(AT, Place(AT, EAST, ROOM))
    assert (there.short, there.iso) == ("01:13:20", "2023-11-14T22:13:20.000Z")


def test_shelves_end_in_the_morning_and_never_after_a_day() -> None:
    for hour in range(24):
        now = AT + 3600.0 * hour
        *_, last = shelves_of(Place(now, UTC, ROOM))
        assert 0 < float(last.value) <= 86_400
        assert (now + float(last.value)) % 86_400 == 7 * 3600
        assert last.label.endswith("07:00")
    assert shelves_of(HERE)[2].label == "tomorrow 07:00"
    assert shelves_of(Place(AT + 3 * 3600, UTC, ROOM))[2].label == "today 07:00"


def raised(kind: str = "low") -> AlarmBench:
    """A bench with one open alarm."""
    bench = AlarmBench()
    if kind == "low":
        bench.volts[2] = 12.6
    else:
        bench.silence(*range(9, 17))
    bench.scan_for(70)
    return bench


def test_a_card_names_value_limit_and_the_way_to_the_battery() -> None:
    (alarm,) = raised().desk.picture.alarms
    card = card_of(alarm, (), Place(AT + 3600, UTC, ROOM))
    assert [(label, plain(text)) for label, text in card.facts] == [("Value", "12.60 V"), ("Limit", "12.72 V")]
    assert (card.id, card.anchor, card.battery, card.phase) == ("1", "a1", "S1-3", "active")
    assert plain(card.lasts).startswith("59 min")


def test_a_card_of_a_cut_names_all_batteries_and_no_single_one() -> None:
    (alarm,) = raised("cut").desk.picture.alarms
    card = card_of(alarm, (), HERE)
    assert [label for label, _ in card.facts] == ["Batteries"]
    assert card.facts[0][1] == "8: S1-9 to S1-16"
    assert card.battery == ""


@pytest.mark.parametrize(
    ("act", "current", "facts"),
    [
        ("none", "Active", {"Value", "Limit"}),
        ("acknowledge", "Acknowledged", {"Value", "Limit", "Acknowledged"}),
        ("shelve", "Shelved", {"Value", "Limit", "Shelved until"}),
    ],
)
def test_a_card_shows_where_it_stands(act: str, current: str, facts: set[str]) -> None:
    bench = raised()
    if act == "acknowledge":
        bench.desk.acknowledge(1, "kern", bench.at)
    if act == "shelve":
        bench.desk.shelve(1, bench.at + 60, "kern", bench.at)
    card = card_of(bench.desk.picture.alarms[0], (), Place(bench.at, UTC, ROOM))
    steps = [step.word for step in card.steps if step.is_current]
    assert (steps, {label for label, _ in card.facts}) == ([current], facts)
    order = [step.is_done for step in card.steps]
    assert order == sorted(order, reverse=True), "what is done comes before what is not"


def test_messages_are_counted_and_the_failed_ones_too() -> None:
    (alarm,) = raised().desk.picture.alarms
    good, bad = Delivery(1, "job", "mail", "delivered", AT, "250"), Delivery(1, "job", "sms", "failed", AT, "", 3)
    card = card_of(alarm, [Logged(event(2), (bad,)), Logged(event(1), (good, bad))], HERE)
    assert ([one.target for one in card.deliveries], card.failed) == (["mail", "sms", "sms"], 2)


def test_cards_stand_under_three_headings() -> None:
    bench = raised()
    bench.volts[20] = 12.7
    bench.scan(3)
    groups = groups_of(bench.desk.picture, bench.desk.limits, {}, Place(bench.at, UTC, bench.installation))
    assert [(group.key, len(group.cards)) for group in groups] == [("active", 1), ("acknowledged", 0), ("waiting", 2)]
    waiting = groups[2].cards[0]
    assert (waiting.id, waiting.phase, waiting.battery) == ("", "pending", "S2-5")
    assert len({card.anchor for group in groups for card in group.cards}) == 3


def test_a_delivery_says_how_many_attempts_it_took() -> None:
    view = delivery_view(Delivery(1, "job", "mail", "failed", AT, "timeout", 8), HERE)
    assert (view.result, view.proof, view.is_bad) == ("failed, attempt 8", "timeout", True)
    assert delivery_view(Delivery(1, "job", "mail", "expired", AT), HERE).result == "expired"


def test_a_line_of_the_log() -> None:
    line = line_of(Logged(event(by="kern", change=Change.ACKNOWLEDGED)), HERE)
    assert (line.label, line.change_word, line.by, line.failed) == ("Voltage high", "acknowledged", "kern", 0)
    assert line_of(Logged(replace(event(), kind="battery_exchanged")), HERE).label == "battery exchanged"


def test_what_people_wrote_is_never_translated() -> None:
    comment = event(change=Change.COMMENTED, text="Stop a boost charge.")
    with speaking(tongue("de")):
        assert line_of(Logged(comment), HERE).text == "Stop a boost charge."
        assert label_of("voltage_high") != "Voltage high"


@pytest.mark.parametrize(
    ("load", "over"),
    [
        (QUIET, []),
        (replace(QUIET, last_10_min=10, last_day=12, standing=4), []),
        (replace(QUIET, last_10_min=11), ["Last 10 minutes"]),
        (replace(QUIET, last_day=13), ["Last 24 hours"]),
        (replace(QUIET, standing=5), ["Open longer than 24 h"]),
        (replace(QUIET, chattering=1), ["Chattering"]),
    ],
)
def test_the_load_is_marked_where_it_is_over_its_target(load: AlarmLoad, over: list[str]) -> None:
    assert [row.label for row in load_rows(load) if row.is_over] == over


def test_an_answer_nobody_gave_is_a_dash() -> None:
    assert load_rows(QUIET)[-1].value == "–"
    assert plain(load_rows(replace(QUIET, answer_s=540.0))[-1].value) == "9 min"


def test_objects_of_the_api_hold_plain_values_only() -> None:
    bench = raised()
    bench.volts[20] = 12.7
    bench.scan(3)
    picture = bench.desk.picture
    objects = [alarm_object(picture.alarms[0]), counts_object(picture)]
    objects += [pending_object(one, bench.desk.limits, bench.installation) for one in picture.pending]
    plain_types = (str, int, float, bool, list, type(None))
    assert all(isinstance(value, plain_types) for one in objects for value in one.values())
    assert (objects[1]["open"], objects[1]["alarm"], objects[2]["address"]) == (1, 1, 21)
