"""`webmanager settings check | show | factory-reset`."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from webmanager.app.data_dir import claimed
from webmanager.app.settings_cli import settings_app
from webmanager.domain.errors import ConfigError


def run(*arguments: str) -> str:
    result = CliRunner().invoke(settings_app, list(arguments))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        result.exception.args = (*result.exception.args, result.output)
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def write(data: Path, text: str) -> None:
    (data / "settings.toml").write_text(text, encoding="utf-8")


def test_check_is_content_with_a_good_file_and_with_none(tmp_path: Path) -> None:
    assert "fine" in run("check", "--data", str(tmp_path))
    write(tmp_path, "[scan]\nperiod_s = 3\n")
    assert "fine" in run("check", "--data", str(tmp_path))


def test_check_tells_every_mistake(tmp_path: Path) -> None:
    write(tmp_path, "[scan]\nperiod_s = 0\nri_interval_h = 'x'\n")
    with pytest.raises(ConfigError, match="2 mistakes in") as caught:
        run("check", "--data", str(tmp_path))
    assert "settings.toml: [scan] period_s: 0 is below 0.5\n" in caught.value.args[1]


def test_show_prints_what_is_in_force_without_secrets(tmp_path: Path) -> None:
    write(tmp_path, "[[snmp.communities]]\nname = 'hush'\n[scan]\nperiod_s = 3\n")
    shown = run("show", "--data", str(tmp_path))
    assert "period_s = 3.0" in shown
    assert "hush" not in shown


def test_show_says_that_it_is_not_the_file(tmp_path: Path) -> None:
    write(tmp_path, "[scan]\nperiod_s = 0\n")
    assert "the device runs on the defaults" in run("show", "--data", str(tmp_path))


def test_a_reset_keeps_the_old_file_and_needs_a_stopped_device(tmp_path: Path) -> None:
    write(tmp_path, "[scan]\nperiod_s = 3\n")
    with claimed(tmp_path), pytest.raises(ConfigError, match="another device uses"):
        run("factory-reset", "--data", str(tmp_path))
    assert "settings.before-reset.toml" in run("factory-reset", "--data", str(tmp_path))
    assert (tmp_path / "settings.before-reset.toml").read_text() == "[scan]\nperiod_s = 3\n"
    assert not (tmp_path / "settings.toml").exists()


def test_a_directory_that_is_not_there_is_told(tmp_path: Path) -> None:
    for command in ("check", "show", "factory-reset"):
        with pytest.raises(ConfigError, match="no such directory"):
            run(command, "--data", str(tmp_path / "none"))
