"""Settings of the running demo: what is saved is there after a restart, and nothing locks anybody out."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.demo_process import DemoProcess, free_port

SMALL = ("--modules", "16", "--strings", "2")
SETTINGS = "/api/v1/settings"
REACHABLE_AGAIN_S = 60.0


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    with DemoProcess(tmp_path_factory.mktemp("data"), *SMALL) as started:
        started.until_ready()
        yield started


@pytest.fixture
def demo(running: DemoProcess) -> DemoProcess:
    """The demo on its own address and port, with nothing unsaved."""
    change(running, "network", {"http_port": None, "address": "", "trial_min": 10.0})
    assert running.request("POST", f"{SETTINGS}/save")[0] == 200
    return running


@pytest.fixture
def taken() -> Iterator[int]:
    """A port somebody else listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


def change(demo: DemoProcess, section: str, values: dict[str, Any]) -> dict[str, Any]:
    status, body = demo.request("PUT", f"{SETTINGS}/{section}", values)
    assert status == 200, body
    return dict(body)


def save_and_restart(demo: DemoProcess) -> None:
    assert demo.request("POST", f"{SETTINGS}/save")[0] == 200
    assert demo.request("POST", "/api/v1/restart")[0] == 204


def troubles(demo: DemoProcess) -> list[str]:
    """What the event log says about settings that could not be used."""
    return [event["text"] for event in demo.get("/api/v1/events")["events"] if event["kind"] == "settings_trouble"]


@pytest.mark.parametrize("wrong", ["port", "address"])
def test_a_port_or_address_that_cannot_be_had_is_given_up_for_the_last_good_one(
    demo: DemoProcess, taken: int, wrong: str
) -> None:
    change(demo, "network", {"http_port": taken} if wrong == "port" else {"address": "192.0.2.1"})
    save_and_restart(demo)
    demo.until("the device is back", lambda: demo.get(SETTINGS)["trouble"] != "", REACHABLE_AGAIN_S)
    said = demo.get(SETTINGS)["trouble"]
    assert said.endswith("the device runs on the last good configuration")
    assert (str(taken) if wrong == "port" else "192.0.2.1") in said
    demo.until("an event says why", lambda: troubles(demo) != [])
    assert "last good configuration" in troubles(demo)[0]
    demo.until_ready()


def test_what_is_applied_counts_at_once_and_is_lost_unless_it_is_saved(demo: DemoProcess) -> None:
    change(demo, "installation", {"name": "Cellar"})
    assert demo.get("/api/v1/system")["name"] == "Cellar"
    demo.request("POST", "/api/v1/restart")
    demo.until("the old name is back", lambda: demo.get("/api/v1/system")["name"] == "Battery room")
    change(demo, "installation", {"name": "Cellar"})
    save_and_restart(demo)
    demo.until(
        "a fresh life", lambda: demo.get("/api/v1/system")["uptime_s"] < 1000 and demo.get(SETTINGS)["unsaved"] == []
    )
    assert demo.get("/api/v1/system")["name"] == "Cellar"
    changes = [(one["what"], one["by"]) for one in demo.get(f"{SETTINGS}/history")["changes"]]
    assert changes[0] == ("saved", "admin")


def test_a_port_that_is_free_is_used_from_the_restart_on(demo: DemoProcess) -> None:
    old, new = demo.port, free_port()
    assert change(demo, "network", {"http_port": new})["pending_restart"] == ["network.http_port"]
    assert demo.get(f"{SETTINGS}/network")["http_port"] == new
    save_and_restart(demo)
    demo.port = new
    demo.until_ready()
    assert demo.get(SETTINGS)["unsaved"] == []
    with pytest.raises(ConnectionError), socket.create_connection(("127.0.0.1", old), timeout=5):
        pass


def test_a_port_through_which_nobody_comes_in_is_given_up(demo: DemoProcess) -> None:
    """It can be listened on, and yet somebody may not get there: without a login the device goes back."""
    change(demo, "network", {"http_port": free_port(), "trial_min": 0.05})
    save_and_restart(demo)
    why = "nobody logged in within 0.05 min of the reboot with other network settings"
    demo.until("back at the old port", lambda: why in demo.get(SETTINGS)["trouble"], REACHABLE_AGAIN_S)
    demo.until("an event says why", lambda: any(why in text.lower() for text in troubles(demo)))
    demo.until_ready()


def test_a_device_starts_on_a_file_nobody_can_read(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("[scan]\nperiod_s = fast\n")
    with DemoProcess(tmp_path, *SMALL) as demo:
        demo.until_ready()
        said = demo.get(SETTINGS)["trouble"]
        assert "settings.toml: [scan] period_s: is not TOML" in said
        assert said.endswith("the device runs on the defaults")
        demo.until("an event says why", lambda: troubles(demo) != [])
        assert demo.request("POST", f"{SETTINGS}/save")[0] == 200
        assert demo.get(SETTINGS)["trouble"] == ""
    assert "fast" in (tmp_path / "settings.rejected.toml").read_text()
    history = json.loads((tmp_path / "state" / "settings_history.json").read_text())
    assert history["changes"][-1]["what"] == "saved"
