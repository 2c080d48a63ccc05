"""A GSM modem of the room: understands the AT commands of text messages and keeps what it has sent."""

import asyncio
import contextlib
import logging
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from webmanager.room.sms_submit import SentText, read_submit
from webmanager.room.wire import READ_SIZE, PseudoPort

log = logging.getLogger(__name__)

CTRL_Z, ESCAPE = 0x1A, 0x1B
LONGEST_LINE = 1024


@dataclass(slots=True)
class Modem:
    """Byte machine without a port: `hear` returns what it says. Faults are plain fields that a test or a hand sets.

    `errors` are answers given to the next messages in place of a reference, `refusal` to all of them; `is_dead` says
    nothing at all; `delay_s` is how much later it answers. `on_text` gets what it has sent.
    """

    pin: str = ""
    is_registered: bool = True
    is_dead: bool = False
    errors: list[str] = field(default_factory=list)
    gossip: bytes = b""
    sent: list[SentText] = field(default_factory=list)
    accepted: int = 0
    pin_tries: int = 0
    refusal: str = ""
    delay_s: float = 0.0
    on_text: Callable[[SentText], None] | None = None
    on_refusal: Callable[[], None] | None = None
    _echo: bool = True
    _unlocked: bool = False
    _pdu_length: int | None = None
    _line: bytearray = field(default_factory=bytearray)

    def hear(self, data: bytes) -> bytes:
        """Takes bytes from the line and returns the answer to whatever is complete."""
        if self.is_dead:
            return b""
        return b"".join(self._take(byte) for byte in data)

    def _take(self, byte: int) -> bytes:
        echo = bytes((byte,)) if self._echo and self._pdu_length is None else b""
        if byte == ESCAPE:
            self._pdu_length = None
            self._line.clear()
            return b""
        if self._pdu_length is not None:
            return self._take_pdu(byte)
        if byte != 0x0D:
            self._line = (self._line + bytes((byte,)))[-LONGEST_LINE:]
            return echo
        line = self._line.decode("ascii", "replace").strip()
        self._line.clear()
        return echo + (self.gossip + self._answer(line) if line else b"")

    def _take_pdu(self, byte: int) -> bytes:
        if byte != CTRL_Z:
            self._line = (self._line + bytes((byte,)))[-LONGEST_LINE:]
            return b""
        text, length = self._line.decode("ascii", "replace"), self._pdu_length
        self._line.clear()
        self._pdu_length = None
        try:
            octets = bytes.fromhex(text)
            sent = read_submit(octets)
        except ValueError:
            return _said("+CMS ERROR: 304")
        if len(octets) - 1 - octets[0] != length:
            return _said("+CMS ERROR: 304")
        if self.errors:
            return _said(self.errors.pop(0))
        if self.refusal:
            if self.on_refusal:
                self.on_refusal()
            return _said(self.refusal)
        self.sent = [*self.sent[-999:], sent]
        self.accepted += 1
        log.info("text to %s: %s", sent.number, sent.text)
        if self.on_text:
            self.on_text(sent)
        return _said(f"+CMGS: {self.accepted % 256}") + _said("OK")

    def _answer(self, line: str) -> bytes:
        command = line.upper()
        if match := re.fullmatch(r"AT\+CMGS=(\d+)", command):
            self._pdu_length = int(match[1])
            return b"\r\n> "
        if match := re.fullmatch(r"AT\+CPIN=(\w+)", command):
            return self._try_pin(match[1])
        if command in {"ATE0", "ATE1"}:
            self._echo = command == "ATE1"
        if command == "AT+CPIN?":
            locked = self.pin and not self._unlocked
            state = "SIM PUK" if self.pin_tries >= 3 else "SIM PIN" if locked else "READY"
            return _said(f"+CPIN: {state}") + _said("OK")
        if command == "AT+CREG?":
            return _said(f"+CREG: 0,{1 if self.is_registered else 2}") + _said("OK")
        known = {"AT", "ATE0", "ATE1", "AT+CMGF=0", "AT+CMEE=1"}
        return _said("OK" if command in known else "ERROR")

    def _try_pin(self, given: str) -> bytes:
        if given == self.pin and self.pin_tries < 3:
            self._unlocked = True
            return _said("OK")
        self.pin_tries += 1
        return _said("+CME ERROR: 16")


class ModemPort:
    """Joins a modem to a pseudo port; needs a running event loop."""

    def __init__(self, port: PseudoPort, modem: Modem) -> None:
        self._port = port
        self._modem = modem
        self._master: int | None = None
        self._loop = asyncio.get_running_loop()

    def plug(self) -> None:
        """Publishes the port."""
        self._master = self._port.plug()
        self._loop.add_reader(self._master, self._read)

    def unplug(self) -> None:
        """Takes the port away."""
        if self._master is not None:
            self._loop.remove_reader(self._master)
            self._master = None
            self._port.unplug()

    def _read(self) -> None:
        if self._master is None:
            return
        with contextlib.suppress(BlockingIOError):
            answer = self._modem.hear(os.read(self._master, READ_SIZE))
            if answer and self._modem.delay_s:
                self._loop.call_later(self._modem.delay_s, self._write, self._master, answer)
            elif answer:
                self._write(self._master, answer)

    def _write(self, master: int, answer: bytes) -> None:
        if master == self._master:
            with contextlib.suppress(BlockingIOError):
                os.write(master, answer)


def _said(line: str) -> bytes:
    return f"\r\n{line}\r\n".encode("ascii")
