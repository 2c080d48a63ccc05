import pytest

from webmanager.app.snmp_setters import BACS, setters
from webmanager.domain.errors import ConfigError
from webmanager.settings.desk import SettingsDesk
from webmanager.settings.model import Settings
from webmanager.snmp.asn1 import oid_of

AT = 1_700_000_000.0


def desk_with_limits() -> SettingsDesk:
    return SettingsDesk(Settings.model_validate({"limits": {"kinds": {"temperature_high": {"warning": 33.0}}}}))


def test_the_interval_of_ri_is_set_in_minutes() -> None:
    desk = desk_with_limits()
    setters(desk, lambda: AT)[oid_of(f"{BACS}.7.0")](360)
    assert desk.applied.scan.ri_interval_h == 6.0
    assert (desk.history()[0].by, desk.history()[0].at) == ("SNMP", AT)


@pytest.mark.parametrize(
    ("column", "value", "kind", "alarm"),
    [
        (8, 110, "ri_low", 1.1),
        (9, 5000, "ri_high", 50.0),
        (10, 20, "temperature_low", 2.0),
        (11, 400, "temperature_high", 40.0),
    ],
)
def test_a_limit_is_set_in_the_unit_of_the_mib_and_leaves_the_others_alone(
    column: int, value: int, kind: str, alarm: float
) -> None:
    desk = desk_with_limits()
    setters(desk, lambda: AT)[oid_of(f"{BACS}.{column}.0")](value)
    assert desk.applied.limits.kinds[kind].alarm == alarm
    assert desk.applied.limits.kinds["temperature_high"].warning == 33.0
    assert desk.applied.limits.to_domain().of(kind)[-1].raise_at == alarm


@pytest.mark.parametrize(("column", "value"), [(7, 5), (11, 5000), (11, -4000)])
def test_what_the_settings_refuse_is_refused(column: int, value: int) -> None:
    desk = desk_with_limits()
    before = desk.applied
    with pytest.raises(ConfigError):
        setters(desk, lambda: AT)[oid_of(f"{BACS}.{column}.0")](value)
    assert desk.applied == before
