"""Programs that read devices of this family: NUT's driver with upsd and check_ups, check_snmp, Prometheus' exporter."""

import asyncio
import os
import socket
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from fakes.snapshots import FakeBoard, installation_of, silenced, snapshot_of
from fakes.snmp import Device, agent, run

NUT_DRIVER, UPSD = "/lib/nut/snmp-ups", "/lib/nut/upsd"
CHECK_SNMP, CHECK_UPS = "/usr/lib/nagios/plugins/check_snmp", "/usr/lib/nagios/plugins/check_ups"
WITH_UPS = {
    **{f"ups.input_voltage_l{line}": 230.0 + line for line in (1, 2, 3)},
    **{f"ups.input_frequency_l{line}": 50.0 for line in (1, 2, 3)},
    **{f"ups.output_voltage_l{line}": 229.0 + line for line in (1, 2, 3)},
    **{f"ups.output_load_l{line}": 40.0 + line for line in (1, 2, 3)},
    "ups.status": 4.0,
    "ups.battery_capacity": 98.0,
    "ups.autonomy_time": 125.0,
    "ups.power_fails": 4.0,
}


def device(**points: float) -> Device:
    small = Device(FakeBoard.showing(snapshot_of(installation_of(8, 2))))
    small.points = dict(points)
    return small


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def program(directory: Path, *command: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A program in the foreground, ended in any case; NUT keeps everything under `directory`."""
    nut = dict.fromkeys(("NUT_STATEPATH", "NUT_CONFPATH", "NUT_ALTPIDPATH"), str(directory))
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, **nut, "MIBS": "", "SNMP_PERSISTENT_DIR": str(directory)},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=directory,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(5):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def nut_says(directory: Path, port: int, *options: str, version: str = "v1") -> dict[str, str]:
    """What NUT's driver finds, by the names of NUT."""
    given = [f"port=127.0.0.1:{port}", "community=public", f"snmp_version={version}", *options]
    nut = dict.fromkeys(("NUT_STATEPATH", "NUT_CONFPATH", "NUT_ALTPIDPATH"), str(directory))
    os.environ.update(nut)
    try:
        command = (
            NUT_DRIVER,
            "-s",
            "test",
            "-u",
            "root",
            *(part for option in given for part in ("-x", option)),
            "-d",
            "1",
        )
        code, output = await run(directory, *command)
    finally:
        for name in nut:
            del os.environ[name]
    assert code == 0, output
    return dict(line.split(": ", 1) for line in output.splitlines() if ": " in line)


@pytest.mark.tool(NUT_DRIVER)
@pytest.mark.parametrize("options", [(), ("mibs=ietf",)], ids=["automatic", "given"])
@pytest.mark.parametrize("version", ["v1", "v2c"])
async def test_nut_reads_a_device_without_a_ups(options: tuple[str, ...], version: str, tmp_path: Path) -> None:
    async with agent(device()) as served:
        found = await nut_says(tmp_path, served.port, *options, version=version)
    assert found["driver.version.data"].startswith("ietf")
    assert found["ups.status"] == "OL"
    assert found["ups.model"] == "BACS webmanager"
    assert found["device.description"] == "CS121 v 0.1.0"
    assert 53.0 < float(found["battery.voltage"]) * 1.0 < 60.0
    assert "battery.charge" not in found
    assert "input.voltage" not in found


@pytest.mark.tool(NUT_DRIVER)
async def test_nut_reads_all_phases_of_a_ups(tmp_path: Path) -> None:
    async with agent(device(**WITH_UPS)) as served:
        found = await nut_says(tmp_path, served.port)
    assert (found["input.phases"], found["output.phases"]) == ("3", "3")
    assert float(found["battery.charge"]) == 98.0
    assert float(found["battery.runtime"]) == 7500.0
    assert float(found["input.L1-N.voltage"]) == 231.0
    assert float(found["output.L3-N.voltage"]) == 232.0


@pytest.mark.tool(NUT_DRIVER)
async def test_nut_sees_a_mains_failure(tmp_path: Path) -> None:
    async with agent(device(**{**WITH_UPS, "ups.status": 12.0})) as served:
        found = await nut_says(tmp_path, served.port)
    assert found["ups.status"] == "OB"


@pytest.mark.tool(NUT_DRIVER, UPSD, CHECK_UPS, "upsc")
async def test_check_ups_and_upsc_read_it_through_nuts_server(tmp_path: Path) -> None:
    port = free_port()
    single = {name: value for name, value in WITH_UPS.items() if not name.endswith(("_l2", "_l3"))}
    async with agent(device(**single)) as served:
        (tmp_path / "ups.conf").write_text(
            f'[cellar]\ndriver = snmp-ups\nport = "127.0.0.1:{served.port}"\ncommunity = public\nsnmp_version = v1\n'
        )
        (tmp_path / "upsd.conf").write_text(f"LISTEN 127.0.0.1 {port}\n")
        (tmp_path / "upsd.users").write_text("")
        for name in ("ups.conf", "upsd.conf", "upsd.users"):
            (tmp_path / name).chmod(0o640)
        async with (
            program(tmp_path, NUT_DRIVER, "-a", "cellar", "-u", "root", "-D"),
            program(tmp_path, UPSD, "-u", "root", "-D"),
        ):
            async with asyncio.timeout(30):
                while "OL" not in (await run(tmp_path, "upsc", f"cellar@127.0.0.1:{port}", "ups.status"))[1]:
                    await asyncio.sleep(0.2)
            code, output = await run(tmp_path, CHECK_UPS, "-H", "127.0.0.1", "-p", str(port), "-u", "cellar")
    assert code == 0, output
    assert output.startswith("UPS OK - Status=Online Utility=231.0V Batt=98.0%")


@pytest.mark.tool(CHECK_SNMP)
@pytest.mark.parametrize(
    ("options", "code"), [(("-w", "1000:1500"), 0), (("-w", "1400:1500"), 1), (("-c", "1400:1500"), 2)]
)
async def test_check_snmp_judges_a_battery(options: tuple[str, ...], code: int, tmp_path: Path) -> None:
    async with agent(device()) as served:
        oid = "1.3.6.1.2.1.33.5.2.5.1.2.3"
        command = (
            CHECK_SNMP,
            "-H",
            "127.0.0.1",
            "-p",
            str(served.port),
            "-P",
            "2c",
            "-C",
            "public",
            "-o",
            oid,
            *options,
        )
        found, output = await run(tmp_path, *command)
    assert found == code, output
    assert "iso.3.6.1.2.1.33.5.2.5.1.2.3=13" in output


EXPORTER = """\
bacs:
  walk: [1.3.6.1.2.1.33.5.2.5.1.2, 1.3.6.1.2.1.33.5.2.5.1.107]
  get: [1.3.6.1.2.1.33.1.2.7.0, 1.3.6.1.2.1.33.1.2.4.0]
  version: 2
  auth: {community: public}
  metrics:
  - {name: bacsModuleVoltage, oid: 1.3.6.1.2.1.33.5.2.5.1.2, type: gauge, help: x,
     indexes: [{labelname: address, type: gauge}]}
  - {name: bacsModuleQuality, oid: 1.3.6.1.2.1.33.5.2.5.1.107, type: gauge, help: x,
     indexes: [{labelname: address, type: gauge}]}
  - {name: upsBatteryTemperature, oid: 1.3.6.1.2.1.33.1.2.7, type: gauge, help: x}
  - {name: upsEstimatedChargeRemaining, oid: 1.3.6.1.2.1.33.1.2.4, type: gauge, help: x}
"""


@pytest.mark.tool("prometheus-snmp-exporter")
async def test_the_prometheus_exporter_reads_the_tables(tmp_path: Path) -> None:
    (tmp_path / "snmp.yml").write_text(EXPORTER)
    port = free_port()
    shown = Device(FakeBoard.showing(silenced(snapshot_of(installation_of(8, 2)), 3)))
    listen = f"--web.listen-address=127.0.0.1:{port}"
    async with agent(shown) as served, program(tmp_path, "prometheus-snmp-exporter", "--config.file=snmp.yml", listen):
        url = f"http://127.0.0.1:{port}/snmp?module=bacs&target=127.0.0.1:{served.port}"
        text = await fetched(url)
    voltages = [line for line in text.splitlines() if line.startswith("bacsModuleVoltage{")]
    assert len(voltages) == 7
    assert 'bacsModuleQuality{address="3"} 2' in text.splitlines()
    assert any(line.startswith("upsBatteryTemperature 2") for line in text.splitlines())
    assert "upsEstimatedChargeRemaining " not in text


async def fetched(url: str) -> str:
    """The answer, as soon as the program listens."""
    async with asyncio.timeout(30):
        while True:
            try:
                answer = await asyncio.to_thread(urllib.request.urlopen, url, timeout=20)
            except OSError:
                await asyncio.sleep(0.1)
            else:
                with answer:
                    return str(answer.read().decode())
