"""Every page there is, read off the server: axe-core finds nothing in any theme or language, nothing is too wide."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page

from fakes.alarm_site import AlarmSite
from fakes.full_site import full_site
from fakes.room import CHANNELS, FakeRoom
from fakes.site import Bench
from webmanager.web.settings.page_map import PAGES
from webmanager.web.site.room_link import RoomControl

from .conftest import AXE, DESK, PHONE, Window, WindowMaker

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.tool("chromium")]

FILLED_IN = {
    "/settings/{section}": [f"/settings/{page.slug}" for page in PAGES.values() if page.paths],
    "/batteries/{name}": ["/batteries/S3-16", "/batteries/S3-17"],
}
"""Pages with a parameter; one that is not here fails the test that lists them."""
OTHER_LOOKS = (
    "/?b=S3-6",
    "/?b=S3-17",
    "/?b=S3-30",
    "/?view=table&show=abnormal",
    "/history?b=S3-17,S3-16,S3-18&h=720",
    "/search?q=S2",
    "/search?q=nobody",
    "/batteries/S3-17?done=exchange",
    "/panel?done=moved",
    "/settings/bacs?done=1",
    "/nowhere",
)
READY = {
    "/history": "html[data-history]",
    "/storage": "html[data-storage]",
    "/alarms": "html[data-alarms]",
    "/events": "html[data-events]",
    "/settings/limits": "html[data-limits]",
    "/room": "#inbox li >> nth=5",
}
OF_COLOUR = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
OF_WORDS = {
    "runOnly": {"type": "tag", "values": ["cat.name-role-value", "cat.language", "cat.text-alternatives", "cat.forms"]}
}
VIOLATIONS = """async (options) => (await axe.run(document, options)).violations.map(
    ({ id, nodes: [first] }) => [id, first.target, first.html])"""
RULES: dict[str, dict[str, Any]] = {"light": {}, "dark": OF_COLOUR, "German": OF_WORDS}
"""What is looked for: everything in the light; in the dark and in another language what can differ there."""
WIDTHS = {PHONE: (360, 390), DESK: (760, 940, 1100, 1440, 1920)}
"""Where nothing may be wider than the window."""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SETTLED = """async () => {
    document.querySelectorAll("details").forEach((one) => { one.open = true; });
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""


@pytest_asyncio.fixture(loop_scope="module")
async def site(room: tuple[FakeRoom, RoomControl], tmp_path: Path) -> AsyncIterator[AlarmSite]:
    """A device with everything, in whose room much has arrived."""
    for channel in CHANNELS:
        room[0].inbox.arrive(channel, f"{channel}: S1-5 does not answer", picture=channel == "mail")
    async with full_site(tmp_path, room[1]) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def device(site: AlarmSite) -> Bench:
    return site.device


async def pages_of(w: Window) -> list[str]:
    """The address of every page of the server, and of some in another state."""
    runner = w.device.server._runner
    assert runner is not None
    found: list[str] = []
    for route in runner.app.router.routes():
        path = route.resource.canonical if route.resource else ""
        if route.method == "GET" and not path.startswith(("/api/", "/static/")):
            found += FILLED_IN.get(path, [path])
    assert [path for path in found if "{" in path] == [], "FILLED_IN lacks a page"
    return [path for path in dict.fromkeys(found) if await is_page(w, path)] + list(OTHER_LOOKS)


async def is_page(w: Window, path: str) -> bool:
    """It answers with a page, and not by leading elsewhere."""
    cookies = {one["name"]: one["value"] for one in await w.page.context.cookies()}
    status, _, headers = await w.device.get(path, cookies=cookies, client=w.device.stranger)
    return status == 200 and "html" in headers["Content-Type"]


async def shown(w: Window, path: str) -> Page:
    """A page that has everything, with all that can be unfolded."""
    page = w.page
    await page.goto(w.device.url + path)
    if await page.locator("#live").count():
        await page.wait_for_selector("#live[data-q=good]")
    if drawn := READY.get(path.partition("?")[0]):
        await page.wait_for_selector(drawn)
    await page.evaluate(SETTLED)
    return page


async def broken_rules(page: Page, look: str) -> list[str]:
    """What axe-core finds, with the first place each."""
    await page.emulate_media(color_scheme="dark" if look == "dark" else "light")
    await page.evaluate(SETTLED)
    options = {"resultTypes": ["violations"], "preload": False} | RULES[look]
    found = await page.evaluate(VIOLATIONS, options)
    return [f"{look} {rule}: {json.dumps(target)} {html[:160]}" for rule, target, html in found]


async def looked_at(
    w: Window, paths: list[str], size: tuple[int, int], looks: tuple[str, ...], widths: tuple[int, ...] = ()
) -> dict[str, list[str]]:
    """Everything wrong on these pages, by page."""
    await w.page.context.add_init_script(AXE.read_text())
    await w.page.emulate_media(reduced_motion="reduce")
    wrong: dict[str, list[str]] = {}
    for path in paths:
        page, said = await shown(w, path), []
        if not path.startswith("/nowhere"):
            said += w.complaints
        for look in looks:
            said += await broken_rules(page, look)
        for width in widths or WIDTHS[size]:
            await page.set_viewport_size({"width": width, "height": size[1]})
            if wide := await page.evaluate(TOO_WIDE):
                said.append(f"{wide} px too wide at {width}")
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        w.complaints.clear()  # axe itself tries inline styles, which the page's policy refuses
        if said:
            wrong[path] = said
    return wrong


async def test_the_pages_of_the_server_are_found(window: WindowMaker) -> None:
    async with window() as w:
        paths = await pages_of(w)
    assert {"/", "/alarms", "/history", "/room", "/settings/bacs", "/settings/users", "/update", "/password"} <= set(
        paths
    )
    assert not {"/settings/export", "/metrics"} & set(paths)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_no_page_breaks_a_rule_or_is_too_wide(window: WindowMaker, size: tuple[int, int]) -> None:
    async with window(size) as w:
        assert await looked_at(w, await pages_of(w), size, ("light", "dark")) == {}
        assert all(request.startswith((w.device.url, "data:")) for request in w.requests)


async def test_nor_does_one_in_german(window: WindowMaker) -> None:
    async with window(PHONE) as w:
        page = await shown(w, "/")
        await page.click("footer button[lang=de]")
        await page.wait_for_selector("html[lang=de]")
        assert await looked_at(w, await pages_of(w), PHONE, ("German",), WIDTHS[PHONE] + WIDTHS[DESK]) == {}


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_nor_does_the_login(window: WindowMaker, size: tuple[int, int]) -> None:
    async with window(size) as w:
        await w.page.context.clear_cookies()
        await shown(w, "/login")
        assert await looked_at(w, ["/login"], size, ("light", "dark")) == {}
        await w.page.fill("#u", "admin")
        await w.page.fill("#p", "wrong")
        await w.page.click("button[type=submit]")
        assert "wrong" in await w.page.inner_text("[role=alert]")
        assert await broken_rules(w.page, "dark") == []
