"""Reasons: one line that names the value and what is allowed."""

from typing import Any

import pytest
from pydantic import ValidationError

from webmanager.domain.errors import ConfigError
from webmanager.settings.mistakes import SettingsError, mistakes_of
from webmanager.settings.model import Settings

MAIL = {"type": "mail", "name": "ops", "server": "m.test", "sender": "a@b.c", "to": ["d@e.f"]}


ONE_OF = "“wet” is not one of 'AGM', 'GEL' or 'OPzV'"


def link_to(url: str) -> dict[str, Any]:
    return {"links": {"links": [{"name": "x", "url": url}]}}


def mail_to(address: str) -> dict[str, Any]:
    return {"notify": {"receivers": [MAIL | {"to": [address]}]}}


def mistakes(tables: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate(tables)
    return [tuple(one) for one in mistakes_of(caught.value, tables)]


@pytest.mark.parametrize(
    ("tables", "path", "reason"),
    [
        ({"modbus": {"unit": 300}}, "modbus.unit", "300 is above 247"),
        ({"modbus": {"unit": 0}}, "modbus.unit", "0 is below 1"),
        ({"modbus": {"unit": 1.5}}, "modbus.unit", "1.5 is not a whole number"),
        ({"modbus": {"unit": ""}}, "modbus.unit", "a value is expected"),
        ({"modbus": {"enabled": "maybe"}}, "modbus.enabled", "“maybe” is neither true nor false"),
        ({"scan": {"period_s": "fast"}}, "scan.period_s", "“fast” is not a number"),
        ({"scan": {"period_s": float("nan")}}, "scan.period_s", "nan is not a number"),
        ({"scan": []}, "scan", "a table is expected"),
        ({"installation": {"name": "x" * 61}}, "installation.name", "longer than 60 characters"),
        (
            {"installation": {"technology": "wet"}},
            "installation.technology",
            ONE_OF,
        ),
        (
            {"installation": {"modules": 70, "strings": 8}},
            "installation.strings",
            "70 modules cannot be divided evenly over 8 strings",
        ),
        ({"network": {"address": "here"}}, "network.address", "an IPv4 or IPv6 address is expected, as 192.0.2.10"),
        (
            {"links": {"links": [{"name": "x", "url": "javascript:1"}]}},
            "links.links.0.url",
            "an absolute http or https address is expected",
        ),
        (
            {"links": {"links": [{"name": "x", "url": "http://a:b@c/"}]}},
            "links.links.0.url",
            "a name or password does not belong in a link",
        ),
        ({"notify": {"receivers": [MAIL | {"to": []}]}}, "notify.receivers.0.to", "at least 1 is expected"),
        ({"notify": {"receivers": [MAIL | {"port": 0}]}}, "notify.receivers.0.port", "0 is below 1"),
        (
            {"notify": {"receivers": [MAIL | {"to": ["x"]}]}},
            "notify.receivers.0.to.0",
            "“x” does not have the form that is expected",
        ),
        ({"notify": {"receivers": [{"name": "x"}]}}, "notify.receivers.0", "its `type` is missing"),
        ({"colour": {}}, "colour", "this key is not known"),
    ],
)
def test_the_reason_names_value_and_limit(tables: dict[str, Any], path: str, reason: str) -> None:
    assert mistakes(tables)[0] == (path, reason)


def test_what_was_given_is_shown_short_and_printable() -> None:
    ((_, reason),) = mistakes({"scan": {"period_s": "\x1b[31m" + "y" * 500}})
    assert reason.isprintable()
    assert len(reason) < 100


def test_a_secret_is_not_repeated() -> None:
    for given in ("kühn", "x" * 40):
        ((_, reason),) = mistakes({"snmp": {"communities": [{"name": given}]}})
        assert given not in reason


def test_the_error_tells_the_first_few_and_counts_the_rest() -> None:
    error = SettingsError([(f"scan.field_{number}", "odd") for number in range(6)])
    assert isinstance(error, ConfigError)
    assert str(error).endswith("scan.field_3: odd; and 2 more")
    assert len(error.errors) == 6
    assert str(SettingsError([("", "the file is not TOML")])) == "the file is not TOML"
