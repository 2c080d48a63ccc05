"""The receivers of the room with what a device really sends: every channel over its own socket or port."""

import asyncio
import os
from pathlib import Path

import aiohttp
import pytest

from fakes.events import event, message
from webmanager.domain.errors import DeliveryError, RefusedError
from webmanager.notify.mail import MailNotifier
from webmanager.notify.message import Device
from webmanager.notify.rccmd import RccmdNotifier
from webmanager.notify.sms import SmsNotifier
from webmanager.notify.syslog import SyslogNotifier
from webmanager.notify.webhook import WebhookNotifier
from webmanager.room.config import RoomConfig
from webmanager.room.inbox.ports import InboxPorts
from webmanager.room.modem import Modem, ModemPort
from webmanager.room.reception import Reception
from webmanager.room.service import RoomService
from webmanager.room.wire import PseudoPort
from webmanager.settings.destinations_model import (
    MailReceiver,
    RccmdReceiver,
    SmsReceiver,
    SyslogReceiver,
    TrapReceiver,
    WebhookReceiver,
)
from webmanager.snmp.engine import EngineIdentity, new_engine_id
from webmanager.snmp.traps import TrapNotifier

HERE = {"host": "127.0.0.1"}
CHANNELS = ("mail", "rccmd", "trap", "syslog", "webhook", "sms")


class Bench:
    """A room whose time stands where the test puts it, its receivers, and a notifier for each."""

    def __init__(self, com2: Path) -> None:
        self.host_s = 100.0
        config = RoomConfig(modules=8, strings=2, start="fresh", com2="modem", inbox=InboxPorts())
        self.service = RoomService(config, 1_700_000_000.0, self.host_s, lambda: 0.0)
        modem = Modem()
        self.modem_port = ModemPort(PseudoPort(com2), modem)
        self.modem_port.plug()
        self.com2 = str(com2)
        self.reception = Reception(self.service, lambda: self.host_s, modem, self.com2)

    def channel(self, name: str) -> dict:
        return next(one for one in self.reception.document()["channels"] if one["channel"] == name)

    def arrivals(self, after: int = 0) -> list[dict]:
        return self.reception.document(after)["arrivals"]

    async def break_it(self, kind: str, **target: object) -> int:
        fault = self.service.room.faults.add({"kind": kind, **target}, self.service.room.now_s)
        await self.reception.follow()
        return fault.id

    async def repair(self, number: int) -> None:
        self.service.room.faults.remove(number)
        await self.reception.follow()

    async def send(self, name: str, key: str = "k", said: str = "S1-5 does not answer", timeout_s: float = 30.0) -> str:
        """What a device has in hand after telling it over one channel."""
        port, more = self.channel(name)["port"], {"name": "r", "timeout_s": timeout_s}
        sent = message(target=name, key=f"{key}/{name}", events=(event(text=said),))
        device = Device
        if name == "mail":
            addresses = {"sender": "battery@example.com", "to": ("operator@example.com",)}
            way = MailNotifier(
                MailReceiver(server="127.0.0.1", port=port, security="none", **addresses, **more), device
            )
        elif name == "rccmd":
            way = RccmdNotifier(RccmdReceiver(receivers="127.0.0.1", port=port, transport="tcp", **more), device)
        elif name == "trap":
            return await self._inform(TrapReceiver(**HERE, port=port, inform=True, **more), sent)
        elif name == "syslog":
            way = SyslogNotifier(SyslogReceiver(**HERE, port=port, transport="tcp", **more), device)
        elif name == "webhook":
            url = f"http://127.0.0.1:{port}/events"
            way = WebhookNotifier(WebhookReceiver(url=url, allow_local=True, **more), device)
        else:
            more["timeout_s"] = max(5.0, timeout_s)
            way = SmsNotifier(SmsReceiver(port=port, to=("+447700900123",), **more), device)
        return await way.send(sent)

    async def _inform(self, settings: TrapReceiver, sent: object) -> str:
        notifier = TrapNotifier(settings, EngineIdentity(new_engine_id(), 1), lambda: 1.0)
        try:
            return await notifier.send(sent)
        finally:
            notifier.close()

    async def has(self, count: int) -> list[dict]:
        """All arrivals, as soon as there are so many: syslog has no answer to wait for."""
        async with asyncio.timeout(10):
            while len(self.arrivals()) < count:
                await asyncio.sleep(0.01)
        return self.arrivals()


@pytest.fixture
async def bench(tmp_path):
    made = Bench(tmp_path / "com2")
    await made.reception.open()
    yield made
    await made.reception.close()
    made.modem_port.unplug()


async def test_every_channel_takes_what_a_device_sends_and_proves_it(bench):
    proofs = {name: await bench.send(name) for name in CHANNELS}
    arrivals = await bench.has(len(CHANNELS))
    assert {one["channel"] for one in arrivals} == set(CHANNELS)
    assert [one["number"] for one in arrivals] == list(range(len(CHANNELS), 0, -1))
    for one in arrivals:
        assert "S1-5 does not answer" in one["subject"], one
        assert one["at"] == "2023-11-14T22:13:20.000Z"
    assert proofs["mail"].startswith("250 ")
    assert proofs["rccmd"].startswith("RCCMD OK ")
    assert "inform acknowledged" in proofs["trap"]
    assert "bytes acknowledged by" in proofs["syslog"]
    assert proofs["webhook"] == 'HTTP 200 {"kept": 1}'
    assert proofs["sms"] == "+CMGS: 1"
    assert [one["received"] for one in bench.reception.document()["channels"]] == [1] * 6


async def test_an_arrival_knows_what_was_broken_and_how_long_ago(bench):
    await bench.break_it("module_silent", address=4)
    bench.host_s += 31.5
    await bench.send("webhook", said="S1-4 does not answer")
    await bench.send("webhook", key="other", said="The device has started")
    note, alarm = bench.arrivals()
    assert note["cause"] is None
    assert alarm["cause"] == {
        "what": "broken", "title": "Module silent", "where": "S1-4", "after_s": 31.5, "host_after_s": 31.5,
    }  # fmt: skip
    (deed,) = bench.reception.document()["deeds"]
    assert deed["told"] == {"webhook": {"number": 1, "after_s": 31.5, "host_after_s": 31.5}}
    assert (deed["what"], deed["where"]) == ("broken", "S1-4")


async def test_device_time_and_host_time_are_told_apart(bench):
    bench.service.set_speed(60.0, bench.host_s)
    await bench.break_it("module_silent", address=4)
    bench.host_s += 2.0
    await bench.send("webhook", said="S1-4 does not answer")
    cause = bench.arrivals()[0]["cause"]
    assert (cause["after_s"], cause["host_after_s"]) == (120.0, 2.0)


@pytest.mark.parametrize("name", ["mail", "rccmd", "syslog", "webhook"])
async def test_a_dead_receiver_refuses_connections_until_it_is_repaired(bench, name):
    port = bench.channel(name)["port"]
    number = await bench.break_it("receiver_dead", channel=name)
    assert bench.channel(name)["behaves"] == "dead"
    with pytest.raises(DeliveryError):
        await bench.send(name)
    assert bench.arrivals() == []
    await bench.repair(number)
    assert bench.channel(name) | {"behaves": "ok", "port": port} == bench.channel(name)
    await bench.send(name)
    assert len(await bench.has(1)) == 1


@pytest.mark.parametrize("name", ["trap", "sms"])
async def test_a_dead_receiver_that_cannot_refuse_says_nothing(bench, name):
    number = await bench.break_it("receiver_dead", channel=name)
    with pytest.raises(DeliveryError):
        await bench.send(name, timeout_s=1.0)
    assert bench.arrivals() == []
    await bench.repair(number)
    await bench.send(name)
    assert len(bench.arrivals()) == 1


@pytest.mark.parametrize(
    ("name", "error", "said"),
    [
        ("mail", RefusedError, "550"),
        ("rccmd", RefusedError, "RCCMD REFUSED"),
        ("trap", DeliveryError, "error status 5"),
        ("syslog", DeliveryError, "127.0.0.1"),
        ("webhook", RefusedError, "HTTP 403"),
        ("sms", RefusedError, "barred by the operator"),
    ],
)
async def test_a_receiver_refuses_in_the_way_of_its_channel(bench, name, error, said):
    await bench.break_it("receiver_refuses", channel=name)
    with pytest.raises(error, match=said):
        await bench.send(name)
    assert bench.arrivals() == []
    assert bench.channel(name)["behaves"] == "refuses"
    assert bench.channel(name)["refused"] == (0 if name == "syslog" else 1)


@pytest.mark.parametrize("name", CHANNELS)
async def test_a_slow_receiver_takes_it_later(bench, name):
    await bench.break_it("receiver_slow", channel=name, value=0.05)
    await bench.send(name)
    assert len(await bench.has(1)) == 1
    assert bench.channel(name)["behaves"] == "slow"


@pytest.mark.parametrize("name", ["mail", "rccmd", "webhook"])
async def test_who_gives_up_on_a_slow_receiver_has_told_nobody(bench, name):
    number = await bench.break_it("receiver_slow", channel=name, value=2.0)
    with pytest.raises((DeliveryError, TimeoutError)):
        async with asyncio.timeout(1.2):
            await bench.send(name, timeout_s=1.0)
    await bench.repair(number)
    await bench.send(name, key="again")
    assert len(bench.arrivals()) == 1


async def test_the_inbox_is_emptied_and_asked_from_a_number_on(bench):
    for key in ("a", "b", "c"):
        await bench.send("webhook", key=key)
    assert [one["number"] for one in bench.arrivals(after=2)] == [3]
    bench.reception.clear()
    document = bench.reception.document()
    assert (document["arrivals"], document["oldest"], document["newest"]) == ([], 4, 3)


async def test_what_nobody_understands_is_counted(bench):
    async with aiohttp.ClientSession() as client:
        url = f"http://127.0.0.1:{bench.channel('webhook')['port']}/"
        async with client.post(url, data=b"nonsense") as answer:
            assert answer.status == 400
        async with client.get(url) as answer:
            assert answer.status == 405
        async with client.post(url, data=b"x" * 300_000) as answer:
            assert answer.status == 413
    assert (bench.channel("webhook")["unreadable"], bench.arrivals()) == (2, [])


async def test_without_an_inbox_nobody_receives(tmp_path):
    service = RoomService(RoomConfig(modules=2, strings=1, start="fresh"), 0.0, 0.0, lambda: 0.0)
    reception = Reception(service, lambda: 0.0)
    await reception.open()
    document = reception.document()
    assert (document["on"], document["channels"], document["arrivals"]) == (False, [], [])
    await reception.close()
    descriptors = len(os.listdir("/proc/self/fd"))
    await reception.open()
    assert len(os.listdir("/proc/self/fd")) == descriptors
