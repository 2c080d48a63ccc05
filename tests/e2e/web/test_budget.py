"""What a page may cost, and that everybody can use it: bytes, requests, nodes, axe-core, sideways scroll."""

import json

import pytest
from playwright.async_api import expect

from .conftest import AXE, DESK, PHONE, Window, WindowMaker

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.tool("chromium")]


async def test_the_first_load_is_small_and_asks_no_other_host(window: WindowMaker) -> None:
    async with window() as w:
        w.device.batteries.silent = w.device.batteries.stale = w.device.batteries.implausible = ()
        w.device.publish()
        session = await w.page.context.new_cdp_session(w.page)
        await session.send("Network.enable")
        await session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        sizes: list[int] = []
        session.on("Network.dataReceived", lambda event: sizes.append(event["encodedDataLength"]))
        w.requests.clear()
        page = await w.open()
        own = [url for url in w.requests if not url.startswith("data:")]
        assert all(url.startswith(w.device.url) for url in own)
        assert len(own) <= 12, own
        assert sum(sizes) <= 80_000
        assert await page.evaluate("document.querySelectorAll('*').length") <= 2000
        assert w.complaints == []


async def test_a_healthy_page_opens_nothing_by_itself(window: WindowMaker) -> None:
    async with window() as w:
        w.device.batteries.silent = w.device.batteries.stale = w.device.batteries.implausible = ()
        w.device.publish()
        page = await w.open()
        assert await page.inner_text("#verdict-text") == "All 256 batteries answer."
        assert await page.is_visible("#one-none")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_axe_finds_nothing_on_the_status_page(window: WindowMaker, size: tuple[int, int], theme: str) -> None:
    async with window(size, theme) as w:
        await w.open("/?b=S3-6")
        assert await _axe(w) == []


@pytest.mark.parametrize(("size", "theme"), [(DESK, "dark"), (PHONE, "light")], ids=["desk", "phone"])
async def test_axe_finds_nothing_elsewhere(window: WindowMaker, size: tuple[int, int], theme: str) -> None:
    async with window(size, theme) as w:
        for path in ("/?view=table&show=abnormal", "/room", "/password", "/nowhere"):
            await w.page.goto(w.device.url + path)
            if path == "/room":
                await expect(w.page.locator("#o-mains")).to_have_text("on")
            assert await _axe(w) == [], path


async def test_axe_finds_nothing_before_login(window: WindowMaker) -> None:
    async with window(PHONE) as w:
        await w.page.context.clear_cookies()
        await w.page.goto(w.device.url + "/login")
        await w.page.fill("#u", "admin")
        await w.page.fill("#p", "wrong")
        await w.page.click("button[type=submit]")
        assert "wrong" in await w.page.inner_text("[role=alert]")
        assert await _axe(w) == []


async def test_nothing_scrolls_sideways(window: WindowMaker) -> None:
    async with window() as w:
        for path in ("/?b=S3-17", "/?view=table", "/room", "/password"):
            page = await w.open(path)
            for width in (360, 390, 760, 940, 1100, 1920):
                await page.set_viewport_size({"width": width, "height": 800})
                wide = await page.evaluate(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                assert wide == 0, (path, width)


async def _axe(w: Window) -> list[str]:
    """Rules that axe-core finds broken, with the first place each; scripts of the page's policy may not be loosened."""
    await w.page.evaluate(AXE.read_text())
    found = await w.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {json.dumps(one['nodes'][0]['target'])} {one['nodes'][0]['html']}" for one in found["violations"]
    ]
