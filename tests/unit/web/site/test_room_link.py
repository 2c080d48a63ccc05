"""The control socket of the room: answers, and what happens when there is none."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from fakes.room import FakeRoom
from webmanager.domain.errors import ConfigError
from webmanager.web.http.problem import Problem
from webmanager.web.site.room_link import RoomControl


class Odd:
    """A server on a Unix socket that answers as told."""

    def __init__(self, path: Path, text: bytes, status: int = 200) -> None:
        self.path, self.text, self.status = path, text, status

    async def __aenter__(self) -> RoomControl:
        app = web.Application()

        async def handle(_: web.Request) -> web.Response:
            return web.Response(body=self.text, status=self.status)

        app.router.add_route("*", "/{tail:.*}", handle)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        await web.UnixSite(self.runner, str(self.path)).start()
        self.control = RoomControl(f"unix:{self.path}", longest_answer=1000)
        return self.control

    async def __aexit__(self, *_: object) -> None:
        await self.control.close()
        await self.runner.cleanup()


async def test_a_call_gives_status_and_json(fake_room: tuple[FakeRoom, RoomControl]) -> None:
    room, control = fake_room
    assert await control.call("GET", "/room") == (200, room.state())
    status, fault = await control.call("POST", "/faults", {"kind": "soft_short", "address": 3, "value": 20})
    assert status == 201
    assert isinstance(fault, dict)
    assert room.calls == [("POST", "/faults", {"kind": "soft_short", "address": 3, "value": 20})]
    assert (await control.call("DELETE", f"/faults/{fault['id']}"))[0] == 200
    assert await control.call("DELETE", "/scenario") == (204, None)


async def test_over_tcp(unused_tcp_port_server: tuple[FakeRoom, int]) -> None:
    room, port = unused_tcp_port_server
    control = RoomControl(f"127.0.0.1:{port}")
    assert (await control.call("GET", "/room"))[1] == room.state()
    await control.close()


@pytest.fixture
async def unused_tcp_port_server() -> Any:
    room = FakeRoom()
    runner = web.AppRunner(room.application())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield room, runner.addresses[0][1]
    await runner.cleanup()


async def test_the_clock(fake_room: tuple[FakeRoom, RoomControl]) -> None:
    room, control = fake_room
    assert await control.clock(None) == {"s0": 1.7e9, "m0": 100.0, "factor": 1.0, "version": 1}
    await control.clock(4)
    assert [path for _, path, _ in room.calls] == ["/clock", "/clock?after=4"]


@pytest.mark.parametrize("where", ["", "nowhere", "host:", ":80", "host:port"])
def test_an_address_that_cannot_be_is_said(where: str) -> None:
    with pytest.raises(ConfigError, match="unix:PATH or HOST:PORT"):
        RoomControl(where)


async def test_a_room_that_is_not_there_is_502(tmp_path: Path) -> None:
    control = RoomControl(f"unix:{tmp_path / 'nothing'}")
    with pytest.raises(Problem) as caught:
        await control.call("GET", "/room")
    assert caught.value.status == 502
    await control.close()
    await control.close()


async def test_a_room_that_does_not_answer_is_504(tmp_path: Path) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_unix_server(silent, str(tmp_path / "room"))
    control = RoomControl(f"unix:{tmp_path / 'room'}", timeout_s=0.05)
    with pytest.raises(Problem) as caught:
        await control.call("GET", "/room")
    assert caught.value.status == 504
    await control.close()
    server.close()
    await server.wait_closed()


@pytest.mark.parametrize("text", [b"<html>", b"\xff\xfe", b"{", b"x" * 2000])
async def test_an_answer_that_is_no_json_or_too_long_is_502(tmp_path: Path, text: bytes) -> None:
    async with Odd(tmp_path / "room", text) as control:
        with pytest.raises(Problem) as caught:
            await control.call("GET", "/room")
        assert caught.value.status == 502


async def test_an_empty_answer_is_nothing(tmp_path: Path) -> None:
    async with Odd(tmp_path / "room", b"") as control:
        assert await control.call("GET", "/room") == (200, None)


@pytest.mark.parametrize(("text", "status"), [(b"[]", 200), (b"{}", 500)])
async def test_a_clock_that_is_not_told_is_502(tmp_path: Path, text: bytes, status: int) -> None:
    async with Odd(tmp_path / "room", text, status) as control:
        with pytest.raises(Problem, match="does not tell its clock"):
            await control.clock(None)


async def test_it_connects_again_after_the_room_was_away(tmp_path: Path) -> None:
    path = tmp_path / "room"
    control = RoomControl(f"unix:{path}")
    with pytest.raises(Problem):
        await control.call("GET", "/room")
    runner = web.AppRunner(FakeRoom().application())
    await runner.setup()
    await web.UnixSite(runner, str(path)).start()
    assert (await control.call("GET", "/room"))[0] == 200
    await control.close()
    await runner.cleanup()
