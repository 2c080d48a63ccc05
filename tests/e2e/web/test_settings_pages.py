"""The pages of the settings in a real browser: with and without scripts."""

from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from fakes.board import FakeBatteries
from fakes.site import Bench, bench
from webmanager.settings.desk import SettingsDesk, validated
from webmanager.web.site.parts import Parts

from .conftest import PHONE, WindowMaker

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.tool("chromium")]

MAIL = {"type": "mail", "name": "ops", "server": "m.test", "sender": "a@b.c", "to": ["d@e.f"], "password": "s3cret"}


@pytest.fixture
def desk() -> SettingsDesk:
    return SettingsDesk(validated({"notify": {"receivers": [MAIL]}}))


@pytest_asyncio.fixture(loop_scope="module")
async def device(desk: SettingsDesk) -> Any:
    """A healthy device with settings, in place of the one with a room."""
    async with bench(batteries=FakeBatteries(), parts=Parts(settings=desk, restart=lambda: None)) as started:
        yield started


async def test_a_change_is_applied_undone_and_saved_by_hand(window: WindowMaker, desk: SettingsDesk) -> None:
    async with window() as w:
        page = await w.open("/settings/bacs")
        await page.fill('[name="scan.period_s"]', "3.5")
        await page.click("#apply")
        await expect(page.locator("#said")).to_contain_text("Applied: Scan period.")
        await expect(page.locator(".savebar")).to_contain_text("Applied, not saved: 1 change (Scan period)")
        assert desk.applied.scan.period_s == 3.5
        await page.click("#undo button")
        await expect(page.locator("#said")).to_contain_text("Undone: Scan period.")
        await page.fill('[name="scan.period_s"]', "4")
        await page.press('[name="scan.period_s"]', "Enter")
        await page.click(".savebar button[value=save]")
        await expect(page.locator("#said")).to_have_text("Configuration saved successfully.")
        assert await page.locator(".savebar").count() == 0
        assert (desk.saved.scan.period_s, w.complaints) == (4.0, [])


async def test_a_mistake_is_where_one_goes_on(window: WindowMaker) -> None:
    async with window(PHONE, touch=True) as w:
        page = await w.open("/settings/bacs")
        await page.fill('[name="scan.period_s"]', "70")
        await page.fill('[name="installation.name"]', "North")
        await page.click("#apply")
        await expect(page.locator('[id="scan.period_s-error"]')).to_contain_text("70 is above 60. Still in force: 2.")
        assert await page.evaluate("document.activeElement.name") == "scan.period_s"
        assert await page.input_value('[name="installation.name"]') == "North"


@pytest.mark.parametrize("scripts", [True, False])
async def test_an_email_receiver_is_added(window: WindowMaker, desk: SettingsDesk, scripts: bool) -> None:
    async with window(scripts=scripts) as w:
        await w.page.goto(f"{w.device.url}/settings/email")
        await w.page.click("text=Add: ")
        row = "notify.receivers.1"
        for name, value in {"name": "crew", "server": "m2.test", "sender": "x@y.z", "to": "one@x.y"}.items():
            await w.page.fill(f'[name="{row}.{name}"]', value)
        await w.page.click("#apply")
        await expect(w.page.locator("#said")).to_contain_text("Applied: Receivers.")
    assert [receiver.name for receiver in desk.applied.notify.receivers] == ["ops", "crew"]


async def test_a_file_is_chosen_and_applied(window: WindowMaker, desk: SettingsDesk, device: Bench) -> None:
    async with window() as w:
        page = await w.open("/settings/save")
        file: Any = {"name": "s.toml", "mimeType": "text/plain", "buffer": b"[scan]\nperiod_s = 5\n"}
        await page.set_input_files("#file", file)
        await expect(page.locator("#toml")).to_have_value("[scan]\nperiod_s = 5\n")
        await page.click("text=Apply this file")
        await expect(page.locator("#said")).to_contain_text("Applied: Scan period.")
    assert desk.applied.scan.period_s == 5.0


async def test_undo_is_offered_for_ten_seconds(window: WindowMaker) -> None:
    async with window() as w:
        await w.page.clock.install()
        page = await w.open("/settings/bacs")
        await page.fill('[name="scan.period_s"]', "3")
        await page.click("#apply")
        await expect(page.locator("#undo")).to_be_visible()
        await page.clock.run_for(11_000)
        await expect(page.locator("#undo")).to_have_count(0)
