"""One Modbus TCP client: pymodbus' connection with our own reading, so that no request is lost, mixed up or late.

pymodbus 3.16 answers only the first request of a segment, answers count 0 and unknown functions with function 0, and
forgets the rest of a frame when it sends. Here every complete frame in the buffer is answered, in order, in one
write. The buffers are bounded: received bytes by `RECEIVE_BYTES`, unsent answers by `UNSENT_BYTES` plus the answers
to one full receive buffer; a client that does not read is not read from either.
"""

import asyncio
from struct import Struct
from typing import Protocol, cast

from pymodbus.server import ModbusTcpServer
from pymodbus.server.requesthandler import ServerRequestHandler

from webmanager.modbus.pdu import LONGEST_PDU

RECEIVE_BYTES = 1024
UNSENT_BYTES = 32_768

_HEADER = Struct(">HHHB")
_PREFIX = 6
"""Bytes before those that the length field counts: transaction, protocol and the length itself."""


class Host(Protocol):
    """What a connection needs from its server."""

    def joined(self, connection: "Connection") -> bool:
        """A client has connected; False if it may not stay."""

    def left(self, connection: "Connection") -> None:
        """The connection is gone."""

    def answer(self, unit: int, request: bytes) -> bytes:
        """The answer PDU to a request PDU."""

    def garbled(self, connection: "Connection") -> None:
        """Something that is no Modbus frame has come."""


class Connection(ServerRequestHandler, asyncio.BufferedProtocol):
    """Reads frames, writes answers; `asked_s` is the loop time of the last complete request, None before the first."""

    def __init__(self, listener: ModbusTcpServer, host: Host) -> None:
        super().__init__(listener, None, None, None)  # type: ignore[no-untyped-call]
        self._host = host
        self._wire: asyncio.Transport | None = None
        self._buffer = bytearray(RECEIVE_BYTES)
        self._view = memoryview(self._buffer)
        self._end = 0
        self.joined_s = self.loop.time()
        self.asked_s: float | None = None

    @property
    def peer(self) -> str:
        """Address of the client; empty when it has gone before it could be asked."""
        name = self._wire.get_extra_info("peername") if self._wire else None
        return str(name[0]) if name else ""

    @property
    def idle_since_s(self) -> float:
        """Loop time from which on nothing was asked."""
        return self.joined_s if self.asked_s is None else self.asked_s

    def abort(self) -> None:
        """Ends the connection at once, whatever is unsent."""
        if self._wire:
            self._wire.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._wire = cast(asyncio.Transport, transport)
        self._wire.set_write_buffer_limits(high=UNSENT_BYTES)
        if not self._host.joined(self):
            self._wire.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._wire = None
        self._host.left(self)

    def pause_writing(self) -> None:
        if self._wire:
            self._wire.pause_reading()

    def resume_writing(self) -> None:
        if self._wire and not self._wire.is_closing():
            self._wire.resume_reading()

    def get_buffer(self, _sizehint: int) -> memoryview:
        return self._view[self._end :]

    def buffer_updated(self, nbytes: int) -> None:
        """Answers every complete frame; what is no frame ends the connection, for no length can be trusted then."""
        end = self._end + nbytes
        start = 0
        answers: list[bytes] = []
        while end - start >= _HEADER.size:
            transaction, protocol, length, unit = _HEADER.unpack_from(self._buffer, start)
            if protocol or not 2 <= length <= LONGEST_PDU + 1:
                self._reject(answers)
                return
            stop = start + _PREFIX + length
            if stop > end:
                break
            found = self._host.answer(unit, bytes(self._view[start + _HEADER.size : stop]))
            answers.append(_HEADER.pack(transaction, 0, len(found) + 1, unit) + found)
            start = stop
        if answers and self._wire:
            self.asked_s = self.loop.time()
            self._wire.write(b"".join(answers))
        self._end = end - start
        self._buffer[: self._end] = self._view[start:end]

    def _reject(self, answers: list[bytes]) -> None:
        self._host.garbled(self)
        self._end = 0
        if self._wire:
            self._wire.write(b"".join(answers))
            self._wire.close()
