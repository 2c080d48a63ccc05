"""Modbus on a serial line: hears requests, answers its own, and is silent for all others. RTU and ASCII.

The port is made by whoever builds the device: opened alone, lost and found again as that of the battery bus. A port
that is missing or unplugged costs nothing but its own answers.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from webmanager.domain.errors import BusError
from webmanager.modbus.device import ModbusDevice
from webmanager.modbus.serial_frames import ASCII_FORMATS, AsciiFramer, Framer, RtuFramer, SerialRequest, is_answer

log = logging.getLogger(__name__)

CHECK_S = 5.0
"""A line that was silent for so long is asked whether its adapter was replugged."""
ECHO_S = 0.1
"""After the time our answer takes on the wire: so long the same bytes are its echo on two wires."""
BITS_PER_BYTE = 11


@dataclass(frozen=True, slots=True)
class LineOptions:
    """How the line is set; `format` is data bits, parity, stop bits, and seven data bits mean ASCII."""

    baud: int = 19_200
    format: str = "8E1"

    def framer(self, unit: int) -> Framer:
        """What finds requests on this line."""
        return AsciiFramer() if self.format in ASCII_FORMATS else RtuFramer(unit, self.baud)


class Port(Protocol):
    """The serial port as the line needs it."""

    @property
    def is_open(self) -> bool:
        """Whether it is there, as far as known."""

    async def ready(self) -> None:
        """Open, after a growing pause if it was lost; BusError if it still is not there."""

    def check_path(self) -> None:
        """Loses the port if its path means another device by now."""

    def write(self, data: bytes) -> None:
        """Sends without waiting."""

    def close(self) -> None:
        """Gives the port back, for good."""


MakePort = Callable[[Callable[[bytes], None], Callable[[BusError], None]], Port]
"""Makes the port from what takes its bytes and what hears of its loss."""


@dataclass(frozen=True, slots=True)
class LineCounts:
    """Since the start: answers sent, requests for other units heard, runs of bytes that were no request."""

    answered: int = 0
    foreign: int = 0
    garbled: int = 0


class ModbusSerial:
    """One device on one serial line."""

    def __init__(self, device: ModbusDevice, unit: int, options: LineOptions, make_port: MakePort) -> None:
        self.device = device
        self._options = options
        self._framer = options.framer(unit)
        self._port = make_port(self._on_bytes, self._on_lost)
        self._lost = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._silent_s = 0.0
        self._echo, self._echo_until_s = b"", 0.0
        self._heard = False
        self._answered = self._foreign = 0

    @property
    def is_open(self) -> bool:
        """Whether the port is there, as far as known."""
        return self._port.is_open

    @property
    def counts(self) -> LineCounts:
        """What was heard and said so far."""
        return LineCounts(self._answered, self._foreign, self._framer.garbled)

    async def run(self) -> None:
        """Opens the port and answers, for ever; finds it again when it was lost, and says once that it waits."""
        said = ""
        while True:
            try:
                await self._port.ready()
            except BusError as error:
                if str(error) != said:
                    said = str(error)
                    log.warning("Modbus waits for its serial port: %s", error)
                continue
            said = ""
            await self._stay()

    def close(self) -> None:
        """Frees the port; end `run` before."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        self._port.close()

    async def _stay(self) -> None:
        """Returns when the port is lost."""
        self._lost.clear()
        while self._port.is_open:
            self._heard = False
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CHECK_S):
                    await self._lost.wait()
            if not self._heard:
                self._port.check_path()

    def _on_lost(self, _error: BusError) -> None:
        self._lost.set()

    def _on_bytes(self, data: bytes) -> None:
        loop = asyncio.get_running_loop()
        now_s = loop.time()
        self._heard = True
        self._silent_s = now_s + self._framer.silence_s
        self._take(self._framer.feed(data, now_s))
        if self._timer is None:
            self._timer = loop.call_at(self._silent_s, self._on_silence)

    def _on_silence(self) -> None:
        loop = asyncio.get_running_loop()
        if loop.time() < self._silent_s:
            self._timer = loop.call_at(self._silent_s, self._on_silence)
            return
        self._timer = None
        self._take(self._framer.silent())

    def _take(self, request: SerialRequest | None) -> None:
        """Answers what is for us. Answers, our own echo among them, are nobody's requests."""
        if request is None or is_answer(request.pdu):
            return
        now_s = asyncio.get_running_loop().time()
        if now_s < self._echo_until_s and self._framer.encode(request.unit, request.pdu) == self._echo:
            self._echo = b""
            return
        found = self.device.answer_serial(request.unit, request.pdu)
        if found is None:
            self._foreign += 1
        elif self._port.is_open:
            self._answered += 1
            self._echo = self._framer.encode(request.unit, found)
            self._echo_until_s = now_s + len(self._echo) * BITS_PER_BYTE / self._options.baud + ECHO_S
            self._port.write(self._echo)
