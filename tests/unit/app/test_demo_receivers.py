"""The receivers and jobs of the demo: made once, found again at each start, the user's own from then on."""

import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from fakes.room import FakeRoom
from webmanager.app.demo_receivers import NAMES, introduce, ports_of_room
from webmanager.domain.errors import WebmanagerError
from webmanager.settings.destinations_model import (
    MailReceiver,
    OutputsReceiver,
    RccmdReceiver,
    SmsReceiver,
    SyslogReceiver,
    TrapReceiver,
    WebhookReceiver,
)
from webmanager.settings.file import SETTINGS_FILE, read_settings
from webmanager.settings.folder import LAST_GOOD_FILE

PORTS: dict[str, int | str] = {
    "mail": 2525, "rccmd": 6003, "trap": 1162, "syslog": 1514, "webhook": 8090, "sms": "/run/one/com2",
}  # fmt: skip
LATER = {name: port + 1 if isinstance(port, int) else "/run/two/com2" for name, port in PORTS.items()}


def receivers(data: Path) -> dict[str, Any]:
    return {receiver.name: receiver for receiver in read_settings(data).notify.receivers}


def where(data: Path) -> dict[str, Any]:
    """Port of each receiver, by its name."""
    return {name: getattr(one, "port", getattr(one, "url", None)) for name, one in receivers(data).items()}


def edited(data: Path, *changes: tuple[str, str]) -> None:
    """The file as a user has changed it by hand."""
    text = (data / SETTINGS_FILE).read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    (data / SETTINGS_FILE).write_text(text)


def test_a_data_directory_without_settings_begins_with_all(tmp_path: Path) -> None:
    introduce(tmp_path, PORTS, 0.0)
    found = receivers(tmp_path)
    assert list(found) == list(NAMES.values())
    assert [type(one) for one in found.values()] == [
        MailReceiver, RccmdReceiver, TrapReceiver, SyslogReceiver, WebhookReceiver, SmsReceiver, OutputsReceiver,
    ]  # fmt: skip
    assert where(tmp_path) == {
        "demo mail": 2525,
        "demo servers": 6003,
        "demo manager": 1162,
        "demo log": 1514,
        "demo hook": "http://127.0.0.1:8090/events",
        "demo phone": "/run/one/com2",
        "relays": None,
    }
    assert found["demo manager"].inform, "the only proof SNMP knows"


def test_everybody_reads_everything_and_alarms_call_somebody(tmp_path: Path) -> None:
    introduce(tmp_path, PORTS, 0.0)
    everything, calls, relay = read_settings(tmp_path).notify.jobs
    assert (everything.to, everything.least_severity) == (
        ("demo mail", "demo manager", "demo log", "demo hook"),
        "notice",
    )
    assert (calls.to, calls.least_severity, calls.do) == (("demo phone", "demo servers"), "alarm", "tell")
    assert (relay.to, relay.least_severity, relay.do, relay.argument) == (("relays",), "alarm", "switch", "relay1")


def test_the_next_start_writes_the_ports_of_now_and_nothing_else(tmp_path: Path) -> None:
    introduce(tmp_path, PORTS, 0.0)
    edited(
        tmp_path,
        ("attempts = 8", "attempts = 3"),
        ('token = ""', 'token = "hush"'),
        ("/events", "/mine?x=1"),
        ('name = "demo call out"\nenabled = true', '# not at night\nname = "demo call out"\nenabled = false'),
    )
    before = read_settings(tmp_path)
    introduce(tmp_path, LATER, 0.0)
    after = read_settings(tmp_path)
    assert where(tmp_path) == {
        "demo mail": 2526,
        "demo servers": 6004,
        "demo manager": 1163,
        "demo log": 1515,
        "demo hook": "http://127.0.0.1:8091/mine?x=1",
        "demo phone": "/run/two/com2",
        "relays": None,
    }
    assert after.notify.jobs == before.notify.jobs
    hook, mail = after.notify.receivers[4], after.notify.receivers[0]
    assert isinstance(hook, WebhookReceiver)
    assert hook.token.get_secret_value() == "hush"
    assert mail.attempts == 3
    assert "# not at night" in (tmp_path / SETTINGS_FILE).read_text()
    good = (tmp_path / LAST_GOOD_FILE).read_text()
    assert "8091" in good, "a device that falls back finds them too"


def test_the_same_ports_change_no_file(tmp_path: Path) -> None:
    introduce(tmp_path, PORTS, 0.0)
    before = (tmp_path / SETTINGS_FILE).stat()
    introduce(tmp_path, PORTS, 1.0)
    assert (tmp_path / SETTINGS_FILE).stat().st_mtime_ns == before.st_mtime_ns


def test_what_was_aimed_elsewhere_or_renamed_stays_so(tmp_path: Path) -> None:
    introduce(tmp_path, PORTS, 0.0)
    edited(
        tmp_path,
        ('server = "127.0.0.1"', 'server = "mail.example.com"'),
        ('receivers = "127.0.0.1"', 'receivers = "192.0.2.7,192.0.2.8"'),
        ('host = "127.0.0.1"', 'host = "192.0.2.9"'),
        ("http://127.0.0.1:8090/events", "https://hook.example.com/x"),
        ("/run/one/com2", "/dev/ttyUSB0"),
    )
    edited(tmp_path, ('"demo log"', '"our log"'), ('"demo log"', '"our log"'))
    before = read_settings(tmp_path)
    introduce(tmp_path, LATER, 0.0)
    assert read_settings(tmp_path) == before


@pytest.mark.parametrize("text", ["", '[installation]\nname = "Cellar"\n'])
def test_settings_that_are_there_get_no_receivers(tmp_path: Path, text: str) -> None:
    (tmp_path / SETTINGS_FILE).write_text(text)
    introduce(tmp_path, PORTS, 0.0)
    assert (tmp_path / SETTINGS_FILE).read_text() == text


def test_settings_that_cannot_be_read_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_FILE).write_text("[nonsense")
    introduce(tmp_path, PORTS, 0.0)
    assert (tmp_path / SETTINGS_FILE).read_text() == "[nonsense"


def test_a_disk_that_refuses_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    data = tmp_path / "gone"
    introduce(data, PORTS, 0.0)
    assert "cannot be set up: settings.toml: cannot be written" in caplog.text


async def test_the_room_is_asked_for_its_ports(tmp_path: Path) -> None:
    room = FakeRoom()
    runner = web.AppRunner(room.application())
    await runner.setup()
    control = f"unix:{tmp_path / 'room'}"
    await web.UnixSite(runner, str(tmp_path / "room")).start()
    assert json.dumps(await ports_of_room(control)) == json.dumps(
        {"mail": 40000, "rccmd": 40001, "trap": 40002, "syslog": 40003, "webhook": 40004, "sms": 40005}
    )
    await runner.cleanup()
    with pytest.raises(WebmanagerError, match="cannot be reached"):
        await ports_of_room(control)
