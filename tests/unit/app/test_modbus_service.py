"""All ways to Modbus of one device: which are served, which are left out, and that they show the same."""

import asyncio
import contextlib
import logging
import socket
import ssl
from pathlib import Path

import pytest

from fakes.alarm_bench import AlarmBench
from fakes.modbus_client import ModbusClient
from fakes.null_modem import NullModem
from fakes.snapshots import FakeBoard, snapshot_of
from fakes.tls import Authority
from webmanager.app.hardware import ModbusPort
from webmanager.app.modbus_service import ModbusService
from webmanager.engine.clock import ManualClock
from webmanager.engine.notify_ports import Output
from webmanager.modbus.coils import RelayCoils
from webmanager.modbus.device import ModbusDevice
from webmanager.modbus.image import LiveImage
from webmanager.modbus.serial_frames import with_crc
from webmanager.outputs.board import SimulatedOutputs
from webmanager.settings.modbus_model import ModbusSettings

STRINGS, TWO = "03 03EB 0001", "03 02 00 02"


class Bench:
    def __init__(self, **settings: object) -> None:
        self.outputs = SimulatedOutputs()
        self.alarms = AlarmBench()
        self.told: list[str] = []
        section = ModbusSettings.model_validate(settings)
        coils = RelayCoils(self.outputs, writes=section.writes, told=self.told.append)
        board = FakeBoard.showing(snapshot_of(self.alarms.installation))
        image = LiveImage(board, ManualClock(), lambda: self.alarms.desk.picture, coils.switched)
        self.service = ModbusService(section, ModbusDevice(image, section.unit, coils))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_registers_coils_and_alarms_of_the_device() -> None:
    bench = Bench(writes=True)
    await bench.service.open("127.0.0.1", 0)
    assert bench.service.port
    async with ModbusClient(bench.service.port) as client:
        assert await client.ask(STRINGS) == TWO
        assert await client.ask("03 1007 0002") == "03 04 00 00 00 00"
        bench.alarms.silence(5)
        bench.alarms.scan_for(60.0)
        assert await client.ask("03 1007 0002") == "03 04 00 01 00 01"
        assert await client.ask("05 0000 FF00") == "05 00 00 ff 00"
        assert await client.ask("01 0000 0004") == "01 01 01"
    assert bench.outputs.states()[Output.RELAY_1]
    assert bench.told == ["Relay 1 switched on by Modbus."]
    await bench.service.close()
    assert bench.service.port is None


async def test_without_leave_nothing_is_switched() -> None:
    bench = Bench()
    await bench.service.open("127.0.0.1", 0)
    assert bench.service.port
    async with ModbusClient(bench.service.port) as client:
        assert await client.ask("05 0000 FF00") == "85 01"
    await bench.service.close()


async def test_what_is_not_wanted_does_not_listen() -> None:
    off = Bench(enabled=False, tls_port=free_port())
    await off.service.open("127.0.0.1", 0)
    assert (off.service.port, off.service.tls_port) == (None, None)
    bench = Bench()
    await bench.service.open("127.0.0.1", None)
    assert (bench.service.port, bench.service.tls_port) == (None, None)
    await bench.service.close()


async def test_one_way_that_cannot_be_served_costs_no_other(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench(tls_port=free_port(), tls_certificate="/nowhere.pem", tls_key="/nowhere.key")
    with caplog.at_level(logging.ERROR):
        await bench.service.open("127.0.0.1", 0)
    assert bench.service.port
    assert bench.service.tls_port is None
    assert "/nowhere.pem" in caplog.text
    taken = Bench()
    with caplog.at_level(logging.ERROR):
        await taken.service.open("127.0.0.1", bench.service.port)
    assert taken.service.port is None
    await bench.service.close()


async def test_the_same_inside_tls(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    bench = Bench(tls_port=free_port(), tls_certificate=str(authority.certificate), tls_key=str(authority.key))
    await bench.service.open("127.0.0.1", None)
    assert bench.service.tls_port
    trusting = ssl.create_default_context(cafile=authority.ca_file)
    async with ModbusClient(bench.service.tls_port, trusting) as client:
        assert await client.ask(STRINGS) == TWO
    await bench.service.close()


async def test_the_same_on_a_serial_line(tmp_path: Path) -> None:
    cable = NullModem(tmp_path)
    bench = Bench(unit=17)
    line = ModbusPort(port=str(cable.near), baud=38400, format="8N1")
    task = asyncio.create_task(bench.service.serve_line(line))
    async with asyncio.timeout(10.0):
        while not cable.said:
            cable.send(with_crc(bytes.fromhex("11 03 03EB 0001")))
            await asyncio.sleep(0.05)
    await cable.until(lambda: len(cable.said) >= 7)
    assert bytes(cable.said[:7]) == with_crc(bytes.fromhex("11 03 02 0002"))
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    cable.close()


async def test_a_line_whose_port_is_missing_is_waited_for(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()
    with caplog.at_level(logging.WARNING):
        task = asyncio.create_task(bench.service.serve_line(ModbusPort(port=str(tmp_path / "nowhere"))))
        async with asyncio.timeout(10.0):
            while "waits for its serial port" not in caplog.text:
                await asyncio.sleep(0.01)
    assert not task.done()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
