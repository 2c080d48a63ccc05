from pathlib import Path

import pytest

from webmanager.app.identity import device_serial


def test_the_serial_number_is_made_once(tmp_path: Path) -> None:
    first = device_serial(tmp_path)
    assert len(first) == 6
    assert first.isdigit()
    assert device_serial(tmp_path) == first


@pytest.mark.parametrize("rubbish", [b"", b"12", b"\xff\xff", b"../../etc"])
def test_a_damaged_number_is_replaced(tmp_path: Path, rubbish: bytes) -> None:
    (tmp_path / "serial").write_bytes(rubbish)
    serial = device_serial(tmp_path)
    assert serial.isdigit()
    assert device_serial(tmp_path) == serial
