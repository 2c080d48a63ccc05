"""A finished English sentence is found again in the catalogue and said in German."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmanager.language.sentence import LONGEST, Pattern, Voice, patterns_of
from webmanager.language.tongue import ENGLISH, tongue

GERMAN = tongue("de")
TEXTS = {
    "{where} stands at {value}": "{where} steht auf {value}",
    "the sun": "die Sonne",
    "{text}, since {time}": "{text}, seit {time}",
    "Dec": "Dez.",
    "{one} {two} {three} {four} aaaaa": "{one}",
}
VOICE = Voice(lambda text: TEXTS.get(text, text), patterns_of(TEXTS), comma=True, day_mark=".")


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("the sun", "die Sonne"),
        ("The sun.", "Die Sonne."),
        ("the sun stands at 1.5 V", "die Sonne steht auf 1,5 V"),
        ("the sun stands at 1.5 V, since 5 Dec 2026.", "die Sonne steht auf 1,5 V, seit 5. Dez. 2026."),
        ("firmware 1.5 of nobody knows", "firmware 1.5 of nobody knows"),
        ("the moon shines at 2.25 °C", "the moon shines at 2,25 °C"),
        ("The sun. The sun stands at 2 V.", "Die Sonne. Die Sonne steht auf 2 V."),
        ("", ""),
        ("12.5", "12.5"),
    ],
)
def test_a_sentence_is_said_as_far_as_it_is_known(english: str, german: str) -> None:
    assert VOICE.sentence(english) == german


def test_a_text_knows_what_stands_in_its_places() -> None:
    pattern = Pattern("{where} voltage {value}, over its limit of {limit}.")
    assert pattern.values("S1-2 voltage 14.3 V, over its limit of 14.1 V.") == {
        "where": "S1-2",
        "value": "14.3 V",
        "limit": "14.1 V",
    }
    assert pattern.values("S1-2 voltage 14.3 V, under its limit of 14.1 V.") is None
    assert Pattern("{a} and {a}").values("x and y") is None
    assert Pattern("{a} and {a}").values("x and x") == {"a": "x"}


@given(st.text(alphabet="a ,.{}S1-", max_size=LONGEST))
def test_no_text_makes_it_stumble(text: str) -> None:
    assert isinstance(VOICE.sentence(text), str)


def test_a_text_that_is_too_long_stays_as_it_is() -> None:
    assert VOICE.sentence("the sun, since " + "a" * LONGEST) == "the sun, since " + "a" * LONGEST


@pytest.mark.parametrize(
    ("english", "german"),
    [
        (
            "S3-17 voltage 13.03 V, 4.2 % below its string (limit 2.0 %), since 10:00:00 UTC on 5 Dec 2026.",
            "S3-17 Spannung 13,03 V, 4,2 % unter ihrem Strang (Grenzwert 2,0 %), seit 5. Dez. 2026, 10:00:00 UTC.",
        ),
        (
            "Bus cable open behind S7-24 (8 modules silent), since 10:00:00 UTC on 22 Oct 2026.",
            "Buskabel unterbrochen hinter S7-24 (8 Module stumm), seit 22. Okt. 2026, 10:00:00 UTC.",
        ),
        (
            "On battery: strings 1 to 8 deliver 120 A, since 1:00:00 UTC on 1 Jun 2026.",
            "Batteriebetrieb: Stränge 1 bis 8 liefern 120 A, seit 1. Juni 2026, 1:00:00 UTC.",
        ),
        ("Likely 2 shorted cells: exchange this battery; do not boost-charge the string.", None),
        ("S7-1: Voltage off its string, normal again after 3 min.", None),
        ("Input should be greater than or equal to 1", "Mindestens 1 wird erwartet"),
    ],
)
def test_alarms_and_errors_in_german(english: str, german: str | None) -> None:
    said = GERMAN.sentence(english)
    assert said != english
    assert said == (german or said)
    assert ENGLISH.sentence(english) == english
