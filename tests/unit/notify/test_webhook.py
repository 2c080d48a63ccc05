import asyncio
import hashlib
import hmac
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from fakes.events import event, message
from fakes.tls import Authority
from webmanager.domain.errors import DeliveryError, RefusedError
from webmanager.notify.message import Device
from webmanager.notify.webhook import OutsideResolver, WebhookNotifier, document
from webmanager.settings.destinations_model import WebhookReceiver

CELLAR = Device("Cellar", "Building 4", "0.1.0")


class Hook:
    """A web server that keeps what it got and answers with `status`."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.status = 204
        self.location = ""
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.read())
        self.headers.append(dict(request.headers))
        headers = {"Location": self.location} if self.location else {}
        return web.Response(
            status=self.status, text="" if self.status == 204 else "words\nof the server", headers=headers
        )


@asynccontextmanager
async def hook(authority: Authority | None = None) -> AsyncIterator[Hook]:
    taker = Hook()
    app = web.Application()
    app.router.add_post("/hook", taker.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=authority.server_context() if authority else None)
    await site.start()
    port = runner.addresses[0][1]
    taker.url = f"{'https' if authority else 'http'}://127.0.0.1:{port}/hook"
    try:
        yield taker
    finally:
        await runner.cleanup()


def notifier(url: str, **parts: object) -> WebhookNotifier:
    given = {"name": "hook", "url": url, "allow_local": True, **parts}
    return WebhookNotifier(WebhookReceiver.model_validate(given), lambda: CELLAR)


async def test_the_body_holds_every_event_and_the_signature_fits_it() -> None:
    async with hook() as taker:
        proof = await notifier(taker.url, token="t0ken", secret="s3cret").send(message(events=(event(1), event(2))))
    assert proof == "HTTP 204"
    (body,), (headers,) = taker.bodies, taker.headers
    assert [row["id"] for row in json.loads(body)["events"]] == [1, 2]
    assert headers["Authorization"] == "Bearer t0ken"
    assert headers["X-Webmanager-Signature"] == "sha256=" + hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()


async def test_a_retry_carries_the_same_key_and_another_message_another() -> None:
    async with hook() as taker:
        one = notifier(taker.url)
        for number in (1, 1, 2):
            await one.send(message(number))
    first, again, other = (headers["Idempotency-Key"] for headers in taker.headers)
    assert first == again != other


async def test_over_https_with_an_own_authority(authority: Authority) -> None:
    async with hook(authority) as taker:
        assert await notifier(taker.url, ca_file=str(authority.ca_file)).send(message()) == "HTTP 204"
        with pytest.raises(DeliveryError, match=r"(?i)certificate"):
            await notifier(taker.url).send(message())
    assert len(taker.bodies) == 1


def test_what_is_not_known_is_null() -> None:
    body = document(message(events=(event(value=None, limit=None, alarm=None),)), CELLAR)
    row = body["events"][0]
    assert (row["value"], row["limit"], row["alarm"]) == (None, None, None)
    assert row["at"] == "2023-11-14T22:13:20Z"
    assert body["text"] == row["text"]


async def test_a_figure_that_is_none_is_null_and_never_breaks_the_json() -> None:
    async with hook() as taker:
        await notifier(taker.url).send(message(events=(event(value=float("nan"), limit=float("inf")),)))
    row = json.loads(taker.bodies[0], parse_constant=lambda name: pytest.fail(name))["events"][0]
    assert (row["value"], row["limit"]) == (None, None)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, RefusedError), (401, RefusedError), (404, RefusedError), (408, DeliveryError), (429, DeliveryError),
     (500, DeliveryError), (503, DeliveryError)],
)  # fmt: skip
async def test_what_the_server_says_decides_about_another_try(status: int, kind: type[DeliveryError]) -> None:
    async with hook() as taker:
        taker.status = status
        with pytest.raises(DeliveryError, match=f"HTTP {status} words of the server") as caught:
            await notifier(taker.url).send(message())
    assert type(caught.value) is kind


async def test_a_redirect_is_not_followed() -> None:
    async with hook() as taker, hook() as other:
        taker.status, taker.location = 307, other.url
        with pytest.raises(RefusedError, match="redirects are not followed"):
            await notifier(taker.url).send(message())
    assert other.bodies == []


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::1]", "169.254.169.254", "[fe80::1]", "0.0.0.0", "[::]", "[::ffff:127.0.0.1]", "224.0.0.1",
     "255.255.255.255", "[::ffff:169.254.169.254]"],
)  # fmt: skip
async def test_no_address_of_this_host_or_link_is_reached_unless_allowed(host: str) -> None:
    with pytest.raises(RefusedError, match="allow_local is off"):
        await notifier(f"http://{host}:9/hook", allow_local=False).send(message())


async def test_neither_is_one_behind_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    async with hook() as taker:
        port = taker.url.split(":")[2].split("/")[0]
        with pytest.raises(RefusedError, match="allow_local is off"):
            await notifier(f"http://localhost:{port}/hook", allow_local=False).send(message())
    assert taker.bodies == []


async def test_a_name_with_one_bad_address_among_good_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async def answers(*_: object, **__: object) -> list[object]:
        kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*kind, ("192.0.2.1", 80)), (*kind, ("127.0.0.1", 80))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", answers)
    with pytest.raises(RefusedError):
        await OutsideResolver().resolve("rebind.example", 80)


async def test_an_outside_address_passes_as_it_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    async def answers(*_: object, **__: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 80))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", answers)
    (found,) = await OutsideResolver().resolve("good.example", 80)
    assert (found["host"], found["port"]) == ("192.0.2.1", 80)


async def test_a_server_that_is_not_there() -> None:
    async with hook() as taker:
        url = taker.url
    with pytest.raises(DeliveryError, match=r"(?i)connect"):
        await notifier(url).send(message())


@pytest.mark.parametrize(
    "url",
    ["/hook", "hook.example/x", "ftp://example.org/", "file:///etc/passwd", "http://", "http://user:pw@example.org/",
     "http://example.org:0/", "http://example.org:99999/", "http://exa mple.org/", "http://example.org/\n", "http://[::1"],
)  # fmt: skip
def test_only_absolute_web_addresses_can_be_configured(url: str) -> None:
    with pytest.raises(ValueError, match=r"expected|belong|not allowed"):
        WebhookReceiver(name="hook", url=url)
