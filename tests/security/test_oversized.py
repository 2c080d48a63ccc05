"""Bodies and headers that are too long, too deep or endless: refused, and the device goes on."""

import asyncio
import contextlib
import gzip
import io

import pytest

from fakes.site import PASSWORD, USER, Bench, basic
from webmanager.web.routes import API_ROUTES

LIMIT = 1024 * 1024


async def raw(device: Bench, text: bytes) -> bytes:
    """What the server says to these bytes until it closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", device.server.port)
    with contextlib.suppress(ConnectionError):
        writer.write(text)
        await writer.drain()
    answer = b""
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(20):
            answer = await reader.read()
    writer.close()
    return answer


async def test_a_body_over_the_limit_is_413_for_every_call_that_takes_one(device: Bench) -> None:
    tried = 0
    for route in API_ROUTES:
        if route.body is not None:
            body = io.BytesIO(b'{"x": "' + b"x" * LIMIT + b'"}')
            path = route.path.replace("{", "").replace("}", "")
            headers = {"Content-Type": "application/json"}
            status, _, _ = await device.ask(route.method, path, data=body, headers=headers)
            tried += status == 413
            assert status in {413, 404}, (route.method, path, status)
    assert tried >= 5


async def test_an_endless_body_is_cut_off(device: Bench) -> None:
    head = (
        "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
    )
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    answer = await raw(device, head.encode() + chunk * 64)
    assert answer.startswith(b"HTTP/1.1 413 ") or answer == b""
    assert (await device.get("/healthz"))[0] == 200


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"username": "' + b"\\u0000" * 100_000 + b'"}',
        b"1" * 500_000,
        b"\xff" * 1000,
    ],
    ids=["deep list", "deep object", "nulls", "long number", "no text"],
)
async def test_json_that_is_made_to_hurt(device: Bench, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    status, _, _ = await device.ask("POST", "/api/v1/session", client=device.stranger, data=body, headers=headers)
    assert status in {400, 422}


async def test_a_form_of_a_hundred_thousand_fields(device: Bench) -> None:
    body = "&".join(f"f{number}=1" for number in range(100_000))
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    status, _, _ = await device.ask("POST", "/login", client=device.stranger, data=body, headers=headers)
    assert 400 <= status < 500


async def test_a_packed_body_is_no_way_around_the_limit(device: Bench) -> None:
    """16 MiB of blanks in 16 KiB: whether it is unpacked or not, it is not taken."""
    body = gzip.compress(b" " * (16 * LIMIT))
    assert len(body) < LIMIT
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    status, _, _ = await device.ask("POST", "/api/v1/session", client=device.stranger, data=body, headers=headers)
    assert status in {400, 413, 415, 422}


async def test_long_names_and_passwords_are_not_computed(device: Bench) -> None:
    for name, password in (("x" * 5000, "y"), (USER, "y" * 5000)):
        status, _, _ = await device.get("/api/v1/system", client=device.stranger, headers=basic(name, password))
        assert status == 401
    login = {"username": USER, "password": "y" * 5000}
    assert (await device.ask("POST", "/api/v1/session", client=device.stranger, json=login))[0] == 422


async def test_headers_over_the_limit(device: Bench) -> None:
    answer = await raw(device, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 100_000 + b"\r\n\r\n")
    assert answer == b"" or answer.startswith((b"HTTP/1.0 400 ", b"HTTP/1.1 400 "))
    many = b"".join(b"X-%d: a\r\n" % number for number in range(100_000))
    answer = await raw(device, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n" + many + b"\r\n")
    assert answer == b"" or answer.startswith((b"HTTP/1.0 400 ", b"HTTP/1.1 400 "))
    assert (await device.get("/healthz", headers=basic(USER, PASSWORD)))[0] == 200
