"""German in a real browser: chosen at the foot of a page; search, note, exchange, paper."""

import re

import pytest
from playwright.async_api import Page, expect

from .conftest import Window, WindowMaker

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.tool("chromium")]
SMALL = (360, 780)


async def german(w: Window) -> Page:
    """The window with German chosen as a user does."""
    page = await w.open()
    await page.click("footer button[lang=de]")
    await expect(page.locator("html")).to_have_attribute("lang", "de")
    return page


async def test_german_is_chosen_at_the_foot_and_stays(window: WindowMaker) -> None:
    async with window() as w:
        page = await german(w)
        await expect(page.locator("#live b")).to_have_text("Live")
        await expect(page.locator("nav.main")).to_contain_text("Verlauf")
        await w.publish()
        await expect(page.locator("#verdict-text")).to_contain_text("Batterien antworten nicht")
        await expect(page.locator("[data-fact=answered]")).to_have_text("246 von 256")
        await expect(page.locator("[data-fact=hottest]")).to_have_text(re.compile(r"^\d+,\d$"))
        assert w.complaints == []


async def test_a_german_page_has_no_english_sentence(window: WindowMaker) -> None:
    english = re.compile(r"\b(the|and|with|does|are|is not|since)\b", re.IGNORECASE)
    async with window() as w:
        page = await german(w)
        for path in ("/", "/?b=S7-25", "/history", "/storage", "/password", "/batteries/S3-17"):
            await w.open(path)
            found = english.search(await page.inner_text("main"))
            assert found is None, f"{path}: {found}"


async def test_a_battery_is_found_from_every_page(window: WindowMaker) -> None:
    async with window(SMALL) as w:
        page = await w.open("/storage")
        await page.click("a.find")
        await page.fill("#find", "s3-17")
        await page.keyboard.press("Enter")
        await expect(page.locator("#one [data-f=name]")).to_have_text("S3-17")


async def test_a_battery_is_exchanged_and_its_history_shows_the_line(window: WindowMaker) -> None:
    async with window(SMALL) as w:
        page = await w.open("/?b=S3-17")
        await page.click("#one [data-f=note]")
        await page.fill("#text", "torque checked")
        await page.get_by_role("button", name="Keep the note").click()
        await expect(page.locator("[role=status]")).to_have_text("The note is kept.")
        await page.click("summary")
        exchange = page.get_by_role("button", name="Write down the exchange of S3-17")
        await exchange.click()
        await expect(page).to_have_url(re.compile(r"done=note$"))
        await page.check("[name=sure]")
        await exchange.click()
        await expect(page.locator("[role=status]")).to_contain_text("The exchange is written down")
        await expect(page.locator("#text")).to_have_value("")
        await expect(page.locator("main li").last).to_contain_text("by admin")
        await w.open("/history?b=S3-17")
        await page.wait_for_selector("html[data-history=ready]")
        assert w.complaints == []


async def test_paper_shows_what_is_read_and_nothing_to_press(window: WindowMaker) -> None:
    async with window(theme="dark") as w:
        page = await w.open("/?view=table")
        await page.emulate_media(media="print")
        await expect(page.locator("nav.main")).to_be_hidden()
        await expect(page.locator("footer")).to_be_hidden()
        await expect(page.locator("#table tbody tr").first).to_be_visible()
        assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
