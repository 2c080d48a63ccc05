"""What arrived in the room, in a real browser: who was told, how fast, and every message."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from fakes.room import CHANNELS, FakeRoom
from webmanager.web.site.room_link import RoomControl

from .conftest import AXE, DESK, WindowMaker

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.tool("chromium")]

Room = tuple[FakeRoom, RoomControl]
SILENT = {"what": "broken", "title": "Module silent", "where": "S1-5"}


def cause(after_s: float, host_after_s: float) -> dict[str, Any]:
    return SILENT | {"after_s": after_s, "host_after_s": host_after_s}


def tell(room: FakeRoom) -> None:
    """Everybody is told of a silent module, and of its repair nobody yet."""
    told = {}
    for number, channel in enumerate(CHANNELS):
        text = f"{channel}: S1-5 does not answer"
        arrival = room.inbox.arrive(channel, text, picture=channel == "mail", cause=cause(31.5 + number, 31.5 + number))
        told[channel] = {"number": arrival["number"], "after_s": 31.5 + number, "host_after_s": 31.5 + number}
    room.inbox.deeds = [
        SILENT | {"what": "repaired", "at": "2026-11-22T20:41:00Z", "told": {}},
        SILENT | {"at": "2026-11-22T20:39:40Z", "told": told},
    ]


async def violations(page: Page) -> list[str]:
    await page.evaluate(AXE.read_text())
    found = await page.evaluate("axe.run()")
    return [f"{one['id']}: {one['nodes'][0]['target']}" for one in found["violations"]]


async def test_before_anything_arrives_the_page_says_what_will_be_here(window: WindowMaker) -> None:
    async with window() as w:
        page = await w.open("/room")
        await page.wait_for_selector("#in-sms")
        assert await page.locator("#inbox h3").all_inner_texts() == [
            "Mail", "RCCMD", "SNMP manager", "Log server", "Webhook", "Text message",
        ]  # fmt: skip
        assert await page.locator("#inbox .none:visible").all_inner_texts() == ["Nothing yet."] * 6
        assert "who is told of it" in await page.inner_text("#no-deeds")
        assert not await page.is_visible("#told")
        assert w.complaints == []


async def test_who_was_told_and_how_fast(window: WindowMaker, room: Room) -> None:
    tell(room[0])
    async with window() as w:
        page = await w.open("/room")
        await expect(page.locator("#told tbody tr")).to_have_count(2)
        heads = await page.locator("#told thead th").all_inner_texts()
        assert heads[:2] == ["What was done", "Mail"]
        rows = page.locator("#told tbody tr")
        assert "Module silent S1-5: repaired" in await rows.nth(0).locator("th").inner_text()
        assert await rows.nth(0).locator("td").all_inner_texts() == ["–"] * 6
        assert (await rows.nth(1).locator("td").all_inner_texts())[0] == "31\u00a0s"
        assert not await page.is_visible("#no-deeds")


async def test_a_message_is_opened_and_read(window: WindowMaker, room: Room) -> None:
    tell(room[0])
    async with window() as w:
        page = await w.open("/room")
        mail = page.locator('[data-channel="mail"] li')
        await expect(mail).to_have_count(1)
        assert "31\u00a0s after: Module silent S1-5" in await mail.inner_text()
        assert "30\u00a0s ago" in await mail.inner_text()
        assert not await mail.locator("pre").is_visible()
        await mail.locator("summary").focus()
        await page.keyboard.press("Enter")
        assert "Check the plug." in await mail.locator("pre").inner_text()
        assert "With a picture." in await mail.inner_text()
        sms = page.locator('[data-channel="sms"] li')
        await sms.locator("summary").click()
        assert "With a picture." not in await sms.inner_text()


async def test_what_comes_later_stands_above_and_an_open_message_stays_open(window: WindowMaker, room: Room) -> None:
    tell(room[0])
    async with window() as w:
        page = await w.open("/room")
        await page.locator('[data-channel="mail"] summary').click()
        room[0].inbox.arrive("mail", "<b>S1-5</b> answers again", cause=cause(120.0, 2.0))
        subjects = page.locator('[data-channel="mail"] summary b')
        await expect(subjects).to_have_text(["<b>S1-5</b> answers again", "mail: S1-5 does not answer"])
        assert "2\u00a0min (2.0\u00a0s) after" in await page.inner_text('[data-channel="mail"] li')
        assert await page.locator('[data-channel="mail"] details[open]').count() == 1
        asked = [path for _, path, _ in room[0].calls if path.startswith("/inbox")]
        assert "/inbox?after=6" in asked
        assert w.complaints == []


async def test_it_is_emptied(window: WindowMaker, room: Room) -> None:
    tell(room[0])
    async with window() as w:
        page = await w.open("/room")
        await expect(page.locator("#inbox li")).to_have_count(6)
        await page.click("#empty-inbox")
        await expect(page.locator("#inbox li")).to_have_count(0)
        assert ("DELETE", "/inbox", None) in room[0].calls


async def test_a_room_that_began_anew_is_read_from_its_beginning(window: WindowMaker, room: Room) -> None:
    tell(room[0])
    async with window() as w:
        page = await w.open("/room")
        await expect(page.locator("#inbox li")).to_have_count(6)
        room[0].inbox.clear()
        room[0].inbox.newest = 0
        room[0].inbox.arrive("sms", "again")
        await expect(page.locator("#inbox li")).to_have_count(1, timeout=10_000)
        assert "again" in await page.inner_text('[data-channel="sms"] li')


async def test_a_receiver_is_broken_by_the_name_of_its_channel(window: WindowMaker, room: Room) -> None:
    async with window() as w:
        page = await w.open("/room")
        await page.select_option("[name=kind]", "receiver_dead")
        assert await page.inner_text("#where-name") == "Channel"
        await page.fill("[name=where]", "Mail")
        await page.click("#newfault button")
        await page.wait_for_selector("#faults tbody tr")
        assert room[0].faults[0]["channel"] == "mail"
        room[0].inbox.behaves["mail"] = "dead"
        await expect(page.locator('[data-channel="mail"] .state')).to_have_text("dead")
        await page.select_option("[name=kind]", "soft_short")
        assert await page.get_attribute("[name=where]", "list") is None


async def test_a_room_where_nobody_receives_says_so(window: WindowMaker, room: Room) -> None:
    room[0].inbox.is_on = False
    async with window() as w:
        page = await w.open("/room")
        await page.wait_for_selector("#faults", state="attached")
        assert "[inbox] is off" in await page.inner_text("#inbox-none")
        assert await page.locator("#inbox h3").count() == 0


@pytest.mark.parametrize(("size", "theme"), [(DESK, "light"), ((360, 800), "dark")])
async def test_it_fits_and_axe_finds_nothing(window: WindowMaker, room: Room, size: Any, theme: str) -> None:
    tell(room[0])
    room[0].inbox.behaves = {"mail": "dead", "sms": "slow", "trap": "refuses"}
    async with window(size, theme) as w:
        page = await w.open("/room")
        await expect(page.locator("#inbox li")).to_have_count(6)
        await page.locator("#inbox summary").first.click()
        assert await violations(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= size[0]
