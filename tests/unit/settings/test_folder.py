import os
from pathlib import Path

import pytest

from webmanager.domain.errors import StoreError
from webmanager.settings.folder import SettingsFolder
from webmanager.settings.model import Settings


def write(tmp_path: Path, text: str) -> SettingsFolder:
    (tmp_path / "settings.toml").write_text(text, encoding="utf-8")
    return SettingsFolder(tmp_path)


def test_without_files_the_defaults_are_read_without_trouble(tmp_path: Path) -> None:
    found = SettingsFolder(tmp_path).read()
    assert (found.settings, found.trouble) == (Settings(), "")


def test_every_mistake_is_a_line_with_file_table_and_key(tmp_path: Path) -> None:
    text = "[scan]\nperiod_s = 0\nri_interval_h = 'x'\n[[notify.receivers]]\ntype = 'mail'\nname = 'a'\n[colour]\n"
    assert write(tmp_path, text).mistakes() == [
        "settings.toml: [scan] period_s: 0 is below 0.5",
        "settings.toml: [scan] ri_interval_h: “x” is not a number",
        "settings.toml: [notify.receivers.0] server: a value is expected",
        "settings.toml: [notify.receivers.0] sender: a value is expected",
        "settings.toml: [notify.receivers.0] to: a value is expected",
        "settings.toml: colour: this key is not known",
    ]


@pytest.mark.parametrize("text", ["[scan\n", "a = " + "[" * 5000, "a = 1\na = 2\n", "\x00", "[scan]\nperiod_s = 0x"])
def test_what_is_no_toml_is_one_line_and_leads_to_the_defaults(tmp_path: Path, text: str) -> None:
    found = write(tmp_path, text).read()
    assert found.settings == Settings()
    assert "settings.toml" in found.trouble
    assert "\n" not in found.trouble
    assert found.trouble.endswith("the device runs on the defaults")


def test_the_last_good_one_counts_if_the_file_does_not(tmp_path: Path) -> None:
    folder = write(tmp_path, "[scan]\nperiod_s = 9\n")
    folder.write_last_good(folder.read().settings)
    assert write(tmp_path, "[scan]\nperiod_s = 90\n").read().settings.scan.period_s == 9.0
    (tmp_path / "settings.last-good.toml").write_text("nonsense")
    assert folder.read().settings == Settings()


def test_the_last_good_one_is_written_only_when_it_differs(tmp_path: Path) -> None:
    folder = SettingsFolder(tmp_path)
    folder.write_last_good(Settings())
    before = folder.last_good_path.stat().st_ino
    folder.write_last_good(Settings())
    assert folder.last_good_path.stat().st_ino == before


def test_what_does_not_run_yet_is_not_the_last_good_one(tmp_path: Path) -> None:
    folder = SettingsFolder(tmp_path)
    folder.write(Settings.model_validate({"scan": {"period_s": 4}}), works=False)
    assert folder.last_good() is None
    folder.write(Settings.model_validate({"scan": {"period_s": 5}}), works=True)
    good = folder.last_good()
    assert good is not None
    assert good.scan.period_s == 5.0
    assert folder.last_good_path.stat().st_mode & 0o777 == 0o600


def test_a_disk_that_refuses_is_told_and_the_old_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path, "[scan]\nperiod_s = 9\n")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match=r"settings.toml: cannot be written: No space left"):
        folder.write(Settings(), works=True)
    monkeypatch.undo()
    assert folder.read().settings.scan.period_s == 9.0


def test_a_reset_keeps_the_old_file_aside(tmp_path: Path) -> None:
    folder = write(tmp_path, "[scan]\nperiod_s = 9\n")
    folder.write_last_good(folder.read().settings)
    kept = folder.reset()
    assert kept is not None
    assert kept.read_text() == "[scan]\nperiod_s = 9\n"
    assert folder.read().settings == Settings()
    assert SettingsFolder(tmp_path / "empty").reset() is None
