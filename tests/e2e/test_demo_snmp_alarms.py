"""SNMP readers ask a running device while an alarm is open: the alarm table, a monitoring plugin, a whole walk."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.demo_process import DemoProcess
from fakes.snmp import OUR_MIB, STUBS

pytestmark = [pytest.mark.tool("snmpwalk"), pytest.mark.tool("/usr/lib/nagios/plugins/check_snmp")]
UPS = "1.3.6.1.2.1.33"
ALARM_TABLE, PRESENT = f"{UPS}.1.6.2", f"{UPS}.1.6.1.0"
CHECK_SNMP = "/usr/lib/nagios/plugins/check_snmp"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    options = ("--modules", "16", "--strings", "2", "--speed", "60")
    with DemoProcess(tmp_path_factory.mktemp("data"), *options) as running:
        running.until_ready()
        running.until("the grace of the start is over", lambda: float(running.get("/api/v1/system")["uptime_s"]) > 2.0)
        yield running


def run(directory: Path, *command: str) -> tuple[int, str]:
    environment = {
        **os.environ,
        "MIBS": "",
        "MIBDIRS": f"{STUBS}:{OUR_MIB}",
        "SNMP_PERSISTENT_DIR": str(directory),
        "SNMPCONFPATH": str(directory),
        "LC_ALL": "C.UTF-8",
    }
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, check=False)
    return done.returncode, done.stdout + done.stderr


def walk(demo: DemoProcess, directory: Path, tool: str, version: str, root: str) -> list[str]:
    where = f"127.0.0.1:{demo.snmp_port}"
    code, output = run(directory, tool, f"-v{version}", "-c", "public", "-On", "-t", "5", where, root)
    assert code == 0, output
    return [line for line in output.splitlines() if not line.startswith("Created directory")]


def present(demo: DemoProcess, directory: Path) -> int:
    (line,) = walk(demo, directory, "snmpget", "2c", PRESENT)
    return int(line.rpartition(" ")[2])


def test_an_open_alarm_is_in_the_table_and_leaves_it(demo: DemoProcess, tmp_path: Path) -> None:
    assert present(demo, tmp_path) == 0
    _, fault = demo.request("POST", "/api/v1/room/faults", {"kind": "module_silent", "address": 5})
    demo.until("open", lambda: present(demo, tmp_path) == 1)
    (alarm,) = demo.get("/api/v1/alarms")["alarms"]
    rows = walk(demo, tmp_path, "snmpbulkwalk", "2c", ALARM_TABLE)
    number = alarm["id"]
    assert [line.partition(" = ")[0] for line in rows] == [
        f".{ALARM_TABLE}.1.{column}.{number}" for column in (1, 2, 3)
    ]
    assert rows[0].endswith(f" = INTEGER: {number}")
    assert " = OID: ." in rows[1]
    assert " = Timeticks: (" in rows[2]
    assert walk(demo, tmp_path, "snmpwalk", "1", ALARM_TABLE) == rows

    code, said = run(
        tmp_path, CHECK_SNMP, "-H", "127.0.0.1", "-p", str(demo.snmp_port), "-P", "2c", "-C", "public",
        "-o", PRESENT, "-c", "0:0",
    )  # fmt: skip
    assert code == 2, said
    demo.request("DELETE", f"/api/v1/room/faults/{fault['id']}")
    demo.until("gone", lambda: present(demo, tmp_path) == 0, 120)


@pytest.mark.parametrize(("tool", "version"), [("snmpwalk", "2c"), ("snmpbulkwalk", "2c"), ("snmpwalk", "1")])
def test_a_whole_walk_has_no_complaint_and_keeps_its_order(
    tool: str, version: str, demo: DemoProcess, tmp_path: Path
) -> None:
    lines = [line for line in walk(demo, tmp_path, tool, version, UPS) if line.startswith(".")]
    if "No more variables" in lines[-1]:
        lines.pop()
    oids = [tuple(int(part) for part in line.partition(" = ")[0].strip(".").split(".")) for line in lines]
    assert len(oids) > 16 * 5
    assert oids == sorted(set(oids))
    assert not [line for line in lines if "Wrong Type" in line or "No Such" in line]
