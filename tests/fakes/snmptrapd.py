"""Net-SNMP's snmptrapd on loopback, and what it writes down."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

CONF = """\
authCommunity log public
createUser -e 0x{engine_id} sender SHA-256 authauth AES privpriv
createUser informer SHA-256 authauth AES privpriv
authUser log sender priv
authUser log informer priv
format1 v1|%N|%w%q|%A|%v\\n
format2 v2|%P|%v\\n
"""


class TrapDaemon:
    """`lines` are the notifications so far: version, who or enterprise and number, then the varbinds."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.lines: list[str] = []
        self._changed = asyncio.Event()

    async def listen(self, output: asyncio.StreamReader) -> None:
        while line := (await output.readline()).decode():
            if line.startswith(("v1|", "v2|", "NET-SNMP version")):
                self.lines.append(line.strip())
                self._changed.set()

    async def got(self, count: int) -> list[str]:
        """The first `count` notifications."""
        async with asyncio.timeout(15):
            while len(self.lines) <= count:
                self._changed.clear()
                await self._changed.wait()
        return self.lines[1:]


@asynccontextmanager
async def trap_daemon(directory: Path, engine_id: bytes) -> AsyncIterator[TrapDaemon]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = directory / "trapd.conf"
    config.write_text(CONF.format(engine_id=engine_id.hex()))
    environment = {**os.environ, "MIBS": "", "SNMP_PERSISTENT_DIR": str(directory), "SNMPCONFPATH": str(directory)}
    process = await asyncio.create_subprocess_exec(
        "snmptrapd", "-f", "-C", "-c", str(config), "-On", "-Lo", f"127.0.0.1:{port}",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, env=environment, cwd=directory,
    )  # fmt: skip
    assert process.stdout is not None
    daemon = TrapDaemon(port)
    reading = asyncio.create_task(daemon.listen(process.stdout))
    try:
        await daemon.got(0)
        yield daemon
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
        await reading
