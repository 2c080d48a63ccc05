import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from webmanager.notify.rccmd_sentence import PREFIX, receipt

LINE = f"{PREFIX}MSG_TEXT Powerfail on SLC (5): restored."


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "webmanager", "rccmd-listen", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "rccmd.toml"
    path.write_text('bind = "127.0.0.1"\nport = 0\nsenders = ["127.0.0.1"]\n')
    return path


def test_check_says_what_is_in_the_file(config: Path) -> None:
    ended = run("--config", str(config), "--check")
    assert (ended.returncode, ended.stdout) == (0, f"{config}: fine, 1 senders, 0 commands\n")


def test_a_wrong_file_is_one_line_and_exit_code_2(config: Path) -> None:
    config.write_text('senders = ["everybody"]\n')
    ended = run("--config", str(config))
    assert ended.returncode == 2
    assert re.fullmatch(r"webmanager: rccmd\.toml: .*senders.*\n", ended.stderr)


def test_it_listens_answers_and_ends_cleanly(config: Path) -> None:
    command = [sys.executable, "-m", "webmanager", "rccmd-listen", "--config", str(config)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        ports = re.fullmatch(r"Listening on 127\.0\.0\.1: UDP \d+, TCP (\d+)\n", process.stdout.readline())
        assert ports
        with socket.create_connection(("127.0.0.1", int(ports[1])), timeout=20) as line, line.makefile("rw") as both:
            both.write(LINE + "\n")
            both.flush()
            assert both.readline() == receipt(LINE) + "\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
