import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import psutil
import pytest

from fakes.events import FakeJournal, cleared, event
from fakes.smtp import mail_server
from fakes.state import MemoryStateKeeper
from webmanager.app.messaging import Messaging, Surroundings, notifier
from webmanager.domain.errors import ConfigError
from webmanager.domain.events import Delivery
from webmanager.engine.clock import HostClock
from webmanager.engine.notify_ports import JobsDesk, Output
from webmanager.outputs.board import SimulatedOutputs
from webmanager.settings.jobs_model import NotifySettings

MAIL = {"type": "mail", "name": "mail", "server": "127.0.0.1", "security": "none", "sender": "a@b.c", "to": ["d@e.f"]}
EVERY_TYPE = [
    {**MAIL, "port": 25},
    {"type": "rccmd", "name": "servers", "receivers": "192.168.1.255"},
    {"type": "sms", "name": "phone", "port": "/dev/ttyS9", "to": ["+49170"]},
    {"type": "syslog", "name": "log", "host": "127.0.0.1"},
    {"type": "webhook", "name": "hook", "url": "https://example.org/hook"},
    {"type": "wol", "name": "pc", "mac": "01:23:45:67:89:ab"},
    {"type": "outputs", "name": "relays"},
    {"type": "trap", "name": "nms", "host": "127.0.0.1"},
]


class Site:
    """A device's messaging with everything it reports."""

    def __init__(self, tables: dict[str, object], keeper: MemoryStateKeeper | None = None) -> None:
        self.reports: list[Delivery] = []
        self.outputs = SimulatedOutputs()
        around = Surroundings(outputs=self.outputs)
        settings = NotifySettings.model_validate(tables)
        self.journal = FakeJournal()
        self.messaging = Messaging(settings, HostClock(), self.journal, self.reports.append, around, keeper)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0.001)


@asynccontextmanager
async def running(tables: dict[str, object], keeper: MemoryStateKeeper | None = None) -> AsyncIterator[Site]:
    site = Site(tables, keeper)
    await site.messaging.open()
    task = asyncio.create_task(site.messaging.run())
    await asyncio.sleep(0)
    try:
        yield site
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class Ear(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.times: list[float] = []

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.times.append(asyncio.get_running_loop().time())


def job(*to: str, **parts: object) -> dict[str, object]:
    return {"name": "job", "to": list(to), **parts}


@pytest.mark.parametrize("receiver", EVERY_TYPE, ids=lambda receiver: receiver["type"])
def test_every_type_of_receiver_has_a_way_out(receiver: dict[str, object]) -> None:
    (known,) = NotifySettings.model_validate({"receivers": [receiver]}).receivers
    assert hasattr(notifier(known, Surroundings()), "send")


async def test_an_event_becomes_a_mail_a_relay_and_an_alarm() -> None:
    async with mail_server() as server:
        receivers = [{**MAIL, "port": server.port}, {"type": "outputs", "name": "relays"}]
        switch = {"name": "lamp", "to": ["relays"], "do": "switch", "argument": "relay2"}
        async with running({"receivers": receivers, "jobs": [job("mail"), switch]}) as site:
            site.messaging.on_event(event())
            assert site.outputs.states()[Output.BUZZER]
            await site.until(lambda: len(site.reports) == 2)
            assert site.outputs.states()[Output.RELAY_2]
            site.messaging.on_event(cleared(event()))
            await site.until(lambda: len(site.reports) == 4)
            assert not site.outputs.states()[Output.RELAY_2]
        assert {report.result for report in site.reports} == {"delivered"}
        assert [mail["Subject"].split("]")[1][:6] for mail in server.mails] == [" ALARM", " ALL-C"]


async def test_what_is_dead_hangs_or_is_absent_delays_no_trap() -> None:
    never = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await never.wait()
        writer.close()

    loop = asyncio.get_running_loop()
    transport, ear = await loop.create_datagram_endpoint(Ear, local_addr=("127.0.0.1", 0))
    async with await asyncio.start_server(hang, "127.0.0.1", 0) as hanging:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            dead_port = unused.getsockname()[1]
        hanging_port = hanging.sockets[0].getsockname()[1]
        receivers = [
            {**MAIL, "port": dead_port},
            {"type": "rccmd", "name": "servers", "receivers": "127.0.0.1", "port": hanging_port, "transport": "tcp"},
            {"type": "trap", "name": "gone", "host": "127.0.0.1", "port": dead_port, "inform": True},
            {"type": "trap", "name": "nms", "host": "127.0.0.1", "port": transport.get_extra_info("sockname")[1]},
        ]
        tables = {"receivers": receivers, "jobs": [job("mail", "servers", "gone", "nms")]}
        async with running(tables) as site:
            site.messaging.on_event(event())
            await site.until(lambda: len(ear.times) == 1)
            before = psutil.Process().memory_info().rss
            for number in range(10, 10_010):
                site.messaging.on_event(event(number, alarm=number))
                if number % 2500 == 0:
                    await asyncio.sleep(0)
            await site.until(lambda: len(ear.times) > 100)
            counters = site.messaging.dispatcher.counters
            assert max(counter.waiting for counter in counters.values()) <= 100
            assert counters["mail"].dropped > 9_000
            assert site.messaging.jobs.followed <= 1000
            assert psutil.Process().memory_info().rss - before < 60e6
        never.set()
    transport.close()


async def test_a_restart_delivers_what_was_waiting_and_repeats_nothing() -> None:
    keeper = MemoryStateKeeper()
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        dead_port = unused.getsockname()[1]
    async with running({"receivers": [{**MAIL, "port": dead_port}], "jobs": [job("mail")]}, keeper) as site:
        site.messaging.on_event(event())
        await site.until(lambda: site.messaging.dispatcher.counters["mail"].retries > 0)
    assert site.reports == []
    async with mail_server() as server:
        async with running({"receivers": [{**MAIL, "port": server.port}], "jobs": [job("mail")]}, keeper) as again:
            again.messaging.jobs.reconcile([event()])
            await again.until(lambda: len(again.reports) == 1)
            again.messaging.on_event(cleared(event()))
            await again.until(lambda: len(again.reports) == 2)
        assert len(server.mails) == 2


async def test_a_test_says_how_each_receiver_fared() -> None:
    async with mail_server() as server:
        receivers = [{**MAIL, "port": server.port}, {**MAIL, "name": "other", "port": server.port, "to": ["x@y.z"]}]
        server.refusals["x@y.z"] = ["550 no such user"]
        site = Site({"receivers": receivers, "jobs": [job("mail", "other")]})
        found = await site.messaging.test("job")
    assert [(each.target, each.result) for each in found] == [("mail", "delivered"), ("other", "failed")]
    assert found == site.reports
    assert "Test of the job job" in server.mails[0]["Subject"]
    with pytest.raises(ConfigError, match="no job"):
        await site.messaging.test("nonsense")


async def test_every_receiver_shows_its_counters() -> None:
    async with mail_server() as server:
        tables = {"receivers": [{**MAIL, "port": server.port}, {"type": "outputs", "name": "relays"}]}
        async with running({**tables, "jobs": [job("mail")]}) as site:
            desk: JobsDesk = site.messaging
            assert [(each.target, each.type, each.delivered) for each in desk.queues()] == [
                ("mail", "mail", 0),
                ("relays", "outputs", 0),
            ]
            site.messaging.on_event(event())
            assert desk.queues()[0].waiting == 1
            await site.until(lambda: desk.queues()[0].delivered == 1)
            assert desk.queues()[0].waiting == 0


async def test_the_end_lets_the_relay_go() -> None:
    async with running({"general_alarm": {"pick_up_s": 15.0}}) as site:
        site.outputs.switch(Output.ALARM_RELAY, True)
        site.messaging.on_event(replace(event(), alarm=3))
    assert site.outputs.states()[Output.ALARM_RELAY] is False
    assert site.outputs.states()[Output.BUZZER] is False
