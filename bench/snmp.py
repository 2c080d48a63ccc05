"""SNMP: 1,536 objects by bulkwalk beside Net-SNMP's snmpd, and how long an answer holds the loop.

`python -m bench snmp`. Both agents are processes of their own and the rounds alternate between them, so that a busy
machine is unfair to both. Needs snmp and snmpd (`make test-tools`).
"""

import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from bench.table import Row
from webmanager.domain.equalizing import EqualizingRules
from webmanager.domain.installation import BlockType, Installation
from webmanager.domain.picture import picture_of
from webmanager.domain.reading import RiReading, ScanReading
from webmanager.domain.snapshot import Snapshot
from webmanager.engine.assembly import Moment, SnapshotAssembly
from webmanager.engine.board import Board, BusReport, BusState
from webmanager.settings.snmp_model import SnmpSettings
from webmanager.snmp.agent import SnmpAgent
from webmanager.snmp.engine import EngineIdentity, make_engine, new_engine_id
from webmanager.snmp.state import MibState

ENTRY = "1.3.6.1.2.1.33.5.2.5.1"
COLUMNS = (1, 2, 3, 5, 6, 101, 102, 103, 104, 105, 106, 107)
MODULES = 128
OBJECTS = MODULES * len(COLUMNS)
"""1,536."""
TICK_S = 0.002
SNMPD_TIMES = 12.0
LONGEST_HOLD_MS = 20.0


def rows(rounds: int = 9) -> Iterator[Row]:
    """The figures for `make bench`."""
    if not shutil.which("snmpbulkwalk") or not Path("/usr/sbin/snmpd").exists():
        print("snmp or snmpd is missing: `make test-tools` installs them", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as directory:
        ours, theirs, hold_ms = _measured(Path(directory), rounds)
    yield Row(f"{OBJECTS} objects by bulkwalk v2c, webmanager: median", 1000 * statistics.median(ours), "ms")
    yield Row(f"{OBJECTS} objects by bulkwalk v2c, snmpd: median", 1000 * statistics.median(theirs), "ms")
    times = statistics.median(ours) / statistics.median(theirs)
    yield Row("webmanager to snmpd", times, "times", f"<= {SNMPD_TIMES:g}")
    yield Row("longest hold of the loop during the walks (CPU)", hold_ms, "ms", f"<= {LONGEST_HOLD_MS:g}")


def _measured(directory: Path, rounds: int) -> tuple[list[float], list[float], float]:
    """Seconds of each walk of ours and of snmpd, and the longest hold of our loop, ms."""
    command = [sys.executable, "-m", "bench.snmp", "--serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as agent:  # noqa: S603
        if agent.stdin is None or agent.stdout is None:
            raise RuntimeError("the agent has no pipes")
        port = int(agent.stdout.readline())
        with _snmpd(directory, port + 1 if port < 65000 else port - 1) as snmpd_port:
            walks: tuple[Callable[[], float], Callable[[], float]] = (
                lambda: _walk(directory, port),
                lambda: _walk(directory, snmpd_port),
            )
            for walk in walks:
                walk()
            agent.stdin.write("begin\n")
            agent.stdin.flush()
            agent.stdout.readline()
            found = [tuple(walk() for walk in walks) for _ in range(rounds)]
        agent.stdin.write("end\n")
        agent.stdin.flush()
        hold_ms = float(agent.stdout.readline())
    return [ours for ours, _ in found], [theirs for _, theirs in found], hold_ms


class _snmpd:  # noqa: N801 -- the program's own name
    """snmpd with the same objects as overrides."""

    def __init__(self, directory: Path, port: int) -> None:
        self._directory = directory
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> int:
        lines = ["rocommunity public", f"agentaddress udp:127.0.0.1:{self._port}"]
        lines += [
            f"override .{ENTRY}.{column}.{row} integer 1362" for column in COLUMNS for row in range(1, MODULES + 1)
        ]
        config = self._directory / "snmpd.conf"
        config.write_text("\n".join(lines) + "\n", encoding="ascii")
        command = ["/usr/sbin/snmpd", "-f", "-C", "-c", str(config), "-LE", "emerg"]
        self._process = subprocess.Popen(command, env=_environment(self._directory))  # noqa: S603
        deadline_s = time.monotonic() + 20.0
        while time.monotonic() < deadline_s:
            if self._answers():
                return self._port
            time.sleep(0.1)
        raise RuntimeError("snmpd does not answer")

    def __exit__(self, *_: object) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(10)

    def _answers(self) -> bool:
        return _run(self._directory, "snmpget", "-t", "0.2", "-r", "0", f"127.0.0.1:{self._port}", f"{ENTRY}.1.1") != ""


def _walk(directory: Path, port: int) -> float:
    started_s = time.perf_counter()
    said = _run(directory, "snmpbulkwalk", "-Cr25", f"127.0.0.1:{port}", ENTRY)
    took_s = time.perf_counter() - started_s
    if said.count("\n") != OBJECTS:
        raise RuntimeError(f"{said.count(chr(10))} objects in place of {OBJECTS}: {said[:200]}")
    return took_s


def _run(directory: Path, tool: str, *arguments: str) -> str:
    command = [tool, "-v2c", "-c", "public", "-On", *arguments]
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, timeout=60, env=_environment(directory), check=False
    )
    return done.stdout if done.returncode == 0 else ""


def _environment(directory: Path) -> dict[str, str]:
    return {**os.environ, "MIBS": "", "SNMP_PERSISTENT_DIR": str(directory), "SNMPCONFPATH": str(directory)}


async def serve() -> None:
    """The agent on a free port, which it prints; then what it is told on standard input."""
    installation = Installation(MODULES, 8, BlockType())
    board = Board(installation)
    board.report_bus(BusReport(BusState.RUNNING))
    board.publish(_snapshot(installation))
    loop = asyncio.get_running_loop()
    agent = SnmpAgent(
        make_engine(EngineIdentity(new_engine_id(), 1)),
        SnmpSettings(),
        lambda: MibState(picture_of(board, 1.0, 1.0), 1.0),
    )
    await agent.open("127.0.0.1", 0)
    print(agent.port, flush=True)
    await loop.run_in_executor(None, sys.stdin.readline)
    print("begun", flush=True)
    ended = loop.run_in_executor(None, sys.stdin.readline)
    longest_s = 0.0
    while not ended.done():
        # CPU of this thread, so that other programs of a busy machine do not count
        before_s = time.thread_time()
        await asyncio.sleep(TICK_S)
        longest_s = max(longest_s, time.thread_time() - before_s)
    print(f"{longest_s * 1000:.3f}", flush=True)
    await agent.close()


def _snapshot(installation: Installation) -> Snapshot:
    """All modules answer, all with the same values."""
    reading = ScanReading.silence(installation.modules, installation.strings, 0.0)
    reading.answered[:] = True
    for values, value in (
        (reading.voltage_v, 13.62),
        (reading.temperature_c, 24.0),
        (reading.equalizing_percent, 33.0),
        (reading.current_a, 0.03),
        (reading.ripple_a, 0.1),
    ):
        values[:] = value
    assembly = SnapshotAssembly(installation, EqualizingRules())
    for address in range(1, installation.modules + 1):
        assembly.note_ri(RiReading(address, 4.2, 24.0, 0.0), 0.0)
    return assembly.take(reading, Moment(0.0, 0.0, 2.0), np.zeros(installation.strings, np.bool_))


if __name__ == "__main__":
    asyncio.run(serve())
