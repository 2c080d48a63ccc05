"""Alarms and Events in a real browser: answered, taken back, never resorted."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from fakes.alarm_site import LOW, AlarmSite, alarm_site
from fakes.site import Bench

from .conftest import Window, WindowMaker

ACKNOWLEDGE = "[data-do=acknowledge] button"
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.tool("chromium")]


@pytest_asyncio.fixture(loop_scope="module")
async def site() -> AsyncIterator[AlarmSite]:
    """Two alarms are open; one of them failed to reach somebody."""
    async with alarm_site() as started:
        started.break_two()
        for event in list(started.log.events):
            started.log.deliver(event)
            started.log.deliver(event, target="phone", result="failed", proof="no carrier", attempts=8)
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def device(site: AlarmSite) -> Bench:
    return site.device


async def opened(w: Window, path: str = "/alarms") -> Page:
    page = await w.open(path)
    await page.wait_for_selector(f"html[data-{path.partition('?')[0].strip('/')}=ready]")
    return page


def card(page: Page, site: AlarmSite, kind: str) -> str:
    return f"#a{site.number_of(kind)}"


async def test_acknowledged_at_once_in_its_place_and_taken_back(window: WindowMaker, site: AlarmSite) -> None:
    async with window() as w:
        page = await opened(w)
        order = await page.locator(".al h3").all_inner_texts()
        low = page.locator(card(page, site, "voltage_low"))
        await low.locator(ACKNOWLEDGE).click()
        await expect(low).to_have_attribute("data-phase", "acknowledged")
        await expect(page.locator("#undo")).to_contain_text("Acknowledged: S3-17 voltage 12.60 V")
        assert await page.locator(".al h3").all_inner_texts() == order, "a card stays where it is"
        await expect(page.locator("#sum")).to_have_text("2 open, 1 not answered.")
        assert await page.evaluate("document.activeElement.tagName") == "H3"
        await page.click("#undo button")
        await expect(low).to_have_attribute("data-phase", "active")
        assert site.desk.picture.unacknowledged == 2
        assert w.complaints == []


async def test_shelved_from_the_menu_and_unshelved(window: WindowMaker, site: AlarmSite) -> None:
    async with window() as w:
        page = await opened(w)
        bus = page.locator(card(page, site, "bus_open"))
        await bus.locator(".menu summary").click()
        await page.keyboard.press("Escape")
        await expect(bus.locator(".menu form")).to_be_hidden()
        await bus.locator(".menu summary").click()
        await bus.locator("text=8 hours").click()
        await expect(bus).to_have_attribute("data-phase", "shelved")
        await expect(bus).to_contain_text("Shelved until")
        await bus.locator("text=Unshelve").click()
        await expect(bus).to_have_attribute("data-phase", "active")
        assert w.complaints == []


async def test_a_comment_is_text_and_a_half_written_one_is_not_lost(window: WindowMaker, site: AlarmSite) -> None:
    async with window() as w:
        page = await opened(w)
        low = page.locator(card(page, site, "voltage_low"))
        await low.locator(".more summary").click()
        await low.locator("[name=text]").fill("<img src=x onerror=alert(1)> ordered")
        site.desk.acknowledge(site.number_of("bus_open"), "somebody", site.device.clock.now())
        await expect(page.locator(card(page, site, "bus_open"))).to_have_attribute("data-phase", "acknowledged")
        await expect(low.locator("[name=text]")).to_have_value("<img src=x onerror=alert(1)> ordered")
        await low.locator("[name=text]").press("Enter")
        await expect(low.locator(".notes")).to_contain_text("<img src=x onerror=alert(1)> ordered admin")
        assert w.complaints == []


async def test_a_new_alarm_is_counted_and_shown_when_asked_for(window: WindowMaker, site: AlarmSite) -> None:
    async with window() as w:
        page = await opened(w)
        before = await page.locator(".al").count()
        site.device.batteries.low = {LOW: 12.60, 100: 12.65}
        site.scan(35)
        await expect(page.locator("#fresh")).to_have_text("1 new, show")
        await expect(page.locator("#count .alarm b")).to_have_text("3")
        assert await page.title() == "(3) Alarms · UPS room north"
        assert await page.locator(".al:not([data-phase=pending])").count() == before
        await expect(page.locator("#alarm-news")).to_contain_text("S4-4 raised")
        await page.click("#fresh")
        await expect(page.locator(".al")).to_have_count(before + 1)
        await expect(page.locator("#fresh")).to_be_hidden()
        assert w.complaints == []


async def test_what_is_over_says_so_and_stays_until_one_leaves(window: WindowMaker, site: AlarmSite) -> None:
    async with window() as w:
        page = await opened(w)
        low = page.locator(card(page, site, "voltage_low"))
        await low.locator("h3").focus()
        site.device.batteries.low = {}
        site.scan(35)
        await expect(low).to_have_attribute("data-phase", "cleared")
        await expect(low.locator("[aria-current=step]")).to_have_text("Cleared")
        await expect(low.locator("button:visible")).to_have_count(0)
        await expect(page.locator("#count .alarm b")).to_have_text("1")
        await page.reload()
        await expect(page.locator(".al")).to_have_count(1)


async def test_ages_go_on(window: WindowMaker, site: AlarmSite) -> None:
    async with window() as w:
        page = await opened(w)
        since = page.locator(f"{card(page, site, 'voltage_low')} [data-since]")
        assert await since.inner_text() == "68\u00a0s"
        site.device.clock.advance(3600.0)
        await expect(since).to_have_text("1\u00a0h 1\u00a0min")


async def test_a_failure_is_said(window: WindowMaker, site: AlarmSite) -> None:
    async with window() as w:
        page = await opened(w)
        number = site.number_of("voltage_low")
        await page.evaluate(f"document.getElementById('a{number}').dataset.id = '999'")
        await page.locator(f"#a{number}").locator(ACKNOWLEDGE).click()
        await expect(page.locator("#undo")).to_contain_text("That did not work: alarm 999 is not open")
        await expect(page.locator("#undo button")).to_be_hidden()


async def test_without_scripts_the_forms_work(window: WindowMaker, site: AlarmSite) -> None:
    async with window(scripts=False) as w:
        await w.page.goto(w.device.url + "/alarms")
        number = site.number_of("bus_open")
        await w.page.locator(f"#a{number}").locator(ACKNOWLEDGE).click()
        await expect(w.page.locator(f"#a{number}")).to_have_attribute("data-phase", "acknowledged")
        await w.page.goto(w.device.url + "/events")
        await w.page.select_option("[name=kind]", "bus_open")
        await w.page.click(".filter button")
        await expect(w.page.locator("#events > li")).to_have_count(2)


async def test_the_log_counts_what_is_new_and_shows_the_proofs(window: WindowMaker, site: AlarmSite) -> None:
    async with window() as w:
        page = await opened(w, "/events")
        await expect(page.locator("#events > li")).to_have_count(2)
        await page.locator("#events .more summary").first.click()
        await expect(page.locator("#events .proof").first).to_have_text("250 OK")
        site.desk.happened("login", "somebody has logged in.", site.device.clock.now(), "somebody")
        await expect(page.locator("#fresh")).to_have_text("1 new, show")
        await expect(page.locator("#events > li")).to_have_count(2)
        await page.click("#fresh")
        await expect(page.locator("#events > li")).to_have_count(3)
        async with page.expect_download() as download:
            await page.click("text=CSV")
        assert (await download.value).suggested_filename.endswith(".csv")
        assert w.complaints == []


async def test_the_map_marks_them_and_the_panel_says_what_to_do(window: WindowMaker, site: AlarmSite) -> None:
    async with window() as w:
        page = await w.open("/")
        await expect(page.locator(f"#c{LOW}")).to_have_attribute("data-s", "alarm")
        await expect(page.locator("#one [data-f=why]")).to_contain_text("under its limit of 12.72 V")
        await expect(page.locator("#verdict-text")).to_contain_text("2 alarms. Most urgent: S3-17")
        await page.click("#count")
        await page.wait_for_url("**/alarms")
