"""Templates and static files: where they are, under which address, and packed once at start."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from webmanager.domain.errors import ConfigError

_PACKED = {".css", ".js", ".svg", ".json", ".md", ".txt"}
_WORTH_PACKING = 512


def assets(kind: str) -> Path:
    """The folder `templates` or `static`: in the installed package, else in the checkout."""
    package = Path(__file__).resolve().parents[2]
    for place in (package / kind, package.parents[1] / kind):
        if place.is_dir():
            return place
    raise ConfigError(f"the folder {kind} is missing beside {package}: the installation is not complete")


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file ready to be sent; `packed` is its gzip form where that is smaller."""

    content_type: str
    plain: bytes
    packed: bytes | None
    etag: str


class StaticFiles:
    """All static files in memory, addressed by one hash over all of them.

    The hash is part of the path, so relative imports between scripts and style sheets carry it too, and a browser
    may keep every file for ever: a change of any file changes every address.
    """

    def __init__(self, folder: Path) -> None:
        self._files = {
            path.relative_to(folder).as_posix(): _load(path)
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.name.startswith(".")
        }
        tree = hashlib.sha256()
        for name, file in self._files.items():
            tree.update(f"{name}\0{file.etag}\n".encode())
        self.version = tree.hexdigest()[:12]

    def url(self, name: str) -> str:
        """Address of a file, e.g. `/static/3f2a.../app.css`; KeyError if there is none, so a typo fails the page."""
        return f"/static/{self.version}/{self._files[name] and name}"

    def get(self, name: str) -> StaticFile | None:
        """A file by its name below the folder; names are looked up, never joined to a path."""
        return self._files.get(name)


@cache
def shipped_files() -> StaticFiles:
    """The files of this installation: the same for every life of the device, packed once."""
    return StaticFiles(assets("static"))


def _load(path: Path) -> StaticFile:
    plain = path.read_bytes()
    packed = None
    if path.suffix in _PACKED and len(plain) >= _WORTH_PACKING:
        packed = gzip.compress(plain, 9, mtime=0)
    kind = "text/javascript" if path.suffix == ".js" else mimetypes.guess_type(path.name)[0]
    return StaticFile(kind or "application/octet-stream", plain, packed, hashlib.sha256(plain).hexdigest()[:16])
