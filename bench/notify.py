"""Latency of an alarm: from the event to the first byte of a trap, an RCCMD datagram and an SMTP connection.

`python -m bench notify`. Receivers are real sockets on loopback in the same loop, so that one clock measures both ends.
"""

import asyncio
from collections.abc import Callable, Iterator

import numpy as np

from bench.table import Row
from webmanager.app.messaging import Messaging, Surroundings
from webmanager.domain.events import DEVICE, Change, Delivery, Event, Severity
from webmanager.engine.clock import HostClock
from webmanager.settings.jobs_model import NotifySettings

ALARMS = 1000
WAYS = ("trap", "rccmd", "mail")


class Journal:
    """Numbers what the jobs make happen; nothing does here."""

    def happened(self, kind: str, text: str) -> Event:
        return Event(0, 0.0, kind, Change.HAPPENED, DEVICE, Severity.NOTICE, text)

    def escalated(self, event: Event, text: str) -> Event:
        return event


class Ear(asyncio.DatagramProtocol):
    """Notes when a datagram comes."""

    def __init__(self, note: Callable[[], None]) -> None:
        self._note = note

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._note()


def rows(alarms: int = ALARMS) -> Iterator[Row]:
    """The figures for `make bench`."""
    found = asyncio.run(measure(alarms))
    for way in WAYS:
        p50, p99 = np.percentile(np.array(found[way]) * 1000.0, [50, 99])
        yield Row(f"event to first byte of {way}, {alarms} alarms: p50", float(p50), "ms")
        yield Row(f"event to first byte of {way}, {alarms} alarms: p99", float(p99), "ms", "<= 100")


async def measure(alarms: int) -> dict[str, list[float]]:
    """Seconds of each alarm, by way out."""
    loop = asyncio.get_running_loop()
    heard: dict[str, list[float]] = {way: [] for way in WAYS}
    started_s = 0.0
    moved = asyncio.Event()
    reports: list[Delivery] = []

    def noting(way: str) -> Callable[[], None]:
        def note() -> None:
            heard[way].append(loop.time() - started_s)
            moved.set()

        return note

    def report(delivery: Delivery) -> None:
        reports.append(delivery)
        moved.set()

    ports = {}
    transports = []
    for way in ("trap", "rccmd"):
        transport, _ = await loop.create_datagram_endpoint(
            lambda way=way: Ear(noting(way)),  # type: ignore[misc]
            local_addr=("127.0.0.1", 0),
        )
        transports.append(transport)
        ports[way] = transport.get_extra_info("sockname")[1]
    async with await asyncio.start_server(_smtp(noting("mail")), "127.0.0.1", 0) as server:
        ports["mail"] = server.sockets[0].getsockname()[1]
        messaging = Messaging(_settings(ports), HostClock(), Journal(), report, Surroundings())
        await messaging.open()
        running = asyncio.create_task(messaging.run())
        await asyncio.sleep(0.1)
        for number in range(1, alarms + 1):
            started_s = loop.time()
            messaging.on_event(_alarm(number))
            while len(reports) < number * len(WAYS) or any(len(heard[way]) < number for way in WAYS):
                await moved.wait()
                moved.clear()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    for transport in transports:
        transport.close()
    return heard


def _settings(ports: dict[str, int]) -> NotifySettings:
    here = {"host": "127.0.0.1"}
    return NotifySettings.model_validate(
        {
            "receivers": [
                {"type": "trap", "name": "trap", "port": ports["trap"], **here},
                {"type": "rccmd", "name": "rccmd", "port": ports["rccmd"], "receivers": "127.0.0.1"},
                {
                    "type": "mail", "name": "mail", "port": ports["mail"], "server": "127.0.0.1", "security": "none",
                    "sender": "a@b.c", "to": ["d@e.f"],
                },
            ],
            "jobs": [{"name": "all", "to": list(WAYS)}],
        }
    )  # fmt: skip


def _alarm(number: int) -> Event:
    text = f"Battery S3-17: 14.52 V is above 14.40 V ({number})."
    return Event(
        number, 0.0, "voltage_high", Change.RAISED, DEVICE, Severity.ALARM, text, "", 14.52, 14.4, "V", alarm=number
    )


def _smtp(note: Callable[[], None]) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], object]:
    """The shortest dialogue that takes a mail."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        note()
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            word = line[:4].upper()
            if word == b"DATA":
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
            writer.write(b"221 bye\r\n" if word == b"QUIT" else b"250 fine\r\n")
            if word == b"QUIT":
                break
        writer.close()

    return converse
