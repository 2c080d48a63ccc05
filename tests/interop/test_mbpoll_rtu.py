"""mbpoll over a serial line: two pseudo terminals, a client nobody here wrote (libmodbus), and noise between."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fakes.null_modem import NullModem
from fakes.snapshots import FakeBoard, silenced, snapshot_of
from webmanager.bus.port import SerialPort
from webmanager.engine.clock import ManualClock
from webmanager.engine.notify_ports import Output
from webmanager.modbus.coils import RelayCoils
from webmanager.modbus.device import ModbusDevice
from webmanager.modbus.image import LiveImage
from webmanager.modbus.serial_server import LineOptions, ModbusSerial
from webmanager.outputs.board import SimulatedOutputs

pytestmark = pytest.mark.tool("mbpoll")
SILENT = 17
BAUD = 38_400


@dataclass(frozen=True)
class Timing:
    baud: int = BAUD
    write_timeout_s: float = 1.0
    reopen_first_s: float = 0.01
    reopen_longest_s: float = 0.1


class Bench:
    """A board with one silent module behind a serial line."""

    def __init__(self, directory: Path) -> None:
        clock = ManualClock()
        clock.advance(100.0)
        board = FakeBoard.showing(silenced(snapshot_of(number=70_000), SILENT))
        self.cable = NullModem(directory)
        self.outputs = SimulatedOutputs()
        self.outputs.switch(Output.RELAY_2, True)
        coils = RelayCoils(self.outputs, writes=True)
        device = ModbusDevice(LiveImage(board, clock, switched=coils.switched), 1, coils)
        self.line = ModbusSerial(device, 1, LineOptions(BAUD, "8N1"), self._port)

    def _port(self, *hooks: object) -> SerialPort:
        return SerialPort(str(self.cable.near), Timing(), *hooks)  # type: ignore[arg-type]

    async def mbpoll(self, *options: str) -> str:
        process = await asyncio.create_subprocess_exec(
            "mbpoll", "-m", "rtu", "-b", str(BAUD), "-P", "none", "-0", "-1", "-o", "1", *options,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        async with asyncio.timeout(20.0):
            out, _ = await process.communicate()
        return out.decode(errors="replace")

    async def read(self, first: int, count: int, *options: str, unit: int = 1, table: str = "4") -> list[int]:
        found: dict[int, int] = {}
        for start in range(first, first + count, 125):
            number = min(125, first + count - start)
            out = await self.mbpoll(
                "-a", str(unit), "-r", str(start), "-c", str(number), "-t", table, *options, str(self.cable.far)
            )
            pairs = re.findall(r"^\[(\d+)\]:\s+(-?\d+)", out, re.MULTILINE)
            assert len(pairs) == number, out
            found |= {int(address): int(value) & 0xFFFF for address, value in pairs}
        return [found[address] for address in range(first, first + count)]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(tmp_path)
    task = asyncio.create_task(bench.line.run())
    async with asyncio.timeout(5.0):
        while not bench.line.is_open:
            await asyncio.sleep(0.005)
    yield bench
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    bench.line.close()
    bench.cable.close()


async def test_the_public_registers(bench: Bench) -> None:
    ups = await bench.read(97, 54)
    assert ups[:7] == [0xFFFF] * 7
    assert ups[7:12] == [0x8000] * 5
    battery = await bench.read(1000, 60)
    assert battery[0] == 0x00C5
    assert battery[2:5] == [0x8, 8, 256]
    assert battery[10] == 3


@pytest.mark.parametrize(
    ("first", "lowest", "highest", "silent"),
    [
        (2000, 13_400, 13_850, 0xFFFF),
        (2300, 200, 280, 0x8000),
        (2600, 350, 500, 0xFFFF),
        (2900, 0, 1000, 0xFFFF),
        (3200, 0, 0, 0x40),
        (3500, 0, 0, 30),
        (3800, 1, 8, 1),
    ],
)
async def test_every_column(bench: Bench, first: int, lowest: int, highest: int, silent: int) -> None:
    found = await bench.read(first, 256)
    assert found.pop(SILENT - 1) == silent
    assert all(lowest <= value <= highest for value in found)


async def test_function_4_and_the_registers_of_the_device(bench: Bench) -> None:
    found = await bench.read(4100, 6, table="3")
    assert found == await bench.read(4100, 6)
    assert found[0] == 70_000 & 0xFFFF


async def test_coils_are_read_and_written(bench: Bench) -> None:
    assert await bench.read(0, 4, table="0") == [0, 1, 0, 0]
    assert await bench.read(0, 4, table="1") == [0, 1, 0, 0]
    out = await bench.mbpoll("-a", "1", "-r", "3", "-t", "0", str(bench.cable.far), "1")
    assert "Written 1 references" in out, out
    assert await bench.read(0, 4, table="0") == [0, 1, 0, 1]
    assert await bench.read(1002, 1) == [0x28]


async def test_what_is_refused(bench: Bench) -> None:
    for options in (("-r", "0", "-t", "4"), ("-r", "4106", "-t", "4"), ("-r", "4", "-t", "0")):
        out = await bench.mbpoll("-a", "1", "-c", "1", *options, str(bench.cable.far))
        assert "Illegal data address" in out, out


async def test_a_foreign_unit_is_silent(bench: Bench) -> None:
    bench.cable.said.clear()
    out = await bench.mbpoll("-a", "2", "-r", "1003", "-c", "1", "-t", "4", "-o", "0.2", str(bench.cable.far))
    assert "Connection timed out" in out, out
    assert bytes(bench.cable.said) == b""
    assert bench.line.counts.foreign == 1
    assert await bench.read(1003, 1) == [8]


@pytest.mark.parametrize("noise", [b"\x00", b"\x01\x03\x03", b"\xff" * 7, bytes(range(256)) * 3], ids=len)
async def test_noise_costs_no_request(bench: Bench, noise: bytes) -> None:
    bench.cable.send(noise)
    assert await bench.read(1003, 2) == [8, 256]
    bench.cable.send(noise)
    assert await bench.read(1003, 2) == [8, 256]
