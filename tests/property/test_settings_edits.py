"""Random hand edits of `settings.toml`: one clear line, and the device still starts."""

import random
import re
import string
from pathlib import Path

import pytest

from webmanager.settings.desk import SettingsDesk, validated
from webmanager.settings.toml_text import toml_text

RICH = validated(
    {
        "installation": {"name": "North", "modules": 72, "strings": 6},
        "scan": {"period_s": 3.0},
        "snmp": {"communities": [{"name": "hush"}], "users": [{"name": "nms", "auth_key": "authauthauth"}]},
        "limits": {"kinds": {"voltage_high": {"warning": 2.33}}},
        "notify": {
            "receivers": [
                {
                    "type": "mail",
                    "name": "ops",
                    "server": "m.test",
                    "sender": "a@b.c",
                    "to": ["d@e.f"],
                    "password": "pw",
                },
                {"type": "syslog", "name": "log", "host": "192.0.2.1"},
            ],
            "jobs": [{"name": "all", "to": ["ops", "log"]}],
        },
    }
)
GOOD = toml_text("", RICH)
ODD = [
    "",
    "-1",
    "99999999999",
    "nan",
    "true",
    '"text"',
    "[]",
    "[1, 2]",
    "{}",
    "1979-05-27",
    "'",
    "0x",
    '"\\u0000"',
    "inf",
]


def delete(text: str, draw: random.Random) -> str:
    at = draw.randrange(len(text))
    return text[:at] + text[at + draw.randint(1, 12) :]


def insert(text: str, draw: random.Random) -> str:
    at = draw.randrange(len(text))
    return text[:at] + "".join(draw.choices(string.printable + "ü„", k=draw.randint(1, 5))) + text[at:]


def another_value(text: str, draw: random.Random) -> str:
    lines = text.split("\n")
    at = draw.choice([number for number, line in enumerate(lines) if " = " in line])
    lines[at] = f"{lines[at].partition(' = ')[0]} = {draw.choice(ODD)}"
    return "\n".join(lines)


def misspelt(text: str, draw: random.Random) -> str:
    lines = text.split("\n")
    at = draw.choice([number for number, line in enumerate(lines) if " = " in line or line.startswith("[")])
    position = draw.randrange(max(1, len(lines[at].partition(" = ")[0])))
    lines[at] = lines[at][:position] + draw.choice(string.ascii_letters) + lines[at][position:]
    return "\n".join(lines)


def twice(text: str, draw: random.Random) -> str:
    lines = text.split("\n")
    at = draw.randrange(len(lines))
    return "\n".join([*lines[: at + 1], lines[at], *lines[at + 1 :]])


def cut(text: str, draw: random.Random) -> str:
    return text[: draw.randrange(len(text))]


EDITS = (delete, insert, another_value, misspelt, twice, cut)


@pytest.mark.parametrize("edit", EDITS)
def test_a_hundred_hand_edits_are_told_in_a_clear_line_and_the_device_starts(tmp_path: Path, edit: object) -> None:
    assert callable(edit)
    desk = SettingsDesk.open(tmp_path)
    (tmp_path / "settings.toml").write_text(GOOD)
    desk.reload()
    desk.confirm_good()
    refused = 0
    for seed in range(100):
        (tmp_path / "settings.toml").write_text(edit(GOOD, random.Random(seed)), encoding="utf-8")
        started = SettingsDesk.open(tmp_path)
        if not started.trouble:
            continue
        refused += 1
        assert started.applied == RICH
        line = started.trouble
        assert line.startswith(("settings.toml: ", str(tmp_path / "settings.toml")))
        assert line.endswith("the device runs on the last good configuration")
        assert line.isprintable(), line
        assert len(line) < 600
        assert re.search(r"settings\.toml: (\[[^\n]*\]|\w+)", line), line
    assert refused >= 10, f"{edit.__name__} is too harmless to show anything"  # type: ignore[attr-defined]


def test_the_line_names_file_table_and_key_also_where_the_file_is_no_toml(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("[scan]\n# often\nperiod_s = fast\n[modbus]\nunit = 1\n")
    assert (
        "settings.toml: [scan] period_s: is not TOML: Invalid value (at line 3" in SettingsDesk.open(tmp_path).trouble
    )
