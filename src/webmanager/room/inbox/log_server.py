"""A log server: syslog of RFC 5424 over UDP, and over TCP in both framings of RFC 6587."""

import asyncio
import re
import socket

from webmanager.room.inbox.arrivals import Channel, Conduct, Letter, Taker

LONGEST_LINE = 8192
IDLE_S = 60.0
MOST_CONNECTIONS = 20
_LINE = re.compile(
    r"<(?P<pri>\d{1,3})>1 (?P<at>\S+) (?P<host>\S+) (?P<app>\S+) (?P<pid>\S+) (?P<id>\S+) "
    r'(?:-|(?:\[(?:[^\]\\"]|"(?:[^"\\]|\\.)*")*\])+)(?: \ufeff?(?P<text>.*))?',
    re.DOTALL,
)
SEVERITIES = ("emergency", "alert", "critical", "error", "warning", "notice", "info", "debug")


class LogServer:
    """Keeps every line. Syslog has no answer: refusing is a port that is shut over TCP, and silence over UDP."""

    def __init__(self, conduct: Conduct, taker: Taker) -> None:
        self._conduct = conduct
        self._taker = taker
        self._connections = 0

    async def serve(self, listener: socket.socket) -> asyncio.Server:
        """Listens on a bound socket."""
        return await asyncio.start_server(self._listen, sock=listener)

    def hear(self, data: bytes, address: tuple[str, int]) -> None:
        """A datagram."""
        if self._conduct.refuses:
            self._taker.refused(Channel.SYSLOG)
        elif not self._conduct.is_dead:
            self._keep(data[:LONGEST_LINE], f"{address[0]} (UDP)")

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sender = f"{writer.get_extra_info('peername')[0]} (TCP)"
        self._connections += 1
        rest = b""
        try:
            while self._connections <= MOST_CONNECTIONS:
                async with asyncio.timeout(IDLE_S):
                    data = await reader.read(LONGEST_LINE)
                lines, rest = frames(rest + data, is_end=not data)
                if lines:
                    await asyncio.sleep(self._conduct.slow_s)
                for line in lines:
                    self._keep(line, sender)
                if not data:
                    return
        except (TimeoutError, OSError):
            return
        except ValueError:
            self._taker.unreadable(Channel.SYSLOG)
        finally:
            self._connections -= 1
            writer.close()

    def _keep(self, line: bytes, sender: str) -> None:
        letter = as_letter(line.decode("utf-8", "replace"), sender)
        if letter is None:
            self._taker.unreadable(Channel.SYSLOG)
        else:
            self._taker.take(letter)


def frames(data: bytes, *, is_end: bool) -> tuple[list[bytes], bytes]:
    """Whole lines of a stream and what is left, by their length or by line ends; ValueError if one is too long."""
    lines = []
    while data:
        counted = re.match(rb"(\d{1,5}) ", data)
        if counted:
            start, length = counted.end(), int(counted[1])
            if length > LONGEST_LINE:
                raise ValueError("a line is too long")
            if len(data) < start + length:
                break
            lines.append(data[start : start + length])
            data = data[start + length :]
            continue
        line, found, left = data.partition(b"\n")
        if not found and not is_end:
            break
        lines.append(line)
        data = left
    if len(data) > LONGEST_LINE:
        raise ValueError("a line is too long")
    return [line for line in lines if line], b"" if is_end else data


def as_letter(line: str, sender: str) -> Letter | None:
    """A line with what it says as its subject; None if it is not of RFC 5424."""
    match = _LINE.fullmatch(line.rstrip("\n"))
    if match is None or int(match["pri"]) > 191:
        return None
    severity = SEVERITIES[int(match["pri"]) % 8]
    return Letter(Channel.SYSLOG, sender, f"{severity}: {match['text'] or match['id']}", line)
