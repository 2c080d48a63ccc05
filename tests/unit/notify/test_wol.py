import asyncio
import socket

import pytest

from fakes.events import message
from webmanager.domain.errors import DeliveryError, RefusedError
from webmanager.domain.jobs import Verb
from webmanager.notify.udp import resolve, send_datagram
from webmanager.notify.wol import WakeNotifier, magic_packet
from webmanager.settings.destinations_model import WakeReceiver


class Sleeper(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.got: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.got.put_nowait(data)


def test_the_packet_is_six_ff_and_sixteen_times_the_address() -> None:
    packet = magic_packet("01:23:45:67:89:ab")
    assert packet == b"\xff" * 6 + bytes((0x01, 0x23, 0x45, 0x67, 0x89, 0xAB)) * 16
    assert len(packet) == 102
    assert magic_packet("01-23-45-67-89-AB") == packet


async def test_it_arrives() -> None:
    loop = asyncio.get_running_loop()
    transport, sleeper = await loop.create_datagram_endpoint(Sleeper, local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    settings = WakeReceiver(name="pc", mac="01:23:45:67:89:ab", broadcast="127.0.0.1", port=port)
    proof = await WakeNotifier(settings).send(message(verb=Verb.WAKE_UP))
    assert await asyncio.wait_for(sleeper.got.get(), 5) == magic_packet("01:23:45:67:89:ab")
    transport.close()
    assert proof.startswith("102 bytes sent to 127.0.0.1")


async def test_a_shutdown_is_no_wake_up() -> None:
    settings = WakeReceiver(name="pc", mac="01:23:45:67:89:ab")
    with pytest.raises(RefusedError, match="not told to shutdown"):
        await WakeNotifier(settings).send(message(verb=Verb.SHUTDOWN))


async def test_what_the_host_cannot_send_is_told() -> None:
    with pytest.raises(DeliveryError, match=r"127\.0\.0\.1:9"):
        await send_datagram(b"x" * 70_000, "127.0.0.1", 9)


async def test_names_and_numbers_are_resolved() -> None:
    assert await resolve("::1", 9) == (socket.AF_INET6, ("::1", 9))
    assert (await resolve("localhost", 9))[1][0] in {"127.0.0.1", "::1"}
