"""A real web server on a free port, on a fake board, with a client that is logged in with HTTP Basic."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from fakes.alarm_site import AlarmSite, FakeJobs, alarm_site
from fakes.board import IMPLAUSIBLE, SILENT, STALE, FakeBatteries
from fakes.room import FakeRoom
from fakes.site import Bench, bench
from webmanager.settings.desk import SettingsDesk
from webmanager.web.frame.views import Shell
from webmanager.web.site.room_link import RoomControl


@pytest.fixture
async def device() -> AsyncIterator[Bench]:
    """A device on loopback without a room; 246 of 256 batteries are good."""
    async with bench(batteries=FakeBatteries(silent=SILENT, stale=STALE, implausible=IMPLAUSIBLE)) as started:
        yield started


@pytest.fixture
async def alarmed() -> AsyncIterator[AlarmSite]:
    """A healthy device that judges its limits."""
    async with alarm_site() as started:
        yield started


@pytest.fixture
def shell_of_nobody() -> Shell:
    """The frame of a page, for views that are made without a request."""
    flags = dict.fromkeys(("is_simulated", "default_password", "may_operate"), False)
    texts = dict.fromkeys(("path", "device", "location", "theme", "next_theme", "user", "csrf", "words"), "")
    return Shell(page="status", nav=(), **texts, **flags)


@pytest.fixture
async def fake_room(tmp_path: Path) -> AsyncIterator[tuple[FakeRoom, RoomControl]]:
    """A room behind a Unix socket, and the control of it."""
    room = FakeRoom()
    runner = web.AppRunner(room.application())
    await runner.setup()
    await web.UnixSite(runner, str(tmp_path / "room")).start()
    control = RoomControl(f"unix:{tmp_path / 'room'}", timeout_s=5.0)
    yield room, control
    await control.close()
    await runner.cleanup()


@pytest.fixture
async def device_with_room(fake_room: tuple[FakeRoom, RoomControl]) -> AsyncIterator[Bench]:
    """A device with a simulated room."""
    parts = {"jobs": FakeJobs(), "settings": SettingsDesk()}
    async with alarm_site(batteries=FakeBatteries(silent=SILENT), room=fake_room[1], parts=parts) as started:
        yield started.device
