"""The battery room in a real browser: what is broken, and whether the device has noticed."""

import pytest
from playwright.async_api import expect

from fakes.room import FakeRoom
from webmanager.web.site.room_link import RoomControl

from .conftest import WindowMaker

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.tool("chromium")]

Room = tuple[FakeRoom, RoomControl]


async def test_controls_act_at_once(window: WindowMaker, room: Room) -> None:
    async with window() as w:
        page = await w.open("/room")
        await expect(page.locator("#o-mains")).to_have_text("on")
        await page.uncheck("#mains", force=True)
        await expect(page.locator("#v-switch")).to_have_text("open")
        await page.check('[name="speed"][value="60"]', force=True)
        await page.fill("#load", "50")
        await page.dispatch_event("#load", "change")
        await page.fill("#ambient", "30.5")
        await page.dispatch_event("#ambient", "change")
        await expect(page.locator("#v-load")).to_have_text("50.0\u00a0kW")
        await expect(page.locator("#o-ambient")).to_have_text("30.5\u00a0°C")
        bodies = [body for method, _, body in room[0].calls if method == "POST"]
        assert bodies[0] == {"on": False}
        assert {"factor": 60} in bodies
        assert {"watts": 50_000} in bodies
        assert {"celsius": 30.5} in bodies
        assert w.complaints == []


async def test_a_fault_is_made_seen_and_repaired(window: WindowMaker, room: Room) -> None:
    async with window() as w:
        page = await w.open("/room")
        await page.wait_for_selector("#no-faults:not([hidden])")
        await page.select_option("[name=kind]", "bus_break")
        await page.fill("[name=where]", "s7-24")
        await page.click("#newfault button")
        await page.wait_for_selector("#faults tbody tr")
        assert "8 of 8 silent behind it" in await page.inner_text("#faults tbody tr")
        assert room[0].faults[0]["target"] == 216
        await page.click("#faults tbody button")
        await page.wait_for_selector("#no-faults:not([hidden])")
        assert room[0].faults == []


async def test_the_form_asks_for_what_the_kind_needs(window: WindowMaker, room: Room) -> None:
    async with window() as w:
        page = await w.open("/room")
        await page.select_option("[name=kind]", "charger_overvoltage")
        assert await page.is_hidden("#where-label")
        await page.fill("[name=value]", "2,5")
        await page.click("#newfault button")
        await page.wait_for_selector("#faults tbody tr")
        assert room[0].faults[0]["value"] == 2.5
        await page.select_option("[name=kind]", "current_sensor_silent")
        assert await page.inner_text("#where-name") == "String"
        await page.select_option("[name=kind]", "soft_short")
        await page.fill("[name=where]", "S9-1")
        await page.click("#newfault button")
        assert "S9-1 is no battery" in await page.inner_text("#fault-error")


async def test_scenarios_play_and_stop(window: WindowMaker) -> None:
    async with window() as w:
        page = await w.open("/room")
        await page.click('[data-play="summer"]')
        await page.wait_for_selector('[data-stop="summer"]:not([hidden])')
        assert "20" in await page.inner_text('[data-scenario="summer"] .run')
        await page.click('[data-stop="summer"]')
        await page.wait_for_selector('[data-play="summer"]:not([hidden])')


async def test_a_room_that_is_gone_is_said(window: WindowMaker, room: Room) -> None:
    async with window() as w:
        page = await w.open("/room")
        await page.wait_for_selector("#no-faults:not([hidden])")
        room[0].is_gone = True
        await page.wait_for_selector("#trouble:not([hidden])", timeout=10_000)
        assert "simulated room" in await page.inner_text("#trouble-text")


async def test_markup_in_a_fault_stays_text(window: WindowMaker, room: Room) -> None:
    room[0].faults.append(
        {
            "id": 9,
            "kind": "x",
            "title": "<img src=x onerror=alert(1)>",
            "where": "<b>S1-1</b>",
            "address": 1,
            "value": None,
        }
    )
    async with window() as w:
        page = await w.open("/room")
        await page.wait_for_selector("#faults tbody tr")
        assert "<img src=x" in await page.inner_text("#faults tbody th")
        assert await page.locator("#faults img, #faults b").count() == 0
        assert w.complaints == []
