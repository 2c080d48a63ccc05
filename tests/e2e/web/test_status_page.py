"""BACS status in a real browser: what is seen, how it moves, and what it never does by itself."""

import pytest

from fakes.board import SILENT

from .conftest import DESK, PHONE, WindowMaker

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.tool("chromium")]


async def test_a_snapshot_changes_the_map_the_verdict_and_the_band(window: WindowMaker) -> None:
    async with window() as w:
        page = await w.open()
        assert await page.get_attribute("#c217", "data-s") == "silent"
        assert "S7-25 to S7-32" in await page.inner_text("#verdict-text")
        w.device.batteries.silent = ()
        await w.publish()
        assert await page.get_attribute("#c217", "data-s") == "good"
        assert "S7-25" not in await page.inner_text("#verdict-text")
        assert await page.inner_text('.string[data-string="7"] [data-f="state"]') == "Float"
        assert w.complaints == []


async def test_the_worst_battery_is_open_on_a_wide_screen_and_none_on_a_phone(window: WindowMaker) -> None:
    async with window(DESK) as w:
        page = await w.open()
        assert await page.inner_text("#one [data-f=name]") == "S7-25"
        assert await page.inner_text("#one [data-f=voltage]") == "–"
    async with window(PHONE, touch=True) as w:
        page = await w.open()
        assert await page.is_hidden("#one-body")


async def test_the_address_holds_what_is_seen(window: WindowMaker) -> None:
    async with window() as w:
        page = await w.open("/?b=S5-4&q=ri")
        assert await page.inner_text("#one [data-f=name]") == "S5-4"
        assert await page.is_checked("[name=q][value=ri]")
        await page.check("[name=q][value=temperature]", force=True)
        await page.check("[name=view][value=table]", force=True)
        assert "q=temperature" in page.url
        assert "view=table" in page.url
        await page.click('#table tr[data-a="3"]')
        assert "b=S1-3" in page.url


async def test_keys_move_in_the_map(window: WindowMaker) -> None:
    async with window() as w:
        page = await w.open("/?b=S2-10")
        await page.focus("#c42")
        for key, cell in (
            ("ArrowRight", "c43"),
            ("ArrowDown", "c75"),
            ("ArrowLeft", "c74"),
            ("ArrowUp", "c42"),
            ("Home", "c33"),
            ("End", "c64"),
            ("PageDown", "c70"),
            ("PageDown", "c126"),
            ("PageUp", "c70"),
        ):
            await page.keyboard.press(key)
            assert await page.evaluate("document.activeElement.id") == cell, key
        await page.keyboard.press("Enter")
        assert await page.inner_text("#one [data-f=word]") == "Implausible"


async def test_a_finger_beside_an_abnormal_cell_means_that_one(window: WindowMaker) -> None:
    async with window(PHONE, touch=True) as w:
        page = await w.open()
        cell = page.locator(f"#c{SILENT[0] - 1}")
        await cell.evaluate("cell => cell.scrollIntoView({ block: 'center' })")
        box = await cell.bounding_box()
        assert box is not None
        await page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        assert await page.inner_text("#one [data-f=name]") == "S7-25"
        await page.click("#one [data-go='1']")
        assert await page.inner_text("#one [data-f=name]") == "S7-26"
        await page.click("#one .close")
        assert await page.is_hidden("#one")


async def test_the_table_keeps_its_order_until_it_is_asked(window: WindowMaker) -> None:
    async with window() as w:
        page = await w.open("/?view=table")
        first = "document.querySelector('#table tbody tr').dataset.a"
        assert await page.evaluate(first) == "217"
        w.device.batteries.silent, w.device.batteries.low = (), {5: 12.1}
        await w.publish()
        assert await page.evaluate(first) == "217"
        assert await page.inner_text('#table tr[data-a="217"] td:nth-child(7)') == "Answers"
        await page.click("#table th[data-k=voltage_v] button")
        assert await page.evaluate(first) == "5"
        assert await page.get_attribute("#table th[data-k=voltage_v]", "aria-sort") == "ascending"
        last = "document.querySelector('#table tbody tr:last-child').dataset.a"
        assert await page.evaluate(last) == "70", "unknown values stay at the end"
        await page.check("[name=show][value=abnormal]", force=True)
        assert await page.locator("#table tbody tr").count() == 2


async def test_the_panel_tells_the_module_and_draws_the_last_hour(window: WindowMaker) -> None:
    async with window() as w:
        for back in range(600, 0, -10):
            now = w.device.clock
            w.device.server.site.recent.add(w.device.batteries.snapshot(now.monotonic() - back, now.now() - back))
        page = await w.open("/?b=S3-17")
        await page.wait_for_selector("#ch-v canvas")
        assert await page.inner_text("#one [data-f=module]") == "C40, rev. 1.4"
        assert await page.inner_text("#one [data-f=voltage]") == "13.030"
        assert await page.inner_text("#one [data-f=serial]") == "40081"
        assert w.complaints == []


async def test_a_lost_stream_makes_the_badge_stale_and_it_comes_back(window: WindowMaker) -> None:
    async with window() as w:
        page = await w.open()
        w.device.server.feed.end()
        await page.wait_for_selector("#live[data-q=stale]")
        w.device.server.feed.is_ended = False
        await page.wait_for_selector("#live[data-q=good]", timeout=20_000)


async def test_the_end_of_a_session_leads_to_the_login_and_back(window: WindowMaker) -> None:
    async with window() as w:
        page = await w.open("/?b=S1-2")
        w.device.server.site.sessions.close_all_of("admin")
        await w.page.reload()
        assert page.url.endswith("/login?next=/?b%3DS1-2")
        await page.fill("#u", "admin")
        await page.fill("#p", "cs121-snmp")
        await page.click("button[type=submit]")
        assert page.url.endswith("/?b=S1-2")


async def test_the_theme_is_written_by_the_server(window: WindowMaker) -> None:
    async with window() as w:
        page = await w.open()
        async with page.expect_response("**/theme"):
            await page.click("#theme button")
        assert await page.get_attribute("html", "data-theme") == "light"
        await page.reload()
        assert (
            '<html lang="en" data-zone="UTC" data-theme="light">'
            in await (await page.request.get(w.device.url + "/")).text()
        )
        assert await page.get_attribute("#theme button", "value") == "dark"


async def test_without_scripts_there_is_a_table_and_a_battery(window: WindowMaker) -> None:
    async with window(scripts=False) as w:
        await w.page.goto(w.device.url)
        await w.page.click("noscript a")
        assert await w.page.locator("#table tbody tr").count() == 256
        await w.page.click('#table tr[data-a="3"] a')
        assert await w.page.inner_text("#one [data-f=name]") == "S1-3"
        await w.page.check("[name=show][value=abnormal]", force=True)
        await w.page.click("noscript button")
        assert await w.page.locator("#table tbody tr").count() == 10


async def test_markup_in_names_stays_text(window: WindowMaker) -> None:
    async with window() as w:
        board = w.device.board
        board.report_bus(type(board.bus)(board.bus.state, "<img src=x onerror=alert(1)>"))
        object.__setattr__(board.installation, "name", "<b>Room</b>")
        page = await w.open()
        assert await page.inner_text("header .device b") == "<b>Room</b>"
        assert await page.locator("main img").count() == 0
