"""A room and a device as two programs, joined by a cable that a test may pull: one dies and the other goes on."""

import contextlib
import os
import select
import socket
import subprocess
import sys
import threading
import time
import tty
from pathlib import Path
from types import TracebackType
from typing import Self

from e2e.demo_process import WebProcess, free_port


class BusCable(threading.Thread):
    """Carries bytes between COM3 of a room and a pseudo terminal for a device, unless it is `pulled`."""

    def __init__(self, room_port: Path, device_port: Path) -> None:
        super().__init__(daemon=True)
        self.pulled = False
        self._room = os.open(room_port, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self._room)
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        device_port.symlink_to(os.ttyname(self._slave))
        self._wake, self._ended = os.pipe()

    def run(self) -> None:
        other = {self._room: self._master, self._master: self._room}
        while True:
            ready, _, _ = select.select([*other, self._wake], [], [])
            if self._wake in ready:
                return
            for end in ready:
                data = os.read(end, 4096)
                if not self.pulled:
                    os.write(other[end], data)

    def close(self) -> None:
        os.write(self._ended, b".")
        self.join(timeout=10)
        for end in (self._room, self._master, self._slave, self._wake, self._ended):
            os.close(end)


class Installation:
    """A room that runs on its own; devices come and go on it. `directory` keeps the device's data."""

    def __init__(self, directory: Path, *, modules: int, strings: int, speed: float = 1.0, settings: str = "") -> None:
        self.directory = directory
        self.modules, self.strings = modules, strings
        self.control = f"unix:{directory}/room.sock"
        (directory / "room.toml").write_text(
            f"[room]\nmodules = {modules}\nstrings = {strings}\nspeed = {speed}\nseed = 1\n"
        )
        self.data = directory / "data"
        self.data.mkdir(mode=0o700)
        (self.data / "settings.toml").write_text(
            f"[installation]\nmodules = {modules}\nstrings = {strings}\n\n[limits]\nstart_grace_s = 0\n{settings}"
        )
        self.starts = 0

    def __enter__(self) -> Self:
        ports = self.directory / "ports"
        ports.mkdir()
        self._log = (self.directory / "room.log").open("w")
        command = ["room", "--config", str(self.directory / "room.toml"), "--link", str(ports)]
        self._room = subprocess.Popen(
            [sys.executable, "-m", "webmanager", *command, "--control", self.control],
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        deadline_s = time.monotonic() + 30.0
        while not self._is_reached(ports):
            assert self._room.poll() is None, (self.directory / "room.log").read_text()
            assert time.monotonic() < deadline_s, "the room does not start"
            time.sleep(0.05)
        self.cable = BusCable(ports / "com3", self.directory / "com3")
        self.cable.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.cable.close()
        self._room.terminate()
        self._room.wait(timeout=20)
        self._log.close()

    def device(self, more: str = "") -> "DeviceProcess":
        """The device on this room; `more` are tables of its hardware file."""
        self.starts += 1
        return DeviceProcess(self, more)

    def _is_reached(self, ports: Path) -> bool:
        if not (ports / "com3").exists():
            return False
        with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(OSError):
            probe.connect(self.control.removeprefix("unix:"))
            return True
        return False


class DeviceProcess(WebProcess):
    """A running `webmanager run`; what it logs is in a file of its own."""

    def __init__(self, on: Installation, more: str) -> None:
        port, self.modbus_port, self.snmp_port = free_port(), free_port(), free_port()
        self.log = on.directory / f"device-{on.starts}.log"
        hardware = on.directory / "hardware.toml"
        hardware.write_text(
            f'[com3]\nport = "{on.directory}/com3"\n\n'
            f"[lan]\nhttp_port = {port}\nmodbus_port = {self.modbus_port}\nsnmp_port = {self.snmp_port}\n\n"
            f'[flash]\ndata = "{on.data}"\n\n[room]\ncontrol = "{on.control}"\n\n{more}'
        )
        with self.log.open("w") as output:
            super().__init__(port, ["run", "--hardware", str(hardware)], output)

    def until_scanned(self, modules: int) -> None:
        """Until a scan has heard all modules."""
        self.until("all answer", lambda: self.get("/api/v1/system")["scan"]["modules_answered"] == modules)
