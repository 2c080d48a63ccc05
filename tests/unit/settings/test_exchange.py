"""Export and import: one file, no secrets, all of it or nothing."""

import pytest

from webmanager.settings.desk import SettingsDesk, validated
from webmanager.settings.exchange import LARGEST_IMPORT_BYTES
from webmanager.settings.mistakes import SettingsError
from webmanager.settings.model import Settings
from webmanager.settings.section import HIDDEN

MAIL = {"type": "mail", "name": "ops", "server": "m.test", "sender": "a@b.c", "to": ["d@e.f"], "password": "s3cret"}
USER = {"name": "nms", "auth_key": "authauthauth", "priv_key": "privprivpriv"}


def desk() -> SettingsDesk:
    return SettingsDesk(
        validated(
            {
                "scan": {"period_s": 4},
                "notify": {"receivers": [MAIL]},
                "snmp": {"communities": [{"name": "hush"}, {"name": "loud", "access": "write"}], "users": [USER]},
            }
        )
    )


def test_an_export_has_every_section_and_no_secret() -> None:
    text = desk().export_text()
    assert all(f"[{name}" in text for name in Settings.model_fields)
    assert not any(secret in text for secret in ("s3cret", "hush", "loud", "authauth", "privpriv"))
    assert HIDDEN in text


def test_what_is_exported_is_imported_and_keeps_the_secrets_of_the_device() -> None:
    source, target = desk(), desk()
    target.apply("scan", {"period_s": 9}, "admin", 1.0)
    done = target.import_text(source.export_text(), "admin", 2.0)
    assert done.changed == ("scan.period_s",)
    assert target.applied == source.applied


def test_another_device_gets_no_secret() -> None:
    fresh = SettingsDesk(validated({"snmp": {"communities": []}}))
    text = desk().export_text()
    with pytest.raises(SettingsError):
        fresh.import_text(text, "admin", 1.0)  # a community needs a name: nothing is guessed
    assert fresh.applied.scan.period_s == 2.0


def test_one_mistake_and_nothing_changes() -> None:
    target = desk()
    before = target.applied
    with pytest.raises(SettingsError) as caught:
        target.import_text("[scan]\nperiod_s = 5\n[modbus]\nunit = 300\n", "admin", 1.0)
    assert caught.value.errors == (("modbus.unit", "300 is above 247"),)
    assert target.applied is before


def test_sections_that_are_not_named_keep_their_values() -> None:
    target = desk()
    target.import_text("[scan]\nperiod_s = 5\n", "admin", 1.0)
    assert target.applied.scan.period_s == 5.0
    assert len(target.applied.notify.receivers) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[users.admin]\nhash = 'x'\n", "users: there is no such section"),
        ("[scan\n", "not TOML"),
        ("#" * (LARGEST_IMPORT_BYTES + 1), "longer than"),
        ("a = " + "[" * 4000, "nested too deeply|not TOML"),
        ("scan = 3\n", "scan: a table is expected"),
        ("[scan]\nperiod_s = nan\n", "scan.period_s"),
    ],
)
def test_what_is_no_such_file_is_refused(text: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        desk().import_text(text, "admin", 1.0)
