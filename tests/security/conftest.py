"""What the security tests attack: a whole web door with everything behind it, and the ways to reach it."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fakes.event_log import FakeEventLog
from fakes.site import Bench, bench
from webmanager.settings.certificates import CertificateStore
from webmanager.settings.desk import SettingsDesk
from webmanager.web.site.parts import Parts


@pytest.fixture
def settings() -> SettingsDesk:
    return SettingsDesk()


@pytest.fixture
def events() -> FakeEventLog:
    return FakeEventLog()


@pytest.fixture
async def device(tmp_path: Path, settings: SettingsDesk) -> AsyncIterator[Bench]:
    """A device on loopback with settings and a certificate."""
    store = CertificateStore(tmp_path / "tls", lambda: ("localhost",), time.time)
    async with bench(parts=Parts(settings=settings, certificates=store)) as started:
        yield started
