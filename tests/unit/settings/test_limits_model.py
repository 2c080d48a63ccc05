"""The section *Limits*: only what fits together gets in."""

import pytest

from webmanager.domain.errors import ConfigError
from webmanager.domain.events import Severity
from webmanager.settings.file import validate
from webmanager.settings.limits_model import LimitsSettings


def test_the_defaults_are_the_table() -> None:
    limits = LimitsSettings().to_domain()
    assert [limit.raise_at for limit in limits.of("voltage_high")] == [2.35, 2.40]


def test_an_installation_changes_what_it_wants_otherwise() -> None:
    settings = validate(
        {"kinds": {"voltage_high": {"warning": 2.33, "hold": 30}, "ri_rise": {"off": ["notice"]}}},
        LimitsSettings,
        "test",
    )
    limits = settings.to_domain()
    assert [(limit.raise_at, limit.hold) for limit in limits.of("voltage_high")] == [(2.33, 30.0), (2.40, 30.0)]
    assert [limit.severity for limit in limits.of("ri_rise")] == [Severity.WARNING, Severity.ALARM]


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        ({"voltage_hihg": {"warning": 2.3}}, "'voltage_hihg' is not known"),
        ({"voltage_high": {"warning": 2.5}}, "must lie below the alarm"),
        ({"voltage_high": {"warnings": 2.3}}, "this key is not known"),
        ({"voltage_high": {"off": ["all"]}}, "notice"),
        ({"voltage_high": {"gap": 0}}, "greater than 0"),
        ({"voltage_low": {"warning": 2.37, "alarm": 2.36}}, "must lie below limit voltage_high"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(kinds: dict[str, object], said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        validate({"kinds": kinds}, LimitsSettings, "settings.toml")
    assert "\n" not in str(caught.value)


def test_every_field_says_what_it_is() -> None:
    schema = LimitsSettings.model_json_schema()
    fields = [*schema["properties"].values(), *schema["$defs"]["LimitValues"]["properties"].values()]
    assert all(field.get("description") for field in fields)
