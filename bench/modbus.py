"""Modbus TCP: requests/s and CPU per read of 125 registers, beside stock pymodbus and libmodbus in the same run.

`python -m bench modbus` prints the figures; `python -m bench.modbus [--seconds 3] [--rounds 3] [--clients 8]` measures
longer, and its exit code is 1 if our CPU per request is above 60 % of stock pymodbus. Each server is a process of its
own; the rounds alternate between the servers, so that a busy machine is unfair to all of them. Needs gcc and
libmodbus-dev for the load and the C row (`make test-tools`); without them the load comes from Python threads and the C
row is missing.
"""

import argparse
import asyncio
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from pymodbus.server import ModbusTcpServer as StockServer
from pymodbus.simulator import DataType, SimData, SimDevice

from bench.table import Row
from webmanager.domain.equalizing import EqualizingRules
from webmanager.domain.installation import BlockType, Installation
from webmanager.domain.reading import ScanReading
from webmanager.engine.assembly import Moment, SnapshotAssembly
from webmanager.engine.board import Board, BusReport, BusState
from webmanager.engine.clock import HostClock
from webmanager.modbus.device import ModbusDevice
from webmanager.modbus.image import LiveImage
from webmanager.modbus.server import ModbusTcp, TcpOptions

ALLOWED_SHARE = 0.60
REQUEST = struct.pack(">HHHBBHH", 1, 0, 6, 1, 3, 2000, 125)
ANSWER_BYTES = 9 + 250
C_SOURCES = Path(__file__).parent / "modbus_c"
OURS, STOCK, C_SERVER = "webmanager", "pymodbus, stock", "libmodbus (C)"


@dataclass(frozen=True, slots=True)
class Figure:
    """What one server did under load, all rounds together."""

    server: str
    requests: int
    wall_s: float
    cpu_s: float

    @property
    def per_s(self) -> float:
        """Requests in a second."""
        return self.requests / self.wall_s

    @property
    def cpu_us(self) -> float:
        """CPU of the server for one request, microseconds."""
        return self.cpu_s / self.requests * 1e6


def measure(seconds: float = 3.0, rounds: int = 3, clients: int = 8) -> list[Figure]:
    """The figures of every server that can run here, stock pymodbus first."""
    with tempfile.TemporaryDirectory() as directory:
        programs = _compiled(Path(directory))
        servers = {STOCK: _python("stock"), OURS: _python("ours")}
        if "server" in programs:
            servers[C_SERVER] = [str(programs["server"])]
        sums = {name: np.zeros(3) for name in servers}
        for _ in range(rounds):
            for name, command in servers.items():
                sums[name] += _loaded(command, programs.get("client"), seconds, clients)
    return [Figure(name, int(done), wall_s, cpu_s) for name, (done, wall_s, cpu_s) in sums.items()]


def rows(seconds: float = 2.0, rounds: int = 2, clients: int = 8) -> Iterator[Row]:
    """The figures for `make bench`."""
    yield from as_rows(measure(seconds, rounds, clients))


def as_rows(figures: Sequence[Figure]) -> Iterator[Row]:
    """Two rows a server, and the share that may not grow."""
    for each in figures:
        yield Row(f"125 registers, {each.server}", each.per_s, "requests/s")
        yield Row(f"125 registers, {each.server}", each.cpu_us, "us CPU a request")
    yield Row(f"CPU a request, {OURS} to {STOCK}", 100.0 * share(figures), "%", f"<= {ALLOWED_SHARE:.0%}")


def share(figures: Sequence[Figure]) -> float:
    """Our CPU per request to that of stock pymodbus."""
    cpu_us = {figure.server: figure.cpu_us for figure in figures}
    return cpu_us[OURS] / cpu_us[STOCK]


def _python(which: str) -> list[str]:
    return [sys.executable, "-m", "bench.modbus", "--serve", which]


def _compiled(directory: Path) -> dict[str, Path]:
    """The C programs, as far as this machine can build them."""
    compiler = shutil.which("gcc")
    programs = {}
    for name in ("server", "client") if compiler else ():
        out = directory / name
        command = [str(compiler), "-O2", "-I/usr/include/modbus", str(C_SOURCES / f"{name}.c"), "-o", str(out)]
        built = subprocess.run([*command, "-lmodbus", "-lpthread"], capture_output=True, check=False)  # noqa: S603
        if built.returncode == 0:
            programs[name] = out
    if len(programs) < 2:
        print("gcc or libmodbus-dev is missing: the load comes from Python, without the C row", file=sys.stderr)
    return programs


def _loaded(command: Sequence[str], client: Path | None, seconds: float, clients: int) -> tuple[int, float, float]:
    """Requests, seconds and CPU seconds of one server during one round."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        try:
            port = int(server.stdout.readline() if server.stdout else "")
            _load(client, port, 0.3, clients)
            process = psutil.Process(server.pid)
            before, started_s = process.cpu_times(), time.monotonic()
            requests = _load(client, port, seconds, clients)
            wall_s, after = time.monotonic() - started_s, process.cpu_times()
        finally:
            server.terminate()
    return requests, wall_s, after.user + after.system - before.user - before.system


def _load(client: Path | None, port: int, seconds: float, clients: int) -> int:
    if client is None:
        return _python_load(port, seconds, clients)
    command = [str(client), str(port), str(clients), str(seconds)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=seconds + 30.0)  # noqa: S603
    return int(done.stdout)


def _python_load(port: int, seconds: float, clients: int) -> int:
    deadline_s = time.monotonic() + seconds
    done = [0] * clients

    def ask(place: int) -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=5.0) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while time.monotonic() < deadline_s:
                connection.sendall(REQUEST)
                left = ANSWER_BYTES
                while left:
                    received = len(connection.recv(left))
                    if not received:
                        raise ConnectionError("the server has closed the connection")
                    left -= received
                done[place] += 1

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done)


async def _serve_stock() -> None:
    registers = SimData(0, values=[13620] * 4106, datatype=DataType.REGISTERS)
    server = StockServer(SimDevice(1, simdata=registers), address=("127.0.0.1", 0))
    await server.serve_forever(background=True)
    print(server.transport.sockets[0].getsockname()[1], flush=True)  # type: ignore[attr-defined]
    await asyncio.Event().wait()


async def _serve_ours() -> None:
    """A board that gets a new snapshot every 2 s, as in real life."""
    installation = Installation(256, 8, BlockType())
    board, clock = Board(installation), HostClock()
    assembly = SnapshotAssembly(installation, EqualizingRules())
    board.report_bus(BusReport(BusState.RUNNING, "running", "1.4"))
    server = ModbusTcp(ModbusDevice(LiveImage(board, clock)), TcpOptions(port=0))
    await server.start()
    print(server.port, flush=True)
    while True:
        moment = Moment(clock.monotonic(), clock.now(), 2.0)
        board.publish(assembly.take(_scan(), moment, np.zeros(8, np.bool_)))
        await asyncio.sleep(2.0)


def _scan() -> ScanReading:
    return ScanReading(
        answered=np.ones(256, np.bool_),
        voltage_v=np.random.default_rng().normal(13.62, 0.02, 256),
        temperature_c=np.full(256, 24.0),
        equalizing_percent=np.full(256, 30.0),
        status=np.zeros(256, np.uint8),
        current_a=np.full(8, 0.03),
        ripple_a=np.full(8, 0.4),
        started_s=0.0,
        ended_s=0.9,
    )


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.modbus", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="length of one round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--serve", choices=("ours", "stock"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(_serve_ours() if options.serve == "ours" else _serve_stock())
    figures = measure(options.seconds, options.rounds, options.clients)
    for row in as_rows(figures):
        print(f"{row.what:45} {row.shown:>8} {row.unit} {row.limit}")
    return 0 if share(figures) <= ALLOWED_SHARE else 1


if __name__ == "__main__":
    sys.exit(main())
