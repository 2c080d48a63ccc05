"""The server as a whole: starts, says where it is, ends without a trace."""

import asyncio

import aiohttp
import pytest

from fakes.board import running_board
from fakes.site import bench
from fakes.state import MemoryStateKeeper
from webmanager.domain.errors import ConfigError
from webmanager.engine.clock import ManualClock
from webmanager.web.accounts.passwords import Passwords
from webmanager.web.config import WebConfig
from webmanager.web.server import WebServer


def server(config: WebConfig) -> WebServer:
    board, _ = running_board()
    cheap = Passwords(passes=1, memory_kib=64)
    return WebServer(config, board, ManualClock(), keeper=MemoryStateKeeper(), passwords=cheap)


async def test_it_serves_between_start_and_close() -> None:
    web = server(WebConfig(port=0))
    assert web.port == 0
    await web.start()
    url = web.url
    async with aiohttp.ClientSession() as client:
        async with client.get(f"{url}healthz") as answer:
            assert answer.status == 200
        await web.close()
        with pytest.raises(aiohttp.ClientConnectorError):
            await client.get(f"{url}healthz")
    await web.close()


async def test_no_task_is_left_behind() -> None:
    before = asyncio.all_tasks()
    async with bench() as device:
        async with device.client.get(device.url + "/api/v1/live") as answer:
            await answer.content.readline()
            await device.server.close()
        assert await asyncio.gather(*device.server._tasks) == []
    async with asyncio.timeout(10):
        while asyncio.all_tasks() - before:
            await asyncio.sleep(0.01)


async def test_a_port_that_is_taken_is_one_line() -> None:
    async with bench() as device:
        second = server(WebConfig(port=device.server.port))
        with pytest.raises(ConfigError, match=f"the web cannot listen on 127.0.0.1 port {device.server.port}"):
            await second.start()


@pytest.mark.parametrize("bind", ["203.0.113.7", "no.such.host.invalid"])
async def test_an_address_that_is_not_ours_is_one_line(bind: str) -> None:
    with pytest.raises(ConfigError, match=f"the web cannot listen on {bind}"):
        await server(WebConfig(bind=bind, port=0)).start()


@pytest.mark.parametrize(
    ("bind", "host"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "localhost"), ("localhost", "localhost")]
)
async def test_the_url_is_one_a_browser_can_open(bind: str, host: str) -> None:
    web = server(WebConfig(bind=bind, port=0))
    await web.start()
    assert web.url == f"http://{host}:{web.port}/"
    await web.close()


async def test_the_last_hour_is_fed_from_the_board() -> None:
    async with bench(scans=0) as device:
        async with asyncio.timeout(10):
            while len(device.server.site.recent.of(1).taken_at) == 0:
                device.publish()
                await asyncio.sleep(0)
