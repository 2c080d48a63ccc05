"""What the first page may cost: bytes, requests, nodes."""

import pytest

from .conftest import WindowMaker

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
