"""Limits and Jobs in a real browser: tried with progress, applied, tested."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from fakes.alarm_site import AlarmSite, FakeJobs, alarm_site
from fakes.board import FakeBatteries
from fakes.site import Bench
from webmanager.domain.installation import BlockType, Installation
from webmanager.settings.desk import SettingsDesk
from webmanager.settings.model import Settings

from .conftest import WindowMaker

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.tool("chromium")]
MAIL = {"type": "mail", "name": "mail", "server": "mail.example.net", "sender": "a@b.c", "to": ["d@e.f"]}


@pytest_asyncio.fixture(loop_scope="module")
async def site() -> AsyncIterator[AlarmSite]:
    job = {"name": "Night shift", "to": ["mail"]}
    settings = SettingsDesk(Settings.model_validate({"notify": {"receivers": [MAIL], "jobs": [job]}}))
    batteries = FakeBatteries(Installation(96, 3, BlockType(), "UPS room north"))
    async with alarm_site(batteries=batteries, parts={"settings": settings, "jobs": FakeJobs()}) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def device(site: AlarmSite) -> Bench:
    return site.device


async def test_a_changed_limit_is_tried_before_it_is_applied(window: WindowMaker, site: AlarmSite) -> None:
    async with window() as w:
        page = await w.open("/settings/limits")
        await page.wait_for_selector("html[data-limits=ready]")
        await page.fill("[name='voltage_deviation.warning']", "1.5")
        await page.select_option("[name=days]", "7")
        await page.click("#try")
        await expect(page.locator("#outcome")).to_contain_text("with the limits in force", timeout=30_000)
        await expect(page.locator("#progress")).to_be_hidden()
        await expect(page.locator("[name='voltage_deviation.warning']")).to_have_value("1.5")
        await page.click("button[value=apply]")
        await expect(page.locator(".note.calm")).to_have_text("The limits are in force.")
        settings = site.device.server.site.parts.settings
        assert settings is not None
        assert settings.applied.limits.kinds["voltage_deviation"].warning == 1.5
        assert w.complaints == []


async def test_what_cannot_be_tried_is_said(window: WindowMaker) -> None:
    async with window() as w:
        page = await w.open("/settings/limits")
        await page.wait_for_selector("html[data-limits=ready]")
        await page.fill("[name='voltage_low.warning']", "1.0")
        await page.click("#try")
        await expect(page.locator("#try-error")).to_contain_text("must lie")


async def test_a_job_is_tested_with_its_proof(window: WindowMaker) -> None:
    async with window() as w:
        page = await w.open("/jobs")
        await page.click("button:has-text('Test')")
        await expect(page.locator("#h-test")).to_have_text("Test of Night shift")
        await expect(page.locator(".proof").first).to_have_text("250 OK")
        assert w.complaints == []
