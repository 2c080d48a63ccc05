"""Pseudo serial ports of the room: published as links, paced like a wire, unplugged at will."""

import asyncio
import contextlib
import os
import tty
from collections.abc import Callable
from pathlib import Path

from webmanager.room.line import Line

WRITE_EVERY_S = 0.004
"""Bytes that are over are handed over at least this often, and exactly when a train ends."""
READ_SIZE = 4096


class PseudoPort:
    """A raw pseudo terminal behind a link. A slave handle stays open, so that the device may come and go."""

    def __init__(self, link: Path) -> None:
        self.link = link
        self._master: int | None = None
        self._slave: int | None = None

    @property
    def is_plugged(self) -> bool:
        """Whether a device could open it."""
        return self._master is not None

    def plug(self) -> int:
        """Opens a pseudo terminal, points the link at it and returns the room's end."""
        self.unplug()
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        fresh = self.link.with_name(f".{self.link.name}.{os.getpid()}")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(os.ttyname(self._slave))
        fresh.replace(self.link)
        return self._master

    def unplug(self) -> None:
        """Takes the link away and hangs up on whoever has the port open."""
        if self._slave is None or self._master is None:
            return
        with contextlib.suppress(OSError):
            if self.link.readlink() == Path(os.ttyname(self._slave)):
                self.link.unlink()
        os.close(self._slave)
        os.close(self._master)
        self._master = self._slave = None


class Wire:
    """Joins a pseudo port to a line; needs a running event loop. Bytes that nobody takes are dropped and counted."""

    def __init__(self, port: PseudoPort, line: Line) -> None:
        self._port = port
        self._line = line
        self._master: int | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self.dropped_bytes = 0
        self.on_bytes: Callable[[], None] = lambda: None

    @property
    def is_plugged(self) -> bool:
        """Whether the adapter is connected."""
        return self._master is not None

    def plug(self) -> None:
        """Connects the adapter, again if need be."""
        self.unplug()
        self._master = self._port.plug()
        self._loop.add_reader(self._master, self._read)

    def unplug(self) -> None:
        """Pulls the adapter out."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._master is not None:
            self._loop.remove_reader(self._master)
            self._master = None
            self._port.unplug()

    def _read(self) -> None:
        if self._master is None:
            return
        try:
            data = os.read(self._master, READ_SIZE)
        except BlockingIOError:
            return
        self.on_bytes()
        self._line.hear(data, self._loop.time())
        self._write()

    def _write(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._master is None:
            return
        now_s = self._loop.time()
        data = self._line.due(now_s)
        if data:
            try:
                written = os.write(self._master, data)
            except BlockingIOError:
                written = 0
            self.dropped_bytes += len(data) - written
        next_s, last_s = self._line.next_end_s(), self._line.last_end_s()
        if next_s is not None and last_s is not None:
            # a byte count of 4 ms at once costs a fraction of the wake-ups, and the end of a train comes in time
            wake_s = min(max(next_s, now_s + WRITE_EVERY_S), last_s)
            self._timer = self._loop.call_at(wake_s, self._write)


class IdlePort:
    """A port on which nothing hangs yet: it takes what is sent to it and never answers."""

    def __init__(self, port: PseudoPort) -> None:
        self._port = port
        self._master: int | None = None
        self._loop = asyncio.get_running_loop()

    def plug(self) -> None:
        """Publishes the port."""
        self._master = self._port.plug()
        self._loop.add_reader(self._master, self._discard)

    def unplug(self) -> None:
        """Takes the port away."""
        if self._master is not None:
            self._loop.remove_reader(self._master)
            self._master = None
            self._port.unplug()

    def _discard(self) -> None:
        if self._master is not None:
            with contextlib.suppress(BlockingIOError):
                os.read(self._master, READ_SIZE)
