"""Net-SNMP's programs ask the agent: every version, walks, sets, and who may not."""

import asyncio
import re
import socket
from pathlib import Path

import pytest

from fakes.snapshots import FakeBoard, installation_of, silenced, snapshot_of
from fakes.snmp import IDENTITY, SETTINGS, V1, V2, V3, Device, agent, ask, run
from webmanager.domain.errors import ConfigError
from webmanager.snmp.agent import SnmpAgent
from webmanager.snmp.asn1 import oid_of
from webmanager.snmp.engine import make_engine
from webmanager.snmp.state import BacsSettings

ROOT = "1.3.6.1.2.1"
NAME = f"{ROOT}.1.5.0"
RI_INTERVAL = f"{ROOT}.33.5.1.7.0"
WRITER = ("-v3", "-u", "writer", "-l", "authPriv", "-a", "SHA-256", "-A", "authauth", "-x", "AES", "-X", "privpriv")
GARBAGE = (b"", b"\x00", b"\x30\x80", b"\x30\x82\xff\xff", bytes(range(256)), b"\x30" * 1400, b"\xff" * 65_000)
THE_END = re.compile(r"No more variables left in this MIB View|End of MIB")


def small() -> Device:
    return Device(FakeBoard.showing(snapshot_of(installation_of(8, 2))))


@pytest.mark.tool("snmpwalk")
@pytest.mark.parametrize("who", [V1, V2, V3], ids=["v1", "v2c", "v3"])
async def test_snmpwalk_reads_everything_in_order_and_without_a_complaint(who: tuple[str, ...], tmp_path: Path) -> None:
    device = small()
    async with agent(device) as served:
        lines = await ask(tmp_path, served.port, "snmpwalk", who, ROOT)
    oids = [oid_of(line.split(" = ")[0]) for line in lines if " = " in line and not THE_END.search(line)]
    assert [line for line in lines if " = " not in line and not THE_END.search(line)] == []
    assert oids == sorted(oids)
    assert len(oids) > 140


@pytest.mark.tool("snmpbulkwalk")
@pytest.mark.parametrize("who", [V2, V3], ids=["v2c", "v3 authPriv"])
async def test_snmpbulkwalk_reads_256_modules(who: tuple[str, ...], tmp_path: Path) -> None:
    async with agent() as served:
        lines = await ask(tmp_path, served.port, "snmpbulkwalk", who, f"{ROOT}.33.5", options=("-On", "-Cr50"))
    assert sum(".33.5.2.5.1.2." in line for line in lines) == 256
    assert sum("No more variables" in line for line in lines) == 1
    assert [line for line in lines[:-1] if " = INTEGER: " not in line] == []


@pytest.mark.tool("snmpwalk")
async def test_both_walks_see_the_same(tmp_path: Path) -> None:
    async with agent(small()) as served:
        single = await ask(tmp_path, served.port, "snmpwalk", V2, f"{ROOT}.33")
        bulk = await ask(tmp_path, served.port, "snmpbulkwalk", V2, f"{ROOT}.33", options=("-On", "-Cr7"))
    assert single == bulk


@pytest.mark.tool("snmpget")
async def test_what_is_not_known_is_said_in_the_words_of_each_version(tmp_path: Path) -> None:
    unknown = f"{ROOT}.33.1.2.4.0"
    async with agent(small()) as served:
        new = await ask(tmp_path, served.port, "snmpget", V2, unknown)
        old = await ask(tmp_path, served.port, "snmpget", V1, unknown)
        followed = await ask(tmp_path, served.port, "snmpget", V2, f"{ROOT}.33.1.7.7.1")
    assert new == [f".{unknown} = No Such Instance currently exists at this OID"]
    assert any("noSuchName" in line for line in old)
    assert "No Such Instance" in followed[0]


@pytest.mark.tool("snmpget")
async def test_types_are_those_of_the_published_mib(tmp_path: Path) -> None:
    device = small()
    device.points["ups.power_fails"] = 4.0
    async with agent(device) as served:
        objects = [
            f"{ROOT}.{part}" for part in ("1.2.0", "1.3.0", "33.1.6.1.0", "33.1.3.1.0", "33.1.1.2.0", "33.5.1.3.0")
        ]
        lines = await ask(tmp_path, served.port, "snmpget", V2, *objects)
    assert [line.split(" = ")[1].split(":")[0] for line in lines] == [
        "OID",
        "Timeticks",
        "Gauge32",
        "Counter32",
        "STRING",
        "INTEGER",
    ]
    assert lines[0].endswith(f" OID: .{ROOT}.33")


@pytest.mark.tool("snmpbulkget")
async def test_bulk_is_capped_and_takes_non_repeaters(tmp_path: Path) -> None:
    module, temperature = f"{ROOT}.33.5.2.5.1.2", f"{ROOT}.33.5.2.5.1.3"
    async with agent() as served:

        async def bulk(*what: str, options: tuple[str, ...]) -> list[str]:
            return await ask(tmp_path, served.port, "snmpbulkget", V2, *what, options=("-On", *options))

        many = await bulk(module, options=("-Cr200",))
        mixed = await bulk(f"{ROOT}.1.3", module, temperature, options=("-Cn1", "-Cr3"))
        none = await bulk(f"{ROOT}.1.4", module, options=("-Cn1", "-Cr0"))
    assert len(many) == 25
    assert [line.split(" = ")[0].removeprefix(f".{ROOT}.") for line in mixed] == [
        "1.3.0",
        *(f"33.5.2.5.1.{column}.{row}" for row in (1, 2, 3) for column in (2, 3)),
    ]
    assert len(none) == 1


@pytest.mark.tool("snmpwalk")
async def test_a_silent_module_leaves_the_public_columns_whole(tmp_path: Path) -> None:
    device = Device(FakeBoard.showing(silenced(snapshot_of(installation_of(8, 2)), 3, 4)))
    async with agent(device) as served:
        columns = [
            await ask(tmp_path, served.port, "snmpwalk", V2, f"{ROOT}.33.5.2.5.1.{number}")
            for number in (1, 2, 3, 5, 6)
        ]
    indices = [[line.split(" = ")[0].rpartition(".")[2] for line in lines] for lines in columns]
    assert indices == [["1", "2", "5", "6", "7", "8"]] * 5


@pytest.mark.tool("snmpset")
@pytest.mark.parametrize(
    ("who", "answer"),
    [
        (V2, "noAccess"),
        (("-v2c", "-c", "private"), "notWritable"),
        (V3, "noAccess"),
        (WRITER, "notWritable"),
        (("-v1", "-c", "private"), "noSuchName"),
        (V1, "noSuchName"),
    ],
)
async def test_a_set_is_refused_and_never_met_with_silence(who: tuple[str, ...], answer: str, tmp_path: Path) -> None:
    async with agent(small()) as served:
        lines = await ask(tmp_path, served.port, "snmpset", who, NAME, "s", "mine")
    assert any(answer in line for line in lines)


@pytest.mark.tool("snmpset")
async def test_what_can_be_set_is_set_by_those_who_may(tmp_path: Path) -> None:
    given: list[int | bytes] = []

    def take(value: int | bytes) -> None:
        if int(value) < 60:
            raise ConfigError("60 min or more")
        given.append(value)

    device = small()
    device.extra = {"settings": BacsSettings(ri_interval_min=720)}
    async with agent(device, setters={oid_of(RI_INTERVAL): take}) as served:
        done = await ask(tmp_path, served.port, "snmpset", WRITER, RI_INTERVAL, "i", "360")
        low = await ask(tmp_path, served.port, "snmpset", WRITER, RI_INTERVAL, "i", "5")
        text = await ask(tmp_path, served.port, "snmpset", WRITER, RI_INTERVAL, "s", "x")
        both = await ask(tmp_path, served.port, "snmpset", WRITER, RI_INTERVAL, "i", "361", NAME, "s", "x")
        reader = await ask(tmp_path, served.port, "snmpset", V3, RI_INTERVAL, "i", "362")
    assert done == [f".{RI_INTERVAL} = INTEGER: 360"]
    assert any("wrongValue" in line for line in low)
    assert any("wrongType" in line for line in text)
    assert any("notWritable" in line for line in both)
    assert any("noAccess" in line for line in reader)
    assert given == [360]


@pytest.mark.tool("snmpget")
@pytest.mark.parametrize(
    "who",
    [
        ("-v2c", "-c", "wrong"),
        ("-v2c", "-c", "elsewhere"),
        ("-v1", "-c", "wrong"),
        ("-v3", "-u", "reader", "-l", "noAuthNoPriv"),
        ("-v3", "-u", "reader", "-l", "authNoPriv", "-a", "SHA-256", "-A", "authauth"),
        ("-v3", "-u", "signer", "-l", "noAuthNoPriv"),
        ("-v3", "-u", "nobody", "-l", "noAuthNoPriv"),
        ("-v3", "-u", "signer", "-l", "authNoPriv", "-a", "SHA-256", "-A", "wrongwrong"),
        ("-v3", "-u", "reader", "-l", "authPriv", "-a", "SHA-256", "-A", "authauth", "-x", "AES", "-X", "wrongwrong"),
    ],
)
async def test_who_may_not_learns_nothing(who: tuple[str, ...], tmp_path: Path) -> None:
    async with agent(small()) as served:
        command = ("snmpget", *who, "-t", "0.3", "-r", "0", "-On", f"127.0.0.1:{served.port}", NAME)
        code, output = await run(tmp_path, *command)
    assert code != 0
    assert "Cellar" not in output


@pytest.mark.tool("snmpget")
async def test_a_user_without_a_second_key_may_read_signed(tmp_path: Path) -> None:
    async with agent(small()) as served:
        who = ("-v3", "-u", "signer", "-l", "authNoPriv", "-a", "SHA-256", "-A", "authauth")
        assert await ask(tmp_path, served.port, "snmpget", who, NAME) == [f'.{NAME} = STRING: "Cellar 1"']


@pytest.mark.tool("snmptranslate")
async def test_snmptranslate_knows_our_mib(tmp_path: Path) -> None:
    names = ["bacsModuleEqualizing.17", "bacsEventRaised", "bacsStringCurrent.2", "bacsImpcPollRate.0"]
    command = ("snmptranslate", "-On", *(f"WEBMANAGER-BACS-MIB::{name}" for name in names))
    code, output = await run(tmp_path, *command, mibs="WEBMANAGER-BACS-MIB")
    assert code == 0
    assert output.split() == [
        f".{ROOT}.33.5.2.5.1.101.17",
        f".{ROOT}.33.5.3.0.1",
        f".{ROOT}.33.5.2.7.1.2.2",
        f".{ROOT}.33.5.1.7.0",
    ]


@pytest.mark.tool("snmptable")
async def test_snmptable_shows_the_modules_by_name(tmp_path: Path) -> None:
    async with agent(small()) as served:
        command = (
            "snmptable",
            *V2,
            "-Cb",
            "-Cf",
            ";",
            f"127.0.0.1:{served.port}",
            "WEBMANAGER-BACS-MIB::bacsModuleTable",
        )
        code, output = await run(tmp_path, *command, mibs="WEBMANAGER-BACS-MIB")
    assert code == 0
    lines = [line for line in output.splitlines() if ";" in line]
    assert lines[0].startswith("Index;Voltage;Temperature;Resistance;State;Equalizing;")
    assert len(lines) == 9
    assert all("?" not in line for line in lines)


async def test_garbage_is_dropped_and_the_agent_lives(tmp_path: Path) -> None:
    async with agent(small()) as served:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as vandal:
            for data in (
                b"",
                b"\x00",
                b"\x30\x80",
                b"\x30\x82\xff\xff",
                bytes(range(256)),
                b"\x30" * 1400,
                b"\xff" * 65_000,
            ):
                vandal.sendto(data, ("127.0.0.1", served.port))
            await asyncio.sleep(0.05)
        lines = await ask(tmp_path, served.port, "snmpget", V2, NAME)
    assert lines == [f'.{NAME} = STRING: "Cellar 1"']


async def test_a_port_in_use_is_named() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"127.0.0.1:{port}: Address already in use"):
            await SnmpAgent(make_engine(IDENTITY), SETTINGS, small().state).open("127.0.0.1", port)


@pytest.mark.tool("snmpget")
async def test_a_closed_agent_gives_its_port_back(tmp_path: Path) -> None:
    async with agent(small()) as served:
        port = served.port
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as again:
        again.bind(("127.0.0.1", port))
