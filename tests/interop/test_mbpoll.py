"""mbpoll, a Modbus client nobody here wrote (libmodbus), reads the whole map from a running server."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest

from fakes.snapshots import FakeBoard, silenced, snapshot_of
from webmanager.engine.clock import ManualClock
from webmanager.modbus.device import ModbusDevice
from webmanager.modbus.image import LiveImage
from webmanager.modbus.server import ModbusTcp, TcpOptions

pytestmark = pytest.mark.tool("mbpoll")
SILENT = 17


@pytest.fixture
async def port() -> AsyncIterator[int]:
    clock = ManualClock()
    clock.advance(100.0)
    board = FakeBoard.showing(silenced(snapshot_of(number=70_000), SILENT))
    server = ModbusTcp(ModbusDevice(LiveImage(board, clock)), TcpOptions(port=0))
    await server.start()
    yield server.port
    await server.close()


async def mbpoll(port: int, *options: str) -> str:
    process = await asyncio.create_subprocess_exec(
        "mbpoll", "-m", "tcp", "-p", str(port), "-0", "-1", "-o", "5", *options, "127.0.0.1",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    async with asyncio.timeout(20.0):
        out, _ = await process.communicate()
    return out.decode(errors="replace")


async def read(port: int, first: int, count: int, *options: str) -> dict[int, int]:
    out = await mbpoll(port, "-a", "1", "-r", str(first), "-c", str(count), "-t", "4", *options)
    return {int(address): int(value) for address, value in re.findall(r"^\[(\d+)\]:\s+(-?\d+)", out, re.MULTILINE)}


async def read_block(port: int, first: int, count: int) -> list[int]:
    found: dict[int, int] = {}
    for start in range(first, first + count, 125):
        found |= await read(port, start, min(125, first + count - start))
    assert sorted(found) == list(range(first, first + count))
    return [found[address] & 0xFFFF for address in range(first, first + count)]


async def test_the_public_ups_block(port: int) -> None:
    found = await read_block(port, 97, 54)
    assert found[:7] == [0xFFFF] * 7
    assert found[7:12] == [0x8000] * 5


async def test_the_public_battery_block(port: int) -> None:
    found = await read_block(port, 1000, 60)
    assert found[0] == 0x00C5
    assert found[3:5] == [8, 256]
    assert found[10] == 3
    assert found[45:50] == [3, *found[46:49], 0xFFFF]
    assert found[50:] == [0x8000, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF] * 2


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
async def test_every_column_is_readable_throughout(
    port: int, first: int, lowest: int, highest: int, silent: int
) -> None:
    found = await read_block(port, first, 256)
    assert found.pop(SILENT - 1) == silent
    assert all(lowest <= value <= highest for value in found)


async def test_the_registers_of_the_device(port: int) -> None:
    found = await read_block(port, 4100, 6)
    assert found[0] == 70_000 & 0xFFFF
    assert found[1] << 16 | found[2] == 1_700_000_100
    assert found[3:] == [0xFFFF, 0xFFFF, 913]


async def test_function_4_reads_the_same(port: int) -> None:
    assert await read(port, 2000, 10, "-t", "3") == await read(port, 2000, 10)


@pytest.mark.parametrize("unit", ["0", "1", "255"])
async def test_the_units_of_a_single_device(port: int, unit: str) -> None:
    out = await mbpoll(port, "-a", unit, "-r", "1003", "-c", "1", "-t", "4")
    assert re.search(r"\[1003\]:\s+8\b", out), out


async def test_what_is_refused(port: int) -> None:
    assert "Illegal data address" in await mbpoll(port, "-a", "1", "-r", "0", "-c", "1", "-t", "4")
    assert "Illegal data address" in await mbpoll(port, "-a", "1", "-r", "2250", "-c", "10", "-t", "4")
    assert "Target device failed to respond" in await mbpoll(port, "-a", "2", "-r", "1000", "-c", "1", "-t", "4")
    assert "Illegal data address" in await mbpoll(port, "-a", "1", "-r", "0", "-c", "4", "-t", "0")
