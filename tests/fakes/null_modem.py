"""Two pseudo terminals joined by a cable on the event loop: a program on each end, and a test that may disturb."""

import asyncio
import contextlib
import os
import tty
from collections.abc import Callable
from pathlib import Path


class NullModem:
    """Ends `near` (the device) and `far` (who asks), as paths; what the device sends is kept in `said`."""

    def __init__(self, directory: Path) -> None:
        self.near, self.far = directory / "near", directory / "far"
        self.said = bytearray()
        self.echoes = False
        self._masters: dict[Path, int] = {}
        self._slaves: dict[Path, int] = {}
        self._changed = asyncio.Event()
        for end in (self.near, self.far):
            self.plug(end)

    def plug(self, end: Path) -> None:
        """A terminal behind the path of this end."""
        master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(master, False)
        self._masters[end], self._slaves[end] = master, slave
        end.unlink(missing_ok=True)
        end.symlink_to(os.ttyname(slave))
        asyncio.get_running_loop().add_reader(master, self._pass_on, end, master)

    def unplug(self, end: Path) -> None:
        """Adapter and path are gone."""
        end.unlink()
        master, slave = self._masters.pop(end), self._slaves.pop(end)
        asyncio.get_running_loop().remove_reader(master)
        os.close(slave)
        os.close(master)

    def send(self, data: bytes) -> None:
        """Bytes for the device that come from nobody in particular."""
        os.write(self._masters[self.near], data)

    async def until(self, condition: Callable[[], object]) -> None:
        """Waits until the device has said what the test waits for."""
        async with asyncio.timeout(10.0):
            while not condition():
                await self._changed.wait()
                self._changed.clear()

    def close(self) -> None:
        for end in list(self._masters):
            self.unplug(end)

    def _pass_on(self, end: Path, master: int) -> None:
        with contextlib.suppress(OSError):
            data = os.read(master, 4096)
            if end == self.near:
                self.said += data
                if self.echoes:
                    os.write(master, data)
            other = self.far if end == self.near else self.near
            if other in self._masters:
                os.write(self._masters[other], data)
            self._changed.set()
