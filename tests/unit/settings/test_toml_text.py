import tomllib
from typing import Any

import pytest

from webmanager.settings.changes import overlaid
from webmanager.settings.model import Settings
from webmanager.settings.toml_text import says, toml_text

RECEIVERS = [
    {"type": "mail", "name": "ops", "server": "m.test", "sender": "a@b.c", "to": ["d@e.f"], "password": "s3cret"},
    {"type": "syslog", "name": "log", "host": "192.0.2.1"},
]
RICH: dict[str, Any] = {
    "installation": {"name": 'Ünterhalb "A"', "modules": 72, "strings": 6},
    "limits": {"kinds": {"voltage_high": {"warning": 2.33}, "ri_rise": {"off": ["notice"]}}},
    "notify": {
        "receivers": RECEIVERS,
        "jobs": [{"name": "all", "to": ["ops"], "escalate": [{"after_s": 60, "to": ["log"]}], "text": "a\nb"}],
    },
}


def settings(**values: Any) -> Settings:
    return Settings.model_validate(
        overlaid(Settings.model_validate(RICH), {k.replace("__", "."): v for k, v in values.items()})
    )


def test_a_fresh_file_says_the_settings_and_has_help() -> None:
    text = toml_text("", settings())
    assert says(text, settings())
    assert "# Battery modules on the bus, addresses 1 to this number.\nmodules = 72" in text
    assert "[scan]" not in text


def test_the_defaults_are_an_empty_file() -> None:
    assert tomllib.loads(toml_text("", Settings())) == {}


def test_comments_order_and_what_is_left_out_stay() -> None:
    old = "# ours\n[scan]  # fast\nperiod_s = 5 # as agreed\n\n[installation]\nmodules = 16 # two\nstrings = 2\n"
    wanted = Settings.model_validate(
        {"scan": {"period_s": 3.5}, "installation": {"modules": 24, "strings": 2, "name": "North"}}
    )
    text = toml_text(old, wanted)
    assert text.startswith("# ours\n[scan]  # fast\nperiod_s = 3.5 # as agreed\n\n[installation]\nmodules = 24 # two\n")
    assert '# Name of this device, shown on every page.\nname = "North"' in text
    assert "retry_budget_ms" not in text
    assert says(text, wanted)


def test_the_same_settings_leave_the_file_as_it_is() -> None:
    text = toml_text("", settings()).replace("modules = 72", "modules  =  72 # odd")
    assert toml_text(text, settings()) == text


@pytest.mark.parametrize(
    "changed",
    [
        {"notify__receivers": [RECEIVERS[0]], "notify__jobs": []},
        {"notify__receivers": [*reversed(RECEIVERS)]},
        {"notify__receivers": [*RECEIVERS, {"type": "outputs", "name": "relays"}]},
        {"notify__receivers": [RECEIVERS[0] | {"server": "other.test"}, RECEIVERS[1]]},
        {"notify__jobs": []},
        {"notify__receivers": [], "notify__jobs": []},
        {"limits__kinds": {}},
        {"limits__kinds": {"voltage_high": {"alarm": 2.41}}},
        {"installation__name": "# no comment\n[scan]\nperiod_s = 1"},
        {"scan__period_s": 7, "network__http_port": 8081},
    ],
)
def test_whatever_changes_the_file_says_it_and_keeps_comments(changed: dict[str, Any]) -> None:
    old = (
        toml_text("", settings())
        .replace("modules = 72", "modules = 72 # mine")
        .replace('server = "m.test"', 'server = "m.test" # relay')
    )
    text = toml_text(old, settings(**changed))
    assert says(text, settings(**changed))
    assert "modules = 72 # mine" in text
    if any(row.get("server") == "m.test" for row in changed.get("notify__receivers", RECEIVERS)):
        assert '"m.test" # relay' in text


def test_a_value_that_is_cleared_goes_from_the_file() -> None:
    old = "[network]\nhttp_port = 8081 # was\n"
    assert tomllib.loads(toml_text(old, Settings())) == {"network": {}}


@pytest.mark.parametrize(
    "odd",
    [
        "scan.period_s = 9\nscan.retry_budget_ms = 10\n",
        "scan = {period_s = 9}\n",
        "notify.receivers = [{type = 'outputs', name = 'o'}]\n",
        "[limits.kinds]\nvoltage_high.warning = 2.3\n",
        "[limits]\n[scan]\nperiod_s = 9\n[limits.kinds.voltage_high]\nwarning = 2.3\n",
    ],
)
def test_unusual_toml_is_rewritten_right(odd: str) -> None:
    before = Settings.model_validate(tomllib.loads(odd))
    assert says(toml_text(odd, before), before)
    after = settings(scan__period_s=4)
    assert says(toml_text(odd, after), after)


def test_a_value_that_comes_and_goes_leaves_its_help_once() -> None:
    text = toml_text("", settings(network__http_port=8081))
    once = text.count("Port of the web interface")
    for port in (None, 8082, None, 8083):
        text = toml_text(text, settings(network__http_port=port))
    assert text.count("Port of the web interface") == once == 1
    assert says(text, settings(network__http_port=8083))
