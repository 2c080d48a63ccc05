"""The real pseudo terminal: what a serial port of the device sees. Timing itself is tested in test_line.py."""

import asyncio
import os
import termios
from pathlib import Path

import numpy as np
import pytest

from webmanager.bus.commands import Command, Group, Values
from webmanager.bus.frame import Decoder, Frame, encode
from webmanager.room.cable import Cable
from webmanager.room.line import Line
from webmanager.room.responder import Answer, Answers
from webmanager.room.wire import IdlePort, PseudoPort, Wire

REQUEST = encode(Frame(Command.READ_VALUES, 1, 0, Group(4).encode()))


def respond(request):
    replies = [
        Frame(request.command, address, request.sequence, Values(13500, 250, 0, 0).encode(), reply=True)
        for address in range(1, 5)
    ]
    return Answers(tuple(Answer(turn, encode(reply)) for turn, reply in enumerate(replies)), 10, 130)


@pytest.fixture
async def wire(tmp_path):
    line = Line(respond, Cable([(1, 2, 3, 4)], 1), 1 / 115200, np.random.default_rng(1))
    wire = Wire(PseudoPort(tmp_path / "com3"), line)
    wire.plug()
    yield wire
    wire.unplug()


class Device:
    """Opens a port by its link, as the device does."""

    def __init__(self, link: Path) -> None:
        self.fd = os.open(link, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)

    def close(self) -> None:
        os.close(self.fd)

    async def read(self, length: int) -> bytes:
        loop = asyncio.get_running_loop()
        data = bytearray()
        complete = asyncio.Event()

        def take() -> None:
            data.extend(os.read(self.fd, 4096))
            if len(data) >= length:
                complete.set()

        loop.add_reader(self.fd, take)
        try:
            await asyncio.wait_for(complete.wait(), 10)
        finally:
            loop.remove_reader(self.fd)
        return bytes(data)


async def ask(device):
    os.write(device.fd, REQUEST)
    return [frame.address for frame in Decoder(replies=True).feed(await device.read(48))]


async def test_a_train_comes_back_whole(wire, tmp_path):
    device = Device(tmp_path / "com3")
    for _ in range(3):
        assert await ask(device) == [1, 2, 3, 4]
    device.close()


async def test_the_port_is_raw(wire, tmp_path):
    device = Device(tmp_path / "com3")
    flags = termios.tcgetattr(device.fd)
    assert not flags[3] & (termios.ECHO | termios.ICANON | termios.ISIG)
    assert not flags[0] & (termios.ICRNL | termios.IXON)
    device.close()


async def test_the_device_may_come_and_go(wire, tmp_path):
    for _ in range(3):
        device = Device(tmp_path / "com3")
        assert await ask(device) == [1, 2, 3, 4]
        device.close()


async def test_an_unplugged_adapter_is_gone_and_comes_back_elsewhere(wire, tmp_path):
    link = tmp_path / "com3"
    before = link.readlink()
    device = Device(link)
    wire.unplug()
    assert not link.is_symlink()
    with pytest.raises(OSError, match="Input/output error"):
        os.write(device.fd, REQUEST)
    device.close()
    wire.plug()
    assert link.is_symlink()
    again = Device(link)
    assert await ask(again) == [1, 2, 3, 4]
    again.close()
    wire.unplug()
    wire.unplug()
    assert not link.is_symlink()
    assert before.is_relative_to("/dev")


async def test_plugging_again_replaces_the_link(wire, tmp_path):
    wire.plug()
    device = Device(tmp_path / "com3")
    assert await ask(device) == [1, 2, 3, 4]
    device.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["com3"]


async def test_a_foreign_link_is_left_alone(wire, tmp_path):
    link = tmp_path / "com3"
    link.unlink()
    link.symlink_to("/dev/null")
    wire.unplug()
    assert link.readlink() == Path("/dev/null")


async def test_activity_is_told(wire, tmp_path):
    heard = []
    wire.on_bytes = lambda: heard.append(True)
    device = Device(tmp_path / "com3")
    await ask(device)
    assert heard
    device.close()


async def test_nobody_takes_the_answers(wire, tmp_path):
    device = Device(tmp_path / "com3")
    wire._line.bit_s = 0.0
    async with asyncio.timeout(20):
        for sent in range(1, 4000):
            os.write(device.fd, REQUEST)
            while wire._line.counters.requests < sent:
                await asyncio.sleep(0)
            if wire.dropped_bytes:
                break
    assert wire.dropped_bytes > 0
    device.close()


async def test_an_idle_port_swallows_what_it_gets(tmp_path):
    port = IdlePort(PseudoPort(tmp_path / "com1"))
    port.plug()
    device = Device(tmp_path / "com1")
    async with asyncio.timeout(20):
        sent = 0
        while sent < 100_000:
            try:
                sent += os.write(device.fd, bytes(1000))
            except BlockingIOError:
                await asyncio.sleep(0)
    device.close()
    port.unplug()
    port.unplug()
    assert not (tmp_path / "com1").is_symlink()
