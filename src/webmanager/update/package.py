"""An update package: a wheel with an Ed25519 signature, judged without unpacking or running any of it.

The signature is over `CONTEXT` and the SHA-256 of the wheel, and is checked before the archive is even opened. Then the
archive itself is judged, so that not even a signed one leaves its place, links anywhere or grows without end.
"""

import base64
import binascii
import csv
import hashlib
import re
import stat
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from pathlib import Path, PurePosixPath

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from webmanager.domain.errors import ConfigError

NAME = "webmanager"
CONTEXT = b"webmanager-update-v1\0"
LARGEST_BYTES = 64 * 1024 * 1024
LARGEST_UNPACKED = 256 * 1024 * 1024
LARGEST_TEXT = 1024 * 1024
MOST_FILES = 5000
_VERSION = re.compile(r"\d{1,6}(\.\d{1,6}){1,3}")
_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Package:
    """A package that was verified."""

    version: str
    sha256: str
    bytes: int
    files: int

    @property
    def file_name(self) -> str:
        """As installers want it."""
        return f"{NAME}-{self.version}-py3-none-any.whl"


def verify(path: Path, signature: str, public_key: str, running: str) -> Package:
    """What a package is; ConfigError says why it is not accepted. `running` is the version that must be older."""
    size = path.stat().st_size
    if size > LARGEST_BYTES:
        raise ConfigError(f"update: the package is larger than {LARGEST_BYTES} bytes")
    digest = _digest(path)
    _check_signature(digest, signature, public_key)
    try:
        with zipfile.ZipFile(path) as archive:
            return _judge(archive, digest.hex(), size, running)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise ConfigError(f"update: the package is no sound archive: {str(error)[:100]}") from None


def is_newer(version: str, running: str) -> bool:
    """Whether a version is beyond another; False for what is no version."""
    return bool(_VERSION.fullmatch(version)) and _number(version) > _number(running)


def read_key(text: str) -> Ed25519PublicKey:
    """A public key of 32 bytes in base64; ConfigError if it is none."""
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(text.strip(), validate=True))
    except (ValueError, binascii.Error):
        raise ConfigError("update: public_key is not an Ed25519 key: 32 bytes in base64 are expected") from None


def _digest(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def _check_signature(digest: bytes, signature: str, public_key: str) -> None:
    key = read_key(public_key)
    try:
        key.verify(base64.b64decode(signature.strip(), validate=True), CONTEXT + digest)
    except (InvalidSignature, ValueError, binascii.Error):
        raise ConfigError("update: the signature is not by the holder of the device's update key") from None


def _judge(archive: zipfile.ZipFile, sha256: str, size: int, running: str) -> Package:
    members = archive.infolist()
    if len(members) > MOST_FILES:
        raise ConfigError(f"update: {len(members)} files, {MOST_FILES} are the most")
    if sum(member.file_size for member in members) > LARGEST_UNPACKED:
        raise ConfigError(f"update: more than {LARGEST_UNPACKED} bytes unpacked")
    names = [member.filename for member in members]
    if len({name.lower() for name in names}) < len(names):
        raise ConfigError("update: two files have one name")
    for member in members:
        _check_member(member)
    info = _info_folder(names)
    version = info.removeprefix(f"{NAME}-").removesuffix(".dist-info")
    _check_metadata(archive, info, version)
    if not is_newer(version, running):
        raise ConfigError(f"update: version {version} is not newer than {running}, which runs")
    _check_record(archive, members, info)
    return Package(version, sha256, size, len(members))


def _check_member(member: zipfile.ZipInfo) -> None:
    name, mode = member.filename, member.external_attr >> 16
    path = PurePosixPath(name)
    if not name.isascii() or not name.isprintable() or "\\" in name or ":" in name:
        raise ConfigError(f"update: a file has the name {name[:60]!r}")
    if path.is_absolute() or ".." in path.parts or name != str(path) + ("/" if name.endswith("/") else ""):
        raise ConfigError(f"update: {name[:60]!r} leads out of its place")
    if mode and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_IFMT(mode) == 0):
        raise ConfigError(f"update: {name[:60]!r} is a link or a device, not a file")
    if member.flag_bits & 0x1:
        raise ConfigError(f"update: {name[:60]!r} is enciphered")
    if path.parts[0] != NAME and not re.fullmatch(rf"{NAME}-[0-9.]+\.dist-info", path.parts[0]):
        raise ConfigError(f"update: {name[:60]!r} belongs to nothing of {NAME}")


def _info_folder(names: Iterable[str]) -> str:
    folders = {name.partition("/")[0] for name in names} - {NAME}
    if len(folders) != 1:
        raise ConfigError("update: the package does not hold one version")
    return folders.pop()


def _check_metadata(archive: zipfile.ZipFile, info: str, version: str) -> None:
    if not _VERSION.fullmatch(version):
        raise ConfigError(f"update: {version[:30]!r} is no version")
    metadata = BytesHeaderParser().parsebytes(_text(archive, f"{info}/METADATA"))
    told = (str(metadata["Name"]).lower(), str(metadata["Version"]))
    if told != (NAME, version):
        raise ConfigError(f"update: the package says it is {told[0][:40]} {told[1][:20]}, not {NAME} {version}")
    wheel = BytesHeaderParser().parsebytes(_text(archive, f"{info}/WHEEL"))
    if str(wheel["Root-Is-Purelib"]).lower() != "true" or wheel.get_all("Tag") != ["py3-none-any"]:
        raise ConfigError("update: the package is not for every machine (py3-none-any)")


def _check_record(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], info: str) -> None:
    """Every file is listed with its checksum, and has it."""
    record = f"{info}/RECORD"
    rows = csv.reader(_text(archive, record).decode("utf-8").splitlines())
    listed = {row[0]: row[1] for row in rows if len(row) == 3}
    files = {member.filename: member for member in members if not member.is_dir()}
    if set(listed) != set(files):
        raise ConfigError("update: the list of the package and its files differ")
    for name, member in files.items():
        if name == record:
            continue
        digest = hashlib.sha256()
        unpacked = 0
        with archive.open(member) as file:
            while chunk := file.read(_CHUNK):
                unpacked += len(chunk)
                digest.update(chunk)
        told = base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()
        if unpacked != member.file_size or listed[name] != f"sha256={told}":
            raise ConfigError(f"update: {name[:60]!r} is not what the list of the package says")


def _text(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        member = archive.getinfo(name)
    except KeyError:
        raise ConfigError(f"update: {name} is missing in the package") from None
    with archive.open(member) as file:
        text = file.read(LARGEST_TEXT + 1)
    if len(text) > LARGEST_TEXT:
        raise ConfigError(f"update: {name} is too long")
    return text


def _number(version: str) -> tuple[int, ...]:
    parts = [int(part) for part in re.findall(r"\d{1,6}", version)[:4]]
    return tuple(parts + [0] * (4 - len(parts)))
