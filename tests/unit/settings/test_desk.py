import json
from pathlib import Path

import pytest

from fakes.state import MemoryStateKeeper
from webmanager.domain.errors import ConfigError, StoreError
from webmanager.settings.desk import HISTORY, SettingsDesk, validated
from webmanager.settings.mistakes import SettingsError
from webmanager.settings.model import Settings
from webmanager.settings.section import HIDDEN
from webmanager.settings.state import FileStateKeeper

MAIL = {"type": "mail", "name": "ops", "server": "m.test", "sender": "a@b.c", "to": ["d@e.f"], "password": "s3cret"}


def with_mail() -> SettingsDesk:
    return SettingsDesk(validated({"notify": {"receivers": [MAIL]}}))


def test_what_is_applied_is_in_force_at_once_and_unsaved() -> None:
    desk = SettingsDesk()
    heard: list[tuple[float, float]] = []
    end = desk.subscribe(lambda before, after: heard.append((before.scan.period_s, after.scan.period_s)))
    done = desk.apply("scan", {"period_s": 3}, "admin", 10.0)
    assert (done.changed, done.number) == (("scan.period_s",), 1)
    assert (desk.applied.scan.period_s, desk.saved.scan.period_s) == (3.0, 2.0)
    assert desk.unsaved() == ("scan.period_s",)
    end()
    desk.apply("scan", {"period_s": 4}, "admin", 11.0)
    assert heard == [(2.0, 3.0)]


def test_what_is_left_out_keeps_its_value_and_the_same_again_is_no_change() -> None:
    desk = SettingsDesk()
    desk.apply("scan", {"period_s": 3}, "admin", 1.0)
    desk.apply("scan", {"retry_budget_ms": 10}, "admin", 2.0)
    assert (desk.applied.scan.period_s, desk.applied.scan.retry_budget_ms) == (3.0, 10)
    assert desk.apply("scan", {"period_s": 3.0}, "admin", 3.0).changed == ()
    assert len(desk.history()) == 2


def test_all_mistakes_are_told_and_nothing_changes() -> None:
    desk = SettingsDesk()
    with pytest.raises(SettingsError) as caught:
        desk.apply("scan", {"period_s": 0, "ri_interval_h": "often", "colour": 1}, "admin", 1.0)
    assert set(caught.value.errors) == {
        ("scan.period_s", "0 is below 0.5"),
        ("scan.ri_interval_h", "“often” is not a number"),
        ("scan.colour", "this key is not known"),
    }
    assert (desk.applied, desk.history(), desk.unsaved()) == (Settings(), (), ())


@pytest.mark.parametrize("section", ["nothing", "scan.period", "scan.period_s.more", "model_fields", ""])
def test_a_section_that_is_not_there_is_told(section: str) -> None:
    with pytest.raises(SettingsError, match="no such section"):
        SettingsDesk().apply(section, {}, "admin", 1.0)


def test_what_is_no_table_is_a_mistake_of_the_section() -> None:
    for given in ([], "text", None, 3):
        with pytest.raises(SettingsError, match=r"scan: "):
            SettingsDesk().apply("scan", given, "admin", 1.0)


def test_one_list_can_be_edited_by_its_dotted_path() -> None:
    desk = with_mail()
    desk.apply("notify.receivers", [MAIL | {"password": HIDDEN}, {"type": "outputs", "name": "relays"}], "admin", 1.0)
    first, second = desk.applied.notify.receivers
    assert (first.name, second.type) == ("ops", "outputs")
    assert desk.applied.notify.receivers[0].password.get_secret_value() == "s3cret"  # type: ignore[union-attr]
    with pytest.raises(SettingsError) as caught:
        desk.apply("notify.receivers", [MAIL | {"port": 70161}], "admin", 2.0)
    assert caught.value.errors == (("notify.receivers.0.port", "70161 is above 65535"),)


def test_saving_makes_it_the_settings_of_the_next_start(tmp_path: Path) -> None:
    desk = SettingsDesk.open(tmp_path)
    desk.apply("scan", {"period_s": 3}, "admin", 1.0)
    assert SettingsDesk.open(tmp_path).applied.scan.period_s == 2.0
    assert desk.save("admin", 2.0) == ("scan.period_s",)
    assert desk.unsaved() == ()
    assert SettingsDesk.open(tmp_path).applied.scan.period_s == 3.0


def test_a_saved_change_is_in_the_history_on_the_disk_when_save_returns(tmp_path: Path) -> None:
    keeper = FileStateKeeper(tmp_path / "state")
    desk = SettingsDesk.open(tmp_path, keeper)
    desk.apply("scan", {"period_s": 3}, "admin", 1.0)
    desk.save("admin", 2.0)
    kept = json.loads((tmp_path / "state" / f"{HISTORY}.json").read_text())["changes"]
    assert [change["what"] for change in kept] == ["applied", "saved"]
    keeper.close()


def test_a_history_that_cannot_be_kept_is_no_failed_save(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    class FullDisk(MemoryStateKeeper):
        def save_now(self, name: str, document: dict[str, object]) -> None:
            raise StoreError("no space")

    desk = SettingsDesk.open(tmp_path, FullDisk())
    desk.apply("scan", {"period_s": 3}, "admin", 1.0)
    assert desk.save("admin", 2.0) == ("scan.period_s",)
    assert SettingsDesk.open(tmp_path).applied.scan.period_s == 3.0
    assert "no space" in caplog.text


def test_the_last_good_one_is_not_written_while_a_save_sweeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A save takes away what a killed process has left half written, and must not find the other writer's file."""
    desk = SettingsDesk.open(tmp_path)
    alone: list[bool] = []
    monkeypatch.setattr(desk._folder, "write_last_good", lambda settings: alone.append(desk._writing.locked()))
    desk.confirm_good()
    desk.save("admin", 1.0)
    assert alone == [True, True]


def test_other_ways_in_are_those_that_the_last_good_one_has_not(tmp_path: Path) -> None:
    desk = SettingsDesk.open(tmp_path)
    assert desk.other_ways_in() == ()
    desk.confirm_good()
    desk.apply("network", {"http_port": 8081, "snmp_port": 1161}, "admin", 1.0)
    desk.save("admin", 2.0)
    desk.reload()
    assert desk.other_ways_in() == ("network.http_port",)
    desk.confirm_good()
    assert desk.other_ways_in() == ()


def test_discarding_goes_back_to_what_is_saved() -> None:
    desk = SettingsDesk()
    desk.apply("scan", {"period_s": 3}, "admin", 1.0)
    assert desk.discard("admin", 2.0).changed == ("scan.period_s",)
    assert (desk.applied, desk.unsaved()) == (Settings(), ())


def test_the_history_tells_who_what_before_and_after_and_no_secret() -> None:
    desk, keeper = with_mail(), MemoryStateKeeper()
    desk = SettingsDesk(desk.applied, keeper=keeper)
    desk.apply("notify", {"receivers": [MAIL | {"password": "newer"}]}, "m.k", 5.0)
    desk.apply("scan", {"period_s": 3}, "admin", 6.0)
    newest, older = desk.history()
    assert (newest.by, newest.at, newest.what) == ("admin", 6.0, "applied")
    assert [(field.path, field.before, field.after) for field in newest.fields] == [("scan.period_s", 2.0, 3.0)]
    assert older.fields[0].path == "notify.receivers"
    assert older.fields[0].before[0]["password"] == HIDDEN
    assert "s3cret" not in repr(desk.history())
    assert "newer" not in repr(keeper.load(HISTORY))


def test_the_history_outlives_a_restart_and_goes_on_counting() -> None:
    keeper = MemoryStateKeeper()
    SettingsDesk(keeper=keeper).apply("scan", {"period_s": 3}, "admin", 1.0)
    desk = SettingsDesk(keeper=keeper)
    assert [change.number for change in desk.history()] == [1]
    assert desk.apply("scan", {"period_s": 5}, "admin", 2.0).number == 2


def test_a_history_that_is_none_is_left_out() -> None:
    keeper = MemoryStateKeeper()
    keeper.save(
        HISTORY, {"changes": [{"number": 1}, "text", {"number": 2, "at": 1, "by": "a", "what": "b", "fields": []}]}
    )
    assert [change.number for change in SettingsDesk(keeper=keeper).history()] == [2]


def test_undo_brings_back_what_was_before_with_its_secrets_and_leaves_the_rest() -> None:
    desk = with_mail()
    gone = desk.apply("notify.receivers", [], "admin", 1.0)
    desk.apply("scan", {"period_s": 3}, "admin", 2.0)
    assert gone.number is not None
    desk.undo(gone.number, "admin", 3.0)
    assert desk.applied.notify.receivers[0].password.get_secret_value() == "s3cret"  # type: ignore[union-attr]
    assert desk.applied.scan.period_s == 3.0
    with pytest.raises(SettingsError, match="nothing of change 1 is left"):
        desk.undo(gone.number, "admin", 4.0)
    with pytest.raises(SettingsError, match="no change 99"):
        desk.undo(99, "admin", 5.0)


def test_undo_after_a_restart_takes_the_values_of_the_history() -> None:
    keeper = MemoryStateKeeper()
    desk = SettingsDesk(keeper=keeper)
    desk.apply("scan", {"period_s": 3}, "admin", 1.0)
    again = SettingsDesk(desk.applied, keeper=keeper)
    again.undo(1, "admin", 2.0)
    assert again.applied.scan.period_s == 2.0


def test_undo_that_does_not_fit_any_more_is_refused_as_any_change() -> None:
    desk = with_mail()
    desk.apply("notify.receivers", [*[MAIL], {"type": "outputs", "name": "relays"}], "admin", 1.0)
    desk.apply("notify.jobs", [{"name": "all", "to": ["relays"]}], "admin", 2.0)
    with pytest.raises(SettingsError, match="no receiver called 'relays'"):
        desk.undo(1, "admin", 3.0)


def test_a_factory_reset_puts_the_defaults_in_force() -> None:
    desk = with_mail()
    assert desk.factory_reset("admin", 1.0).changed == ("notify.receivers",)
    assert desk.applied == Settings()


def test_what_the_command_line_tells_counts_over_what_is_read_and_after_a_reset(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("[installation]\nname = 'North'\nmodules = 16\n")
    desk = SettingsDesk.open(tmp_path, told={"installation.modules": 32})
    assert (desk.applied.installation.name, desk.applied.installation.modules) == ("North", 32)
    assert desk.unsaved() == ()
    desk.factory_reset("admin", 1.0)
    assert desk.applied.installation.modules == 32
    with pytest.raises(ConfigError):
        SettingsDesk.open(tmp_path, told={"installation.modules": 1000})


def test_a_start_that_fails_falls_back_on_the_last_good_settings_then_on_the_defaults(tmp_path: Path) -> None:
    desk = SettingsDesk.open(tmp_path)
    desk.apply("scan", {"period_s": 3}, "admin", 1.0)
    desk.save("admin", 1.0)
    desk.reload()
    desk.confirm_good()
    (tmp_path / "settings.toml").write_text("[scan]\nperiod_s = 7\n")
    assert desk.reload().scan.period_s == 7.0
    assert desk.fall_back("port 80 is in use").scan.period_s == 3.0
    assert desk.trouble == "port 80 is in use: the device runs on the last good configuration"
    assert desk.unsaved() == ("scan.period_s",)
    assert desk.fall_back("port 80 is in use") == Settings()
    assert "the defaults" in desk.trouble
    with pytest.raises(ConfigError, match="port 80 is in use"):
        desk.fall_back("port 80 is in use")
    assert desk.reload().scan.period_s == 7.0
    assert desk.trouble == ""


def test_the_bad_file_is_replaced_when_the_last_good_settings_are_saved(tmp_path: Path) -> None:
    desk = SettingsDesk.open(tmp_path)
    desk.confirm_good()
    (tmp_path / "settings.toml").write_text("[scan]\nperiod_s = 7\n")
    desk.reload()
    desk.fall_back("it does not start")
    desk.save("admin", 2.0)
    assert (desk.trouble, SettingsDesk.open(tmp_path).applied) == ("", Settings())


def test_a_file_that_cannot_be_read_leaves_the_device_on_the_last_good_one(tmp_path: Path) -> None:
    desk = SettingsDesk.open(tmp_path)
    desk.apply("scan", {"period_s": 3}, "admin", 1.0)
    desk.save("admin", 1.0)
    (tmp_path / "settings.toml").write_text("[scan]\nperiod_s = 0\n")
    again = SettingsDesk.open(tmp_path)
    assert again.applied.scan.period_s == 3.0
    assert again.trouble.startswith("settings.toml: [scan] period_s: ")
    assert again.trouble.endswith(": the device runs on the last good configuration")
    again.save("admin", 2.0)
    assert SettingsDesk.open(tmp_path).trouble == ""
    assert (tmp_path / "settings.rejected.toml").read_text() == "[scan]\nperiod_s = 0\n"


def test_a_guard_forbids_a_change_before_it_happens() -> None:
    desk = SettingsDesk()

    def never(before: Settings, after: Settings) -> None:
        if after.scan != before.scan:
            raise SettingsError([("scan", "not now")])

    end = desk.guard(never)
    with pytest.raises(SettingsError, match="not now"):
        desk.apply("scan", {"period_s": 5.0}, "kim", 0.0)
    assert desk.applied == Settings()
    assert desk.history() == ()
    desk.apply("web", {"host_names": ["battery.example"]}, "kim", 0.0)
    end()
    end()
    assert desk.apply("scan", {"period_s": 5.0}, "kim", 0.0).changed == ("scan.period_s",)
