"""Rules for templates, styles and scripts: nothing inline, no markup made of data, no other host."""

import re
from pathlib import Path

import pytest

from webmanager.web.http.assets import assets
from webmanager.web.looks.judge import Look
from webmanager.web.texts.words import LOOKS, WHY, catalogue

STATIC, TEMPLATES = assets("static"), assets("templates")
SCRIPTS = sorted(STATIC.glob("*.js"))
STYLES = sorted(STATIC.glob("*.css"))
PAGES = sorted(TEMPLATES.glob("*.html"))


def ids(paths: list[Path]) -> list[str]:
    return [path.name for path in paths]


@pytest.mark.parametrize("page", PAGES, ids=ids(PAGES))
def test_a_template_has_nothing_inline(page: Path) -> None:
    text = page.read_text()
    assert not re.search(r"\sstyle=|\son\w+=|javascript:", text)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))
    assert "|safe" not in text.replace(" ", "")
    assert "autoescape" not in text


@pytest.mark.parametrize("script", SCRIPTS, ids=ids(SCRIPTS))
def test_a_script_sets_text_as_text(script: Path) -> None:
    text = script.read_text()
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text)
    assert 'setAttribute("style"' not in text
    assert not re.search(r"https?://", text)


@pytest.mark.parametrize("script", SCRIPTS, ids=ids(SCRIPTS))
def test_a_script_imports_only_what_is_there(script: Path) -> None:
    for name, where in re.findall(r"import \{?([\w ,*]+)\}? from \"\./([\w.]+)\"", script.read_text()):
        source = (STATIC / where).read_text()
        for wanted in [] if "*" in name else [part.strip() for part in name.split(",") if part.strip()]:
            assert re.search(rf"export (async )?(function|const) [^;\n]*\b{wanted}\b", source), (wanted, where)


@pytest.mark.parametrize("style", STYLES, ids=ids(STYLES))
def test_a_style_sheet_asks_no_other_host(style: Path) -> None:
    assert not re.search(r"https?://|//[a-z]", style.read_text())


@pytest.mark.parametrize("path", [*SCRIPTS, *STYLES, *PAGES], ids=ids([*SCRIPTS, *STYLES, *PAGES]))
def test_no_file_is_longer_than_one_can_read(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


def test_every_look_has_a_word_a_reason_and_a_shape() -> None:
    words = {look.word for look in Look}
    assert set(LOOKS) == words
    assert words <= set(WHY)
    styles = (STATIC / "app.css").read_text()
    assert {word for word in words if f".g-{word}" not in styles} == set()


def test_the_words_come_in_the_order_of_the_looks() -> None:
    """Scripts read the digits of the live stream with this order."""
    assert list(LOOKS) == [look.word for look in Look]


def test_scripts_ask_only_for_words_that_are_there() -> None:
    known = catalogue()
    for script in SCRIPTS:
        for group, word in re.findall(r"words\.(\w+)\.(\w+)", script.read_text()):
            assert word in known[group], f"{script.name}: words.{group}.{word}"
