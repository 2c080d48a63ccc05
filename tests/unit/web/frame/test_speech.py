"""In which language a request is answered, and how one chooses."""

import json
import re
from typing import Any

from fakes.site import bench
from webmanager.language.spoken import speaking
from webmanager.language.tongue import tongue
from webmanager.settings.desk import SettingsDesk
from webmanager.settings.locale_model import LocaleSettings
from webmanager.settings.model import Settings
from webmanager.web.site.parts import Parts
from webmanager.web.texts.figures import duration, fixed, moment
from webmanager.web.texts.words import LOOKS, catalogue

GERMAN = {"Accept-Language": "de-DE,de;q=0.9,en;q=0.8"}


def spoken(**locale: Any) -> Parts:
    return Parts(settings=SettingsDesk(Settings(locale=LocaleSettings(**locale))))


def language_of(page: str) -> str:
    found = re.search(r'<html lang="(\w+)"', page)
    assert found
    return found[1]


async def test_a_page_speaks_what_the_browser_prefers() -> None:
    async with bench() as site:
        for header, code in (({}, "en"), (GERMAN, "de"), ({"Accept-Language": "fr"}, "en")):
            _, page, _ = await site.get("/", headers=header)
            assert language_of(page) == code


async def test_the_setting_speaks_to_a_browser_that_prefers_nothing_we_know() -> None:
    async with bench(parts=spoken(language="de")) as site:
        _, page, _ = await site.get("/", headers={"Accept-Language": "fr"})
        assert language_of(page) == "de"
        _, page, _ = await site.get("/", headers={"Accept-Language": "en"})
        assert language_of(page) == "en"


async def test_a_choice_is_kept_in_a_cookie_and_goes_back_to_the_page() -> None:
    async with bench() as site:
        fields = {"language": "de", "next": "/history?q=ri"}
        status, _, headers = await site.ask("POST", "/language", client=site.stranger, data=fields)
        assert (status, headers["Location"]) == (303, "/history?q=ri")
        _, page, _ = await site.ask("GET", "/login", client=site.stranger, headers={"Accept-Language": "en"})
        assert language_of(page) == "de"


async def test_a_language_nobody_knows_and_a_way_out_are_refused() -> None:
    async with bench() as site:
        status, page, _ = await site.ask("POST", "/language", client=site.stranger, data={"language": "<u>"})
        assert status == 422
        assert "<u>" not in page
        fields = {"language": "de", "next": "//elsewhere"}
        _, _, headers = await site.ask("POST", "/language", client=site.stranger, data=fields)
        assert headers["Location"] == "/"


async def test_another_site_cannot_choose() -> None:
    async with bench() as site:
        status, *_ = await site.ask("POST", "/language", data={"language": "de"}, headers={"Origin": "http://evil"})
        assert status == 403


async def test_the_login_keeps_where_one_wanted_to_go() -> None:
    async with bench() as site:
        _, page, _ = await site.ask("GET", "/login?next=/storage", client=site.stranger)
        form = page[page.index('action="/language"') :]
        assert 'name="next" value="/storage"' in form[: form.index("</form>")]


async def test_programs_get_english_unless_they_ask() -> None:
    async with bench(parts=spoken(language="de")) as site:
        site.client.cookie_jar.update_cookies({"language": "de"})
        _, plain, _ = await site.get("/api/v1/nothing")
        assert plain["title"] == "Not Found"


async def test_the_live_stream_speaks_to_each_in_its_language() -> None:
    async with bench() as site:
        events = {}
        for code in ("en", "de", "en"):
            with speaking(tongue(code)):
                events[code] = site.server.feed.newest()
        assert events["en"].number == events["de"].number
        assert events["en"] is not events["de"]
        with speaking(tongue("en")):
            assert site.server.feed.newest() is events["en"]


async def test_the_decimal_sign_reaches_the_scripts() -> None:
    async with bench(parts=spoken(decimal_sign="comma")) as site:
        _, page, _ = await site.get("/")
        said = re.search(r'name="words" content="([^"]+)"', page)
        assert said
        assert json.loads(said[1].replace("&#34;", '"').replace("&#39;", "'").replace("&amp;", "&"))["locale"] == {
            "decimal": ","
        }


def test_figures_follow_the_language_spoken() -> None:
    with speaking(tongue("de")):
        assert fixed(-13.456, 2) == "−13,46"
        assert fixed(float("nan"), 2) == "–"
        assert moment(1795380012).startswith("22.\u00a0Nov")
    assert fixed(13.456, 2) == "13.46"
    assert duration(95) == "95\u00a0s"


def test_a_table_of_words_reads_like_a_dict() -> None:
    assert LOOKS["good"] == "Answers"
    assert catalogue()["looks"] == dict(LOOKS)
    assert len(LOOKS) == len(list(LOOKS))
