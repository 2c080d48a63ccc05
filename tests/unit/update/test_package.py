"""What an update package is, and how versions follow each other."""

import base64
from pathlib import Path

import pytest

from fakes.packages import PUBLIC, VERSION, files, signed, wheel
from webmanager.domain.errors import ConfigError
from webmanager.update.package import is_newer, read_key, verify


def test_a_signed_wheel_is_accepted_and_nothing_is_unpacked(tmp_path: Path) -> None:
    path = wheel(tmp_path)
    package = verify(path, signed(path), PUBLIC, "0.1.0")
    assert (package.version, package.files) == (VERSION, 5)
    assert package.file_name == path.name
    assert package.bytes == path.stat().st_size
    assert list(tmp_path.iterdir()) == [path]


def test_blanks_around_a_signature_do_not_matter(tmp_path: Path) -> None:
    path = wheel(tmp_path)
    assert verify(path, f" {signed(path)}\n", f"{PUBLIC}\n", "0.1.0").version == VERSION


@pytest.mark.parametrize(
    ("version", "running", "newer"),
    [
        ("0.2.0", "0.1.0", True),
        ("0.1.10", "0.1.9", True),
        ("1.0", "0.9.9", True),
        ("0.1.0", "0.1.0", False),
        ("0.1", "0.1.0", False),
        ("0.0.9", "0.1.0", False),
        ("1.0rc1", "0.1.0", False),
        ("1", "0.1.0", False),
        ("", "0.1.0", False),
        ("1.0.0.0.0", "0.1.0", False),
        ("9" * 400 + ".0", "0.1.0", False),
    ],
)
def test_what_is_newer(version: str, running: str, newer: bool) -> None:
    assert is_newer(version, running) is newer


@pytest.mark.parametrize("key", ["", "x", base64.b64encode(bytes(31)).decode(), base64.b64encode(bytes(33)).decode()])
def test_a_key_that_is_none(key: str, tmp_path: Path) -> None:
    path = wheel(tmp_path)
    for act in (lambda: read_key(key), lambda: verify(path, signed(path), key, "0.1.0")):
        with pytest.raises(ConfigError, match="32 bytes in base64 are expected"):
            act()


def test_a_wheel_for_one_machine_is_refused(tmp_path: Path) -> None:
    content = files()
    info = f"webmanager-{VERSION}.dist-info"
    content[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp311-cp311-linux_x86_64\n"
    path = wheel(tmp_path, content=content)
    with pytest.raises(ConfigError, match="not for every machine"):
        verify(path, signed(path), PUBLIC, "0.1.0")
