"""Traps and informs: an event as a notification of ours or of the UPS-MIB, in version 1, 2c or 3."""

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from typing import Any

from pysnmp.carrier.asyncio.dgram import udp, udp6
from pysnmp.entity import config
from pysnmp.entity.engine import SnmpEngine
from pysnmp.entity.rfc3413 import ntforg
from pysnmp.error import PySnmpError
from pysnmp.proto.api import v2c

from webmanager.domain.errors import DeliveryError
from webmanager.domain.jobs import Power
from webmanager.engine.notify_ports import Message
from webmanager.settings.destinations_model import TrapReceiver
from webmanager.snmp.asn1 import Oid, ticks
from webmanager.snmp.engine import EngineIdentity, make_engine
from webmanager.snmp.image import encodable
from webmanager.snmp.mib import SYS_UPTIME
from webmanager.snmp.notifications import Notification, for_bacs, for_ups

TRAP_OID = (1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0)
TRAP_ADDRESS = (1, 3, 6, 1, 6, 3, 18, 1, 3, 0)
SAME_KIND_S = 5.0
"""No notification of the UPS-MIB goes to one receiver more often than this, of the same kind."""
MODELS = {"1": 0, "2c": 1, "3": 3}
TARGET, PARAMETERS, SECURITY = "receiver", "parameters", "community"


class TrapNotifier:
    """One receiver with an engine of its own, so that no other one can delay it or share its users.

    `uptime_s` is that of the agent, `power` says how the load is supplied, `low_battery_min` is the public setting.
    """

    def __init__(
        self,
        settings: TrapReceiver,
        identity: EngineIdentity,
        uptime_s: Callable[[], float],
        power: Callable[[], Power] = Power,
        low_battery_min: Callable[[], int | None] = lambda: None,
    ) -> None:
        self._settings = settings
        self._identity = identity
        self._uptime_s = uptime_s
        self._power = power
        self._low_battery_min = low_battery_min
        self._originator = ntforg.NotificationOriginator()
        self._engine: SnmpEngine | None = None
        self._address = ("", 0)
        self._sent_s: dict[Oid, float] = {}

    async def open(self) -> None:
        """Makes the engine, so that the first alarm finds everything loaded."""
        await self._ready()

    def close(self) -> None:
        """Gives the socket back."""
        if self._engine is not None:
            self._engine.close_dispatcher()
            self._engine = None

    async def send(self, message: Message) -> str:
        """Sends what the event is in the chosen MIB; an inform waits for its acknowledgement, a trap has none."""
        notification = self._notification(message)
        if notification is None:
            return "nothing to send: the UPS-MIB has no trap for this"
        engine = await self._ready()
        await self._aim_at_host(engine)
        if self._settings.mib == "ups":
            await self._keep_apart(notification.oid)
        try:
            return (
                await self._inform(engine, notification) if self._settings.inform else self._trap(engine, notification)
            )
        except (PySnmpError, OSError) as error:
            raise DeliveryError(f"{self._settings.host}: {error}") from None

    def _notification(self, message: Message) -> Notification | None:
        if self._settings.mib == "bacs":
            return for_bacs(message.event)
        return for_ups(message.event, self._power(), self._low_battery_min())

    def _trap(self, engine: SnmpEngine, notification: Notification) -> str:
        pdu = self._pdu(v2c.TrapPDU(), notification)
        self._originator.send_pdu(engine, TARGET, None, b"", pdu)
        host, port = self._address
        return f"trap sent to {host}:{port}, which knows no answer"

    async def _inform(self, engine: SnmpEngine, notification: Notification) -> str:
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[str] = loop.create_future()
        started_s = loop.time()

        def note(_engine: Any, _handle: Any, error: Any, answer: Any, _context: Any) -> None:
            if answered.done():
                return
            status = 0 if answer is None else int(v2c.apiPDU.get_error_status(answer))
            if error or status:
                answered.set_exception(DeliveryError(f"{self._settings.host}: {error or f'error status {status}'}"))
            else:
                answered.set_result(f"inform acknowledged after {(loop.time() - started_s) * 1000:.0f} ms")

        pdu = self._pdu(v2c.InformRequestPDU(), notification)
        self._originator.send_pdu(engine, TARGET, None, b"", pdu, note)
        host, port = self._address
        return f"{await answered} by {host}:{port}"

    def _pdu(self, pdu: Any, notification: Notification) -> Any:
        """The notification with what every one begins with."""
        v2c.apiPDU.set_defaults(pdu)
        head: list[tuple[Oid, Any]] = [
            (SYS_UPTIME, encodable(ticks(self._uptime_s()))),
            (TRAP_OID, v2c.ObjectIdentifier(notification.oid)),
        ]
        if self._settings.version == "1" and self._address[0]:
            head.append((TRAP_ADDRESS, v2c.IpAddress(_own_address(self._address))))
        body = [(oid, encodable(value)) for oid, value in notification.varbinds]
        v2c.apiPDU.set_varbinds(pdu, [(v2c.ObjectIdentifier(oid), value) for oid, value in head + body])
        return pdu

    async def _ready(self) -> SnmpEngine:
        """The engine with the receiver's community or user."""
        if self._engine is not None:
            return self._engine
        engine = await asyncio.to_thread(make_engine, self._identity)
        settings = self._settings
        model = MODELS[settings.version]
        if model < 3:
            config.add_v1_system(engine, SECURITY, settings.community.get_secret_value())
            config.add_target_parameters(engine, PARAMETERS, SECURITY, "noAuthNoPriv", model)
        else:
            level = _add_user(engine, settings)
            config.add_target_parameters(engine, PARAMETERS, settings.user, level, model)
        await _add_transport(engine, udp.DOMAIN_NAME, udp.UdpTransport, socket.AF_INET)
        self._engine = engine
        return engine

    async def _aim_at_host(self, engine: SnmpEngine) -> None:
        """Finds the receiver's address; a number needs no name server."""
        host, port = self._settings.host, self._settings.port
        address = await _resolved(host, port)
        if address == self._address:
            return
        domain = udp.DOMAIN_NAME
        if ":" in address[0]:
            domain = udp6.DOMAIN_NAME
            if config.get_transport(engine, domain) is None:
                await _add_transport(engine, domain, udp6.Udp6Transport, socket.AF_INET6)
        # an answer later than the time of one try is none; the dispatcher tries again, not the library
        timeout_cs = round(90 * self._settings.timeout_s)
        config.add_target_address(engine, TARGET, domain, address, PARAMETERS, timeout_cs, 0)
        self._address = address

    async def _keep_apart(self, oid: Oid) -> None:
        """Waits until a notification of this kind may go out again."""
        loop = asyncio.get_running_loop()
        wait_s = self._sent_s.get(oid, float("-inf")) + SAME_KIND_S - loop.time()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        self._sent_s[oid] = loop.time()


def _add_user(engine: SnmpEngine, settings: TrapReceiver) -> str:
    """Makes the receiver's user known; returns the protection it has."""
    auth, priv = settings.auth_key.get_secret_value(), settings.priv_key.get_secret_value()
    config.add_v3_user(
        engine,
        settings.user,
        authProtocol=config.USM_AUTH_HMAC192_SHA256 if auth else config.USM_AUTH_NONE,
        authKey=auth or None,
        privProtocol=config.USM_PRIV_CFB128_AES if priv else config.USM_PRIV_NONE,
        privKey=priv or None,
    )
    return "authPriv" if priv else "authNoPriv" if auth else "noAuthNoPriv"


async def _add_transport(engine: SnmpEngine, domain: Oid, kind: Any, family: socket.AddressFamily) -> None:
    """A socket of its own, on any free port."""
    loop = asyncio.get_running_loop()
    transport = kind(loop=loop)
    config.add_transport(engine, domain, transport)
    await loop.create_datagram_endpoint(lambda: transport, family=family)


async def _resolved(host: str, port: int) -> tuple[str, int]:
    """The receiver's address; DeliveryError if its name is not known."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        except OSError as error:
            raise DeliveryError(f"{host}: {error}") from None
        return str(found[0][4][0]), port
    return host, port


def _own_address(receiver: tuple[str, int]) -> str:
    """The address of this host from which the receiver is reached; version 1 carries it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(receiver)
        except OSError:
            return "0.0.0.0"  # noqa: S104 -- what RFC 1157 says when there is none
        return str(probe.getsockname()[0])
