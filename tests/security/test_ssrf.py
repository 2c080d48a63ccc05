"""Fields that make the device connect somewhere: they lead to no service of this host or its own link."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pydantic import ValidationError

from fakes.events import message
from webmanager.domain.errors import DeliveryError
from webmanager.notify.message import Device
from webmanager.notify.webhook import WebhookNotifier
from webmanager.settings.destinations_model import WebhookReceiver
from webmanager.settings.timeserver_model import TimeserverSettings

CELLAR = Device("Cellar", "", "0.1.0")


class Inner:
    """A service of this host that must not be reached; says how often it was."""

    def __init__(self) -> None:
        self.port, self.reached = 0, 0

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reached += 1
        await reader.read(100)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()


@asynccontextmanager
async def inner() -> AsyncIterator[Inner]:
    service = Inner()
    server = await asyncio.start_server(service.take, "127.0.0.1", 0)
    service.port = server.sockets[0].getsockname()[1]
    yield service
    server.close()


def hook(url: str, *, allow_local: bool = False) -> WebhookNotifier:
    return WebhookNotifier(WebhookReceiver(name="hook", url=url, allow_local=allow_local), lambda: CELLAR)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "LOCALHOST",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "127.0.0.1.",
    ],
)
async def test_no_spelling_of_this_host_is_reached(host: str) -> None:
    async with inner() as service:
        with pytest.raises((DeliveryError, ValidationError)):
            await hook(f"http://{host}:{service.port}/").send(message())
        assert service.reached == 0


async def test_the_same_service_is_reached_where_the_owner_allows_it() -> None:
    """The control: it was the rule that kept it away."""
    async with inner() as service:
        await hook(f"http://127.0.0.1:{service.port}/", allow_local=True).send(message())
        assert service.reached == 1


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://192.0.2.7/",
        "ftp://192.0.2.7/",
        "//192.0.2.7/",
        "http://",
        "http://user:secret@192.0.2.7/",
        "http://192.0.2.7/\r\nHost: evil",
        "http://192.0.2.7 /",
        "javascript:alert(1)",
        "",
    ],
)
def test_only_web_addresses_are_taken(url: str) -> None:
    with pytest.raises(ValidationError):
        WebhookReceiver(name="hook", url=url)


@pytest.mark.parametrize(
    "server",
    [
        "http://192.0.2.7/",
        "192.0.2.7:22",
        "192.0.2.7/24",
        "a b",
        "a\nb",
        "../etc",
        "$(reboot)",
        "`id`",
        "-x",
        "224.0.1.1",
        "255.255.255.255",
        "2130706433",
        "user@host",
    ],
)
def test_a_time_server_is_one_host_and_nothing_else(server: str) -> None:
    for field in ("server_1", "server_2", "server_3"):
        with pytest.raises(ValidationError):
            TimeserverSettings.model_validate({field: server})


@pytest.mark.parametrize("server", ["192.0.2.7", "time.example.org", "2001:db8::1"])
def test_hosts_are_taken(server: str) -> None:
    assert TimeserverSettings(server_1=server).server_1 == server
