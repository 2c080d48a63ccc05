"""Clients that take their time: each is let go, and their places become free again."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from fakes.site import Bench, bench
from webmanager.web.config import WebConfig

PLACES = 8
HEAD = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
TYPE = b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
BODY = b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\n" + TYPE


@pytest.fixture
async def device() -> AsyncIterator[Bench]:
    async with bench(WebConfig(most_connections=PLACES, header_timeout_s=0.5, body_timeout_s=0.5)) as started:
        yield started


async def drip(device: Bench, first: bytes) -> float:
    """Sends a byte every now and then; how long until the server has had enough."""
    loop = asyncio.get_running_loop()
    begin = loop.time()
    reader, writer = await asyncio.open_connection("127.0.0.1", device.server.port)
    with contextlib.suppress(ConnectionError):
        writer.write(first)
        reading = asyncio.create_task(reader.read())
        while not reading.done():
            writer.write(b"a")
            await writer.drain()
            await asyncio.wait([reading], timeout=0.1)
    writer.close()
    return loop.time() - begin


@pytest.mark.parametrize("first", [b"", b"GET", HEAD + b"X: ", BODY], ids=["silent", "line", "headers", "body"])
async def test_a_place_taken_slowly_is_free_again(device: Bench, first: bytes) -> None:
    async with asyncio.timeout(30):
        await asyncio.gather(*(drip(device, first) for _ in range(PLACES)))
        while True:
            reader, writer = await asyncio.open_connection("127.0.0.1", device.server.port)
            writer.write(HEAD + b"\r\n")
            answer = await reader.read()
            writer.close()
            if answer.startswith(b"HTTP/1.1 200 "):
                break


async def test_somebody_already_there_is_served_all_the_while(device: Bench) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", device.server.port)
    ask = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    writer.write(ask)
    await reader.readuntil(b"ok")
    attack = asyncio.gather(*(drip(device, HEAD + b"X: ") for _ in range(PLACES - 1)))
    for _ in range(5):
        writer.write(ask)
        async with asyncio.timeout(10):
            assert b"200 OK" in await reader.readuntil(b"ok")
    writer.close()
    async with asyncio.timeout(30):
        await attack
