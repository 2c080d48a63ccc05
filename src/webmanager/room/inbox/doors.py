"""Ports of the room: a TCP port that can be shut without being lost to anybody else, and the UDP port beside it."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import cast

from webmanager.domain.errors import ConfigError

TRIES = 20
Serve = Callable[[socket.socket], Awaitable[asyncio.Server]]


class TcpDoor:
    """While it is shut, who knocks is refused by the host: a holder that does not listen keeps the port."""

    def __init__(self, holder: socket.socket, serve: Serve) -> None:
        self._holder = holder
        self._serve = serve
        self._server: asyncio.Server | None = None

    @property
    def is_open(self) -> bool:
        """Whether somebody listens."""
        return self._server is not None

    async def open(self) -> None:
        """Listens; ConfigError if the port is no longer to be had."""
        if self._server is not None:
            return
        host, port = self._holder.getsockname()[:2]
        listener = _socket(self._holder.family, socket.SOCK_STREAM)
        try:
            listener.bind((host, port))
            self._server = await self._serve(listener)
        except OSError as error:
            listener.close()
            raise ConfigError(f"cannot listen on {host}:{port}: {error.strerror}") from None

    def shut(self) -> None:
        """Listens no longer; who is inside may finish."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def close(self) -> None:
        """Gives the port back."""
        self.shut()
        self._holder.close()


class Datagrams(asyncio.DatagramProtocol):
    """Hands on each datagram with its sender; `answer` sends one back while the port is open."""

    def __init__(self, hear: Callable[[bytes, tuple[str, int]], None]) -> None:
        self._hear = hear
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._hear(data, addr)

    def answer(self, data: bytes, addr: tuple[str, int]) -> None:
        """One datagram to somebody."""
        if self._transport is not None:
            self._transport.sendto(data, addr)

    def close(self) -> None:
        """Gives the port back."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None


def claim(host: str, port: int, *, with_udp: bool) -> tuple[socket.socket, socket.socket | None]:
    """A TCP port, and the UDP port of the same number if wanted; 0 is any free one. ConfigError if it is taken."""
    for attempt in range(TRIES):
        holder = udp = None
        try:
            holder = _bound(host, port, socket.SOCK_STREAM)
            if with_udp:
                udp = _bound(host, holder.getsockname()[1], socket.SOCK_DGRAM)
        except OSError as error:
            if holder is not None:
                holder.close()
            if port or attempt == TRIES - 1:
                raise ConfigError(f"[inbox] {host}:{port} cannot be used: {error.strerror or error}") from None
        else:
            return holder, udp
    raise AssertionError("every try returns or raises")


async def serve_datagrams(udp: socket.socket, hear: Callable[[bytes, tuple[str, int]], None]) -> Datagrams:
    """Listens on a bound UDP socket."""
    loop = asyncio.get_running_loop()
    _, datagrams = await loop.create_datagram_endpoint(lambda: Datagrams(hear), sock=udp)
    return datagrams


def _bound(host: str, port: int, kind: socket.SocketKind) -> socket.socket:
    made = _socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind)
    try:
        made.bind((host, port))
    except OSError:
        made.close()
        raise
    return made


def _socket(family: int, kind: socket.SocketKind) -> socket.socket:
    """Not blocking; of TCP several of ours may have the same port, as long as one listens."""
    made = socket.socket(family, kind)
    made.setblocking(False)
    if kind is socket.SOCK_STREAM:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    return made
