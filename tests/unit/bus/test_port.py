"""The port itself on real pseudo terminals: opened alone, lost, found again."""

import asyncio
import os
import tty
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from webmanager.bus.port import SerialPort
from webmanager.bus.timing import LinkTiming
from webmanager.domain.errors import BusError

TIMING = LinkTiming(reopen_first_s=0.01, reopen_longest_s=0.04, write_timeout_s=0.05)


class Line:
    """Both ends of a pseudo terminal behind a link, and a port on it."""

    def __init__(self, link: Path) -> None:
        self.link = link
        self.read: list[bytes] = []
        self.lost: list[str] = []
        self.changed = asyncio.Event()
        self.plug()
        self.port = SerialPort(str(link), TIMING, self._on_bytes, self._on_lost)

    def plug(self) -> None:
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        self.link.unlink(missing_ok=True)
        self.link.symlink_to(os.ttyname(self.slave))

    def unplug(self) -> None:
        self.link.unlink()  # the number of the terminal may be somebody else's in a moment
        os.close(self.slave)
        os.close(self.master)

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                await self.changed.wait()
                self.changed.clear()

    def _on_bytes(self, data: bytes) -> None:
        self.read.append(data)
        self.changed.set()

    def _on_lost(self, error: BusError) -> None:
        self.lost.append(str(error))
        self.changed.set()


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    line = Line(tmp_path / "com3")
    yield line
    line.port.close()
    for end in (line.master, line.slave):
        try:
            os.close(end)
        except OSError:
            continue


async def test_bytes_go_both_ways_and_are_counted(line: Line) -> None:
    line.port.open()
    line.port.write(b"question")
    assert os.read(line.master, 100) == b"question"
    os.write(line.master, b"answer")
    await line.until(lambda: line.read)
    assert b"".join(line.read) == b"answer"
    assert (line.port.bytes_out, line.port.bytes_in) == (8, 6)


async def test_every_byte_value_passes_unchanged(line: Line) -> None:
    line.port.open()
    everything = bytes(range(256))
    line.port.write(everything)
    assert os.read(line.master, 1000) == everything
    os.write(line.master, everything)
    await line.until(lambda: sum(map(len, line.read)) == 256)
    assert b"".join(line.read) == everything


async def test_drain_takes_what_is_there_without_the_loop(line: Line) -> None:
    line.port.open()
    os.write(line.master, b"waiting")
    line.port.drain()
    assert line.read == [b"waiting"]


async def test_second_controller_is_refused_in_clear_words(line: Line) -> None:
    line.port.open()
    second = SerialPort(os.ttyname(line.slave), TIMING, line.read.append, print)
    with pytest.raises(BusError, match="in use by another program"):
        second.open()
    line.port.close()
    second.open()
    second.close()


async def test_missing_port_says_so(tmp_path: Path) -> None:
    port = SerialPort(str(tmp_path / "nothing"), TIMING, print, print)
    with pytest.raises(BusError, match=r"nothing: no such file or directory$"):
        port.open()


async def test_file_is_no_serial_port(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(BusError, match=r"file: not a serial port$"):
        SerialPort(str(tmp_path / "file"), TIMING, print, print).open()


async def test_opening_twice_is_one_port(line: Line) -> None:
    line.port.open()
    line.port.open()
    assert line.port.openings == 1


async def test_hang_up_is_told_once_and_the_loop_rests(line: Line) -> None:
    line.port.open()
    line.unplug()
    await line.until(lambda: line.lost)
    assert line.lost == [f"{line.link}: the line was hung up"]
    assert not line.port.is_open
    with pytest.raises(BusError, match="the line was hung up"):
        line.port.check()
    line.port.write(b"into the void")
    assert line.port.bytes_out == 0


async def test_lost_port_is_found_again_at_the_same_path(line: Line) -> None:
    line.port.open()
    line.unplug()
    await line.until(lambda: line.lost)
    with pytest.raises(BusError, match="no such file"):
        await line.port.ready()
    line.plug()
    await line.port.ready()
    assert line.port.is_open
    assert line.port.openings == 2
    line.port.write(b"hello")
    assert os.read(line.master, 10) == b"hello"


async def test_pauses_before_reopening_grow_and_end(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def no_sleep(seconds: float) -> None:
        pauses.append(seconds)

    line.link.unlink()
    monkeypatch.setattr(asyncio, "sleep", no_sleep)
    for _ in range(5):
        with pytest.raises(BusError):
            await line.port.ready()
    assert pauses[0] == 0
    assert pauses[1:] == pytest.approx([0.01, 0.02, 0.04, 0.04], abs=0.005)


async def test_pause_is_short_again_after_a_success(line: Line) -> None:
    line.port.open()
    line.unplug()
    await line.until(lambda: line.lost)
    for _ in range(3):
        with pytest.raises(BusError):
            await line.port.ready()
    line.plug()
    await line.port.ready()
    assert line.port._pause_s == TIMING.reopen_first_s


async def test_silent_port_whose_path_means_another_device_is_lost(line: Line) -> None:
    line.port.open()
    line.port.check_path()
    assert line.lost == []
    old = (line.master, line.slave)
    line.plug()
    line.port.check_path()
    assert line.lost == [f"{line.link}: another device has taken its place"]
    await line.port.ready()
    line.port.write(b"new")
    assert os.read(line.master, 10) == b"new"
    for end in old:
        os.close(end)


async def test_silent_port_whose_path_is_gone_is_lost(line: Line) -> None:
    line.port.open()
    line.link.unlink()
    line.port.check_path()
    assert line.lost == [f"{line.link}: no such file or directory"]


async def test_port_that_takes_no_bytes_is_lost(line: Line) -> None:
    line.port.open()
    line.port.write(bytes(1_000_000))
    assert line.port.is_sending
    await line.until(lambda: line.lost)
    assert line.lost == [f"{line.link}: takes no bytes"]
    assert not line.port.is_sending


async def test_slow_port_takes_the_rest_later(line: Line) -> None:
    line.port.open()
    line.port.write(bytes(20_000))
    os.set_blocking(line.master, False)
    taken = 0
    async with asyncio.timeout(10):
        while taken < 20_000:
            try:
                taken += len(os.read(line.master, 4096))
            except BlockingIOError:
                await asyncio.sleep(0)
    assert not line.port.is_sending
    assert (line.port.bytes_out, line.lost) == (20_000, [])


async def test_port_never_opened_says_so(line: Line) -> None:
    with pytest.raises(BusError, match="not opened yet"):
        line.port.check()


async def test_closed_port_stays_closed_until_it_is_opened(line: Line) -> None:
    line.port.open()
    line.port.close()
    with pytest.raises(BusError, match="closed"):
        await line.port.ready()
    line.port.open()
    assert line.port.is_open
