"""Times that scripts write on pages are those of the device's zone, with its daylight saving."""

from collections.abc import AsyncIterator
from datetime import UTC, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from playwright.async_api import expect

from fakes.site import Bench, bench
from webmanager.engine.time_ports import TimeStatus
from webmanager.web.site.parts import Parts

from .conftest import WindowMaker

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.tool("chromium")]


class Keeper:
    """A clock in a zone that the test chooses."""

    zone: tzinfo = UTC

    def status(self) -> TimeStatus:
        return TimeStatus("host", True, "it follows the clock of the computer")


@pytest.fixture
def keeper() -> Keeper:
    return Keeper()


@pytest_asyncio.fixture(loop_scope="module")
async def device(keeper: Keeper) -> AsyncIterator[Bench]:
    """A device whose clock stands at 14 Nov 2023, 22:13 UTC."""
    async with bench(parts=Parts(time=keeper)) as started:
        yield started


@pytest.mark.parametrize(
    ("zone", "name", "end"),
    [
        (UTC, "UTC", "14 Nov 2023, 22:13"),
        (ZoneInfo("Europe/Berlin"), "Europe/Berlin", "14 Nov 2023, 23:13"),
        (timezone(timedelta(hours=5.5)), "+05:30", "15 Nov 2023, 03:43"),
    ],
)
async def test_a_range_of_history_is_told_in_the_zone(
    window: WindowMaker, keeper: Keeper, zone: tzinfo, name: str, end: str
) -> None:
    keeper.zone = zone
    async with window() as w:
        page = await w.open("/history?b=S3-17&h=24")
        await page.wait_for_selector("html[data-history=ready]")
        await expect(page.locator("#res")).to_contain_text(f"{name}. One point is")
        await expect(page.locator("#res b")).to_contain_text(end)
        assert w.complaints == []
