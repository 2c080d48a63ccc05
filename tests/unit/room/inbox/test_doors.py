"""Real sockets: a shut door refuses, and its port is still its own."""

import asyncio
import socket

import pytest

from webmanager.domain.errors import ConfigError
from webmanager.room.inbox.doors import TcpDoor, claim, serve_datagrams


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(await reader.readline())
    writer.close()


async def serve(listener: socket.socket) -> asyncio.Server:
    return await asyncio.start_server(echo, sock=listener)


async def asked(port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"hello\n")
    answer = await reader.readline()
    writer.close()
    return answer


async def test_a_door_is_opened_shut_and_opened_again_on_the_same_port() -> None:
    holder, udp = claim("127.0.0.1", 0, with_udp=False)
    assert udp is None
    port = holder.getsockname()[1]
    door = TcpDoor(holder, serve)
    with pytest.raises(ConnectionRefusedError):
        await asked(port)
    for _ in range(2):
        await door.open()
        await door.open()
        assert door.is_open
        assert await asked(port) == b"hello\n"
        door.shut()
        assert not door.is_open
        with pytest.raises(ConnectionRefusedError):
            await asked(port)
    with socket.socket() as stranger, pytest.raises(OSError, match="in use"):
        stranger.bind(("127.0.0.1", port))
    door.close()
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", port))


async def test_a_pair_has_the_same_number_for_udp() -> None:
    holder, udp = claim("127.0.0.1", 0, with_udp=True)
    assert udp is not None
    assert udp.getsockname() == holder.getsockname()
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    datagrams = await serve_datagrams(
        udp, lambda data, address: (heard.put_nowait(data), datagrams.answer(b"ok", address))
    )
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.setblocking(False)
        client.connect(holder.getsockname())
        client.send(b"hello")
        assert await asyncio.wait_for(heard.get(), 5) == b"hello"
        assert await asyncio.wait_for(asyncio.get_running_loop().sock_recv(client, 10), 5) == b"ok"
    datagrams.close()
    datagrams.answer(b"late", ("127.0.0.1", 1))
    holder.close()


def test_a_port_that_is_taken_is_said() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(ConfigError, match="cannot be used: Address already in use"):
            claim("127.0.0.1", other.getsockname()[1], with_udp=False)
    with pytest.raises(ConfigError, match=r"\[inbox\] 192\.0\.2\.1:0 cannot be used"):
        claim("192.0.2.1", 0, with_udp=False)
