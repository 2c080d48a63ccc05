"""A language: its texts, its decimal sign, and who speaks it when."""

import asyncio

import pytest

from webmanager.language.negotiation import best_of
from webmanager.language.spoken import gettext, ngettext, speaking, spoken
from webmanager.language.tongue import ENGLISH, NAMES, tongue


@pytest.mark.parametrize("code", NAMES)
def test_every_language_can_be_read_and_is_read_once(code: str) -> None:
    assert tongue(code).code == code
    assert tongue(code) is tongue(code)


def test_a_language_nobody_knows_is_english() -> None:
    assert tongue("xx") is ENGLISH


def test_english_says_what_it_was_given_and_an_empty_text_stays_empty() -> None:
    assert ENGLISH.say("Status") == "Status"
    assert tongue("de").say("") == ""
    assert [ENGLISH.count("one", "many", n) for n in (0, 1, 2)] == ["many", "one", "many"]


def test_the_decimal_sign_is_the_language_s_unless_wished_otherwise() -> None:
    german = tongue("de")
    assert german.comma
    assert not german.with_sign("point").comma
    assert german.with_sign("language") is german
    assert ENGLISH.with_sign("comma").comma
    assert german.with_sign("point") != german


def test_a_text_that_lacks_a_translation_is_shown_in_english() -> None:
    with speaking(tongue("de")):
        assert gettext("nobody ever said this") == "nobody ever said this"
        assert ngettext("nobody said this", "nobody said these", 2) == "nobody said these"


async def test_tasks_speak_each_in_its_own_language() -> None:
    heard: list[str] = []

    async def listen(code: str) -> None:
        with speaking(tongue(code)):
            await asyncio.sleep(0)
            heard.append(spoken().code)

    await asyncio.gather(listen("de"), listen("en"), listen("de"))
    assert heard == ["de", "en", "de"]
    assert spoken() is ENGLISH


@pytest.mark.parametrize(
    ("header", "best"),
    [
        ("", None),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en-US,en;q=0.9,de;q=0.8", "en"),
        ("fr,de;q=0.3,en;q=0.2", "de"),
        ("fr, es", None),
        ("de;q=0, en;q=0.1", "en"),
        ("de;q=zero", None),
        ("*", None),
        (", ;;q=,de", "de"),
        ("DE", "de"),
    ],
)
def test_the_best_language_of_a_header(header: str, best: str | None) -> None:
    assert best_of(header, NAMES) == best


def test_an_endless_header_is_not_read_to_its_end() -> None:
    assert best_of("fr," * 1000 + "de", NAMES) is None
