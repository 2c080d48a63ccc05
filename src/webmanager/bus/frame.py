"""Frames of the module bus: bytes to `Frame` and back. Specified in `docs/bus-protocol.md`; pure.

 0      1      2      3      4 ..         4+n    5+n
+------+------+------+------+- - - - - -+------+------+
| SYNC | LEN  |  HEAD       |  PAYLOAD  |  CRC-16     |
+------+------+------+------+- - - - - -+------+------+
"""

from collections.abc import Iterator
from dataclasses import dataclass

from fastcrc import crc16

REQUEST_SYNC = 0xA5
REPLY_SYNC = 0x5A
MAX_PAYLOAD = 32
OVERHEAD = 6
BROADCAST = 0x1FF
FACTORY_NEW = 0
MAX_ADDRESS = 256
BITS_PER_BYTE = 10
"""One start bit, eight data bits, one stop bit."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame: `reply` tells its direction, `sequence` (0-3) ties an answer to its request."""

    command: int
    address: int
    sequence: int
    payload: bytes = b""
    reply: bool = False

    @property
    def wire_bytes(self) -> int:
        """Length on the wire, bytes."""
        return OVERHEAD + len(self.payload)


def encode(frame: Frame) -> bytes:
    """The frame's bytes; ValueError if a field does not fit its box."""
    if not 0 <= frame.command < 32:
        raise ValueError(f"command {frame.command}: 0 to 31")
    if not 0 <= frame.address <= BROADCAST:
        raise ValueError(f"address {frame.address}: 0 to {BROADCAST}")
    if not 0 <= frame.sequence < 4:
        raise ValueError(f"sequence {frame.sequence}: 0 to 3")
    if len(frame.payload) > MAX_PAYLOAD:
        raise ValueError(f"payload of {len(frame.payload)} bytes: at most {MAX_PAYLOAD}")
    head = frame.command << 11 | frame.sequence << 9 | frame.address
    body = bytes((len(frame.payload), head >> 8, head & 0xFF)) + frame.payload
    sync = REPLY_SYNC if frame.reply else REQUEST_SYNC
    return bytes((sync,)) + body + checksum(body).to_bytes(2, "big")


def checksum(body: bytes) -> int:
    """CRC-16/IBM-3740 (polynomial 0x1021, start 0xFFFF) over LEN, HEAD and PAYLOAD."""
    return crc16.ibm_3740(body)


class Decoder:
    """Finds frames of one direction in a stream of bytes; whatever is not a frame is counted and skipped.

    Bytes before a SYNC are `noise`. A candidate whose CRC fails costs its SYNC byte only: the search goes on with
    the byte behind it, so that a good frame inside damaged bytes is still found.
    """

    def __init__(self, *, replies: bool) -> None:
        self._sync = REPLY_SYNC if replies else REQUEST_SYNC
        self._replies = replies
        self._buffer = bytearray()
        self.crc_errors = 0
        self.noise_bytes = 0

    @property
    def pending(self) -> int:
        """Bytes held that are not yet a whole frame."""
        return len(self._buffer)

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Takes bytes, yields each whole frame in them in order; must be exhausted."""
        self._buffer += data
        while (frame := self._next()) is not None:
            yield frame

    def flush(self) -> Iterator[Frame]:
        """At a timeout: nothing more comes, so yields the frames a false header has hidden, and forgets the rest."""
        while (frame := self._next(final=True)) is not None:
            yield frame

    def reset(self) -> int:
        """Drops what is half received, at a timeout or a long gap; returns the number of bytes dropped."""
        dropped = len(self._buffer)
        self._buffer.clear()
        self.noise_bytes += dropped
        return dropped

    def _next(self, final: bool = False) -> Frame | None:
        buffer = self._buffer
        while buffer:
            if buffer[0] != self._sync:
                found = buffer.find(self._sync)
                skipped = len(buffer) if found < 0 else found
                self.noise_bytes += skipped
                del buffer[:skipped]
                continue
            length = buffer[1] if len(buffer) > 1 else 0
            if length > MAX_PAYLOAD:
                self._skip_sync()
                continue
            end = OVERHEAD + length
            if len(buffer) < end:
                if not final:
                    return None
                self._skip_sync()
                continue
            if checksum(bytes(buffer[1 : end - 2])) != int.from_bytes(buffer[end - 2 : end], "big"):
                self.crc_errors += 1
                self._skip_sync()
                continue
            head = buffer[2] << 8 | buffer[3]
            payload = bytes(buffer[4 : end - 2])
            del buffer[:end]
            return Frame(head >> 11, head & 0x1FF, head >> 9 & 3, payload, self._replies)
        return None

    def _skip_sync(self) -> None:
        del self._buffer[0]
        self.noise_bytes += 1
