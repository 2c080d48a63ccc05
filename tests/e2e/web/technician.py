"""The demo as one technician has it in hand: a logged-in browser of one size, and all it complained about."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Response, expect

from e2e.demo_process import DemoProcess
from fakes.snapshot_series import SnapshotSeries
from webmanager.domain.installation import BlockType, Installation
from webmanager.store import fill

USER, PASSWORD = "admin", "cs121-snmp"


@dataclass
class Technician:
    """Goes where links and buttons lead; `name` tells phone and desk apart in what they leave behind."""

    page: Page
    demo: DemoProcess
    name: str
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where the device is."""
        return f"http://127.0.0.1:{self.demo.port}"

    def watch(self) -> None:
        """Writes down what the console, the scripts and the network have to say."""
        page = self.page
        page.on("console", lambda one: one.type in {"error", "warning"} and self.complaints.append(one.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("response", self._judge)

    def _judge(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status} {response.url}")

    async def start(self) -> Page:
        """The first page, alive."""
        await self.page.goto(f"{self.url}/")
        await expect(self.page.locator("#live")).to_contain_text("Live")
        return self.page

    async def menu(self, name: str) -> Page:
        """A page of the bar."""
        await self.page.get_by_role("navigation", name="Pages").get_by_role("link", name=name, exact=True).click()
        await self.page.wait_for_load_state("load")
        return self.page

    async def settings(self, name: str) -> Page:
        """A page of the settings, whose menu is folded on a phone."""
        page = await self.menu("Settings")
        side = page.get_by_role("navigation", name="Settings")
        link = side.get_by_role("link", name=name, exact=True)
        if not await link.is_visible():
            await side.get_by_text("Settings", exact=True).click()
        await link.click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(name)
        return page

    async def said(self, text: str) -> None:
        """Waits until the page says so."""
        await expect(self.page.locator("main [role=status]").filter(has_text=text).first).to_be_visible()

    def elsewhere(self) -> list[str]:
        """What was asked of another host."""
        hosts = {url: urlsplit(url) for url in self.requests}
        return [url for url, one in hosts.items() if one.scheme in {"http", "https"} and one.hostname != "127.0.0.1"]


def a_year(data: Path, modules: int, strings: int, now_s: float) -> None:
    """Fills the store of a data directory: an hour a row, and the last day by minutes."""
    installation = Installation(modules, strings, BlockType())
    began_s = now_s // 60 * 60 - 365 * fill.DAY_S
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fill, "COARSE_S", 3600.0)
        fill.fill_directory(data, installation, SnapshotSeries(installation, began_s), 365.0, fine_days=1.0)


@asynccontextmanager
async def logged_in(browser: Browser, demo: DemoProcess, size: tuple[int, int]) -> AsyncIterator[BrowserContext]:
    """A browser of a size after the login form; on a phone with a finger."""
    options: dict[str, Any] = {"viewport": {"width": size[0], "height": size[1]}, "accept_downloads": True}
    context = await browser.new_context(has_touch=size[0] < 760, **options)
    page = await context.new_page()
    await log_in(page, f"http://127.0.0.1:{demo.port}", USER, PASSWORD)
    await page.close()
    yield context
    await context.close()


async def log_in(page: Page, url: str, user: str, password: str) -> None:
    """By the form; ends on the first page."""
    await page.goto(f"{url}/login")
    await page.get_by_label("User").fill(user)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Log in").click()
    await page.wait_for_url(f"{url}/")
