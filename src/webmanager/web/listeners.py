"""Where the web listens: plain HTTP and, where it is wanted, HTTPS; both with one limit of connections."""

import asyncio
import ssl
from collections.abc import Callable

from aiohttp import web

from webmanager.domain.errors import ConfigError
from webmanager.web.config import WebConfig

HANDSHAKE_S = 10.0
"""A client that has not shaken hands by then is let go."""
FAREWELL_S = 1.0
BACKLOG = 128
_BUSY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 5\r\nConnection: close\r\n\r\n"


class Listeners:
    """The open ports of one server; `context` is there if HTTPS is wanted."""

    def __init__(self, server: web.Server, config: WebConfig, context: ssl.SSLContext | None) -> None:
        self._server, self._config, self._context = server, config, context
        self._plain: asyncio.Server | None = None
        self._secure: asyncio.Server | None = None
        self._shaking: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """Port of HTTP, 0 while closed."""
        return _port(self._plain)

    @property
    def https_port(self) -> int:
        """Port of HTTPS, 0 without it."""
        return _port(self._secure)

    async def open(self) -> None:
        """Listens; ConfigError if an address cannot be had, and then nothing is open."""
        try:
            self._plain = await self._listen(self._accept_plain, self._config.port)
            if self._context is not None:
                self._secure = await self._listen(self._accept_secure, self._config.https_port)
        except ConfigError:
            self.close()
            raise

    def close(self) -> None:
        """Takes no connection any more; those that are open are the server's."""
        for listener in (self._plain, self._secure):
            if listener is not None:
                listener.close()
        for task in self._shaking:
            task.cancel()
        self._plain = self._secure = None

    async def _listen(self, accept: Callable[[], asyncio.Protocol], port: int) -> asyncio.Server:
        bind = self._config.bind
        try:
            return await asyncio.get_running_loop().create_server(
                accept, bind, port, backlog=BACKLOG, reuse_address=True
            )
        except OSError as error:
            raise ConfigError(f"the web cannot listen on {bind} port {port}: {error.strerror or error}") from None

    @property
    def _is_full(self) -> bool:
        return len(self._server.connections) + len(self._shaking) >= self._config.most_connections

    def _accept_plain(self) -> asyncio.Protocol:
        return _Refusal() if self._is_full else self._server()

    def _accept_secure(self) -> asyncio.Protocol:
        return _Refusal(silent=True) if self._is_full else _Stranger(self._shake)

    def _shake(self, transport: asyncio.Transport) -> None:
        """Who has not shaken hands takes a place too: half-open connections cannot use up the device."""
        task = asyncio.create_task(self._secured(transport), name="TLS handshake")
        self._shaking.add(task)
        task.add_done_callback(self._shaking.discard)

    async def _secured(self, transport: asyncio.Transport) -> None:
        if self._context is None:
            return
        early = _Early()
        try:
            secure = await asyncio.get_running_loop().start_tls(
                transport,
                early,
                self._context,
                server_side=True,
                ssl_handshake_timeout=HANDSHAKE_S,
                ssl_shutdown_timeout=FAREWELL_S,
            )
        except (OSError, asyncio.CancelledError):
            transport.abort()
            return
        if secure is None:
            transport.abort()
            return
        early.hand_over(secure, self._server())


class _Stranger(asyncio.Protocol):
    """A connection before its handshake."""

    def __init__(self, shake: Callable[[asyncio.Transport], None]) -> None:
        self._shake = shake

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._shake(transport)


class _Early(asyncio.Protocol):
    """Keeps what a client sends together with the end of its handshake, until somebody is there to read it."""

    def __init__(self) -> None:
        self._received: list[bytes] = []
        self._is_lost = self._has_ended = False

    def data_received(self, data: bytes) -> None:
        self._received.append(data)

    def eof_received(self) -> None:
        self._has_ended = True

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_lost = True

    def hand_over(self, transport: asyncio.Transport, protocol: asyncio.Protocol) -> None:
        """Gives the connection and what came early to its reader."""
        if self._is_lost or self._has_ended:
            transport.abort()
            return
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        for data in self._received:
            protocol.data_received(data)


class _Refusal(asyncio.Protocol):
    """A connection too many; `silent` where it would have to shake hands before it could be told."""

    def __init__(self, *, silent: bool = False) -> None:
        self._silent = silent

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport) and not self._silent:
            transport.write(_BUSY)
        transport.close()


def _port(listener: asyncio.Server | None) -> int:
    sockets = listener.sockets if listener else ()
    return int(sockets[0].getsockname()[1]) if sockets else 0
