"""The front panel in a real browser: the lamps live, the buzzer is silenced, the switches are set; for everybody."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from fakes.panel import PanelStand
from fakes.site import Bench, bench
from webmanager.domain.panel import LABELS, Dips
from webmanager.engine.board import BusReport, BusState
from webmanager.engine.notify_ports import Output
from webmanager.web.site.parts import Parts

from .conftest import AXE, DESK, PHONE, Window, WindowMaker

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.tool("chromium")]


@dataclass
class Standing:
    """The device behind the page, and whether somebody asked it to restart."""

    stand: PanelStand
    restarts: int = 0

    def restart(self) -> None:
        self.restarts += 1


@pytest.fixture
def panel() -> Standing:
    return Standing(PanelStand())


@pytest_asyncio.fixture(loop_scope="module")
async def device(panel: Standing) -> AsyncIterator[Bench]:
    """A device whose parts are on its panel."""
    parts = Parts(alarms=panel.stand.alarms.desk, panel=panel.stand.panel, restart=panel.restart)
    async with bench(parts=parts) as started:
        yield started


def light(page: Page, key: str) -> object:
    return page.locator(f'.dev [data-lamp="{key}"]')


async def test_a_lamp_in_the_picture_and_its_reason_follow_the_device(window: WindowMaker, panel: Standing) -> None:
    async with window() as w:
        page = await w.open("/panel")
        await expect(light(page, "alarm")).to_have_attribute("data-light", "off")
        panel.stand.alarm()
        panel.stand.board.report_bus(BusReport(BusState.DOWN, "The port is gone."))
        w.device.publish()
        await expect(light(page, "alarm")).to_have_attribute("data-light", "flashing")
        await expect(page.locator('[data-row="alarm"] [data-f="why"]')).to_have_text(
            "1 alarm is open, 1 is not acknowledged."
        )
        await expect(light(page, "com3_rx")).to_have_attribute("data-light", "off")
        await expect(page.locator('[data-row="com3_rx"] [data-f="why"]')).to_have_text("The port is gone.")
        await expect(page.locator('.dev [data-output="buzzer"]')).to_have_attribute("data-state", "on")
        assert "Alarm LED: flashing." in await page.locator("#dev-d").text_content()  # type: ignore[operator]
        assert w.complaints == []


async def test_every_lamp_of_the_picture_is_in_the_table(window: WindowMaker) -> None:
    async with window() as w:
        page = await w.open("/panel")
        shown = await page.locator(".dev [data-lamp]").evaluate_all("all => all.map(one => one.dataset.lamp)")
        assert sorted(shown) == sorted(LABELS)
        for key in LABELS:
            assert await page.locator(f'[data-row="{key}"] [data-f="why"]').inner_text()


async def test_the_buzzer_is_silenced(window: WindowMaker, panel: Standing) -> None:
    async with window() as w:
        page = await w.open("/panel")
        await expect(page.locator("#mute")).to_be_disabled()
        panel.stand.alarm()
        w.device.publish()
        await expect(page.locator("#mute")).to_be_enabled()
        await page.click("#mute")
        await expect(page.locator("#said")).to_contain_text("silent until the next alarm")
        await expect(page.locator('[data-row="buzzer"] [data-f="why"]')).to_have_text("Silenced until the next alarm.")
        assert panel.stand.output(Output.BUZZER).is_on is False


@pytest.mark.parametrize("scripts", [True, False])
async def test_the_switches_are_set_and_the_device_restarts(
    window: WindowMaker, panel: Standing, scripts: bool
) -> None:
    async with window(PHONE, scripts=scripts) as w:
        page = w.page
        await page.goto(f"{w.device.url}/panel")
        await page.uncheck("[name=switch1]")
        await page.get_by_role("button", name="Set", exact=True).click()
        await expect(page.locator("#said")).to_contain_text("next cold start")
        assert panel.stand.panel.look().dips == Dips(False, False)
        await expect(page.get_by_text("The device runs in normal mode.")).to_be_visible()
        await page.locator(".ask summary").click()
        assert panel.restarts == 0
        await page.get_by_role("button", name="Restart the device now").click()
        await expect(light(page, "red")).to_have_attribute("data-light", "on")
        assert panel.restarts == 1


async def test_nothing_flashes_more_than_twice_a_second_and_nothing_at_all_for_who_wishes_so(
    window: WindowMaker,
) -> None:
    async with window() as w:
        page = await w.open("/panel")
        flashes = await page.evaluate(
            """() => document.getAnimations().map(one => {
                const frames = one.effect.getKeyframes().map(frame => frame.fill ?? frame.computedOffset);
                return Math.ceil(frames.length / 2) * 1000 / one.effect.getTiming().duration;
            })"""
        )
        assert flashes
        assert max(flashes) <= 2.4  # pairs of keyframes a second: at most two of them light up
        await page.emulate_media(reduced_motion="reduce")
        assert await page.evaluate("document.getAnimations().length") == 0


@pytest.mark.parametrize(("size", "theme"), [(DESK, "light"), (PHONE, "dark")])
async def test_axe_finds_nothing(window: WindowMaker, panel: Standing, size: tuple[int, int], theme: str) -> None:
    panel.stand.alarm()
    panel.stand.panel.move_dips(Dips(False, False), "somebody")
    async with window(size, theme) as w:
        page = await w.open("/panel?done=moved")
        await page.locator(".ask summary").click()
        assert await _axe(w) == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_the_picture_can_be_reached_by_keyboard_and_scrolls_on_a_small_phone(window: WindowMaker) -> None:
    async with window((360, 640)) as w:
        page = await w.open("/panel")
        region = page.get_by_role("region", name="Picture, scrolls sideways")
        await region.focus()
        await page.keyboard.press("ArrowRight")
        async with asyncio.timeout(10):
            while not await page.evaluate("document.querySelector('.scroll').scrollLeft"):
                await asyncio.sleep(0.05)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def _axe(w: Window) -> list[str]:
    await w.page.evaluate(AXE.read_text())
    found = await w.page.evaluate("axe.run()")
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found["violations"]]
