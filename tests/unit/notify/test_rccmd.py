import asyncio

import pytest

from fakes.events import event, message
from fakes.tls import Authority
from webmanager.domain.errors import DeliveryError, RefusedError
from webmanager.domain.jobs import Verb
from webmanager.engine.notify_ports import Message
from webmanager.notify.message import Device
from webmanager.notify.rccmd import RccmdNotifier
from webmanager.notify.rccmd_sentence import receipt
from webmanager.settings.destinations_model import RccmdReceiver

POWERFAIL = b"CONNECT TO RCCMD (SEND) MSG_EXECUTE MSG_TEXT Powerfail on SLC (5): Autonomietime 10.00 min."


def notifier(port: int, receivers: str = "127.0.0.1", **parts: object) -> RccmdNotifier:
    given = {"name": "servers", "port": port, "receivers": receivers, "ups_model": "SLC", "ups_id": "5", **parts}
    return RccmdNotifier(RccmdReceiver.model_validate(given), lambda: Device("Cellar"))


def shutdown() -> Message:
    return message(verb=Verb.SHUTDOWN, remaining_s=629.0)


class Ear(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.got: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.got.put_nowait(data)


async def test_a_datagram_is_exactly_the_published_sentence() -> None:
    transport, ear = await asyncio.get_running_loop().create_datagram_endpoint(Ear, local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    proof = await notifier(port).send(shutdown())
    assert await asyncio.wait_for(ear.got.get(), 5) == POWERFAIL
    transport.close()
    assert proof == f"{len(POWERFAIL)} bytes sent to 127.0.0.1:{port} by UDP, which knows no answer"


async def test_a_datagram_reaches_a_broadcast_address() -> None:
    transport, ear = await asyncio.get_running_loop().create_datagram_endpoint(
        Ear, local_addr=("127.255.255.255", 0), allow_broadcast=True
    )
    port = transport.get_extra_info("sockname")[1]
    await notifier(port, "127.255.255.255").send(shutdown())
    assert await asyncio.wait_for(ear.got.get(), 5) == POWERFAIL
    transport.close()


class Receiver:
    """A TCP receiver at one address that answers what it is told to: `ok`, `hang`, `close`, or these very words."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.lines: list[str] = []
        self._never = asyncio.Event()

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = (await reader.readline()).decode().rstrip("\n")
        self.lines.append(line)
        answer = self.answers.pop(0) if self.answers else "ok"
        if answer == "hang":
            await self._never.wait()
        if answer != "close":
            writer.write((receipt(line) if answer == "ok" else answer).encode() + b"\n")
        writer.close()

    def release(self) -> None:
        self._never.set()


@pytest.mark.parametrize("transport", ["tcp", "tls"])
async def test_over_a_stream_the_receivers_digest_is_the_proof(transport: str, authority: Authority) -> None:
    receiver = Receiver()
    context = authority.server_context() if transport == "tls" else None
    async with await asyncio.start_server(receiver.converse, "127.0.0.1", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        one = notifier(port, transport=transport, ca_file=str(authority.ca_file) if context else "")
        assert await one.send(shutdown()) == receipt(POWERFAIL.decode())
    assert receiver.lines == [POWERFAIL.decode()]


async def test_tls_speaks_to_nobody_it_cannot_verify(authority: Authority) -> None:
    receiver = Receiver()
    context = authority.server_context()
    async with await asyncio.start_server(receiver.converse, "127.0.0.1", 0, ssl=context) as server:
        with pytest.raises(DeliveryError, match=r"(?i)certificate"):
            await notifier(server.sockets[0].getsockname()[1], transport="tls").send(shutdown())
    assert receiver.lines == []


async def test_a_receiver_that_hangs_hides_no_other_and_is_tried_alone() -> None:
    hanging, fine = Receiver("hang"), Receiver()
    async with await asyncio.start_server(hanging.converse, "127.0.0.1", 0) as first:
        port = first.sockets[0].getsockname()[1]
        async with await asyncio.start_server(fine.converse, "127.0.0.2", port):
            both = notifier(port, "127.0.0.1,127.0.0.2", transport="tcp", timeout_s=1.0)
            with pytest.raises(
                DeliveryError, match=r"127\.0\.0\.1: no answer within 1 s; delivered to 127\.0\.0\.2: R"
            ):
                await both.send(shutdown())
            proof = await both.send(shutdown())
            hanging.release()
    assert (len(hanging.lines), len(fine.lines)) == (2, 1)
    assert proof == f"127.0.0.2: {receipt(hanging.lines[0])}; 127.0.0.1: {receipt(hanging.lines[0])}"


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        ("RCCMD REFUSED nothing is configured", RefusedError, "nothing is configured"),
        ("HTTP/1.1 400 Bad Request", DeliveryError, "not the expected answer"),
        ("close", DeliveryError, "without an answer"),
        ("x" * 5000, DeliveryError, "longer than any of ours"),
    ],
)
async def test_no_other_answer_is_a_proof(answer: str, kind: type[DeliveryError], words: str) -> None:
    receiver = Receiver(answer)
    async with await asyncio.start_server(receiver.converse, "127.0.0.1", 0) as server:
        with pytest.raises(DeliveryError, match=words) as caught:
            await notifier(server.sockets[0].getsockname()[1], transport="tcp").send(message(events=(event(),)))
    assert type(caught.value) is kind


async def test_nobody_there() -> None:
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
    with pytest.raises(DeliveryError, match=r"(?i)connect"):
        await notifier(port, transport="tcp").send(shutdown())
