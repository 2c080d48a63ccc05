"""The demo's SNMP agent, asked by Net-SNMP: the same room as on the web, a silent module, a mains failure."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.demo_process import DemoProcess

pytestmark = pytest.mark.tool("snmpwalk")
ROOT = "1.3.6.1.2.1"
MODULES = f"{ROOT}.33.5.2.5.1"
SMALL = ("--modules", "24", "--strings", "2")


def ask(demo: DemoProcess, directory: Path, tool: str, *what: str) -> list[str]:
    environment = {**os.environ, "MIBS": "", "SNMP_PERSISTENT_DIR": str(directory), "SNMPCONFPATH": str(directory)}
    command = [tool, "-v2c", "-c", "public", "-On", "-t", "5", "-r", "1", f"127.0.0.1:{demo.snmp_port}", *what]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, check=False)
    return done.stdout.splitlines()


def column(demo: DemoProcess, directory: Path, number: int) -> dict[int, int]:
    lines = ask(demo, directory, "snmpbulkwalk", f"{MODULES}.{number}")
    found = (re.fullmatch(rf"\.{re.escape(MODULES)}\.{number}\.(\d+) = INTEGER: (-?\d+)", line) for line in lines)
    return {int(match[1]): int(match[2]) for match in found if match}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    with DemoProcess(tmp_path_factory.mktemp("data"), *SMALL) as running:
        running.until_ready()
        yield running


def test_it_says_the_same_as_the_web(demo: DemoProcess, tmp_path: Path) -> None:
    demo.until("all rows are whole", lambda: len(column(demo, tmp_path, 2)) == 24, 30)
    shown = {module["address"]: module["voltage_v"] for module in demo.get("/api/v1/modules")["modules"]}
    for address, hundredths in column(demo, tmp_path, 2).items():
        assert hundredths / 100 == pytest.approx(shown[address], abs=0.05)
    assert set(column(demo, tmp_path, 5)) == set(range(1, 25)), "a row is complete from the first scan on"
    (described,) = ask(demo, tmp_path, "snmpget", f"{ROOT}.1.1.0")
    assert re.search(r'STRING: "CS121 v \d+\.\d+\.\d+"$', described)


def test_a_module_that_falls_silent_leaves_the_public_columns(demo: DemoProcess, tmp_path: Path) -> None:
    _, answer = demo.request("POST", "/api/v1/room/faults", {"kind": "module_silent", "address": 7})
    demo.until("its row is gone", lambda: 7 not in column(demo, tmp_path, 2), 30)
    assert all(7 not in column(demo, tmp_path, number) for number in (1, 3, 5, 6))
    assert column(demo, tmp_path, 107)[7] == 2
    demo.request("DELETE", f"/api/v1/room/faults/{answer['id']}")
    demo.until("its row is back", lambda: 7 in column(demo, tmp_path, 2), 30)


def test_a_mains_failure_shows_in_the_output_source(demo: DemoProcess, tmp_path: Path) -> None:
    def source() -> str:
        return ask(demo, tmp_path, "snmpget", f"{ROOT}.33.1.4.1.0")[0].rpartition(" ")[2]

    assert source() == "3"
    demo.request("POST", "/api/v1/room/load", {"watts": 20000})
    demo.request("POST", "/api/v1/room/mains", {"on": False})
    demo.until("the load is on battery", lambda: source() == "5", 30)
    demo.request("POST", "/api/v1/room/mains", {"on": True})
    demo.until("mains is back", lambda: source() == "3", 30)
