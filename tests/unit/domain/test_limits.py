"""The table of limits: complete, in order, and impossible to set to nonsense."""

import string

import pytest

from webmanager.domain.errors import ConfigError
from webmanager.domain.events import Severity
from webmanager.domain.flags import BatteryFlag, GeneralFlag
from webmanager.domain.grouping import ALREADY_TOLD, EXPLAINS
from webmanager.domain.limits import IN_PACK, READINGS, REPORTED, ROWS, Change, LimitRow, Scope, limits_of

PLACES = {"where", "value", "limit", "detail"}
NOTICE, WARNING, ALARM = Severity.NOTICE, Severity.WARNING, Severity.ALARM


def raise_values(kind: str, changes: dict[str, Change] | None = None) -> dict[Severity, float]:
    return {limit.severity: limit.raise_at for limit in limits_of(changes).of(kind)}


@pytest.mark.parametrize("row", ROWS.values(), ids=lambda row: row.kind)
def test_every_row_has_words_for_people(row: LimitRow) -> None:
    assert {name for _, name, _, _ in string.Formatter().parse(row.text) if name} <= PLACES
    assert {name for _, name, _, _ in string.Formatter().parse(row.over) if name} <= {"where", "label", "lasted"}
    for sentence in (row.text, row.advice, row.over):
        assert sentence.endswith(".")
        assert "!" not in sentence
    assert row.label[0].isupper()


@pytest.mark.parametrize("row", ROWS.values(), ids=lambda row: row.kind)
def test_a_row_that_has_a_threshold_shows_value_and_limit(row: LimitRow) -> None:
    if row.is_yes_or_no:
        assert "{limit}" not in row.text
    elif row.kind != "thermal_runaway":
        assert "{limit}" in row.text
        assert "{value}" in row.text or "{detail}" in row.text


@pytest.mark.parametrize("row", ROWS.values(), ids=lambda row: row.kind)
def test_published_bits_of_a_row_exist(row: LimitRow) -> None:
    assert row.battery_flag is None or row.battery_flag in BatteryFlag.__members__
    assert row.general_flag is None or row.general_flag in GeneralFlag.__members__


def test_the_scopes_follow_each_other_in_the_table() -> None:
    scopes = [row.scope for row in ROWS.values()]
    assert scopes == sorted(scopes, key=list(Scope).index)


@pytest.mark.parametrize(("kind", "pack"), IN_PACK.items())
def test_a_row_of_a_string_judges_as_that_of_its_batteries(kind: str, pack: str) -> None:
    own, shared = ROWS[kind], ROWS[pack]
    assert (own.unit, own.is_high, own.per, own.digits) == (shared.unit, shared.is_high, shared.per, shared.digits)
    assert [(one.severity, one.raise_at, one.clear_at, one.hold) for one in limits_of().of(kind)] == [
        (one.severity, one.raise_at, one.clear_at, one.hold) for one in limits_of().of(pack)
    ]


def test_defaults_are_those_of_the_interface() -> None:
    assert raise_values("voltage_high") == {WARNING: 2.35, ALARM: 2.40}
    assert raise_values("voltage_high_charge") == {WARNING: 2.45, ALARM: 2.50}
    assert raise_values("voltage_low") == {WARNING: 2.17, ALARM: 2.12}
    assert raise_values("voltage_low_discharge") == {WARNING: 1.85, ALARM: 1.75}
    assert raise_values("voltage_deviation") == {WARNING: 2.0, ALARM: 4.0}
    assert raise_values("temperature_high") == {WARNING: 35.0, ALARM: 45.0}
    assert raise_values("temperature_low") == {WARNING: 5.0, ALARM: 0.0}
    assert raise_values("temperature_above") == {WARNING: 5.0, ALARM: 10.0}
    assert raise_values("ri_rise") == {NOTICE: 20.0, WARNING: 30.0, ALARM: 50.0}
    assert raise_values("ri_high") == raise_values("ri_low") == {}
    assert raise_values("room_temperature_high")[WARNING] == 30.0
    assert raise_values("room_temperature_low")[WARNING] == 0.0
    holds = {kind: limits_of().of(kind)[0].hold for kind in ("voltage_high", "temperature_high", "ri_rise")}
    assert holds == {"voltage_high": 60.0, "temperature_high": 300.0, "ri_rise": 3}
    assert ROWS["ri_rise"].hold_unit == READINGS


def test_clear_lies_inside_raise_on_both_sides() -> None:
    for limit in limits_of().tiers:
        assert limit.clear_at < limit.raise_at if limit.row.is_high else limit.clear_at > limit.raise_at


def test_a_change_moves_raise_clear_and_hold_of_battery_and_string() -> None:
    limits = limits_of({"voltage_high": Change(warning=2.33, gap=0.03, hold=30.0)})
    for kind in ("voltage_high", "charger_overvoltage"):
        warning, alarm = limits.of(kind)
        assert (warning.raise_at, warning.clear_at, warning.hold) == (2.33, pytest.approx(2.30), 30.0)
        assert (alarm.raise_at, alarm.clear_at) == (2.40, pytest.approx(2.37))


def test_tiers_are_switched_off_and_on() -> None:
    assert raise_values("ri_rise", {"ri_rise": Change(off=frozenset({NOTICE, WARNING}))}) == {ALARM: 50.0}
    assert raise_values("ri_high", {"ri_high": Change(alarm=8.0)}) == {ALARM: 8.0}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"voltage": Change(warning=1.0)}, "'voltage' is not known"),
        ({"voltage_high": Change(warning=2.41)}, "warning .2.41. must lie below the alarm .2.4"),
        ({"voltage_low": Change(warning=2.10)}, "warning .2.1. must lie above the alarm .2.12"),
        ({"voltage_high": Change(alarm=4.0)}, "outside 0.5 to 3.2"),
        ({"voltage_high": Change(gap=0.0)}, "more than 0"),
        ({"voltage_high": Change(gap=-0.1)}, "more than 0"),
        ({"voltage_high": Change(hold=-1.0)}, "hold of -1 s is outside 0 to 86400"),
        ({"ri_rise": Change(hold=2.5)}, "2.5 is no whole number"),
        ({"module_lost": Change(alarm=2.0)}, "no threshold to change"),
        ({"charger_overvoltage": Change(alarm=2.4)}, "follows voltage_high"),
        ({"voltage_low": Change(warning=2.36, alarm=2.30)}, "voltage_low .2.36. must lie below limit voltage_high"),
        ({"voltage_high": Change(warning=2.46, alarm=2.49)}, "voltage_high .2.46. must lie below"),
        ({"temperature_low": Change(warning=29.0), "temperature_high": Change(warning=28.0)}, "temperature_low"),
    ],
)
def test_nonsense_is_refused_in_one_line(changes: dict[str, Change], said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        limits_of(changes)
    assert "\n" not in str(caught.value)


def test_not_a_number_is_refused() -> None:
    with pytest.raises(ConfigError):
        limits_of({"voltage_high": Change(alarm=float("nan"))})
    with pytest.raises(ConfigError):
        limits_of({"voltage_high": Change(gap=float("nan"))})


def test_grouping_and_reports_name_kinds_of_the_table() -> None:
    assert set(ROWS) >= REPORTED
    for table in (EXPLAINS, ALREADY_TOLD):
        assert set(ROWS) >= set(table)
        assert all(set(ROWS) >= set(symptoms) for symptoms in table.values())


def test_no_kind_explains_its_own_cause() -> None:
    """Two that wait for each other would both stay silent for ever."""
    reached: dict[str, set[str]] = {cause: set(symptoms) for cause, symptoms in EXPLAINS.items()}
    for _ in reached:
        for found in reached.values():
            found |= {further for symptom in found for further in reached.get(symptom, set())}
    assert [cause for cause, found in reached.items() if cause in found] == []
