"""A serial line on pseudo terminals: what is answered, what is not, and a port that comes and goes."""

import asyncio
import contextlib
import logging
import os
import tty
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from fakes.null_modem import NullModem
from webmanager.bus.port import SerialPort
from webmanager.engine.notify_ports import Output
from webmanager.modbus import serial_server
from webmanager.modbus.coils import RelayCoils
from webmanager.modbus.device import ModbusDevice
from webmanager.modbus.registers import REGISTERS
from webmanager.modbus.serial_frames import SerialRequest, with_crc
from webmanager.modbus.serial_server import LineCounts, LineOptions, ModbusSerial
from webmanager.outputs.board import SimulatedOutputs

IMAGE = b"".join(address.to_bytes(2, "big") for address in range(REGISTERS))
UNIT = 17
READ, GOOD = with_crc(bytes.fromhex("11 03 03E8 0001")), with_crc(bytes.fromhex("11 03 02 03E8"))
OTHER = with_crc(bytes.fromhex("12 03 03E8 0001"))


@dataclass(frozen=True)
class QuickTiming:
    baud: int = 38_400
    write_timeout_s: float = 1.0
    reopen_first_s: float = 0.01
    reopen_longest_s: float = 0.02


class Bench:
    """A line with a device on it, and a hand on the cable."""

    def __init__(self, cable: NullModem, options: LineOptions) -> None:
        self.cable = cable
        self.outputs = SimulatedOutputs()
        self.device = ModbusDevice(lambda: IMAGE, UNIT, RelayCoils(self.outputs, writes=True))
        self.line = ModbusSerial(
            self.device,
            UNIT,
            options,
            lambda on_bytes, on_lost: SerialPort(
                str(cable.near), QuickTiming(options.baud), on_bytes, on_lost, options.format
            ),
        )
        self.silences = self.passed = 0
        framer, silent = self.line._framer, self.line._framer.silent

        def counted() -> SerialRequest | None:
            self.silences += 1
            return silent()

        framer.silent = counted  # type: ignore[method-assign]

    async def ask(self, request: bytes) -> bytes:
        """What the device says to a request, up to one more good answer that marks the end."""
        self.cable.said.clear()
        self.cable.send(request)
        await self._next(request)
        return bytes(self.cable.said)

    async def silent_to(self, *requests: bytes) -> bool:
        """Whether none of these is answered, nor costs the good request behind it."""
        self.cable.said.clear()
        for request in requests:
            self.cable.send(request)
            await self.heard()
        self.cable.send(READ)
        await self.cable.until(lambda: len(self.cable.said) >= len(GOOD))
        return bytes(self.cable.said) == GOOD

    async def heard(self) -> None:
        """Until the line has taken all bytes and found it silent."""
        async with asyncio.timeout(20.0):
            while self.silences == self.passed or self.line._timer is not None:
                await asyncio.sleep(0.001)
        self.passed += 1

    async def opened(self) -> None:
        async with asyncio.timeout(5.0):
            while not self.line.is_open:
                await asyncio.sleep(0.005)

    async def _next(self, request: bytes) -> None:
        await self.heard()
        await self.cable.until(lambda: self.cable.said)


@asynccontextmanager
async def bench_on(directory: Path, options: LineOptions | None = None) -> AsyncIterator[Bench]:
    cable = NullModem(directory)
    bench = Bench(cable, options or LineOptions(baud=38_400, format="8N1"))
    task = asyncio.create_task(bench.line.run())
    await bench.opened()
    yield bench
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    bench.line.close()
    cable.close()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench_on(tmp_path) as bench:
        yield bench


async def test_a_request_is_answered(bench: Bench) -> None:
    assert await bench.ask(READ) == GOOD
    assert bench.line.counts == LineCounts(answered=1)


async def test_the_longest_answer_comes_whole(bench: Bench) -> None:
    bench.cable.send(with_crc(bytes.fromhex("11 04 07D0 007D")))
    await bench.cable.until(lambda: len(bench.cable.said) >= 255)
    assert bytes(bench.cable.said) == with_crc(bytes.fromhex("11 04 FA") + IMAGE[4000:4250])


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        ("11 03 0000 0001", "11 83 02"),
        ("11 03 07D0 007E", "11 83 03"),
        ("11 41", "11 C1 01"),
        ("11 06 0000 0001", "11 86 01"),
    ],
)
async def test_exceptions(bench: Bench, request_: str, answer: str) -> None:
    assert await bench.ask(with_crc(bytes.fromhex(request_))) == with_crc(bytes.fromhex(answer))


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(OTHER, id="foreign unit"),
        pytest.param(with_crc(bytes.fromhex("FF 03 03E8 0001")), id="unit 255"),
        pytest.param(with_crc(bytes.fromhex("00 03 03E8 0001")), id="broadcast"),
        pytest.param(READ[:-1] + b"\x00", id="wrong checksum"),
        pytest.param(READ[:5], id="half"),
        pytest.param(READ[:-2], id="without checksum"),
        pytest.param(READ + b"\x00", id="a byte too many"),
        pytest.param(with_crc(bytes.fromhex("11 03 03E8 0001 00")), id="too long"),
        pytest.param(with_crc(bytes.fromhex("12 03 02 03E8")), id="answer of another"),
        pytest.param(GOOD, id="answer of our own"),
        pytest.param(with_crc(bytes.fromhex("11 83 02")), id="exception"),
        pytest.param(b"\x00", id="noise"),
        pytest.param(b"\xff" * 1000, id="much noise"),
    ],
)
async def test_silence_is_the_answer_and_the_next_request_is_served(bench: Bench, request_: bytes) -> None:
    assert await bench.silent_to(request_)
    assert await bench.silent_to(request_, request_)


async def test_counts_say_what_was_heard(bench: Bench) -> None:
    assert await bench.silent_to(OTHER, OTHER, b"\x00\x01\x02")
    assert bench.line.counts.answered == 1
    assert bench.line.counts.foreign == 2
    assert bench.device.counts.requests == 1


async def test_a_relay_is_switched_and_the_echo_of_two_wires_switches_nothing(bench: Bench) -> None:
    bench.cable.echoes = True
    order = with_crc(bytes.fromhex("11 05 0001 FF00"))
    assert await bench.ask(order) == order
    await bench.heard()
    assert await bench.ask(READ) == GOOD
    assert bench.outputs.history == [(Output.RELAY_2, True)]
    assert bench.line.counts.answered == 2


async def test_what_is_told_everybody_is_done_in_silence(bench: Bench) -> None:
    assert await bench.silent_to(with_crc(bytes.fromhex("00 05 0000 FF00")))
    assert bench.outputs.states()[Output.RELAY_1]


async def test_ascii_is_spoken_on_seven_bits(tmp_path: Path) -> None:
    async with bench_on(tmp_path, LineOptions(baud=9600, format="7N2")) as bench:
        for line in (b"noise:11\r\n", b":110303E8000101\r\n", b":120303E80001FF\r\n", b":110303E8000100\r\n"):
            bench.cable.send(line)
        await bench.cable.until(lambda: bench.cable.said.endswith(b"\n"))
        assert bytes(bench.cable.said) == b":11030203E8FF\r\n"
        assert (bench.line.counts.answered, bench.line.counts.garbled) == (1, 2)


async def test_an_unplugged_port_is_found_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with bench_on(tmp_path) as bench:
        assert await bench.ask(READ) == GOOD
        with caplog.at_level(logging.WARNING):
            bench.cable.unplug(bench.cable.near)
            async with asyncio.timeout(5.0):
                while "waits for its serial port" not in caplog.text:
                    await asyncio.sleep(0.01)
        assert not bench.line.is_open
        bench.cable.plug(bench.cable.near)
        await bench.opened()
        assert await bench.ask(READ) == GOOD
        assert caplog.text.count("waits for its serial port") == 1


async def test_a_silent_port_whose_path_means_another_one_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serial_server, "CHECK_S", 0.02)
    async with bench_on(tmp_path) as bench:
        old, bench.cable._masters[bench.cable.near] = bench.cable._masters[bench.cable.near], -1
        master, slave = os.openpty()
        tty.setraw(slave)
        bench.cable.near.unlink()
        bench.cable.near.symlink_to(os.ttyname(slave))
        os.set_blocking(master, False)
        async with asyncio.timeout(5.0):
            while bench.line._port.openings < 2 or not bench.line.is_open:  # type: ignore[attr-defined]
                await asyncio.sleep(0.01)
        os.write(master, READ)
        await bench.heard()
        async with asyncio.timeout(5.0):
            while True:
                with contextlib.suppress(BlockingIOError):
                    assert os.read(master, 100) == GOOD
                    break
                await asyncio.sleep(0.01)
        bench.cable._masters[bench.cable.near] = old
        os.close(master)
        os.close(slave)
