from zoneinfo import ZoneInfo

import pytest

from fakes.events import AT, cleared, event, message
from webmanager.domain.events import Change, Delivery, Severity, Source
from webmanager.engine.notify_ports import Curve
from webmanager.language.tongue import tongue
from webmanager.notify.message import HEADINGS, LONGEST_SUBJECT, MOST_LISTED, Device, compose, log_line, one_line, short

CELLAR = Device("Cellar", "Building 4")


def test_one_event_says_what_where_how_much_and_what_to_do() -> None:
    words = compose(message(), CELLAR)
    assert words.subject == "[Cellar] ALARM: Battery S3-17: 14.52 V is above 14.40 V."
    assert words.text == (
        "ALARM  2023-11-14 22:13:20 UTC\n"
        "Battery S3-17: 14.52 V is above 14.40 V.\n"
        "Where: battery S3-17\n"
        "Value: 14.52 V, limit 14.4 V\n"
        "What to do: Check the charger.\n\n"
        "-- \nSent by Cellar, Building 4\n"
    )


def test_times_in_text_and_html_are_those_of_the_readers_zone() -> None:
    words = compose(message(), Device("Cellar", zone=ZoneInfo("Europe/Berlin")))
    assert words.text.startswith("ALARM  2023-11-14 23:13:20 CET\n")
    assert "2023-11-14 23:13:20 CET" in words.html
    assert "UTC" not in words.text


def test_an_all_clear_says_so_and_gives_no_advice() -> None:
    words = compose(message(events=(cleared(event()),)), CELLAR)
    assert words.subject.startswith("[Cellar] ALL-CLEAR: ")
    assert "What to do" not in words.text


def test_the_language_of_the_reader() -> None:
    words = compose(message(language="de"), CELLAR)
    assert "Was zu tun ist: Check the charger." in words.text
    assert 'lang="de"' in words.html


def test_an_alarm_is_told_in_the_language_of_the_reader() -> None:
    told = event(1, text="S3-17 voltage 14.30 V, over its limit of 14.10 V.")
    words = compose(message(events=(told,), language="de"), CELLAR)
    assert "S3-17 Spannung 14,30 V, über dem Grenzwert von 14,10 V." in words.text
    assert words.subject.endswith("S3-17 Spannung 14,30 V, über dem Grenzwert von 14,10 V.")


def test_both_languages_have_the_same_words() -> None:
    assert all(tongue("de").say(text) for text in HEADINGS.values())
    for change in Change:
        assert change is Change.RAISED or change.value in HEADINGS


def test_many_events_are_one_message() -> None:
    events = tuple(event(number, text=f"Number {number}.") for number in range(1, 4))
    words = compose(message(events=(*events, cleared(events[0]))), CELLAR)
    assert words.subject == "[Cellar] 4 events, 3 of them alarms"
    assert all(f"Number {number}." in words.text and f"Number {number}." in words.html for number in range(1, 4))


def test_a_flood_is_cut_and_counted() -> None:
    events = tuple(event(number) for number in range(MOST_LISTED + 23))
    words = compose(message(events=events), CELLAR)
    assert "... and 23 more: see the event log." in words.text
    assert words.text.count("Check the charger") == MOST_LISTED


def test_a_text_of_its_own_stands_alone() -> None:
    words = compose(message(subject="S", text="Line 1\nLine 2 <b>"), CELLAR)
    assert (words.subject, words.text) == ("S", "Line 1\nLine 2 <b>\n\n-- \nSent by Cellar, Building 4\n")
    assert "Line 2 &lt;b&gt;" in words.html


def test_html_shows_marks_and_never_obeys_them() -> None:
    evil = '<script>alert("x")</script>'
    one = event(text=evil, advice=evil, source=Source(evil), by=evil, kind=evil)
    words = compose(message(events=(one,)), Device(evil, evil), Curve(evil, evil, [AT], [1.0]), "trend")
    assert "<script" not in words.html


def test_a_grouped_alarm_lists_its_addresses() -> None:
    words = compose(message(events=(event(affected=(42, 43)),)), CELLAR)
    assert "Addresses: 42, 43" in words.text


@pytest.mark.parametrize(
    ("values", "caption"),
    [
        ([13.5, float("nan"), 13.7], "U, the last 24 hours: 13.5 V to 13.7 V"),
        ([float("nan")], "U"),
    ],
)
def test_the_caption_knows_gaps(values: list[float], caption: str) -> None:
    curve = Curve("U", "V", [AT] * len(values), values)
    assert caption in compose(message(), CELLAR, curve).text


def test_a_value_without_a_limit_and_a_limit_without_a_value() -> None:
    assert "Value: 14.52 V\n" in compose(message(events=(event(limit=None),)), CELLAR).text
    assert "Value: 14.4 V\n" in compose(message(events=(event(value=None),)), CELLAR).text
    assert "Value" not in compose(message(events=(event(value=float("nan"), limit=None),)), CELLAR).text


def test_a_small_screen_gets_one_line() -> None:
    assert short(message(), CELLAR, 160) == "Cellar: ALARM: Battery S3-17: 14.52 V is above 14.40 V."
    assert short(message(text="Call\r\nme"), CELLAR, 160) == "Call me"
    assert short(message(events=(event(), event(2))), CELLAR, 160) == "[Cellar] 2 events, 2 of them alarms"
    assert len(short(message(text="x" * 500), CELLAR, 160)) == 160


def test_one_line_has_no_control_characters_and_an_end() -> None:
    assert one_line("a\r\nb\x00\u2028c\td", 99) == "a b c d"
    assert one_line("abcdef", 4) == "abc…"
    assert len(compose(message(events=(event(text="x" * 999),)), CELLAR).subject) == LONGEST_SUBJECT


def test_the_log_line_is_written_as_this_family_writes_it() -> None:
    sent = Delivery(4, "job", "mail", "delivered", 1_169_051_319.0, "250 ok")
    assert log_line(sent, "mail", "CS121 Event 4") == (
        '01/17/2007,16:28:39, MAIL: subject "CS121 Event 4" successfully sent.'
    )
    failed = Delivery(4, "job", "mail", "failed", 1_169_051_319.0, "550 no\nsuch user")
    assert log_line(failed, "mail", "S").endswith('"S" failed: 550 no such user')


def test_a_notice_is_no_alarm() -> None:
    assert "NOTICE" in compose(message(events=(event(severity=Severity.NOTICE),)), CELLAR).subject
