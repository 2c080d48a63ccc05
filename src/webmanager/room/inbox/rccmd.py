"""Servers that are shut down: an RCCMD client on UDP and TCP."""

import asyncio
import contextlib
import socket

from webmanager.notify.rccmd_sentence import LONGEST_LINE, Order, Sentence, receipt, understand
from webmanager.room.inbox.arrivals import Channel, Conduct, Letter, Taker

IDLE_S = 60.0
MOST_CONNECTIONS = 20


class RccmdServers:
    """Keeps every sentence and runs nothing; over TCP each is answered, over UDP none."""

    def __init__(self, conduct: Conduct, taker: Taker) -> None:
        self._conduct = conduct
        self._taker = taker
        self._connections = 0

    async def serve(self, listener: socket.socket) -> asyncio.Server:
        """Listens on a bound socket."""
        return await asyncio.start_server(self._converse, sock=listener, limit=LONGEST_LINE)

    def hear(self, data: bytes, address: tuple[str, int]) -> None:
        """A datagram."""
        if not self._conduct.is_dead:
            self.answer_to(data[:LONGEST_LINE].decode("ascii", "replace").rstrip("\n"), f"{address[0]} (UDP)")

    def answer_to(self, line: str, sender: str) -> str:
        """Keeps one line; what is answered to it."""
        said = understand(line)
        if said is None:
            self._taker.unreadable(Channel.RCCMD)
            return "RCCMD REFUSED this is no sentence of RCCMD"
        if self._conduct.refuses:
            self._taker.refused(Channel.RCCMD)
            return "RCCMD REFUSED this server refuses"
        self._taker.take(Letter(Channel.RCCMD, sender, _words(said), line))
        return receipt(line)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sender = f"{writer.get_extra_info('peername')[0]} (TCP)"
        self._connections += 1
        try:
            while self._connections <= MOST_CONNECTIONS:
                async with asyncio.timeout(IDLE_S):
                    line = (await reader.readline()).decode("ascii", "replace").rstrip("\r\n")
                if not line:
                    return
                await asyncio.sleep(self._conduct.slow_s)
                if writer.is_closing() or reader.at_eof():
                    return
                writer.write(self.answer_to(line, sender).encode("ascii", "replace") + b"\n")
                await writer.drain()
        except (TimeoutError, OSError, ValueError):
            return
        finally:
            self._connections -= 1
            with contextlib.suppress(OSError):
                writer.close()


def _words(said: Sentence) -> str:
    """What a person would say they were told."""
    if said.order is Order.POWERFAIL:
        return f"Shut down: power failure on {said.ups}, {said.minutes} min left"
    if said.order is Order.RESTORED:
        return f"Power restored on {said.ups}"
    return f"Run: {said.name}" if said.order is Order.COMMAND else said.text
