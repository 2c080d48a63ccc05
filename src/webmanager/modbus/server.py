"""Modbus TCP, plain or inside TLS: who may connect, how many, and for how long without asking."""

import asyncio
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import cast

from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from webmanager.domain.errors import ConfigError
from webmanager.modbus.access import only_from
from webmanager.modbus.connection import Connection
from webmanager.modbus.device import ModbusDevice

log = logging.getLogger(__name__)

CLOSE_S = 2.0
"""Longest wait for connections to end when the server closes."""
HANDSHAKE_S = 10.0
"""A client that has not shown its certificate by then is gone."""


@dataclass(frozen=True, slots=True)
class TcpOptions:
    """Where to listen (port 0 = any free one), how many clients may stay, and how long one may ask nothing.

    With `tls` every connection is inside TLS (MODBUS/TCP Security, usual port 802).
    """

    host: str = "127.0.0.1"
    port: int = 502
    most_connections: int = 32
    idle_s: float = 60.0
    tls: ssl.SSLContext | None = None

    @property
    def name(self) -> str:
        """What it is called in the log."""
        return "Modbus TLS" if self.tls else "Modbus TCP"


@dataclass(frozen=True, slots=True)
class ConnectionCounts:
    """Connections since the start, but for `open`, which is now.

    `refused` were not on the access list, `evicted` made room for a new client, `expired` asked nothing for too
    long, `garbled` sent something that is no Modbus frame.
    """

    open: int = 0
    accepted: int = 0
    refused: int = 0
    evicted: int = 0
    expired: int = 0
    garbled: int = 0


class ModbusTcp:
    """Serves one device to many clients; `admits` says which addresses may connect, all if it is None.

    When all places are taken, a new client gets the place of one that has never asked anything, else of the one that
    has asked nothing for longest (MODBUS Messaging on TCP/IP Implementation Guide V1.0b, 4.2.1): nobody is kept out
    by connections that only sit there.
    """

    def __init__(
        self, device: ModbusDevice, options: TcpOptions | None = None, admits: Callable[[str], bool] | None = None
    ) -> None:
        self.device = device
        self._options = options or TcpOptions()
        self._admits = admits or only_from(())
        self._listener: _Listener | None = None
        self._sweeper: asyncio.TimerHandle | None = None
        self._connections: set[Connection] = set()
        self._counts = ConnectionCounts()
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def counts(self) -> ConnectionCounts:
        """Connections so far and now."""
        return replace(self._counts, open=len(self._connections))

    @property
    def port(self) -> int:
        """The port it listens on; RuntimeError before `start`."""
        if self._listener is None:
            raise RuntimeError("Modbus TCP is not started")
        return self._listener.port

    async def start(self) -> None:
        """Listens; ConfigError if the address cannot be used."""
        options = self._options
        listener = _Listener(self, options)
        try:
            await listener.open()
        except (OSError, OverflowError) as error:
            raise ConfigError(f"modbus: {options.host}:{options.port} cannot be listened on: {error}") from None
        self._listener = listener
        self._sweep()
        log.info("%s listens on %s port %d.", options.name, options.host, listener.port)

    async def close(self) -> None:
        """Ends all connections and frees the port; may be called again."""
        if self._sweeper:
            self._sweeper.cancel()
        listener, self._listener = self._listener, None
        if listener is None:
            return
        for connection in self._connections:
            connection.abort()
        listener.close()
        try:
            async with asyncio.timeout(CLOSE_S):
                await self._empty.wait()
        except TimeoutError:
            log.warning("%s: %d connections did not end.", self._options.name, len(self._connections))

    def joined(self, connection: Connection) -> bool:
        """Takes a new client in, if it may connect, and makes room for it."""
        if self._listener is None or not self._admits(connection.peer):
            self._count(refused=1)
            return False
        self._count(accepted=1)
        if len(self._connections) >= self._options.most_connections:
            idlest = min(self._connections, key=_worth)
            self._drop(idlest)
            self._count(evicted=1)
        self._connections.add(connection)
        self._empty.clear()
        return True

    def left(self, connection: Connection) -> None:
        """Forgets a client that is gone."""
        self._connections.discard(connection)
        if not self._connections:
            self._empty.set()

    def answer(self, unit: int, request: bytes) -> bytes:
        """The device's answer PDU."""
        return self.device.answer_tcp(unit, request)

    def garbled(self, connection: Connection) -> None:
        """Counts a client that does not speak Modbus."""
        self._count(garbled=1)
        log.debug("Modbus: %s sent something that is no Modbus frame.", connection.peer)

    def _sweep(self) -> None:
        """Ends connections that have asked nothing for too long; runs often enough to be late by a tenth."""
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() - self._options.idle_s
        for connection in [each for each in self._connections if each.idle_since_s < deadline_s]:
            self._drop(connection)
            self._count(expired=1)
        self._sweeper = loop.call_later(self._options.idle_s / 10.0, self._sweep)

    def _drop(self, connection: Connection) -> None:
        self._connections.discard(connection)
        connection.abort()

    def _count(self, **more: int) -> None:
        self._counts = replace(
            self._counts, **{name: getattr(self._counts, name) + number for name, number in more.items()}
        )


def _worth(connection: Connection) -> tuple[bool, float]:
    """Sorts connections by how little is lost with them."""
    return connection.asked_s is not None, connection.idle_since_s


class _Listener(ModbusTcpServer):
    """pymodbus' server with our connections; its data store is never asked, the image answers."""

    def __init__(self, door: ModbusTcp, options: TcpOptions) -> None:
        unused = SimDevice(0, simdata=SimData(0, values=0, datatype=DataType.REGISTERS))
        super().__init__(unused, address=(options.host, options.port))
        self._door = door
        self._options = options

    @property
    def port(self) -> int:
        """The port really bound."""
        return int(cast(asyncio.Server, self.transport).sockets[0].getsockname()[1])

    async def open(self) -> None:
        """Listens, as `listen` does, but leaves the reason of a failure to the caller."""
        self.is_listener = True
        options = self._options
        server = await self.loop.create_server(
            self.handle_new_connection,
            options.host,
            options.port,
            ssl=options.tls,
            ssl_handshake_timeout=HANDSHAKE_S if options.tls else None,
            reuse_address=True,
        )
        self.transport = cast(asyncio.BaseTransport, server)

    def callback_new_connection(self) -> Connection:
        return Connection(self, self._door)
