"""One serial port on the event loop: bytes out, bytes in, lost and found again.

It knows nothing of the battery bus: whoever builds the device gives such a port to other doors as well.
"""

import asyncio
import contextlib
import logging
import os
import termios
from collections.abc import Callable
from typing import Protocol

import serial

from webmanager.domain.errors import BusError

log = logging.getLogger(__name__)

READ_BYTES = 4096
DRAIN_READS = 64
"""A drain ends here even if the port never runs dry: a babbling line must not stop everything else."""


class PortTiming(Protocol):
    """Speed and patience of a port; all waits in host seconds."""

    @property
    def baud(self) -> int:
        """Bits a second."""

    @property
    def write_timeout_s(self) -> float:
        """A port that takes no bytes for so long is lost."""

    @property
    def reopen_first_s(self) -> float:
        """Pause before a lost port is opened again."""

    @property
    def reopen_longest_s(self) -> float:
        """What the pause grows to."""


class SerialPort:
    """The serial port at `path` (a device, or a link to one), held by this program alone.

    `on_bytes` gets what is read, `on_lost` the reason when the port vanishes. It is opened again by `ready`, after a
    pause that grows from `reopen_first_s` to `reopen_longest_s`, so that nobody who asks in a loop spins.
    `line_format` is data bits, parity and stop bits.
    """

    def __init__(
        self,
        path: str,
        timing: PortTiming,
        on_bytes: Callable[[bytes], None],
        on_lost: Callable[[BusError], None],
        line_format: str = "8N1",
    ) -> None:
        self.path = path
        self.bytes_in = self.bytes_out = self.openings = 0
        self._timing = timing
        self._format = line_format
        self._on_bytes, self._on_lost = on_bytes, on_lost
        self._serial: serial.Serial | None = None
        self._fd = -1
        self._node = (0, 0)
        self._gone = f"{path}: not opened yet"
        self._closed = False
        self._unsent = b""
        self._stuck: asyncio.TimerHandle | None = None
        self._pause_s = timing.reopen_first_s
        self._reopen_s = 0.0

    @property
    def is_open(self) -> bool:
        """Whether the port is there, as far as known."""
        return self._serial is not None

    @property
    def is_sending(self) -> bool:
        """Whether the system has not yet taken all bytes."""
        return bool(self._unsent)

    def open(self) -> None:
        """Opens the port now; BusError if it is missing, no serial port, or used by another program."""
        self._closed = False
        if self._serial is None:
            self._open()

    def close(self) -> None:
        """Gives the port back, for good; who waits for an answer gets BusError."""
        self._closed = True
        self._drop(f"{self.path}: closed")

    async def ready(self) -> None:
        """The port open, after a pause if it was lost; BusError if it still is not there."""
        if self._serial is None and not self._closed:
            await asyncio.sleep(max(self._reopen_s - _now(), 0.0))
        if self._serial is None and not self._closed:
            self._open()
        self.check()

    def check(self) -> None:
        """BusError if the port is not open, with the reason."""
        if self._serial is None:
            raise BusError(self._gone)

    def write(self, data: bytes) -> None:
        """Sends bytes without waiting; a port that takes none for `write_timeout_s` is lost."""
        self._unsent += data
        self._write()
        if self._unsent and self._serial is not None:
            loop = asyncio.get_running_loop()
            loop.add_writer(self._fd, self._write)
            self._stuck = loop.call_later(self._timing.write_timeout_s, self._lose, "takes no bytes")

    def drain(self) -> None:
        """Takes all that is already there."""
        for _ in range(DRAIN_READS):
            if not self._read():
                return

    def check_path(self) -> None:
        """For a port that stays silent: loses it if its path means another device by now (an adapter replugged)."""
        try:
            status = os.stat(self.path)
        except OSError as error:
            self._lose(_reason(error))
            return
        if (status.st_dev, status.st_ino) != self._node:
            self._lose("another device has taken its place")

    def _open(self) -> None:
        timing = self._timing
        try:
            # flock only: TIOCEXCL would outlive a killed process on a pseudo terminal that its room keeps open.
            bits, parity, stops = int(self._format[0]), self._format[1], int(self._format[2])
            port = serial.Serial(self.path, timing.baud, bits, parity, stops, timeout=0, exclusive=True)
            _tune(port)
        except (OSError, ValueError, termios.error) as error:
            self._reopen_s = _now() + self._pause_s
            self._pause_s = min(self._pause_s * 2, timing.reopen_longest_s)
            raise BusError(f"{self.path}: {_reason(error)}") from error
        self._serial, self._fd = port, port.fileno()
        status = os.fstat(self._fd)
        self._node = (status.st_dev, status.st_ino)
        self._pause_s = timing.reopen_first_s
        self.openings += 1
        asyncio.get_running_loop().add_reader(self._fd, self._read)
        log.info("%s: open at %d baud, %s", self.path, timing.baud, self._format)

    def _read(self) -> bool:
        """Takes what one read gives; False if there is nothing more."""
        if self._serial is None:
            return False
        try:
            data = os.read(self._fd, READ_BYTES)
        except BlockingIOError:
            return False
        except OSError as error:
            self._lose(_reason(error))
            return False
        if not data:
            self._lose("the line was hung up")
            return False
        self.bytes_in += len(data)
        self._on_bytes(data)
        return True

    def _write(self) -> None:
        if self._serial is None:
            return
        try:
            written = os.write(self._fd, self._unsent)
        except BlockingIOError:
            return
        except OSError as error:
            self._lose(_reason(error))
            return
        self.bytes_out += written
        self._unsent = self._unsent[written:]
        if not self._unsent and self._stuck:
            self._stop_writing()

    def _stop_writing(self) -> None:
        asyncio.get_running_loop().remove_writer(self._fd)
        if self._stuck:
            self._stuck.cancel()
            self._stuck = None

    def _lose(self, reason: str) -> None:
        self._reopen_s = _now() + self._pause_s
        log.warning("%s: %s", self.path, reason)
        self._drop(f"{self.path}: {reason}")

    def _drop(self, reason: str) -> None:
        port, self._serial = self._serial, None
        self._gone = reason
        self._unsent = b""
        if port is not None:
            asyncio.get_running_loop().remove_reader(self._fd)
            self._stop_writing()
            with contextlib.suppress(OSError, termios.error):
                port.reset_output_buffer()  # or closing waits until a dead adapter has sent it all
            with contextlib.suppress(OSError):
                port.close()
        self._on_lost(BusError(reason))


def _tune(port: serial.Serial) -> None:
    """Reads that tell "nothing yet" from "hung up", and an adapter that does not collect bytes for 16 ms."""
    attributes = termios.tcgetattr(port.fileno())
    attributes[6][termios.VMIN] = 1
    termios.tcsetattr(port.fileno(), termios.TCSANOW, attributes)
    with contextlib.suppress(OSError, ValueError, NotImplementedError):
        port.set_low_latency_mode(True)


def _reason(error: Exception) -> str:
    """One line; pyserial's own texts name the path again."""
    if "exclusively lock" in str(error):
        return "in use by another program"
    if "configure port" in str(error):
        return "not a serial port"
    number = getattr(error, "errno", None)
    return os.strerror(number).lower() if number else str(error)


def _now() -> float:
    return asyncio.get_running_loop().time()
