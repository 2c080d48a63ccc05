"""An alarm of the running demo, from the fault in the room to every place where somebody may look for it."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.demo_process import DemoProcess
from fakes.modbus_client import ModbusClient

SPEED = 60.0
"""Sixty seconds of a hold pass in one."""
SILENT = 5


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def demo(data: Path) -> Iterator[DemoProcess]:
    with DemoProcess(data, "--modules", "32", "--strings", "2", "--speed", str(SPEED)) as running:
        running.until_ready()
        running.until("the grace of the start is over", lambda: device_time(running) > 70.0)
        yield running


def device_time(demo: DemoProcess) -> float:
    """Device seconds since the start, about."""
    return float(demo.get("/api/v1/system")["uptime_s"]) * SPEED


def alarms(demo: DemoProcess) -> list[dict[str, Any]]:
    return list(demo.get("/api/v1/alarms")["alarms"])


def events(demo: DemoProcess, kind: str) -> list[str]:
    """Changes of one kind in the log, oldest first."""
    return [event["change"] for event in reversed(demo.get("/api/v1/events")["events"]) if event["kind"] == kind]


def registers(port: int, first: int, count: int) -> list[int]:
    """Holding registers, as a SCADA system reads them."""

    async def read() -> str:
        async with ModbusClient(port) as client:
            return await client.ask(f"03 {first >> 8:02x} {first & 255:02x} 00 {count:02x}")

    body = bytes.fromhex(asyncio.run(read()))[2:]
    return [int.from_bytes(body[at : at + 2]) for at in range(0, len(body), 2)]


def test_a_settled_room_raises_nothing(demo: DemoProcess) -> None:
    assert alarms(demo) == []
    assert {module["state"] for module in demo.get("/api/v1/modules")["modules"]} == {"ok"}


def test_a_fault_is_one_alarm_everywhere_and_one_all_clear(demo: DemoProcess) -> None:
    status, fault = demo.request("POST", "/api/v1/room/faults", {"kind": "module_silent", "address": SILENT})
    assert status == 201
    demo.until("raised", lambda: [alarm["kind"] for alarm in alarms(demo)] == ["module_lost"])
    (alarm,) = alarms(demo)
    assert alarm["source"] == "S1-5"
    assert alarm["advice"]
    assert registers(demo.modbus_port, 4103, 2) == [1, 1]

    status, _ = demo.request("POST", f"/api/v1/alarms/{alarm['id']}/acknowledge")
    assert status in {200, 204}
    assert alarms(demo)[0]["acknowledged_by"] == "admin"
    assert registers(demo.modbus_port, 4103, 2) == [1, 0]

    demo.request("DELETE", f"/api/v1/room/faults/{fault['id']}")
    demo.until("cleared", lambda: not alarms(demo))
    assert events(demo, "module_lost") == ["raised", "acknowledged", "cleared"]


def test_an_open_alarm_outlives_a_kill(data: Path, demo: DemoProcess) -> None:
    demo.request("POST", "/api/v1/room/faults", {"kind": "module_silent", "address": SILENT})
    demo.until("raised", lambda: bool(alarms(demo)))
    number = alarms(demo)[0]["id"]
    demo.until("logged", lambda: events(demo, "module_lost")[-1] == "raised")
    demo.process.kill()
    demo.process.wait(timeout=20)
    with DemoProcess(data, "--modules", "32", "--strings", "2", "--speed", str(SPEED)) as again:
        again.until_ready()
        assert [alarm["id"] for alarm in alarms(again)] == [number]
        again.until("cleared, for the new room has no fault", lambda: not alarms(again))
        assert events(again, "module_lost") == ["raised", "acknowledged", "cleared", "raised", "cleared"]
