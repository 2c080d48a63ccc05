"""Syslog, RFC 5424: the line, and its way over UDP (RFC 5426), TCP (RFC 6587) or TLS (RFC 5425)."""

import asyncio
import fcntl
import re
import socket
import ssl
import sys
import termios
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from webmanager.domain.errors import DeliveryError
from webmanager.domain.events import Change, Event, Severity
from webmanager.engine.notify_ports import Message
from webmanager.notify.message import Device, one_line
from webmanager.notify.tls import tls_context
from webmanager.notify.udp import send_datagram
from webmanager.settings.destinations_model import SyslogReceiver

NIL = "-"
BOM = b"\xef\xbb\xbf"
SEVERITIES = {Severity.ALARM: 1, Severity.WARNING: 4, Severity.NOTICE: 5}
"""Alert, warning, notice; an all-clear is a notice."""
ENTERPRISE = "32473"
"""The number that RFC 5612 reserves for examples: we have none of our own."""
LONGEST_TEXT = 1000

Elements = Sequence[tuple[str, Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class Record:
    """One line. `at` must know its time zone; None and empty parts are written as nil; `is_utf8` puts the BOM first."""

    facility: int
    severity: int
    at: datetime | None
    host: str = ""
    app: str = ""
    process: str = ""
    message_id: str = ""
    elements: Elements = ()
    text: str = ""
    is_utf8: bool = True

    def to_bytes(self) -> bytes:
        """As it goes over the wire, RFC 5424 section 6."""
        header = " ".join(
            (
                f"<{self.facility * 8 + self.severity}>1",
                _timestamp(self.at),
                _name(self.host, 255),
                _name(self.app, 48),
                _name(self.process, 128),
                _name(self.message_id, 32),
                "".join(_element(name, params) for name, params in self.elements) or NIL,
            )
        ).encode("utf-8")
        if not self.text:
            return header
        return header + b" " + (BOM if self.is_utf8 else b"") + self.text.encode("utf-8")


class SyslogNotifier:
    """One log server, a line an event. Over TCP and TLS the proof is that the server's host acknowledged each byte."""

    def __init__(
        self, settings: SyslogReceiver, device: Callable[[], Device], tls: ssl.SSLContext | None = None
    ) -> None:
        self._settings = settings
        self._device = device
        self._tls = tls
        self._host = socket.gethostname()

    async def send(self, message: Message) -> str:
        """Sends a line for each event of the message."""
        settings, device = self._settings, self._device()
        lines = [
            record(event, message.text, device, self._host, settings.facility).to_bytes() for event in message.events
        ]
        if settings.transport == "udp":
            return [await send_datagram(line, settings.host, settings.port) for line in lines][-1]
        return await self._stream(b"".join(b"%d %b" % (len(line), line) for line in lines))

    async def _stream(self, data: bytes) -> str:
        """Counted octets over one connection, which ends when the other host has acknowledged all of them."""
        settings = self._settings
        try:
            _, writer = await asyncio.open_connection(settings.host, settings.port, ssl=self._context())
            try:
                writer.write(data)
                await writer.drain()
                peer = writer.get_extra_info("peername")
                await _acknowledged(writer)
            finally:
                writer.close()
        except OSError as error:
            raise DeliveryError(f"{settings.host}:{settings.port}: {error}") from None
        return f"{len(data)} bytes acknowledged by {peer[0]}:{peer[1]}"

    def _context(self) -> ssl.SSLContext | None:
        if self._settings.transport != "tls":
            return None
        if self._tls is None:
            self._tls = tls_context(self._settings.ca_file)
        return self._tls


def record(event: Event, text: str, device: Device, host: str, facility: int) -> Record:
    """An event as a line, with its parts as structured data."""
    params = {
        "device": device.name,
        "id": str(event.id),
        "kind": event.kind,
        "change": event.change.value,
        "severity": event.severity.word,
        "source": event.source.name,
    }
    if event.alarm is not None:
        params["alarm"] = str(event.alarm)
    if event.value is not None:
        params["value"] = f"{event.value:.6g}"
    if event.limit is not None:
        params["limit"] = f"{event.limit:.6g}"
    if event.unit:
        params["unit"] = event.unit
    return Record(
        facility=facility,
        severity=5 if event.change is Change.CLEARED else SEVERITIES[event.severity],
        at=datetime.fromtimestamp(event.at, UTC),
        host=host,
        app="webmanager",
        message_id=event.kind,
        elements=((f"event@{ENTERPRISE}", params),),
        text=one_line(text or event.text, LONGEST_TEXT),
    )


async def _acknowledged(writer: asyncio.StreamWriter) -> None:
    """Returns when the peer's TCP has acknowledged every byte; ConnectionError if it hung up before."""
    descriptor = writer.get_extra_info("socket").fileno()
    while True:
        unacknowledged = int.from_bytes(fcntl.ioctl(descriptor, termios.TIOCOUTQ, bytes(4)), sys.byteorder)
        if writer.transport.is_closing():
            raise ConnectionError("the server hung up")
        if unacknowledged == 0:
            return
        await asyncio.sleep(0.005)


def _timestamp(at: datetime | None) -> str:
    if at is None:
        return NIL
    digits = "milliseconds" if at.microsecond % 1000 == 0 else "microseconds"
    return at.isoformat(timespec=digits).replace("+00:00", "Z")


def _name(text: str, longest: int) -> str:
    """Printable ASCII without blanks, cut; nil if nothing is left."""
    return re.sub(r"[^!-~]", "", text)[:longest] or NIL


def _element(name: str, params: Mapping[str, str]) -> str:
    values = "".join(f' {key}="{_escaped(value)}"' for key, value in params.items())
    return f"[{name}{values}]"


def _escaped(value: str) -> str:
    return re.sub(r'(["\\\]])', r"\\\1", value)
