"""The demo as a stranger meets it: break a module, and everybody is told, once, with the proof in the log."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.demo_process import DemoProcess

OPTIONS = ("--modules", "32", "--strings", "2", "--speed", "60")
CHANNELS = ("mail", "trap", "syslog", "webhook", "sms", "rccmd")
TARGETS = {"demo mail", "demo manager", "demo log", "demo hook", "demo phone", "demo servers", "relays"}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def demo(data: Path) -> Iterator[DemoProcess]:
    with DemoProcess(data, *OPTIONS) as running:
        running.until_ready()
        running.until("the grace of the start is over", lambda: running.get("/api/v1/system")["uptime_s"] > 1.5)
        yield running


def arrivals(demo: DemoProcess, place: str) -> list[dict[str, Any]]:
    """What has arrived about a place, oldest first."""
    listed = demo.get("/api/v1/room/inbox")["arrivals"]
    return [one for one in reversed(listed) if f"{place} " in one["text"] or f"{place}." in one["text"]]


def broken(demo: DemoProcess, **fault: object) -> int:
    status, answer = demo.request("POST", "/api/v1/room/faults", fault)
    assert status == 201, answer
    return int(answer["id"])


def told(demo: DemoProcess, place: str, times: int) -> list[dict[str, Any]]:
    """Waits until every channel was told so often of a place, and the log has every delivery; what has arrived."""
    wanted = Counter(dict.fromkeys(CHANNELS, times))
    count = lambda: Counter(one["channel"] for one in arrivals(demo, place))  # noqa: E731
    demo.until(f"{place} told {times} times on every channel", lambda: not wanted - count())
    demo.until("every proof", lambda: {one["target"] for one in deliveries(demo, place)[0]} == TARGETS)
    return arrivals(demo, place)


def deliveries(demo: DemoProcess, place: str) -> list[list[dict[str, Any]]]:
    """The deliveries of each event at a place, newest event first."""
    return [event["deliveries"] for event in demo.get("/api/v1/events")["events"] if event["source"] == place]


def test_a_fault_is_told_once_on_every_channel_and_so_is_its_end(demo: DemoProcess) -> None:
    fault = broken(demo, kind="module_silent", address=5)
    for arrival in told(demo, "S1-5", 1):
        assert arrival["cause"]["what"] == "broken"
        assert (arrival["cause"]["title"], arrival["cause"]["where"]) == ("Module silent", "S1-5")
        assert arrival["cause"]["after_s"] > 5.0
        assert "S1-5 does not answer" in arrival["subject"]
        assert arrival["picture"] is (arrival["channel"] == "mail")

    demo.request("DELETE", f"/api/v1/room/faults/{fault}")
    ends = told(demo, "S1-5", 2)[len(CHANNELS) :]
    assert {arrival["channel"] for arrival in ends} == set(CHANNELS)
    assert {arrival["cause"]["what"] for arrival in ends} == {"repaired"}
    inbox = demo.get("/api/v1/room/inbox")
    assert {one["channel"]: one["received"] for one in inbox["channels"]} == dict.fromkeys(CHANNELS, 2)
    assert [set(deed["told"]) for deed in inbox["deeds"]] == [set(CHANNELS)] * 2

    for listed in deliveries(demo, "S1-5"):
        by_target = {one["target"]: one for one in listed}
        assert {one["result"] for one in listed} == {"delivered"}
        assert by_target["demo mail"]["proof"].startswith("250 2.0.0 kept as")
        assert by_target["demo servers"]["proof"].startswith("RCCMD OK")
        assert "inform acknowledged" in by_target["demo manager"]["proof"]
        assert "bytes acknowledged by" in by_target["demo log"]["proof"]
        assert by_target["demo hook"]["proof"].startswith('HTTP 200 {"kept"')
        assert by_target["demo phone"]["proof"].startswith("+CMGS:")
        assert by_target["relays"]["proof"]


def test_at_speed_600_it_is_still_told_once(demo: DemoProcess) -> None:
    demo.request("POST", "/api/v1/room/speed", {"factor": 600})
    fault = broken(demo, kind="module_silent", address=7)
    assert len(told(demo, "S1-7", 1)) == len(CHANNELS)
    demo.request("DELETE", f"/api/v1/room/faults/{fault}")
    assert len(told(demo, "S1-7", 2)) == 2 * len(CHANNELS)
    demo.request("POST", "/api/v1/room/speed", {"factor": 60})
    assert Counter(one["channel"] for one in arrivals(demo, "S1-7")) == Counter(dict.fromkeys(CHANNELS, 2))


def test_a_dead_receiver_delays_nobody_else_and_is_told_when_it_is_back(demo: DemoProcess) -> None:
    hook = broken(demo, kind="receiver_dead", channel="webhook")
    fault = broken(demo, kind="module_silent", address=9)
    others = set(CHANNELS) - {"webhook"}
    demo.until("all others are told", lambda: {one["channel"] for one in arrivals(demo, "S1-9")} == others)
    seen = lambda: {one["id"]: one["seen"] for one in demo.get("/api/v1/room/faults")["faults"]}[hook]  # noqa: E731
    demo.until("the device notices", lambda: seen()["look"] == "alarm")
    demo.request("DELETE", f"/api/v1/room/faults/{hook}")
    demo.until("told when it is back", lambda: "webhook" in {one["channel"] for one in arrivals(demo, "S1-9")})
    (late,) = (one for one in arrivals(demo, "S1-9") if one["channel"] == "webhook")
    demo.until("the log tells of it", lambda: attempts(demo, "S1-9") > 1)
    assert late["cause"]["host_after_s"] > 1.0
    demo.request("DELETE", f"/api/v1/room/faults/{fault}")
    told(demo, "S1-9", 2)


def attempts(demo: DemoProcess, place: str) -> int:
    """How often the webhook was tried for the newest event at a place."""
    found = [one for listed in deliveries(demo, place) for one in listed if one["target"] == "demo hook"]
    return int(found[0]["attempts"]) if found else 0


def test_the_next_start_finds_everybody_again(data: Path, demo: DemoProcess) -> None:
    before = {one["channel"]: one["port"] for one in demo.get("/api/v1/room/inbox")["channels"]}
    assert demo.interrupt() == 0
    with DemoProcess(data, *OPTIONS) as again:
        again.until_ready()
        again.until("the grace of the start is over", lambda: again.get("/api/v1/system")["uptime_s"] > 1.5)
        after = {one["channel"]: one["port"] for one in again.get("/api/v1/room/inbox")["channels"]}
        assert before.keys() == after.keys()
        broken(again, kind="module_silent", address=11)
        assert len(told(again, "S1-11", 1)) == len(CHANNELS)
