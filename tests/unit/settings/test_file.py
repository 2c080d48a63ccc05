import os
from pathlib import Path

import pytest

from webmanager.domain.errors import ConfigError
from webmanager.settings.file import read_settings, read_toml, write_atomically


def write(directory: Path, text: str) -> Path:
    path = directory / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return directory


def test_without_a_file_the_defaults_are_in_force(tmp_path: Path) -> None:
    settings = read_settings(tmp_path)
    assert (settings.installation.modules, settings.installation.strings) == (256, 8)
    assert settings.equalizing.to_domain().guard == pytest.approx(0.08)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    settings = read_settings(write(tmp_path, "[installation]\nmodules = 72\nstrings = 6\nblock_voltage_v = 2\n"))
    installation = settings.installation.to_domain()
    assert (installation.per_string, installation.block.cells) == (12, 1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "[installation]\nmodules = 300\n",
            r"\[installation\] modules: input should be less than or equal to 256 \(given: 300\)",
        ),
        ("[installation]\nmoduels = 3\n", r"\[installation\] moduels: this key is not known"),
        ("[scan]\nperiod_s = 'fast'\n", r"\[scan\] period_s: .*valid number.*'fast'"),
        ("[instalation]\n", r"instalation: this key is not known"),
        ("[installation\n", r"is not TOML"),
        ("[installation]\nblock_voltage_v = 8\n", r"\[installation\] block_voltage_v: input should be 2, 4, 6 or 12"),
    ],
)
def test_a_mistake_is_told_in_one_line_with_file_table_and_key(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        read_settings(write(tmp_path, text))
    assert "settings.toml" in str(caught.value)
    assert "\n" not in str(caught.value).removesuffix("\n")


def test_a_missing_an_unreadable_and_a_huge_file_say_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        read_toml(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b"name = '\xff'")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_toml(tmp_path / "latin.toml")
    (tmp_path / "huge.toml").write_text("#" * 1_000_001)
    with pytest.raises(ConfigError, match="larger than"):
        read_toml(tmp_path / "huge.toml")


def test_a_file_is_replaced_in_one_step_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    write_atomically(path, "old")
    write_atomically(path, "new")
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["state.json"]


def test_a_failed_write_leaves_the_old_file_and_no_rubbish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "state.json"
    write_atomically(path, "old")

    def full_disk(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["state.json"]
