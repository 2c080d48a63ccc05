"""A time server for tests: its bytes are put together from RFC 4330 here, never by the code under test."""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

TO_1970 = 2_208_988_800


def ntp_time(utc_s: float) -> bytes:
    """Eight bytes: seconds since 1900 modulo 2**32, and their fraction."""
    whole = int(utc_s // 1)
    return struct.pack("!II", (whole + TO_1970) % 2**32, int((utc_s - whole) * 2**32))


def answer_to(
    request: bytes,
    received: float,
    sent: float,
    *,
    first: int = 0b00_100_100,
    stratum: int = 2,
    reference: bytes = b"\x0a\x00\x00\x01",
    origin: bytes | None = None,
    root: tuple[int, int] = (0x0100, 0x0080),
) -> bytes:
    """48 bytes, field by field: flags, stratum, poll, precision, root delay and dispersion, reference, four times."""
    head = bytes([first, stratum, 10, 0xEC]) + struct.pack("!II", *root) + reference
    stamp = request[40:48] if origin is None else origin
    return head + ntp_time(received - 30.0) + stamp + ntp_time(received) + ntp_time(sent)


@dataclass
class FakeTimeServer(asyncio.DatagramProtocol):
    """Says the time of `now`; `answers` makes the datagrams sent back for a request."""

    now: Callable[[], float]
    requests: list[bytes] = field(default_factory=list)
    answers: Callable[[bytes, float], list[bytes]] = lambda request, at: [answer_to(request, at, at)]
    askers: list[tuple[str, int]] = field(default_factory=list)
    port: int = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        self.requests.append(data)
        self.askers.append(address)
        for answer in self.answers(data, self.now()):
            self._transport.sendto(answer, address)  # type: ignore[attr-defined]


@asynccontextmanager
async def time_server(now: Callable[[], float], **options: object) -> AsyncIterator[FakeTimeServer]:
    """A server on a free port of loopback."""
    server = FakeTimeServer(now, **options)  # type: ignore[arg-type]
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: server, local_addr=("127.0.0.1", 0)
    )
    server.port = transport.get_extra_info("sockname")[1]
    try:
        yield server
    finally:
        transport.close()
