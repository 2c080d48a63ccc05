"""The demo with a past: simulated first, shown at once, gone on with; and a device whose flash cannot be used."""

import json
import os
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from e2e.demo_process import DemoProcess

SMALL = ("--modules", "16", "--strings", "2")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def first_life(data: Path) -> dict[str, Any]:
    """A demo with a day of history: what it says, before it is ended with Ctrl-C."""
    with DemoProcess(data, *SMALL, "--history", "1", "--speed", "60") as demo:
        demo.until_ready()
        demo.until("a minute of its own is stored", lambda: demo.get("/api/v1/storage")["rows"] > 1, 30)
        said = {
            "curve": demo.get("/api/v1/history?address=5&quantity=voltage&points=100000"),
            "current": demo.get("/api/v1/history?string=2"),
            "files": demo.get("/api/v1/files")["files"],
            "storage": demo.get("/api/v1/storage"),
            "system": demo.get("/api/v1/system"),
        }
        assert demo.interrupt() == 0
        said["output"] = demo.process.communicate(timeout=10)[0]
    return said


def test_a_day_of_minutes_is_there_and_goes_on(first_life: dict[str, Any]) -> None:
    curve = first_life["curve"]
    known = [(t, mean) for t, mean in zip(curve["t"], curve["mean"], strict=True) if mean is not None]
    assert curve["resolution_s"] == 60
    assert len(known) >= 1440
    assert all(12.0 < mean < 14.2 for _, mean in known)
    assert "Simulated 1 days of history" in first_life["output"]
    assert first_life["current"]["mean"][-1] == pytest.approx(0.0, abs=1.0)
    assert first_life["storage"]["state"] == first_life["system"]["store"]["state"] == "ok"
    assert any(file["name"].endswith("_volt.csv") for file in first_life["files"])


def test_the_next_life_goes_on_after_the_last_minute(data: Path, first_life: dict[str, Any]) -> None:
    """The room ran 60 times faster, so that its store is ahead of the host's clock: time does not step back."""
    last_s = first_life["curve"]["t"][-1]
    with DemoProcess(data, *SMALL, "--history", "1", "--speed", "60") as demo:
        demo.until_ready()
        now_s = datetime.fromisoformat(demo.get("/api/v1/system")["time"]).timestamp()
        assert now_s >= last_s + 60
        before = first_life["curve"]
        curve = demo.get(f"/api/v1/history?address=5&quantity=voltage&from={before['t'][0]}&points=100000")
        assert curve["t"][: len(before["t"])] == before["t"], "t is the same after a restart"
        assert demo.interrupt() == 0
        assert "The store is not empty: --history adds nothing" in demo.process.communicate(timeout=10)[0]


def test_a_second_device_on_the_same_data_is_refused_in_one_line(data: Path, first_life: dict[str, Any]) -> None:
    with DemoProcess(data, *SMALL) as demo:
        demo.until_ready()
        command = [sys.executable, "-m", "webmanager", "demo", "--data", str(data), "--http-port", "0", *SMALL]
        other = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd="/", check=False)
        assert other.returncode == 2
        assert other.stderr.count("\n") == 1
        assert "another device uses this data directory" in other.stderr
        assert demo.get("/api/v1/storage")["state"] == "ok"


def test_the_flash_can_be_looked_at_beside_the_device(data: Path, first_life: dict[str, Any], tmp_path: Path) -> None:
    for arguments in (("info",), ("verify",), ("export", "--out", str(tmp_path / "all.zip"))):
        command = [sys.executable, "-m", "webmanager", "flash", *arguments, "--data", str(data)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd="/", check=False)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "all.zip").stat().st_size > 10_000


def test_a_flash_that_cannot_be_opened_stops_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "flash.lock").mkdir()
    with DemoProcess(tmp_path, *SMALL) as demo:
        demo.until_ready()
        store = demo.get("/api/v1/system")["store"]
        assert store["state"] == "absent"
        assert store["text"]
        assert demo.request("GET", "/api/v1/history?address=1")[0] == 503
        assert demo.get("/api/v1/modules")["modules"][0]["voltage_v"] is not None
        assert demo.interrupt() == 0


def test_ctrl_c_while_the_past_is_simulated_ends_it_and_keeps_nothing(tmp_path: Path) -> None:
    with DemoProcess(tmp_path, "--history", "1000") as demo:
        demo.until("it has begun", lambda: (tmp_path / "flash.img").exists(), 30)
        began_s = time.monotonic()
        assert demo.interrupt() == 0
        assert time.monotonic() - began_s < 12.0
    assert not (tmp_path / "flash.img").exists()
    kept = {entry.name for entry in tmp_path.iterdir()}
    assert not kept & {"run", "room.toml"}, json.dumps(sorted(kept))
    assert os.access(tmp_path, os.W_OK)
