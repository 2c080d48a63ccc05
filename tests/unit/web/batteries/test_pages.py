"""Notes, search and exchange of batteries: pages and API."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from fakes.board import FakeBatteries
from fakes.site import PASSWORD, USER, Bench, bench
from webmanager.domain.limits import limits_of
from webmanager.engine.alarming import AlarmDesk
from webmanager.web.site.parts import Parts


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Bench]:
    desk = AlarmDesk(FakeBatteries().installation, limits_of(), at=0.0)
    async with bench(parts=Parts(alarms=desk)) as started:
        yield started


async def csrf(site: Bench) -> str:
    """Logs the stranger in by the form and gives the token of its session."""
    form = {"username": USER, "password": PASSWORD}
    await site.ask("POST", "/login", client=site.stranger, data=form)
    _, session, _ = await site.ask("GET", "/api/v1/session", client=site.stranger)
    return str(session["csrf_token"])


async def test_a_note_is_written_read_and_found(site: Bench) -> None:
    body = {"text": "Bolt is worn", "installed_on": "2020-05-31", "label": "rack 4"}
    status, written, _ = await site.ask("PUT", "/api/v1/modules/81/note", json=body)
    assert (status, written["name"], written["text"]) == (200, "S3-17", "Bolt is worn")
    assert (await site.get("/api/v1/modules/81/note"))[1] == written
    _, found, _ = await site.get("/api/v1/search", params={"q": "bolt"})
    assert [row["name"] for row in found["batteries"]] == ["S3-17"]
    _, found, _ = await site.get("/api/v1/search", params={"q": "RACK 4"})
    assert [(row["name"], row["label"]) for row in found["batteries"]] == [("S3-17", "rack 4")]


@pytest.mark.parametrize(
    ("query", "addresses"),
    [
        ("s3-17", [81]),
        ("81", [81]),
        ("S2", list(range(33, 65))),
        ("string 2", list(range(33, 65))),
        ("s1-3", [3]),
        ("-32", [32, 64, 96, 128, 160, 192, 224, 256]),
        ("", []),
        ("nothing", []),
        ("9999", []),
        ("S99", []),
    ],
)
async def test_a_battery_is_found_by_name_string_and_address(site: Bench, query: str, addresses: list[int]) -> None:
    _, found, _ = await site.get("/api/v1/search", params={"q": query})
    assert [row["address"] for row in found["batteries"]] == addresses
    assert found["total"] == len(addresses)


async def test_an_exchange_begins_anew_and_is_told(site: Bench) -> None:
    alarms = site.server.site.parts.alarms
    assert alarms is not None
    told: list[str] = []
    alarms.listen(lambda event: told.append(event.kind))
    await site.ask("PUT", "/api/v1/modules/5/note", json={"text": "old"})
    status, kept, _ = await site.ask("POST", "/api/v1/modules/5/exchange", json={})
    assert status == 200
    assert (kept["text"], kept["installed_on"]) == ("", "2023-11-14")
    assert [one["by"] for one in kept["exchanges"]] == [USER]
    assert told == ["battery_exchanged"]


@pytest.mark.parametrize("day", ["2999-01-01", "1969-12-31", "2026-02-30", "soon"])
async def test_a_day_that_cannot_be_is_refused(site: Bench, day: str) -> None:
    status, problem, _ = await site.ask("PUT", "/api/v1/modules/5/note", json={"text": "", "installed_on": day})
    assert status == 422
    assert problem["errors"][0]["field"] == "installed_on"


async def test_the_search_page_shows_one_at_once_and_lists_many(site: Bench) -> None:
    status, _, headers = await site.get("/search?q=s3-17")
    assert (status, headers["Location"]) == (303, "/?b=S3-17")
    _, page, _ = await site.get("/search?q=S2")
    assert page.count('<th scope="row">') == 32
    _, page, _ = await site.get("/search?q=<b>")
    assert "No battery is called" in page
    assert "“<b>”" not in page
    assert (await site.get("/search"))[0] == 200


async def test_the_page_writes_a_note_and_an_exchange(site: Bench) -> None:
    token = await csrf(site)
    fields = {"csrf": token, "action": "note", "text": "<i>loud</i>", "installed_on": "2020-01-02"}
    status, _, headers = await site.ask("POST", "/batteries/S1-5", client=site.stranger, data=fields)
    assert (status, headers["Location"]) == (303, "/batteries/S1-5?done=note")
    _, page, _ = await site.get("/batteries/S1-5?done=note")
    assert "&lt;i&gt;loud" in page
    assert 'value="2020-01-02"' in page
    fields = {"csrf": token, "action": "exchange", "installed_on": "2023-11-01"}
    status, _, _ = await site.ask("POST", "/batteries/S1-5", client=site.stranger, data=fields)
    assert status == 303
    _, page, _ = await site.get("/batteries/s1-5")
    assert "loud" not in page
    assert re.search(r"by admin", page)


async def test_a_wrong_day_stands_at_its_field_and_nothing_typed_is_lost(site: Bench) -> None:
    fields = {"csrf": await csrf(site), "action": "note", "text": "typed", "installed_on": "2999-01-01"}
    status, page, _ = await site.ask("POST", "/batteries/S1-5", client=site.stranger, data=fields)
    assert status == 422
    assert "The day lies in the future or before 1970." in page
    assert "typed" in page


async def test_a_form_from_elsewhere_and_a_battery_that_is_not_there_are_refused(site: Bench) -> None:
    await csrf(site)
    status, *_ = await site.ask("POST", "/batteries/S1-5", client=site.stranger, data={"action": "note", "csrf": "x"})
    assert status == 403
    assert (await site.get("/batteries/S99-1"))[0] == 404
