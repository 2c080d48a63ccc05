"""Modbus of a device on every way it is asked: TCP, TLS and a serial line, from one image and one count of requests."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from webmanager.app.hardware import ModbusPort
from webmanager.bus.port import SerialPort
from webmanager.domain.errors import BusError, ConfigError
from webmanager.modbus.access import only_from
from webmanager.modbus.device import ModbusDevice
from webmanager.modbus.serial_server import LineOptions, ModbusSerial
from webmanager.modbus.server import ConnectionCounts, ModbusTcp, TcpOptions
from webmanager.modbus.tls import server_context
from webmanager.settings.modbus_model import ModbusSettings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SerialPatience:
    """Speed of the line, and how long a port that is stuck or lost is waited for, host seconds."""

    baud: int
    write_timeout_s: float = 5.0
    reopen_first_s: float = 0.5
    reopen_longest_s: float = 5.0


class ModbusService:
    """All ways to one device. One that cannot be served is said in the log and left out: nothing depends on it."""

    def __init__(self, settings: ModbusSettings, device: ModbusDevice) -> None:
        self._settings = settings
        self.device = device
        self._tcp: ModbusTcp | None = None
        self._tls: ModbusTcp | None = None
        self._line: ModbusSerial | None = None

    @property
    def port(self) -> int | None:
        """Where it listens for plain TCP, None if it does not."""
        return self._tcp.port if self._tcp else None

    @property
    def tls_port(self) -> int | None:
        """Where it listens for TLS, None if it does not."""
        return self._tls.port if self._tls else None

    def connections(self) -> dict[str, ConnectionCounts]:
        """What each way over the network has counted, by its name."""
        ways = {"tcp": self._tcp, "tls": self._tls}
        return {name: server.counts for name, server in ways.items() if server}

    async def open(self, bind: str, port: int | None) -> None:
        """Listens on the network, as far as that is wanted and the addresses are free; `port` None for no plain TCP."""
        settings = self._settings
        if not settings.enabled:
            return
        if port is not None:
            self._tcp = await self._listening(lambda: self._options(bind, port))
        if settings.tls_port:
            self._tls = await self._listening(lambda: self._options(bind, settings.tls_port, tls=True))

    async def serve_line(self, line: ModbusPort) -> None:
        """Answers on a serial line until cancelled."""
        timing = SerialPatience(line.baud)

        def port(on_bytes: Callable[[bytes], None], on_lost: Callable[[BusError], None]) -> SerialPort:
            return SerialPort(line.port, timing, on_bytes, on_lost, line.format)

        self._line = ModbusSerial(self.device, self._settings.unit, LineOptions(line.baud, line.format), port)
        try:
            await self._line.run()
        finally:
            self._line.close()

    async def close(self) -> None:
        """Frees the network ports."""
        for server in (self._tcp, self._tls):
            if server:
                await server.close()
        self._tcp = self._tls = None

    def _options(self, bind: str, port: int, *, tls: bool = False) -> TcpOptions:
        settings = self._settings
        files = (settings.tls_certificate, settings.tls_key, settings.tls_clients_ca)
        context = server_context(*files) if tls else None
        return TcpOptions(bind, port, settings.most_connections, settings.idle_s, context)

    async def _listening(self, options: Callable[[], TcpOptions]) -> ModbusTcp | None:
        try:
            server = ModbusTcp(self.device, await asyncio.to_thread(options), only_from(self._settings.clients))
            await server.start()
        except ConfigError as error:
            log.error("The device runs without this way to Modbus: %s", error)
            return None
        return server
