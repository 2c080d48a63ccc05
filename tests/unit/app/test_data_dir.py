import socket
import subprocess
import sys
from pathlib import Path

import pytest

from webmanager.app.data_dir import claimed, port_dir
from webmanager.domain.errors import ConfigError


def test_a_claimed_directory_is_private_and_refused_to_a_second_device(tmp_path: Path) -> None:
    with claimed(tmp_path / "data") as data:
        assert data.stat().st_mode & 0o777 == 0o700
        with pytest.raises(ConfigError, match="another device uses this data directory"), claimed(data):
            pass
    with claimed(data):
        pass


def test_a_process_that_dies_gives_its_directory_back(tmp_path: Path) -> None:
    script = (
        "import os, sys, pathlib; from webmanager.app.data_dir import claimed\n"
        "with claimed(pathlib.Path(sys.argv[1])): os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False, timeout=30)
    assert killed.returncode == -9
    with claimed(tmp_path):
        pass


def test_a_directory_that_cannot_be_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be used: Not a directory"), claimed(tmp_path / "file" / "data"):
        pass


def test_ports_find_an_empty_directory_and_leave_none(tmp_path: Path) -> None:
    left = tmp_path / "run" / "left by a killed device"
    left.mkdir(parents=True)
    with port_dir(tmp_path) as ports:
        assert list(ports.iterdir()) == []
        assert ports.parent == tmp_path
    assert not ports.exists()


def test_a_long_path_still_holds_a_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    with port_dir(deep) as ports, socket.socket(socket.AF_UNIX) as door:
        door.bind(str(ports / "room.sock"))
    assert not ports.exists()
