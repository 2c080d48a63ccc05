"""A cable open in the middle, a cable pulled: one alarm, one email, one trap, one RCCMD message; one all-clear each."""

from collections.abc import Iterator
from typing import Any

import pytest

from e2e.receivers import Receivers, within
from e2e.room_and_device import DeviceProcess, Installation

MODULES, STRINGS = 256, 8
SPEED = 40.0
"""Twenty seconds of a hold pass in half a second."""


@pytest.fixture(scope="module")
def receivers() -> Iterator[Receivers]:
    with Receivers() as receivers:
        yield receivers


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory, receivers: Receivers) -> Iterator[Installation]:
    settings = receivers.settings("raised", "worsened", "cleared")
    directory = tmp_path_factory.mktemp("cause")
    with Installation(directory, modules=MODULES, strings=STRINGS, speed=SPEED, settings=settings) as installation:
        yield installation


@pytest.fixture(scope="module")
def device(installation: Installation) -> Iterator[DeviceProcess]:
    with installation.device() as device:
        device.until_ready()
        device.until_scanned(MODULES)
        yield device


def alarms(device: DeviceProcess) -> list[dict[str, Any]]:
    return list(device.get("/api/v1/alarms")["alarms"])


def device_time(device: DeviceProcess) -> float:
    """Device seconds since the start, about."""
    return float(device.get("/api/v1/system")["uptime_s"]) * SPEED


def told_once(receivers: Receivers, before: tuple[int, int, int]) -> bool:
    return receivers.counts == tuple(count + 1 for count in before)


def some_time(device: DeviceProcess, seconds: float) -> None:
    """Lets so many device seconds pass: whoever wants to tell it twice has the time."""
    until_s = device_time(device) + seconds
    device.until(f"{seconds:g} device seconds", lambda: device_time(device) > until_s)


def one_alarm_and_one_all_clear(
    device: DeviceProcess, receivers: Receivers, begin: Any, end: Any, kind: str, words: str
) -> None:
    assert alarms(device) == []
    before = receivers.counts
    begin()
    device.until("raised", lambda: bool(alarms(device)))
    within("told everybody", lambda: told_once(receivers, before))
    some_time(device, 60.0)
    (alarm,) = alarms(device)
    assert alarm["kind"] == kind
    assert words in alarm["text"]
    assert told_once(receivers, before)
    assert words in receivers.mail.subjects[-1] + str(receivers.mail.mails[-1].get_body(("plain",)))
    assert words.encode() in receivers.trap.heard[-1]
    assert words.encode() in receivers.rccmd.heard[-1]

    before = receivers.counts
    end()
    device.until("cleared", lambda: alarms(device) == [])
    within("told everybody", lambda: told_once(receivers, before))
    some_time(device, 60.0)
    assert told_once(receivers, before)
    log = [event for event in device.get("/api/v1/events")["events"] if event["kind"] == kind]
    assert [event["change"] for event in log] == ["cleared", "raised"]
    for event in log:
        results = {delivery["target"]: delivery["result"] for delivery in event["deliveries"]}
        assert results == {"mail": "delivered", "trap": "delivered", "rccmd": "delivered"}


def test_a_bus_open_behind_module_41(device: DeviceProcess, receivers: Receivers) -> None:
    fault: dict[str, Any] = {}

    def cut() -> None:
        fault.update(device.request("POST", "/api/v1/room/faults", {"kind": "bus_break", "address": 41})[1])

    def mend() -> None:
        assert device.request("DELETE", f"/api/v1/room/faults/{fault['id']}")[0] in {200, 204}

    one_alarm_and_one_all_clear(device, receivers, cut, mend, "bus_open", "S2-9")


def test_the_cable_of_the_bus_converter_pulled(
    device: DeviceProcess, installation: Installation, receivers: Receivers
) -> None:
    def pull() -> None:
        installation.cable.pulled = True

    def plug() -> None:
        installation.cable.pulled = False

    one_alarm_and_one_all_clear(device, receivers, pull, plug, "bus_down", "No module answers")
