"""An SNMP agent on loopback in front of a device of arrays, and the programs that ask it."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from fakes.snapshots import TAKEN_AT, FakeBoard, snapshot_of
from webmanager.domain.picture import picture_of
from webmanager.domain.points import POINTS, value
from webmanager.settings.snmp_model import SnmpSettings
from webmanager.snmp.agent import Setter, SnmpAgent
from webmanager.snmp.asn1 import Oid
from webmanager.snmp.engine import EngineIdentity, make_engine
from webmanager.snmp.state import DeviceFacts, MibState

STUBS = Path(__file__).parent / "mibs"
OUR_MIB = Path(__file__).parents[2] / "docs" / "mib"
IDENTITY = EngineIdentity(bytes.fromhex("80007ed9050102030405060708"), 3)
V3 = ("-v3", "-u", "reader", "-l", "authPriv", "-a", "SHA-256", "-A", "authauth", "-x", "AES", "-X", "privpriv")
V2 = ("-v2c", "-c", "public")
V1 = ("-v1", "-c", "public")
SETTINGS = SnmpSettings.model_validate(
    {
        "communities": [
            {"name": "public"},
            {"name": "private", "access": "write"},
            {"name": "elsewhere", "clients": ["192.0.2.0/24"]},
        ],
        "users": [
            {"name": "reader", "auth_key": "authauth", "priv_key": "privpriv"},
            {"name": "signer", "auth_key": "authauth"},
            {"name": "writer", "auth_key": "authauth", "priv_key": "privpriv", "access": "write"},
        ],
    }
)


@dataclass
class Device:
    """What the agent reads. `points` stand in for a UPS and sensors, which no snapshot has; `extra` replaces fields."""

    board: FakeBoard = field(default_factory=lambda: FakeBoard.showing(snapshot_of()))
    points: dict[str, float] = field(default_factory=dict)
    extra: dict[str, object] = field(default_factory=dict)
    after_s: float = 1.0

    def state(self) -> MibState:
        picture = picture_of(self.board, 100.0 + self.after_s, TAKEN_AT + self.after_s)
        facts = DeviceFacts("Cellar 1", "Building 4", "ops@example.org", "0.1.0", serial="4711")

        def point(name: str) -> float:
            return self.points[name] if name in self.points else value(POINTS[name], picture)

        return replace(MibState(picture, 1000.0, facts, point=point), **self.extra)  # type: ignore[arg-type]


@asynccontextmanager
async def agent(
    device: Device | None = None, settings: SnmpSettings = SETTINGS, setters: Mapping[Oid, Setter] | None = None
) -> AsyncIterator[SnmpAgent]:
    given = device or Device()
    serving = SnmpAgent(make_engine(IDENTITY), settings, given.state, setters)
    await serving.open("127.0.0.1", 0)
    try:
        yield serving
    finally:
        await serving.close()


async def run(directory: Path, *command: str, mibs: str = "", timeout_s: float = 60.0) -> tuple[int, str]:
    """Exit code and all output of a program; Net-SNMP's see no configuration or MIB of this machine."""
    environment = {
        **os.environ,
        "MIBS": mibs,
        "MIBDIRS": f"{STUBS}:{OUR_MIB}",
        "SNMP_PERSISTENT_DIR": str(directory),
        "SNMPCONFPATH": str(directory),
        "LC_ALL": "C.UTF-8",
    }
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, env=environment, cwd=directory
    )
    try:
        async with asyncio.timeout(timeout_s):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    lines = [line for line in output.decode().splitlines() if not line.startswith("Created directory")]
    return process.returncode or 0, "\n".join(lines)


async def ask(
    directory: Path, port: int, tool: str, who: Sequence[str], *what: str, options: Sequence[str] = ("-On",)
) -> list[str]:
    """The lines a Net-SNMP program prints, one try, two seconds."""
    command = (tool, *who, "-t", "5", "-r", "0", *options, f"127.0.0.1:{port}", *what)
    return (await run(directory, *command))[1].splitlines()
