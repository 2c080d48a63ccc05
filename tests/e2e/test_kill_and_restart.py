"""`kill -9` and restart of the real device while alarms are acknowledged, active, pending, and being told.

The room goes on meanwhile, so that what was wrong still is.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from e2e.receivers import Receivers, within
from e2e.room_and_device import DeviceProcess, Installation

MODULES, STRINGS = 32, 2
SPEED = 30.0
BROKEN = ("S1-5", "S2-4", "string 2")
"""What is broken here. On a busy host a simulated minute is short, and something else may be late enough to be told."""


@pytest.fixture
def receivers() -> Iterator[Receivers]:
    with Receivers() as receivers:
        yield receivers


@pytest.fixture
def installation(tmp_path_factory: pytest.TempPathFactory, receivers: Receivers) -> Iterator[Installation]:
    settings = receivers.settings("raised", "worsened", "cleared", "acknowledged")
    directory = tmp_path_factory.mktemp("kill")
    with Installation(directory, modules=MODULES, strings=STRINGS, speed=SPEED, settings=settings) as installation:
        yield installation


def alarms(device: DeviceProcess) -> dict[str, dict[str, Any]]:
    """Open alarms by what they are about."""
    return {alarm["source"]: alarm for alarm in device.get("/api/v1/alarms")["alarms"]}


def pending(device: DeviceProcess) -> set[str]:
    shown = device.get("/api/v1/alarms?pending=1")["alarms"]
    return {alarm["kind"] for alarm in shown if alarm["state"] == "pending"}


def log(device: DeviceProcess) -> list[tuple[str, str]]:
    """Source and change of every alarm about what is broken here, oldest first."""
    events = reversed(device.get("/api/v1/events")["events"])
    told = [(event["source"], event["change"]) for event in events if event["change"] != "happened"]
    return [(source, change) for source, change in told if source in BROKEN]


def told(receivers: Receivers) -> tuple[int, int, int]:
    """Emails, traps and RCCMD messages about what is broken here."""
    return receivers.counts_of(*BROKEN)


def break_it(device: DeviceProcess, **fault: object) -> str:
    status, answer = device.request("POST", "/api/v1/room/faults", fault)
    assert status == 201, answer
    return str(answer["id"])


def test_killed_while_acknowledged_active_and_pending(installation: Installation, receivers: Receivers) -> None:
    with installation.device() as device:
        device.until_ready()
        device.until_scanned(MODULES)
        first = break_it(device, kind="module_silent", address=5)
        device.until("raised", lambda: "S1-5" in alarms(device))
        number = alarms(device)["S1-5"]["id"]
        assert device.request("POST", f"/api/v1/alarms/{number}/acknowledge")[0] in {200, 204}
        second = break_it(device, kind="module_silent", address=20)
        device.until("raised", lambda: "S2-4" in alarms(device))
        within("told", lambda: told(receivers) == (3, 3, 3))
        third = break_it(device, kind="current_sensor_silent", string=2)
        device.until("pending", lambda: "current_sensor_lost" in pending(device))
        device.kill()
    assert told(receivers) == (3, 3, 3)

    with installation.device() as device:
        device.until_ready()
        found = alarms(device)
        assert found["S1-5"]["acknowledged_by"] == "admin"
        assert found["S1-5"]["id"] == number
        assert found["S2-4"]["state"] == "active"
        device.until("the pending one raised", lambda: set(BROKEN) <= alarms(device).keys())
        within("told", lambda: told(receivers) == (4, 4, 4))
        for fault in (first, second, third):
            device.request("DELETE", f"/api/v1/room/faults/{fault}")
        device.until("all over", lambda: not alarms(device).keys() & set(BROKEN))
        within("told", lambda: told(receivers) == (7, 7, 7))
        changes = log(device)
        assert sorted(changes) == sorted(
            [(source, change) for source in ("S1-5", "S2-4", "string 2") for change in ("raised", "cleared")]
            + [("S1-5", "acknowledged")]
        )
        assert device.interrupt() == 0
    assert told(receivers) == (7, 7, 7)


def test_killed_in_the_middle_of_telling(installation: Installation, receivers: Receivers) -> None:
    """Nothing is forgotten; who was being told at the very moment may hear it once more, and nothing else twice."""
    with installation.device() as device:
        device.until_ready()
        device.until_scanned(MODULES)
        break_it(device, kind="module_silent", address=5)
        within("somebody told", lambda: any(told(receivers)))
        device.kill()
    with installation.device() as device:
        device.until_ready()
        assert alarms(device).keys() & set(BROKEN) == {"S1-5"}
        within("everybody told", lambda: min(told(receivers)) >= 1)
        raise_and_clear_another(device, receivers, told(receivers))
        assert log(device) == [("S1-5", "raised"), ("S2-4", "raised"), ("S2-4", "cleared")]
    assert max(told(receivers)) <= 4


def test_killed_when_everybody_has_been_told_and_later_ended(installation: Installation, receivers: Receivers) -> None:
    with installation.device() as device:
        device.until_ready()
        device.until_scanned(MODULES)
        break_it(device, kind="module_silent", address=5)
        within("everybody told", lambda: told(receivers) == (1, 1, 1))
        within("and known on the disk", lambda: len(ended(installation)) == 3)
        device.kill()
    with installation.device() as device:
        device.until_ready()
        raise_and_clear_another(device, receivers, (1, 1, 1))
        assert device.interrupt() == 0
    assert told(receivers) == (3, 3, 3)
    with installation.device() as device:
        device.until_ready()
        assert alarms(device).keys() & set(BROKEN) == {"S1-5"}
        raise_and_clear_another(device, receivers, (3, 3, 3))
        assert log(device)[-4:] == [("S2-4", "raised"), ("S2-4", "cleared")] * 2
    assert told(receivers) == (5, 5, 5)


def ended(installation: Installation) -> list[str]:
    """Keys of the messages that the device remembers as done."""
    kept = installation.data / "state" / "outbox.json"
    return [key for key, _ in json.loads(kept.read_text())["ended"]] if kept.exists() else []


def raise_and_clear_another(device: DeviceProcess, receivers: Receivers, before: tuple[int, int, int]) -> None:
    """An alarm after the restart: when it is over and told, whatever was to be told twice has been."""
    fault = break_it(device, kind="module_silent", address=20)
    device.until("the next one raised", lambda: "S2-4" in alarms(device))
    device.request("DELETE", f"/api/v1/room/faults/{fault}")
    device.until("over", lambda: "S2-4" not in alarms(device))
    within("told", lambda: all(now >= then + 2 for now, then in zip(told(receivers), before, strict=True)))
