"""The agent: answers GET, GETNEXT and GETBULK from the table of objects, and SET where somebody takes it."""

import asyncio
import logging
import socket
from collections.abc import Callable, Mapping
from typing import Any

from pysnmp.carrier.asyncio.dgram import udp, udp6
from pysnmp.entity import config
from pysnmp.entity.engine import SnmpEngine
from pysnmp.entity.rfc3413 import cmdrsp, context
from pysnmp.proto.rfc1902 import Integer32, ObjectName
from pysnmp.proto.rfc1905 import endOfMibView, noSuchInstance
from pysnmp.smi import error as smi_error
from pysnmp.smi.instrum import AbstractMibInstrumController

from webmanager.domain.errors import ConfigError
from webmanager.settings.snmp_model import SnmpSettings
from webmanager.snmp.access import Right, is_allowed, register
from webmanager.snmp.asn1 import Kind, Oid
from webmanager.snmp.image import Image, encodable
from webmanager.snmp.responders import RECEIVED, BulkResponder, GetResponder, NextResponder
from webmanager.snmp.state import MibState

log = logging.getLogger(__name__)

Setter = Callable[[int | bytes], None]


class SnmpAgent:
    """Serves one table on one UDP port, until closed; `port` says which. The engine is shared with the traps.

    `setters` are the objects that can be set: called with the value, ConfigError if it cannot be.
    """

    def __init__(
        self,
        engine: SnmpEngine,
        settings: SnmpSettings,
        state: Callable[[], MibState],
        setters: Mapping[Oid, Setter] | None = None,
    ) -> None:
        loop = asyncio.get_running_loop()
        self._engine = engine
        self._started_s = loop.time()
        self._image = Image(state, loop.time, lambda: self.uptime_s)
        self._controller = TableController(engine, register(engine, settings), self._image, setters or {})
        self._domain: tuple[int, ...] = ()
        self.port = 0

    @property
    def uptime_s(self) -> float:
        """Host seconds since the start: sysUpTime."""
        return asyncio.get_running_loop().time() - self._started_s

    @property
    def refused(self) -> int:
        """Requests that did not count: wrong address, or less protection than the user has."""
        return self._controller.refused

    @property
    def images(self) -> int:
        """How often the table was made anew."""
        return self._image.made

    async def open(self, bind: str, port: int) -> None:
        """Starts to answer; ConfigError if the port cannot be used."""
        family = socket.AF_INET6 if ":" in bind else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_DGRAM)
        try:
            listener.bind((bind, port))
        except OSError as error:
            listener.close()
            raise ConfigError(f"SNMP cannot listen on {bind}:{port}: {error.strerror}") from None
        listener.setblocking(False)
        self.port = listener.getsockname()[1]
        module = udp6 if family == socket.AF_INET6 else udp
        transport = _transport_class(module)(loop=asyncio.get_running_loop())
        self._domain = (*module.DOMAIN_NAME, 1)
        config.add_transport(self._engine, self._domain, transport)
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: transport, sock=listener)
        served = context.SnmpContext(self._engine)
        served.unregister_context_name(b"")
        served.register_context_name(b"", self._controller)
        for responder in (GetResponder, NextResponder, BulkResponder, cmdrsp.SetCommandResponder):
            responder(self._engine, served)

    async def close(self) -> None:
        """Ends answering; the port is free on return."""
        if self._domain:
            transport = config.get_transport(self._engine, self._domain)
            config.delete_transport(self._engine, self._domain)
            if transport is not None:
                transport.close_transport()
            self._domain = ()
            await asyncio.sleep(0)


class TableController(AbstractMibInstrumController):  # type: ignore[misc]
    """What the library asks for values. Rights are judged here, once a request: the library would do so per value."""

    def __init__(
        self, engine: SnmpEngine, rights: Mapping[str, Right], image: Image, setters: Mapping[Oid, Setter]
    ) -> None:
        self._engine = engine
        self._rights = rights
        self._setters = setters
        self.image = image
        self.refused = 0

    def read_variables(self, *varbinds: Any, **_: Any) -> list[tuple[Any, Any]]:
        """GET for version 1: each value, or noSuchInstance, which the library translates."""
        self.right()
        values = ((name, self.image.get(tuple(name))) for name, _ in varbinds)
        return [(name, noSuchInstance if value is None else encodable(value)) for name, value in values]

    def read_next_variables(self, *varbinds: Any, **_: Any) -> list[tuple[Any, Any]]:
        """GETNEXT for version 1: the next instance, or endOfMibView, which the library translates."""
        self.right()
        values = (self.image.next_after(tuple(name)) for name, _ in varbinds)
        return [(ObjectName(oid), endOfMibView if value is None else encodable(value)) for oid, value in values]

    def write_variables(self, *varbinds: Any, **_: Any) -> list[tuple[Any, Any]]:
        """SET: all or nothing, in the order of RFC 3416, 4.2.5."""
        right = self.right()
        for place, (name, value) in enumerate(varbinds):
            oid = tuple(name)
            if not right.may_set:
                raise smi_error.NoAccessError(name=name, idx=place)
            if oid not in self._setters:
                raise smi_error.NotWritableError(name=name, idx=place)
            before = self.image.get(oid)
            if before is None or isinstance(value, Integer32) is not (before.kind is Kind.INTEGER):
                raise smi_error.WrongTypeError(name=name, idx=place)
        for place, (name, value) in enumerate(varbinds):
            try:
                self._setters[tuple(name)](int(value) if isinstance(value, Integer32) else bytes(value))
            except ConfigError as error:
                log.info("SNMP SET of %s refused: %s", name, error)
                raise smi_error.WrongValueError(name=name, idx=place) from None
        return [(name, value) for name, value in varbinds]

    def right(self) -> Right:
        """The right of whoever asks. Who has none gets no answer, like one with a wrong community."""
        asked = self._engine.observer.get_execution_context(RECEIVED)
        right = self._rights.get(str(asked["securityName"]))
        if right is None or not is_allowed(right, int(asked["securityLevel"]), str(asked["transportAddress"][0])):
            self.refused += 1
            raise smi_error.PySnmpError("not allowed")
        return right


def _transport_class(module: Any) -> Any:
    """The library's transport, hardened: a datagram that it cannot read is dropped, whatever is wrong with it."""

    class Transport(module.UdpTransport if module is udp else module.Udp6Transport):  # type: ignore[misc]
        def datagram_received(self, datagram: bytes, address: Any) -> None:
            try:
                self._callback_function(self, address, datagram)
            except Exception as error:
                log.debug("A datagram from %s is dropped: %r", address, error)

    return Transport
