"""Differences between settings: leaves by path, lists as a whole, secrets never shown."""

import pytest

from webmanager.settings.changes import Change, FieldChange, differences, needs_restart, overlaid, value_at
from webmanager.settings.model import Settings
from webmanager.settings.section import HIDDEN, RESTART, Section

SNMP = {"snmp": {"communities": [{"name": "hush"}]}}


def test_leaves_are_told_by_their_path_and_lists_as_a_whole() -> None:
    after = Settings.model_validate({"scan": {"period_s": 3}, "notify": {"general_alarm": {"buzzer": False}}} | SNMP)
    told = {change.path: (change.before, change.after) for change in differences(Settings(), after)}
    assert told["scan.period_s"] == (2.0, 3.0)
    assert told["notify.general_alarm.buzzer"] == (True, False)
    assert told.keys() == {"scan.period_s", "notify.general_alarm.buzzer", "snmp.communities"}
    assert told["snmp.communities"][1][0]["name"] == HIDDEN
    assert differences(after, after) == ()


def test_a_secret_that_changed_is_a_difference_that_shows_nothing() -> None:
    before, after = Settings.model_validate(SNMP), Settings.model_validate({"snmp": {"communities": [{"name": "new"}]}})
    (change,) = differences(before, after)
    assert change.before == change.after
    assert "hush" not in repr(change)


def test_values_are_read_and_laid_over_by_path_with_their_secrets() -> None:
    settings = Settings.model_validate(SNMP)
    assert value_at(settings, "snmp.communities")[0]["name"] == "hush"
    tables = overlaid(settings, {"scan.period_s": 4, "notify.general_alarm.relay": False})
    assert (tables["scan"]["period_s"], tables["notify"]["general_alarm"]["relay"]) == (4, False)
    assert Settings.model_validate(tables).snmp == settings.snmp
    with pytest.raises(AttributeError):
        value_at(settings, "nothing.here")


def test_a_mark_on_a_section_counts_for_its_fields() -> None:
    class Inner(Section):
        """Marked by whoever holds it."""

        field: int = 1

    class Outer(Section):
        """Holds a marked section."""

        inner: Inner = Inner()

    Outer.model_fields["inner"].json_schema_extra = RESTART
    assert needs_restart(Outer, "inner.field")
    assert needs_restart(Settings, "network.http_port")
    assert not needs_restart(Settings, "scan.period_s")
    assert not needs_restart(Settings, "nothing.here")


def test_a_change_is_kept_and_read_again() -> None:
    change = Change(7, 12.5, "admin", "applied", (FieldChange("scan.period_s", 2.0, 3.0),))
    assert Change.from_document(change.document()) == change
    with pytest.raises(KeyError):
        Change.from_document({"number": 1})
