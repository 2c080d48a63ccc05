"""Modules and current sensors on a pseudo terminal, written from docs/bus-protocol.md alone.

It shares no code with the product, so that both can be wrong only in different ways. With a `speed` (times the baud) a
thread of its own keeps the wire's time in both directions. Without, the modules answer at once on the running loop: a
test machine that stands still then makes nobody late. As a program it prints the port's path:

    PYTHONPATH=tests python -m fakes.paced_modules --modules 256 --sensors 8 --baud 38400
"""

import argparse
import asyncio
import os
import select
import struct
import threading
import time
import tty
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

IDENTIFY, READ_VALUES, READ_RI, START_RI, SET_REFERENCE, SET_ADDRESS, BLINK, READ_CURRENT, REFUSED = *range(1, 9), 31
READS = {IDENTIFY: 16, READ_VALUES: 12, READ_RI: 14, READ_CURRENT: 11}
RI_NEW, NO_REFERENCE, RESTARTED = 0x02, 0x20, 0x40


@dataclass
class Module:
    """One module (or current sensor): its values as on the wire, and what is wrong with it."""

    type: int = 40
    revision: tuple[int, int] = (1, 4)
    serial: int = 0
    voltage_mv: int = 13500
    temperature_dc: int = 250
    equalizing: int = 0
    status: int = 0
    ri_uohm: int = 4200
    ri_age_min: int = 60
    reference_mv: int | None = None
    current_ca: int = 0
    ripple_ca: int = 0
    busy: bool = False
    silent: bool = False
    deaf_to: frozenset[int] = frozenset()
    """Commands it does not answer."""
    garble: int = 0
    """Answers still to be damaged; -1 = all."""
    late_s: float = 0.0
    """Answers so much after its turn, and outside the train."""
    wakes_after_s: float = 0.0
    """ECO: answers only so long after the first request."""
    answered: int = 0


@dataclass
class Faults:
    """What is wrong with the line."""

    lose_requests: int = 0
    noise_before: bytes = b""
    noise_after: bytes = b""
    late_train_s: float = 0.0
    """Host trouble: the next train begins that late."""
    stall_s: float = 0.0
    """Host trouble: the next train pauses that long in its middle."""
    echo: bool = False
    """The adapter hears what it sends."""
    broken_behind: int = 0
    """Modules behind this address are not reached; 0 = cable whole."""


@dataclass
class Seen:
    """What the modules heard."""

    requests: list[tuple[int, int, int, bytes]] = field(default_factory=list)
    """(command, address, sequence, payload) of each request."""
    bytes_in: int = 0
    bytes_out: int = 0
    slots: int = 0
    """Slots of trains that went by, answered or silent."""
    by_command: Counter[int] = field(default_factory=Counter)


class PacedModules:
    """A room of modules 1..`modules` and sensors 1..`sensors`; change them at any time, `with` runs the wire."""

    def __init__(
        self, modules: int, sensors: int = 0, *, baud: int = 38400, speed: float = 0.0, link: Path | None = None
    ) -> None:
        self.modules = {address: Module(serial=0x1000 + address) for address in range(1, modules + 1)}
        self.sensors = {string: Module(type=200) for string in range(1, sensors + 1)}
        self.faults = Faults()
        self.seen = Seen()
        self._bit_s = 1 / (baud * speed) if speed else 0.0
        self._link = link
        self._master = self._slave = -1
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop_reader, self._stop_writer = os.pipe()
        self._buffer = bytearray()
        self._first_heard_s: float | None = None

    def __enter__(self) -> "PacedModules":
        self.plug()
        return self

    def __exit__(self, *_: object) -> None:
        if self._master >= 0:
            self.unplug()
        os.close(self._stop_reader)
        os.close(self._stop_writer)

    @property
    def path(self) -> str:
        """Where a controller finds the line."""
        return str(self._link) if self._link else os.ttyname(self._slave)

    def plug(self) -> None:
        """A new pseudo terminal, published as the link."""
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        if self._link:
            self._link.unlink(missing_ok=True)
            self._link.symlink_to(os.ttyname(self._slave))
        self._buffer.clear()
        if self._bit_s:
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        else:
            self._loop = asyncio.get_running_loop()
            self._loop.add_reader(self._master, self._hear)

    def unplug(self, *, keep_link: bool = True) -> None:
        """The adapter is pulled: whoever holds the port is hung up."""
        if self._loop:
            self._loop.remove_reader(self._master)
        if self._thread:
            os.write(self._stop_writer, b"x")
            self._thread.join()
            os.read(self._stop_reader, 1)
        self._thread = self._loop = None
        if self._link and not keep_link:
            self._link.unlink()
        os.close(self._slave)
        os.close(self._master)
        self._master = -1

    def say(self, data: bytes) -> None:
        """Puts bytes on the line that nobody asked for."""
        self._write(data)

    def _run(self) -> None:
        while True:
            ready, _, _ = select.select([self._master, self._stop_reader], [], [])
            if self._stop_reader in ready:
                return
            self._hear()

    def _hear(self) -> None:
        heard_s = time.monotonic()
        try:
            data = os.read(self._master, 4096)
        except OSError:
            return
        self.seen.bytes_in += len(data)
        self._buffer += data
        for part in (data[:3], data[3:]) if self.faults.echo else ():
            self._write(part)
        while request := self._next_request():
            end_s = heard_s + self._bit_s * 10 * (len(request[3]) + 6)
            self._answer(request, end_s)
            heard_s = time.monotonic()

    def _next_request(self) -> tuple[int, int, int, bytes] | None:
        buffer = self._buffer
        while buffer:
            if buffer[0] != 0xA5 or (len(buffer) > 1 and buffer[1] > 32):
                del buffer[0]
                continue
            if len(buffer) < 2 or len(buffer) < buffer[1] + 6:
                return None
            end = buffer[1] + 6
            body, crc = bytes(buffer[1 : end - 2]), int.from_bytes(buffer[end - 2 : end], "big")
            if crc16(body) != crc:
                del buffer[0]
                continue
            del buffer[:end]
            head = body[1] << 8 | body[2]
            return head >> 11, head & 511, head >> 9 & 3, body[3:]
        return None

    def _answer(self, request: tuple[int, int, int, bytes], end_s: float) -> None:
        command, address, sequence, payload = request
        self.seen.requests.append(request)
        self.seen.by_command[command] += 1
        if self._first_heard_s is None:
            self._first_heard_s = end_s
        if self.faults.lose_requests:
            self.faults.lose_requests -= 1
        elif command == SET_REFERENCE:
            self._set_reference(*struct.unpack(">HBH", payload))
        elif command == SET_ADDRESS:
            self._set_address(sequence, *struct.unpack(">IH", payload), end_s)
        elif command in READS and payload:
            self._train(command, address, sequence, *payload, end_s)
        else:
            device = self._reached(command, address)
            if device:
                reply = self._reply(device, command, payload)
                self._send(device, frame(*reply[:1], address, sequence, reply[1]), end_s + 10 * self._bit_s)

    def _train(self, command: int, first: int, sequence: int, count: int, gap: int, end_s: float) -> None:
        slot_s = (READS[command] * 10 + gap) * self._bit_s
        turn_s = end_s + gap * self._bit_s
        pause_s, self.faults.late_train_s = self.faults.late_train_s, 0.0
        for address in range(first, first + count):
            self.seen.slots += 1
            if address == first + count // 2:
                pause_s, self.faults.stall_s = pause_s + self.faults.stall_s, 0.0
            self._after(pause_s, self._take_turn, command, address, sequence, turn_s)
            turn_s += slot_s

    def _take_turn(self, command: int, address: int, sequence: int, turn_s: float) -> None:
        device = self._reached(command, address)
        if device:
            self._send(device, frame(command, address, sequence, self._reply(device, command, b"")[1]), turn_s)

    def _after(self, seconds: float, do: Callable[..., None], *arguments: Any) -> None:
        if self._loop and seconds:
            self._loop.call_later(seconds, do, *arguments)
        else:
            do(*arguments)

    def _reached(self, command: int, address: int) -> Module | None:
        devices = self.sensors if command == READ_CURRENT else self.modules
        device = devices.get(address)
        if device is None or device.silent or command in device.deaf_to:
            return None
        if command != READ_CURRENT and 0 < self.faults.broken_behind < address:
            return None
        assert self._first_heard_s is not None
        if device.wakes_after_s and time.monotonic() - self._first_heard_s < device.wakes_after_s:
            return None
        return device

    def _reply(self, device: Module, command: int, payload: bytes) -> tuple[int, bytes]:
        if command == IDENTIFY:
            device.status &= ~RESTARTED
            return command, identity(device)
        if command == READ_VALUES:
            return command, struct.pack(
                ">HhBB", device.voltage_mv, device.temperature_dc, device.equalizing, device.status
            )
        if command == READ_RI:
            device.status &= ~RI_NEW
            return command, struct.pack(">IhH", device.ri_uohm, device.temperature_dc, device.ri_age_min)
        if command == READ_CURRENT:
            return command, struct.pack(">hHB", device.current_ca, device.ripple_ca, device.status)
        if command == START_RI and device.busy:
            return REFUSED, bytes((command, 3))
        if command == START_RI:
            device.status |= RI_NEW
            device.ri_age_min = 0
            return command, b""
        return (command, b"") if command == BLINK and len(payload) == 1 else (REFUSED, bytes((command, 1)))

    def _set_reference(self, first: int, count: int, millivolts: int) -> None:
        for address in range(first, first + (count or 256)):
            if address in self.modules:
                self.modules[address].reference_mv = millivolts
                self.modules[address].status &= ~NO_REFERENCE

    def _set_address(self, sequence: int, serial: int, address: int, end_s: float) -> None:
        for old, module in list(self.modules.items()):
            if module.serial == serial:
                self.modules[address] = self.modules.pop(old)
                self._send(module, frame(SET_ADDRESS, address, sequence, identity(module)), end_s + 10 * self._bit_s)

    def _send(self, device: Module, data: bytes, turn_s: float) -> None:
        device.answered += 1
        if device.garble:
            device.garble -= device.garble > 0
            data = data[:5] + bytes((data[5] ^ 0x10,)) + data[6:]
        if self._bit_s:
            time.sleep(max(turn_s + 10 * self._bit_s * len(data) - time.monotonic(), 0))
        self._after(device.late_s, self._write, self.faults.noise_before + data + self.faults.noise_after)

    def _write(self, data: bytes) -> None:
        try:
            self.seen.bytes_out += os.write(self._master, data) if data else 0
        except OSError:
            return


def frame(command: int, address: int, sequence: int, payload: bytes) -> bytes:
    """A reply's bytes."""
    body = struct.pack(">BH", len(payload), command << 11 | sequence << 9 | address) + payload
    return b"\x5a" + body + crc16(body).to_bytes(2, "big")


def identity(device: Module) -> bytes:
    """Payload of IDENTIFY."""
    return struct.pack(">BBBBBIB", device.type, *device.revision, 2, 7, device.serial, 12)


def _table() -> list[int]:
    rows = []
    for byte in range(256):
        crc = byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
        rows.append(crc)
    return rows


_TABLE = _table()


def crc16(data: bytes) -> int:
    """As the page says: polynomial 1021, start FFFF."""
    crc = 0xFFFF
    for byte in data:
        crc = crc << 8 & 0xFFFF ^ _TABLE[crc >> 8 ^ byte]
    return crc


def main() -> None:
    """Runs until its standard input is closed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--modules", type=int, default=256)
    parser.add_argument("--sensors", type=int, default=8)
    parser.add_argument("--baud", type=int, default=38400)
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--silent", type=int, nargs="*", default=[])
    options = parser.parse_args()
    with PacedModules(options.modules, options.sensors, baud=options.baud, speed=options.speed) as room:
        for address in options.silent:
            room.modules[address].silent = True
        print(room.path, flush=True)
        while os.read(0, 1):
            pass


if __name__ == "__main__":
    main()
