"""What stands before every handler: names, headers, limits, and clients that take their time."""

import asyncio
import contextlib

import pytest

from fakes.site import Bench, bench
from webmanager.web.config import WebConfig

EVERYWHERE = ("/healthz", "/login", "/api/v1/openapi.json", "/api/v1/nothing", "/nothing", "/static/x/app.css")


async def raw(device: Bench, text: bytes, *, wait_s: float = 10.0) -> bytes:
    """What the server says to these bytes until it closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", device.server.port)
    writer.write(text)
    async with asyncio.timeout(wait_s):
        answer = await reader.read()
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    return answer


@pytest.mark.parametrize("path", EVERYWHERE)
async def test_every_answer_has_the_headers_of_a_careful_site(device: Bench, path: str) -> None:
    _, _, headers = await device.get(path, client=device.stranger)
    policy = headers["Content-Security-Policy"]
    for part in ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert part in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Server"] == "webmanager"


@pytest.mark.parametrize("path", ["/login", "/healthz", "/api/v1/system", "/nothing"])
async def test_nothing_but_static_files_is_kept(device: Bench, path: str) -> None:
    assert (await device.get(path))[2]["Cache-Control"] == "no-store"


async def test_a_static_file_is_kept_for_ever_under_its_hash(device: Bench) -> None:
    static = device.server.site.static
    status, text, headers = await device.get(static.url("app.css"), client=device.stranger)
    assert status == 200
    assert "immutable" in headers["Cache-Control"]
    assert headers["Content-Type"] == "text/css; charset=utf-8"
    assert headers["Content-Encoding"] == "gzip"
    assert "--alarm" in text
    status, _, _ = await device.get(static.url("app.css"), headers={"If-None-Match": headers["ETag"]})
    assert status == 304


async def test_a_static_file_under_an_old_hash_is_sent_but_not_kept(device: Bench) -> None:
    status, _, headers = await device.get("/static/000000000000/app.css")
    assert (status, headers["Cache-Control"]) == (200, "no-cache")


@pytest.mark.parametrize(
    "name", ["nothing.css", "../server.py", "%2e%2e/x", "..%2f..%2fpyproject.toml", "vendor", "/etc/passwd"]
)
async def test_no_path_leads_out_of_the_static_folder(device: Bench, name: str) -> None:
    assert (await device.get(f"/static/x/{name}"))[0] == 404


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "", "[::2]", "10.0.0.1"]
)
async def test_a_loopback_device_knows_only_its_own_names(device: Bench, host: str) -> None:
    for path in ("/healthz", "/login", "/api/v1/system"):
        status, _, _ = await device.get(path, headers={"Host": host})
        assert status == 421


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "[::1]:8080", "battery.example"])
async def test_its_own_names(host: str) -> None:
    async with bench(WebConfig(host_names=("Battery.example",))) as device:
        assert (await device.get("/healthz", headers={"Host": host}))[0] == 200


async def test_a_device_on_the_net_answers_to_any_name() -> None:
    async with bench(WebConfig(bind="0.0.0.0")) as device:
        assert (await device.get("/healthz", headers={"Host": "battery.example"}))[0] == 200


async def test_headers_that_come_slowly_are_not_waited_for() -> None:
    async with bench(WebConfig(header_timeout_s=0.2)) as device:
        assert await raw(device, b"GET /healthz HTTP/1.1\r\nHost: loc") == b""
        assert await raw(device, b"") == b""


async def test_a_body_that_comes_slowly_is_not_waited_for() -> None:
    async with bench(WebConfig(body_timeout_s=0.2, header_timeout_s=0.5)) as device:
        answer = await raw(
            device,
            b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 100\r\n\r\n{",
            wait_s=20.0,
        )
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"the body did not arrive in time" in answer


async def test_too_many_connections_are_refused_at_once_and_places_become_free() -> None:
    async with bench(WebConfig(most_connections=4)) as device:
        opened = [await asyncio.open_connection("127.0.0.1", device.server.port) for _ in range(4)]
        async with asyncio.timeout(10):
            while not (await raw(device, b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).startswith(
                b"HTTP/1.1 503 "
            ):
                await asyncio.sleep(0.01)
        for _, writer in opened:
            writer.close()
        async with asyncio.timeout(10):
            while True:
                answer = await raw(device, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                if answer.startswith(b"HTTP/1.1 200 "):
                    break
                await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "text",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
        b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    ],
    ids=["tls", "version", "url", "long line", "long field", "smuggling", "two hosts"],
)
async def test_what_is_no_request_is_refused_and_the_next_one_is_served(device: Bench, text: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", device.server.port)
    writer.write(text)
    async with asyncio.timeout(10):
        answer = await reader.readline()
    writer.close()
    assert not answer.startswith(b"HTTP/1.1 200")
    assert (await device.get("/healthz"))[0] == 200
