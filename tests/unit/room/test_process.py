"""The room as a real process: it starts, serves, and ends with its parent, however that died."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from webmanager.domain.errors import ConfigError
from webmanager.room.config import RoomConfig
from webmanager.room.process import run_room

ROOM = """
import asyncio, sys
from pathlib import Path
from webmanager.room.process import RoomConfig, run_room
folder = Path(sys.argv[1])
config = RoomConfig(modules=2, strings=1, start="fresh")
asyncio.run(run_room(config, folder, f"unix:{folder}/room.sock", int(sys.argv[2]) or None))
"""
PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", sys.argv[2], sys.argv[1], str(os.getpid())], start_new_session=True)
print(child.pid, flush=True)
time.sleep(60)
"""


def until(condition, what, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.02)


def is_up(folder: Path) -> bool:
    return all((folder / name).exists() for name in ("com1", "com2", "com3", "room.sock"))


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def start(folder: Path) -> subprocess.Popen:
    process = subprocess.Popen([sys.executable, "-c", ROOM, str(folder), "0"], stderr=subprocess.PIPE, text=True)
    until(lambda: is_up(folder) or process.poll() is not None, "ports and socket")
    assert process.poll() is None, process.communicate()[1]
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_and_leaves_nothing(tmp_path, number):
    process = start(tmp_path)
    process.send_signal(number)
    _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_its_parent_however_that_died(tmp_path, number):
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path), ROOM], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    try:
        until(lambda: is_up(tmp_path), "ports and socket")
        parent.send_signal(number)
        parent.communicate(timeout=10)
        until(lambda: is_gone(child), "end of the room")
        assert list(tmp_path.iterdir()) == []
    finally:
        if not is_gone(child):
            os.kill(child, signal.SIGKILL)


def test_a_parent_that_is_gone_already(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    process = subprocess.run(
        [sys.executable, "-c", ROOM, str(tmp_path), str(gone.pid)],
        timeout=30,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (process.returncode, process.stderr) == (0, "")
    assert list(tmp_path.iterdir()) == []


async def test_what_keeps_it_from_starting_is_said_in_one_line(tmp_path):
    config = RoomConfig(modules=2, strings=1, start="fresh")
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="no directory for ports"):
        await run_room(config, tmp_path / "file" / "links", f"unix:{tmp_path}/s", None)
    with pytest.raises(ConfigError, match="unix:PATH or HOST:PORT"):
        await run_room(config, tmp_path / "links", "nonsense", None)
    assert list((tmp_path / "links").iterdir()) == []
