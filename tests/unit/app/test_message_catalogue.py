"""The translations keep in step with what is said."""

import re
from string import Formatter

import pytest
from babel.messages.catalog import Catalog

from webmanager.app import message_catalogue
from webmanager.app.message_catalogue import brought_up_to_date, collected, path_of, read, written
from webmanager.domain.limits import ROWS
from webmanager.language.tongue import NAMES

OTHERS = [code for code in NAMES if code != "en"]


def places(text: str) -> set[str]:
    """Everything in a text that is filled in later: {name} and %(name)s."""
    named = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    return named | set(re.findall(r"%\((\w+)\)[sd]", text))


def test_texts_come_from_templates_code_tables_and_settings() -> None:
    texts = collected()
    assert "Voltage low on float" in texts
    assert ROWS["voltage_low"].advice in texts
    assert "Name of this device, shown on every page." in texts
    assert "Does not answer. Check the plug of its module and the bus cable; the battery itself may be fine." in texts
    assert texts == sorted(set(texts), key=lambda text: (text, "") if isinstance(text, str) else text)


@pytest.mark.parametrize("code", OTHERS)
def test_everything_that_is_said_has_its_translation(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    missing = message_catalogue.main(["--check"])
    assert missing == 0, capsys.readouterr().out


def test_no_text_holds_markup() -> None:
    assert [text for text in collected() if "<" in str(text)] == []


@pytest.mark.parametrize("code", OTHERS)
def test_the_file_is_as_the_command_writes_it(code: str) -> None:
    assert path_of(code).read_text(encoding="utf-8") == written(read(code), code)


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_has_the_places_of_its_text(code: str) -> None:
    wrong = [
        message.id
        for message in read(code)
        for said, text in zip(_both(message.id), _both(message.string), strict=False)
        if said and text and places(said) != places(text)
    ]
    assert wrong == []


def test_a_translation_is_kept_a_new_text_waits_and_an_old_one_goes() -> None:
    known = Catalog(locale="de")
    known.add("Voltage low on float", "Spannung niedrig")
    known.add("long gone", "längst weg")
    made = brought_up_to_date("de", known)
    assert made["Voltage low on float"].string == "Spannung niedrig"
    assert "long gone" not in made
    assert made["Deep discharge"].string is None


def test_the_check_names_what_is_missing_and_writes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = path_of("de").read_text(encoding="utf-8")
    monkeypatch.setattr(message_catalogue, "collected", lambda: ["a text of tomorrow"])
    assert message_catalogue.main(["--check"]) == 1
    assert "de: not translated: a text of tomorrow" in capsys.readouterr().out
    assert path_of("de").read_text(encoding="utf-8") == before


def _both(text: object) -> tuple[str, ...]:
    return tuple(map(str, text)) if isinstance(text, list | tuple) else (str(text or ""),)
