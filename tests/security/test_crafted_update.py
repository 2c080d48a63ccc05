"""CVE-2022-42457 and CVE-2022-47189 of this family: an update whose script ran as root, one that ended the device.

Here a package is judged, never run: a wrong signature ends it before the archive is opened, and even a rightly signed
one cannot leave its place, link, grow without end, or go back to an older version.
"""

import base64
import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fakes.packages import KEY, PUBLIC, VERSION, files, record, signed, wheel
from webmanager.domain.errors import ConfigError
from webmanager.update import package as rules
from webmanager.update.package import verify

INFO = f"webmanager-{VERSION}.dist-info"


def refused(path: Path, reason: str, signature: str | None = None) -> None:
    before = sorted(path.parent.rglob("*"))
    with pytest.raises(ConfigError, match=reason):
        verify(path, signed(path) if signature is None else signature, PUBLIC, "0.1.0")
    assert sorted(path.parent.rglob("*")) == before, "nothing was unpacked"


def test_a_signature_by_somebody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = wheel(tmp_path)
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_: pytest.fail("the archive was opened"))
    for signature in (
        signed(path, Ed25519PrivateKey.generate()),
        base64.b64encode(bytes(64)).decode(),
        base64.b64encode(KEY.sign(path.read_bytes())).decode(),
        signed(path)[:-4],
        "x" * 88,
        "",
        "é",
    ):
        refused(path, "the signature is not by the holder", signature)


@pytest.mark.parametrize("at", [0, 100, -30, -1])
def test_one_bit_changed_after_the_signature(tmp_path: Path, at: int) -> None:
    path = wheel(tmp_path)
    signature = signed(path)
    body = bytearray(path.read_bytes())
    body[at] ^= 1
    path.write_bytes(body)
    refused(path, "the signature is not by the holder", signature)


def test_a_truncated_or_lengthened_one(tmp_path: Path) -> None:
    path = wheel(tmp_path)
    signature, body = signed(path), path.read_bytes()
    for cut in (b"", body[: len(body) // 2], body[:-1], body + b"x"):
        path.write_bytes(cut)
        refused(path, "the signature is not by the holder", signature)
        refused(path, "no sound archive|the list of the package|package") if cut in {
            b"",
            body[: len(body) // 2],
        } else None


@pytest.mark.parametrize(
    "name",
    [
        "../evil.py",
        "webmanager/../../evil.py",
        "/etc/cron.d/evil",
        "webmanager/./x.py",
        "webmanager//x.py",
        "C:/evil.py",
        "webmanager\\..\\evil.py",
        "webmanager/\x1b[2J.py",
        "evil.pth",
        "sitecustomize.py",
        f"webmanager-{VERSION}.data/scripts/install.sh",
        "setup.py",
        "webmanager-9.9.9.dist-info/METADATA",
    ],
)
def test_files_out_of_place(tmp_path: Path, name: str) -> None:
    content = files() | {name: b"import os; os.system('reboot')"}
    refused(wheel(tmp_path, content=content), "update: ")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_links_and_devices(tmp_path: Path, kind: int) -> None:
    def link(archive: zipfile.ZipFile) -> None:
        member = zipfile.ZipInfo("webmanager/secret")
        member.external_attr = (kind | 0o777) << 16
        archive.writestr(member, "/etc/shadow")

    refused(wheel(tmp_path, change=link), "is a link or a device")


def test_an_archive_that_grows_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "LARGEST_UNPACKED", 8 * 1024 * 1024)
    path = wheel(tmp_path, content=files() | {"webmanager/zeros": bytes(9 * 1024 * 1024)})
    assert path.stat().st_size < 100_000
    refused(path, "more than 8388608 bytes unpacked")


def test_sizes_that_lie(tmp_path: Path) -> None:
    """The archive says a file has 10 bytes, and it has ten thousand."""
    content = files() | {"webmanager/a.py": bytes(10_000)}
    path = wheel(tmp_path, content=content)
    body = path.read_bytes().replace((10_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    path.write_bytes(body)
    refused(path, "is not what the list|no sound archive")


def test_too_many_files_and_too_long_a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = wheel(tmp_path)
    monkeypatch.setattr(rules, "MOST_FILES", 4)
    refused(path, "5 files, 4 are the most")
    monkeypatch.setattr(rules, "LARGEST_BYTES", 100)
    refused(path, "larger than 100 bytes")


def test_two_files_of_one_name(tmp_path: Path) -> None:
    def again(archive: zipfile.ZipFile) -> None:
        archive.writestr("webmanager/__INIT__.py", b"import os")

    refused(wheel(tmp_path, change=again), "two files have one name")


def test_a_file_that_is_not_listed_or_another_than_listed(tmp_path: Path) -> None:
    def add(archive: zipfile.ZipFile) -> None:
        archive.writestr("webmanager/evil.py", b"import os")

    refused(wheel(tmp_path, change=add), "the list of the package and its files differ")
    other = files() | {"webmanager/__init__.py": b"import os; os.system('reboot')"}
    refused(wheel(tmp_path, content=other, listed=record(files(), INFO)), "is not what the list of the package says")


def change_info(part: str, text: bytes) -> Callable[[Path], Path]:
    return lambda folder: wheel(folder, content=files() | {f"{INFO}/{part}": text})


@pytest.mark.parametrize(
    ("build", "reason"),
    [
        (lambda folder: wheel(folder, content=files(name="evil")), "says it is evil"),
        (lambda folder: wheel(folder, "0.0.9"), "version 0.0.9 is not newer than 0.1.0"),
        (lambda folder: wheel(folder, "0.1.0"), "version 0.1.0 is not newer than 0.1.0"),
        (lambda folder: wheel(folder, content=files("9.2.0")), "does not hold one version"),
        (change_info("METADATA", b"Name: webmanager\nVersion: 9.9.9\n"), "says it is webmanager 9.9.9"),
        (change_info("METADATA", b""), "says it is none"),
        (change_info("METADATA", b"\xff\xfe" * 600_000), "too long"),
        (change_info("WHEEL", b""), "not for every machine"),
        (lambda folder: wheel(folder, content={}), "METADATA is missing"),
    ],
)
def test_another_product_another_version_or_an_older_one(
    tmp_path: Path, build: Callable[[Path], Path], reason: str
) -> None:
    refused(build(tmp_path), reason)


def test_what_is_no_archive_at_all(tmp_path: Path) -> None:
    path = tmp_path / "webmanager-9.1.0-py3-none-any.whl"
    for body in (b"", b"PK\x03\x04" + bytes(100), b"#!/bin/sh\nreboot\n", os.urandom(5000)):
        path.write_bytes(body)
        refused(path, "no sound archive")


def test_a_good_one_is_accepted(tmp_path: Path) -> None:
    """The control."""
    path = wheel(tmp_path)
    assert verify(path, signed(path), PUBLIC, "0.1.0").version == VERSION
