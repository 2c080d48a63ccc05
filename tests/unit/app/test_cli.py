"""The command line as a shell sees it: exit codes, one-line errors, help."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from webmanager import __version__


def webmanager(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "webmanager", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        cwd="/",
        check=False,
        env={**os.environ, "COLUMNS": "200"},
    )


def test_the_version_is_printed() -> None:
    assert webmanager("--version").stdout == f"webmanager {__version__}\n"


@pytest.mark.parametrize("command", [(), ("demo",), ("run",), ("room",), ("scenario",)])
def test_every_command_has_help(command: tuple[str, ...]) -> None:
    answer = webmanager(*command, "--help")
    assert answer.returncode == 0
    assert "Usage" in answer.stdout


PUBLISHED = (
    "--modules --strings --block --start --noise --speed --seed --data --history --http-port --modbus-port "
    "--snmp-port --bind"
)


def test_the_demo_knows_every_published_option() -> None:
    shown = webmanager("demo", "--help").stdout
    assert [option for option in PUBLISHED.split() if option not in shown] == []


@pytest.mark.parametrize(
    "arguments",
    [("frobnicate",), ("demo", "--modules", "257"), ("demo", "--block", "8V"), ("run",), ("demo", "--start", "warm")],
)
def test_wrong_usage_is_exit_code_2(arguments: tuple[str, ...]) -> None:
    answer = webmanager(*arguments)
    assert answer.returncode == 2
    assert "Traceback" not in answer.stderr


def test_a_missing_hardware_file_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    answer = webmanager("run", "--hardware", str(tmp_path / "none.toml"))
    assert answer.returncode == 2
    assert answer.stderr == f"webmanager: {tmp_path}/none.toml: there is no such file\n"


def test_a_wrong_key_in_the_room_file_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    path = tmp_path / "room.toml"
    path.write_text("[room]\nmoduels = 3\n")
    answer = webmanager("room", "--config", str(path), "--link", str(tmp_path / "ports"))
    assert answer.returncode == 2
    assert answer.stderr.count("\n") == 1
    assert "moduels" in answer.stderr
