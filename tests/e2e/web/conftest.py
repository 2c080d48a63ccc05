"""A real browser on a real server: one Chromium for a whole module, a fresh device and context for each test."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, Page, async_playwright, expect

from fakes.board import IMPLAUSIBLE, SILENT, STALE, FakeBatteries
from fakes.room import FakeRoom
from fakes.site import USER, Bench, bench
from webmanager.web.accounts.roles import Role, User
from webmanager.web.site.room_link import RoomControl

AXE = Path(__file__).parents[2] / "vendor" / "axe.min.js"
DESK, PHONE = (1440, 900), (390, 844)
expect.set_options(timeout=20_000)  # a busy machine is no broken page


@dataclass
class Window:
    """One page of a browser that is logged in, with all it complained about."""

    page: Page
    device: Bench
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    async def open(self, path: str = "/") -> Page:
        """Goes to a page and waits until it is alive."""
        await self.page.goto(self.device.url + path)
        await self.page.wait_for_selector("#live[data-q=good]")
        if path == "/" or path.startswith("/?"):
            await self.page.wait_for_selector("html[data-live]")
        return self.page

    async def publish(self) -> None:
        """One more scan, and waits until the page has it."""
        self.device.publish()
        await self.page.wait_for_selector(f'html[data-snapshot="{self.device.batteries.number}"]')


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Chromium of this machine."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="module")
async def room(tmp_path: Path) -> AsyncIterator[tuple[FakeRoom, RoomControl]]:
    """A room behind a Unix socket."""
    fake, runner = FakeRoom(), None
    runner = web.AppRunner(fake.application())
    await runner.setup()
    await web.UnixSite(runner, str(tmp_path / "room")).start()
    control = RoomControl(f"unix:{tmp_path / 'room'}")
    yield fake, control
    await control.close()
    await runner.cleanup()


@pytest_asyncio.fixture(loop_scope="module")
async def device(room: tuple[FakeRoom, RoomControl]) -> AsyncIterator[Bench]:
    """A device with a room; eight batteries are silent, one is stale, one implausible."""
    batteries = FakeBatteries(silent=SILENT, stale=STALE, implausible=IMPLAUSIBLE, low={81: 13.03})
    async with bench(batteries=batteries, room=room[1]) as started:
        yield started


WindowMaker = Callable[..., AbstractAsyncContextManager[Window]]


@pytest.fixture
def window(browser: Browser, device: Bench) -> WindowMaker:
    """Opens a window: size, theme of the system, with a finger or a mouse, with or without scripts."""

    @asynccontextmanager
    async def opened(
        size: tuple[int, int] = DESK, theme: str = "light", touch: bool = False, scripts: bool = True
    ) -> AsyncIterator[Window]:
        options: dict[str, Any] = {"color_scheme": theme, "has_touch": touch, "java_script_enabled": scripts}
        context = await browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)
        page = await context.new_page()
        made = Window(page, device)
        page.on("console", lambda message: _note(made, message.type, message.text))
        page.on("pageerror", lambda error: made.complaints.append(str(error)))
        page.on("request", lambda request: made.requests.append(request.url))
        secret, _ = device.server.site.sessions.open(User(USER, Role.ADMIN))
        await context.add_cookies(
            [{"name": device.server.site.config.session_cookie, "value": secret, "url": device.url}]
        )
        yield made
        await context.close()

    return opened


def _note(window: Window, kind: str, text: str) -> None:
    if kind in {"error", "warning"}:
        window.complaints.append(f"{kind}: {text}")
