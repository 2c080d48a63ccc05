"""Frames of Modbus on a serial line, RTU and ASCII (MODBUS over Serial Line V1.02). Pure; time is an argument.

An RTU frame begins and ends at a silence of the line; nothing in its bytes says where it does. What is garbled is
dropped without an answer, and the next silence is a new beginning.
"""

from binascii import unhexlify
from dataclasses import dataclass
from typing import Protocol

from fastcrc import crc16

from webmanager.modbus.pdu import EXCEPTION, LONGEST_PDU

BAUD_RATES = (1200, 2400, 4800, 9600, 19200, 38400)
RTU_FORMATS = ("8E1", "8N1", "8N2", "8E2", "8O1")
ASCII_FORMATS = ("7N2", "7E1", "7O1")
"""Data bits, parity, stop bits; seven data bits can only carry ASCII, so that they mean it."""

LONGEST_FRAME = LONGEST_PDU + 3
SHORTEST_FRAME = 4
FIXED_REQUEST = 8
"""Bytes of an RTU request of one of the functions 1 to 6, of which all we serve are."""
TORN_S = 0.03
"""A driver that hands bytes on late may tear a frame: parts no farther apart than this are tried as one."""


@dataclass(frozen=True, slots=True)
class SerialRequest:
    """A request PDU of 1 to 253 bytes and the unit it is for, which may be another one."""

    unit: int
    pdu: bytes


class Framer(Protocol):
    """Finds requests in what the line brings."""

    garbled: int

    def feed(self, data: bytes, now_s: float) -> SerialRequest | None:
        """Takes bytes; the request they complete, if a byte can."""

    def silent(self) -> SerialRequest | None:
        """The line has been silent for `silence_s`: the request that ends here."""

    def encode(self, unit: int, pdu: bytes) -> bytes:
        """An answer as it goes on the line."""

    @property
    def silence_s(self) -> float:
        """How long a silence ends a frame, s."""


def silence_of(baud: int) -> float:
    """3.5 characters of 11 bits, but for fast lines the fixed 1.75 ms of the specification (2.5.1.1), s."""
    return 0.00175 if baud > 19_200 else 3.5 * 11.0 / baud


class RtuFramer:
    """Requests of a line in RTU mode; `unit` is our own.

    Bytes that a driver glued to the front of a request for us (a transceiver that is switched on, a line without
    bias) do not cost the request.
    """

    def __init__(self, unit: int, baud: int) -> None:
        self._unit = unit
        self.silence_s = silence_of(baud)
        self._torn_s = max(self.silence_s, TORN_S)
        self._bytes = bytearray()
        self._begins: list[int] = []
        self._last_s = 0.0
        self.garbled = 0

    def feed(self, data: bytes, now_s: float) -> None:
        """Takes bytes; a request never ends before the line is silent."""
        gap_s = now_s - self._last_s
        if self._bytes and gap_s > self._torn_s:
            self.garbled += 1
            self._forget()
        if not self._bytes or gap_s >= self.silence_s:
            self._begins.append(len(self._bytes))
        self._bytes += data
        self._last_s = now_s
        excess = len(self._bytes) - LONGEST_FRAME
        if excess > 0:
            del self._bytes[:excess]
            self._begins = [begin - excess for begin in self._begins if begin >= excess]

    def silent(self) -> SerialRequest | None:
        """The frame that ends here, whoever it is for; None if there is none, and its bytes may be half of one."""
        found = self._frame()
        if found is not None:
            self._forget()
        return found

    def encode(self, unit: int, pdu: bytes) -> bytes:
        """Address, PDU, CRC."""
        return with_crc(bytes((unit,)) + pdu)

    def _frame(self) -> SerialRequest | None:
        for begin in reversed(self._begins):
            frame = bytes(self._bytes[begin:])
            if is_frame(frame):
                return _request(frame)
        tail = bytes(self._bytes[-FIXED_REQUEST:])
        if len(self._bytes) > FIXED_REQUEST and tail[0] == self._unit and 1 <= tail[1] <= 6 and is_frame(tail):
            return _request(tail)
        return None

    def _forget(self) -> None:
        self._bytes.clear()
        self._begins.clear()


def is_frame(data: bytes) -> bool:
    """Whether these bytes are one whole RTU frame."""
    return SHORTEST_FRAME <= len(data) <= LONGEST_FRAME and crc16.modbus(data[:-2]) == int.from_bytes(
        data[-2:], "little"
    )


def with_crc(body: bytes) -> bytes:
    """Address and PDU as an RTU frame: CRC-16 with polynomial 0xA001, start 0xFFFF, low byte first."""
    return body + crc16.modbus(body).to_bytes(2, "little")


def _request(frame: bytes) -> SerialRequest:
    return SerialRequest(frame[0], frame[1:-2])


def is_answer(pdu: bytes) -> bool:
    """Whether a PDU can only be an answer: a slave hears its own on a line with two wires, and those of others.

    All requests of functions 1 to 6 have five bytes.
    """
    return bool(pdu[0] & EXCEPTION) or (1 <= pdu[0] <= 6 and len(pdu) != FIXED_REQUEST - 3)


class AsciiFramer:
    """Requests of a line in ASCII mode: `:`, two hex digits a byte, LRC, CR LF. A colon always begins anew."""

    silence_s = 1.0
    """Longest pause between two characters of a frame (2.5.2.1)."""

    def __init__(self) -> None:
        self._text = bytearray()
        self._last_s = 0.0
        self.garbled = 0

    def feed(self, data: bytes, now_s: float) -> SerialRequest | None:
        """Takes bytes; of several requests at once only the newest is still waited for."""
        if self._text and now_s - self._last_s > self.silence_s:
            self.silent()
        self._last_s = now_s
        found = None
        for byte in data:
            if byte == ord(":"):
                self.garbled += bool(self._text)
                self._text = bytearray(b":")
            elif self._text:
                self._text.append(byte)
                if byte == ord("\n"):
                    found = self._finished()
                elif len(self._text) > 2 * LONGEST_FRAME + 3:
                    self._drop()
        return found

    def silent(self) -> None:
        """Half a frame that stopped coming is none."""
        if self._text:
            self._drop()

    def encode(self, unit: int, pdu: bytes) -> bytes:
        """As text in capitals."""
        body = bytes((unit,)) + pdu
        return b":" + (body + bytes((lrc(body),))).hex().upper().encode("ascii") + b"\r\n"

    def _finished(self) -> SerialRequest | None:
        text, self._text = bytes(self._text), bytearray()
        try:
            if not text.endswith(b"\r\n"):
                raise ValueError
            body = unhexlify(text[1:-2])
        except ValueError:
            body = b""
        if not SHORTEST_FRAME - 1 <= len(body) <= LONGEST_FRAME - 1 or lrc(body[:-1]) != body[-1]:
            self.garbled += 1
            return None
        return SerialRequest(body[0], body[1:-1])

    def _drop(self) -> None:
        self.garbled += 1
        self._text = bytearray()


def lrc(body: bytes) -> int:
    """Longitudinal redundancy check: what makes the sum of all bytes 0 modulo 256."""
    return -sum(body) & 0xFF
