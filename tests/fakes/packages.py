"""Update packages as a release maker builds them, and as an attacker would."""

import base64
import hashlib
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from webmanager.update.package import CONTEXT

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = base64.b64encode(KEY.public_key().public_bytes_raw()).decode()
VERSION = "9.1.0"


def signed(path: Path, key: Ed25519PrivateKey = KEY) -> str:
    """The signature of a file."""
    digest = hashlib.sha256(path.read_bytes()).digest()
    return base64.b64encode(key.sign(CONTEXT + digest)).decode()


def files(version: str = VERSION, name: str = "webmanager") -> dict[str, bytes]:
    """What a wheel holds, but for its list."""
    info = f"webmanager-{version}.dist-info"
    return {
        "webmanager/__init__.py": b'"""All of it."""\n',
        "webmanager/static/app.css": b"a { color: red }\n" * 50,
        f"{info}/METADATA": f"Metadata-Version: 2.4\nName: {name}\nVersion: {version}\n\nText.\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }


def record(content: Mapping[str, bytes], info: str) -> bytes:
    """The list of a wheel."""
    rows = []
    for name, body in content.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()
        rows.append(f"{name},sha256={digest},{len(body)}")
    return "\n".join([*rows, f"{info}/RECORD,,", ""]).encode()


def wheel(
    folder: Path,
    version: str = VERSION,
    content: Mapping[str, bytes] | None = None,
    change: Callable[[zipfile.ZipFile], None] = lambda archive: None,
    listed: bytes | None = None,
) -> Path:
    """A wheel; `change` adds to the archive behind the back of its list."""
    content = files(version) if content is None else content
    info = f"webmanager-{version}.dist-info"
    path = folder / f"webmanager-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in content.items():
            archive.writestr(name, body)
        archive.writestr(f"{info}/RECORD", record(content, info) if listed is None else listed)
        change(archive)
    return path
