"""A web door that answers over HTTPS too, with a client that trusts its certificate."""

import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from fakes.site import PASSWORD, USER, Bench, basic, bench
from webmanager.settings.certificates import CertificateStore
from webmanager.settings.desk import SettingsDesk
from webmanager.settings.model import Settings
from webmanager.web.config import WebConfig
from webmanager.web.site.parts import Parts

LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass
class SecureBench:
    """`client` speaks HTTPS and is logged in, `stranger` speaks HTTPS and is not."""

    device: Bench
    store: CertificateStore
    settings: SettingsDesk
    directory: Path
    client: aiohttp.ClientSession
    stranger: aiohttp.ClientSession

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.device.server.https_port}"

    async def ask(self, method: str, path: str, client: Any = None, **more: Any) -> tuple[int, Any, Any]:
        """Status, JSON or text, headers over HTTPS."""
        sent = (client or self.client).request(method, self.url + path, allow_redirects=False, **more)
        async with sent as answer:
            is_json = "json" in answer.content_type
            said = await answer.json(content_type=None) if is_json else await answer.text()
            return answer.status, said, answer.headers


@asynccontextmanager
async def secure_bench(directory: Path, **security: Any) -> AsyncIterator[SecureBench]:
    """HTTPS on a free port of loopback; `security` are fields of the section."""
    store = CertificateStore(directory, lambda: LOCAL, time.time)
    store.open()
    told = Settings.model_validate({"security": {"https": True} | security})
    desk = SettingsDesk(told)
    config = WebConfig(security=told.security)
    async with bench(config, parts=Parts(settings=desk, certificates=store)) as device:
        trust = ssl.create_default_context(cafile=str(directory / "own.pem"))
        async with (
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust), headers=basic(USER, PASSWORD)) as client,
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=trust), cookie_jar=aiohttp.CookieJar(unsafe=True)
            ) as stranger,
        ):
            yield SecureBench(device, store, desk, directory, client, stranger)
