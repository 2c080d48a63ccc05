"""A Modbus TCP client that can also misbehave: it writes bytes as told and shows what comes back."""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import TracebackType

TIMEOUT_S = 5.0
HEADER = struct.Struct(">HHHB")


def frame(pdu: str | bytes, *, transaction: int = 1, unit: int = 1) -> bytes:
    """A whole request; the PDU may be written in hex."""
    body = bytes.fromhex(pdu) if isinstance(pdu, str) else pdu
    return HEADER.pack(transaction, 0, len(body) + 1, unit) + body


class ModbusClient:
    """One connection, `async with ModbusClient(port) as client`."""

    def __init__(self, port: int, tls: ssl.SSLContext | None = None) -> None:
        self._port = port
        self._tls = tls

    async def __aenter__(self) -> "ModbusClient":
        async with asyncio.timeout(TIMEOUT_S):
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self._port, ssl=self._tls)
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.writer.close()
        try:
            async with asyncio.timeout(TIMEOUT_S):
                await self.writer.wait_closed()
        except OSError:
            pass

    async def send(self, data: bytes) -> None:
        """Writes bytes as they are."""
        self.writer.write(data)
        async with asyncio.timeout(TIMEOUT_S):
            await self.writer.drain()

    async def answer(self) -> tuple[int, int, str]:
        """Transaction, unit and PDU in hex of the next answer; EOFError when the server has closed."""
        async with asyncio.timeout(TIMEOUT_S):
            transaction, protocol, length, unit = HEADER.unpack(await self.reader.readexactly(HEADER.size))
            body = await self.reader.readexactly(length - 1)
        assert protocol == 0
        return transaction, unit, body.hex(" ")

    async def ask(self, pdu: str | bytes, *, transaction: int = 1, unit: int = 1) -> str:
        """The answer PDU in hex to one request; transaction and unit must come back."""
        await self.send(frame(pdu, transaction=transaction, unit=unit))
        found = await self.answer()
        assert found[:2] == (transaction, unit)
        return found[2]

    async def is_closed(self) -> bool:
        """Waits until the server has closed; False if it sends something instead."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await self.reader.read(1) == b""
        except ConnectionResetError:
            return True


@asynccontextmanager
async def greedy_client(port: int) -> AsyncIterator["asyncio.Task[None]"]:
    """A client that asks for ever and never reads; yields the task that sends."""

    async def send_for_ever() -> None:
        while True:
            await asyncio.get_running_loop().sock_sendall(sending, frame("03 07D0 007D") * 1000)

    with socket.create_connection(("127.0.0.1", port)) as sending:
        sending.setblocking(False)
        task = asyncio.get_running_loop().create_task(send_for_ever())
        try:
            yield task
        finally:
            task.cancel()


async def settled(other: ModbusClient, requests: Callable[[], int]) -> None:
    """Returns when the server, whose `requests` are counted, takes nothing but the 100 requests of `other`."""
    for _ in range(1000):
        before = requests()
        for _ in range(100):
            await other.ask("03 03E8 0001")
        if requests() == before + 100 > 1000:
            return
    raise AssertionError("the server goes on reading from a client that does not read")
