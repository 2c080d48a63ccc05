"""Modbus TCP of the running demo: what a SCADA system sees of the simulated room, beside what the API says."""

import socket
import struct
from collections.abc import Iterator

import pytest

from e2e.demo_process import DemoProcess


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    with DemoProcess(tmp_path_factory.mktemp("data"), "--modules", "16", "--strings", "2") as running:
        running.until_ready()
        yield running


def registers(demo: DemoProcess, first: int, count: int) -> list[int]:
    """One read of holding registers; the answer must be one."""
    with socket.create_connection(("127.0.0.1", demo.modbus_port), timeout=5.0) as connection:
        connection.sendall(struct.pack(">HHHBBHH", 1, 0, 6, 1, 3, first, count))
        answer = b""
        while len(answer) < 9 + 2 * count:
            received = connection.recv(4096)
            assert received, answer.hex(" ")
            answer += received
    assert answer[7] == 3, answer.hex(" ")
    return list(struct.unpack(f">{count}H", answer[9:]))


def test_the_registers_say_what_the_api_says(demo: DemoProcess) -> None:
    assert registers(demo, 1003, 2) == [2, 16]
    voltages = registers(demo, 2000, 17)
    modules = demo.get("/api/v1/modules")["modules"]
    for module, voltage in zip(modules, voltages, strict=False):
        assert voltage / 1000.0 == pytest.approx(module["voltage_v"], abs=0.05)
    assert voltages[16] == 0xFFFF
    assert registers(demo, 3800, 16) == [1] * 8 + [2] * 8
    assert registers(demo, 1000, 1)[0] & 0x41 == 0x41
    assert max(registers(demo, 3500, 16)) < 10


def test_scans_go_on(demo: DemoProcess) -> None:
    before = registers(demo, 4100, 1)[0]
    demo.until("the next scan", lambda: registers(demo, 4100, 1)[0] > before, 20)


def test_a_silent_module_loses_its_value_and_the_flag_says_so(demo: DemoProcess) -> None:
    status, fault = demo.request("POST", "/api/v1/room/faults", {"kind": "module_silent", "address": 3})
    assert status in {200, 201}
    demo.until("no value", lambda: registers(demo, 2002, 1) == [0xFFFF], 30)
    assert registers(demo, 2302, 1) == [0x8000]
    assert registers(demo, 3202, 1)[0] & 0x40
    assert registers(demo, 1000, 1)[0] & 0x4
    assert registers(demo, 1011, 1) == [0xFFFF]
    demo.request("DELETE", f"/api/v1/room/faults/{fault['id']}")
    demo.until("a value again", lambda: registers(demo, 2002, 1) != [0xFFFF], 30)


def test_a_power_failure_discharges(demo: DemoProcess) -> None:
    assert demo.request("POST", "/api/v1/room/mains", {"on": False})[0] == 200
    try:
        demo.until("discharging", lambda: registers(demo, 1000, 1)[0] & 0x8 != 0, 30)
        demo.until("a negative current", lambda: registers(demo, 1010, 1)[0] > 0x8000, 10)
    finally:
        demo.request("POST", "/api/v1/room/mains", {"on": True})


def test_a_taken_modbus_port_does_not_stop_the_device(
    demo: DemoProcess, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with DemoProcess(
        tmp_path_factory.mktemp("data"), "--modbus-port", str(demo.modbus_port), "--modules", "4", "--strings", "1"
    ) as second:
        second.until_ready()
        assert second.get("/api/v1/system")["modules"] == 4
        assert second.interrupt() == 0
