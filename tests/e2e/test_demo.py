"""The demo, started as a stranger would start it: real processes, a real pseudo serial port, real HTTP."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from e2e.demo_process import DemoProcess


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    with DemoProcess(tmp_path_factory.mktemp("data")) as running:
        running.until_ready()
        running.until("all 256 good", lambda: qualities(running) == {"good"}, 30)
        yield running


@pytest.fixture
def fault(demo: DemoProcess) -> Iterator[Any]:
    """Breaks something and repairs whatever was broken."""
    ids: list[str] = []

    def break_it(**what: object) -> str:
        status, answer = demo.request("POST", "/api/v1/room/faults", what)
        assert status in {200, 201}, answer
        ids.append(str(answer["id"]))
        return ids[-1]

    yield break_it
    for identity in ids:
        demo.request("DELETE", f"/api/v1/room/faults/{identity}")
    demo.until("all good again", lambda: qualities(demo) == {"good"}, 30)


def qualities(demo: DemoProcess) -> set[str]:
    return {module["quality"] for module in demo.get("/api/v1/modules")["modules"]}


def scan_number(demo: DemoProcess) -> int:
    return int(demo.get("/api/v1/system")["scan"]["number"])


def test_256_batteries_answer_and_are_good(demo: DemoProcess) -> None:
    demo.until("Ri is measured", lambda: demo.module(81)["ri_mohm"] is not None)
    answer = demo.get("/api/v1/modules")
    assert len(answer["modules"]) == 256
    assert qualities(demo) == {"good"}
    module = answer["modules"][80]
    assert (module["address"], module["name"], module["string"], module["position"]) == (81, "S3-17", 3, 17)
    assert 13.3 < module["voltage_v"] < 13.9
    assert 15 < module["temperature_c"] < 40
    assert 3 < module["ri_mohm"] < 6
    assert module["age_s"] < 10


def test_strings_float_and_add_up(demo: DemoProcess) -> None:
    strings = demo.get("/api/v1/strings")["strings"]
    modules = demo.get("/api/v1/modules")["modules"]
    assert [string["state"] for string in strings] == ["float"] * 8
    for string in strings:
        own = [module["voltage_v"] for module in modules if module["string"] == string["string"]]
        assert string["voltage_v"] == pytest.approx(sum(own), abs=0.5)


def test_the_system_tells_its_scan(demo: DemoProcess) -> None:
    system = demo.get("/api/v1/system")
    assert system["room"] is True
    assert system["modules"] == 256
    assert system["scan"]["modules_answered"] == 256
    assert 0.5 < system["scan"]["duration_s"] < 5


def test_a_silent_module_is_null_within_three_scans_and_comes_back(demo: DemoProcess, fault: Any) -> None:
    before = scan_number(demo)
    identity = fault(kind="module_silent", address=9)
    demo.until("silent", lambda: demo.module(9)["quality"] == "silent", 20)
    assert scan_number(demo) - before <= 5
    module = demo.module(9)
    assert [module[key] for key in ("voltage_v", "temperature_c", "ri_mohm", "equalizing_percent")] == [None] * 4
    assert module["age_s"] > 2
    assert demo.get("/api/v1/strings")["strings"][0]["voltage_v"] is None
    demo.request("DELETE", f"/api/v1/room/faults/{identity}")
    demo.until("good again", lambda: demo.module(9)["quality"] == "good", 15)


def test_a_broken_cable_silences_what_lies_behind_it_and_nothing_else(demo: DemoProcess, fault: Any) -> None:
    fault(kind="bus_break", address=41)
    silent = list(range(42, 65))
    demo.until("silent behind the break", lambda: demo.module(64)["quality"] == "silent", 20)
    modules = demo.get("/api/v1/modules")["modules"]
    assert [module["address"] for module in modules if module["quality"] == "silent"] == silent


def test_mains_failure_discharges_and_counts(demo: DemoProcess) -> None:
    before = demo.module(1)["discharges"]
    assert demo.request("POST", "/api/v1/room/mains", {"on": False})[0] == 200
    try:
        demo.until("discharging", lambda: demo.get("/api/v1/strings")["strings"][0]["state"] == "discharging", 20)
        assert demo.get("/api/v1/strings")["strings"][0]["current_a"] < -1
        demo.until("counted", lambda: demo.module(1)["discharges"] == before + 1, 60)
    finally:
        demo.request("POST", "/api/v1/room/mains", {"on": True})
    demo.until("charging", lambda: demo.get("/api/v1/strings")["strings"][0]["state"] != "discharging", 20)


def test_an_unknown_fault_is_refused_with_what_is_allowed(demo: DemoProcess) -> None:
    status, answer = demo.request("POST", "/api/v1/room/faults", {"kind": "gremlins", "address": 1})
    assert status == 422
    assert "module_silent" in str(answer)


def test_without_login_the_api_answers_401_as_a_problem(demo: DemoProcess) -> None:
    status, answer = demo.request("GET", "/api/v1/modules", login=False)
    assert status == 401
    assert answer["status"] == 401


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly_and_leaves_no_process(tmp_path: Path, number: signal.Signals) -> None:
    with DemoProcess(tmp_path, "--modules", "16", "--strings", "2") as running:
        running.until_ready()
        children = running.remember_children()
        assert children
        running.process.send_signal(number)
        assert running.process.wait(timeout=10) == 0
        _, alive = psutil.wait_procs(children, timeout=3)
        assert alive == []


def test_a_signal_while_the_room_still_starts_ends_it_at_once(tmp_path: Path) -> None:
    with DemoProcess(tmp_path, "--modules", "16", "--strings", "2") as running:
        running.until("the room's process", lambda: bool(running.remember_children()))
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(timeout=10) == 0
        assert not (tmp_path / "run").exists()
        _, alive = psutil.wait_procs(running.seen, timeout=3)
        assert alive == []


def test_a_device_goes_on_when_its_room_is_killed(tmp_path: Path) -> None:
    with DemoProcess(tmp_path, "--modules", "16", "--strings", "2") as running:
        running.until_ready()
        (room,) = running.remember_children()
        room.kill()
        running.until("silent", lambda: running.module(1)["quality"] == "silent", 30)
        assert running.module(1)["voltage_v"] is None
        assert running.get("/api/v1/system")["bus"]["state"] == "down"
        assert running.request("GET", "/readyz", login=False)[0] == 200
        status, problem = running.request("GET", "/api/v1/room")
        assert (status, problem["status"]) == (502, 502)
        # a pseudo terminal that a link still named could be somebody's window by now
        assert [path.name for path in (tmp_path / "run").glob("com*")] == []
        assert running.interrupt() == 0


def test_kill_9_leaves_no_process_behind(tmp_path: Path) -> None:
    with DemoProcess(tmp_path, "--modules", "16", "--strings", "2") as running:
        running.until_ready()
        children = running.remember_children()
        running.process.kill()
        running.process.wait(timeout=5)
        _, alive = psutil.wait_procs(children, timeout=3)
        assert alive == []


def test_a_taken_port_is_one_line_and_exit_code_2(demo: DemoProcess, tmp_path: Path) -> None:
    with DemoProcess(tmp_path, "--http-port", str(demo.port), "--modules", "16", "--strings", "2") as second:
        output, _ = second.process.communicate(timeout=30)
        assert second.process.returncode == 2
        assert str(demo.port) in output
        assert "Traceback" not in output


def test_modules_that_do_not_divide_are_one_line_and_exit_code_2(tmp_path: Path) -> None:
    with DemoProcess(tmp_path, "--modules", "10", "--strings", "3") as wrong:
        output, _ = wrong.process.communicate(timeout=30)
        assert wrong.process.returncode == 2
        assert output.strip() == "webmanager: installation.strings: 10 modules cannot be divided evenly over 3 strings"


def test_speed_moves_device_time_which_never_goes_back(tmp_path: Path) -> None:
    with DemoProcess(tmp_path, "--modules", "16", "--strings", "2", "--speed", "600", "--start", "fresh") as running:
        running.until_ready()
        first = running.get("/api/v1/modules")["taken_at"]
        started = time.monotonic()
        running.until("an hour has passed", lambda: running.get("/api/v1/modules")["taken_at"][:13] > first[:13], 30)
        assert time.monotonic() - started < 30
        assert running.get("/api/v1/room")["factor_set"] == 600
        reached = running.get("/api/v1/system")["time"]
        assert running.interrupt() == 0
    with DemoProcess(tmp_path, "--modules", "16", "--strings", "2") as again:
        again.until_ready()
        assert again.get("/api/v1/system")["time"] > reached
