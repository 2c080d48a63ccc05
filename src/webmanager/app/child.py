"""The room as a child process of the demo: started, watched, ended with its parent."""

import asyncio
import contextlib
import os
import socket
import sys
from asyncio.subprocess import Process
from pathlib import Path

from webmanager.domain.errors import WebmanagerError

START_TIMEOUT_S = 30.0
END_TIMEOUT_S = 3.0
PORTS = ("com1", "com2", "com3")


class RoomChild:
    """A `webmanager room` process; it ends by itself when this process is gone, however that died."""

    def __init__(self, config: Path, link_dir: Path) -> None:
        self._config = config
        self._link_dir = link_dir
        self._process: Process | None = None

    @property
    def control(self) -> str:
        """Address of its control interface."""
        return f"unix:{self._link_dir}/room.sock"

    @property
    def com3(self) -> Path:
        """The battery bus."""
        return self._link_dir / "com3"

    async def start(self, stop: asyncio.Event) -> None:
        """Returns when its ports and its control interface are there, or `stop` is set; WebmanagerError if it fails."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "webmanager",
            "room",
            "--config",
            str(self._config),
            "--link",
            str(self._link_dir),
            "--control",
            self.control,
            "--parent",
            str(os.getpid()),
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C at the terminal is the parent's business
        )
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                while not self._is_open() and not stop.is_set():
                    if self._process.returncode is not None:
                        raise WebmanagerError(f"the room ended at once with exit code {self._process.returncode}")
                    await asyncio.sleep(0.05)
        except TimeoutError:
            await self.stop()
            raise WebmanagerError(f"the room was not ready within {START_TIMEOUT_S:g} s") from None

    def _is_open(self) -> bool:
        """The ports are there and the control interface takes a connection: its file alone may only be bound yet."""
        if not self.com3.exists():
            return False
        with socket.socket(socket.AF_UNIX) as door:
            door.settimeout(1.0)
            try:
                door.connect(self.control.removeprefix("unix:"))
            except OSError:
                return False
        return True

    async def ended(self) -> int:
        """Waits for its end and takes away what it left behind; its exit code."""
        assert self._process is not None  # noqa: S101 -- started before it is awaited
        code = await self._process.wait()
        for name in PORTS:
            # the pseudo terminal behind a link that was left may become somebody's terminal window
            (self._link_dir / name).unlink(missing_ok=True)
        return code

    async def stop(self) -> None:
        """Ends it, by force if it does not listen."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), END_TIMEOUT_S)
            except TimeoutError:
                process.kill()
                await process.wait()
