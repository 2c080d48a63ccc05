"""The pages of the settings in German: titles, menu, labels, helps, choices and what is wrong with a value."""

import html
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from fakes.site import Bench, bench
from webmanager.domain.limits import limits_of
from webmanager.language.spoken import speaking
from webmanager.language.tongue import tongue
from webmanager.settings.desk import SettingsDesk
from webmanager.settings.model import Settings
from webmanager.web.limits.views import groups_of, kinds_from
from webmanager.web.settings.page_map import PAGES
from webmanager.web.site.parts import Parts

GERMAN = {"Accept-Language": "de"}
ENGLISH = re.compile(
    r"\b(the|and|of|with|from|who|what|this|that|one|is|are|not|settings|changes|users|receiver|output|unused|read)\b",
    re.I,
)
MADE_HERE = [page.slug for page in PAGES.values() if page.paths] + ["save", "history"]


@pytest_asyncio.fixture
async def device() -> AsyncIterator[Bench]:
    rows = [
        {"type": "mail", "name": "m", "server": "m.test", "sender": "a@b.c", "to": ["d@e.f"]},
        {"type": "trap", "name": "t", "host": "192.0.2.1"},
        {"type": "rccmd", "name": "r", "receivers": "192.0.2.2"},
    ]
    job = {"name": "j", "to": ["m"], "escalate": [{"after_s": 60, "to": ["t"]}]}
    given = Settings.model_validate({"notify": {"receivers": rows, "jobs": [job]}})
    async with bench(parts=Parts(settings=SettingsDesk(given))) as site:
        yield site


def words_of(page: str) -> list[str]:
    """What people read between the header and the footer, a piece of text each."""
    main = page[page.index("<main") : page.index("</main>")]
    pieces = re.sub(r"<textarea.*?</textarea>|<[^>]*>", "\n", main, flags=re.S).split("\n")
    return [text for piece in pieces if (text := html.unescape(piece).strip())]


@pytest.mark.parametrize("slug", MADE_HERE)
async def test_a_page_of_the_settings_has_no_english_left(device: Bench, slug: str) -> None:
    status, page, _ = await device.get(f"/settings/{slug}", headers=GERMAN)
    assert status == 200
    assert [text for text in words_of(str(page)) if ENGLISH.search(text)] == []


async def test_the_menu_is_german_for_germans_and_the_manuals_for_all_others(device: Bench) -> None:
    _, german, _ = await device.get("/settings/network", headers=GERMAN)
    for title in (
        "Netzwerk &amp; Sicherheit",
        "Ereignisse &amp; Aufträge",
        "Konfiguration sichern",
        "USV-Modell &amp; System",
    ):
        assert f">{title}</a>" in german
    _, english, _ = await device.get("/settings/network")
    assert ">Network &amp; Security</a>" in english


async def test_what_is_wrong_with_a_value_stands_there_in_german(device: Bench) -> None:
    fields = {"do": "apply", "seen": "0", "scan.period_s": "99", "installation.modules": "viele"}
    status, page, _ = await device.ask("POST", "/settings/bacs", headers=GERMAN, data=fields)
    assert status == 422
    assert "99 liegt über 60." in page
    assert "“viele” ist keine ganze Zahl." in page


def test_limits_have_the_decimal_sign_of_the_page_and_come_back_as_they_were() -> None:
    with speaking(tongue("de")):
        groups = groups_of(limits_of({}), {}, {})
        figures = [one for group in groups for line in group.lines for one in line.inputs.values()]
        assert "2,17" in {one.value for one in figures}
        typed = {one.name: one.value for one in figures if one.value and not one.is_switch}
        assert not any(one.is_changed for one in figures)
        assert kinds_from(typed | {"voltage_low.warning": "2,16"}) == {"voltage_low": {"warning": 2.16}}
