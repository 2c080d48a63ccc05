"""The front panel of the running demo: relays, switches, and a restart into configuration mode and back."""

from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from e2e.demo_process import LOGIN, DemoProcess


def lights(demo: DemoProcess) -> dict[str, Any]:
    return dict(demo.get("/api/v1/system")["leds"])


def test_switches_count_from_the_next_restart_on_and_the_lamps_tell_it(tmp_path: Path) -> None:
    with DemoProcess(tmp_path, "--modules", "16", "--strings", "1") as demo:
        demo.until_ready()
        panel = demo.get("/api/v1/panel")
        assert (panel["mode"], panel["phase"]) == ("normal", "running")
        assert lights(demo)["com3_rx"] == "flickering"
        outputs = {one["output"]: one for one in panel["outputs"]}
        assert outputs["alarm_relay"]["on"] is not None
        assert outputs["relay1"]["why"] == "At rest."

        status, dip = demo.request("PUT", "/api/v1/panel/dip", {"switch1": False, "switch2": False})
        assert (status, dip["waits"], dip["mode_now"]) == (200, True, "normal")
        _restarted(demo)
        system = demo.get("/api/v1/system")
        assert (system["mode"], system["leds"]["green"]) == ("configuration", "flashing")
        told = demo.get("/api/v1/events?limit=50")["events"]
        assert any(event["kind"] == "configuration_mode" for event in told)

        assert demo.request("PUT", "/api/v1/panel/dip", {"switch1": True, "switch2": False})[0] == 200
        _restarted(demo)
        assert demo.get("/api/v1/system")["mode"] == "normal"


def _restarted(demo: DemoProcess) -> None:
    """Restarts the device by the form of the page, sees the lamps of a restart, and waits until it answers again."""
    before_s = demo.get("/api/v1/system")["uptime_s"]
    connection = HTTPConnection("127.0.0.1", demo.port, timeout=10)
    headers = {"Authorization": f"Basic {LOGIN}", "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/panel/restart", "x=y", headers)
    answer = connection.getresponse()
    assert answer.status == 200
    assert 'data-lamp="red" data-light="on"' in answer.read().decode()
    connection.close()
    demo.until("restarted", lambda: demo.get("/api/v1/system")["uptime_s"] < before_s)
    demo.until_ready()
