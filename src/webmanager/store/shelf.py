"""The shelf of files: lists them with their SHA-256, hands them out, and puts them into an archive with a manifest."""

import hashlib
import json
import threading
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from webmanager.domain.errors import StoreError
from webmanager.engine.history_ports import FileEntry
from webmanager.store.files import StoredFile, file_bytes, stored_files
from webmanager.store.flash import SECTOR_BYTES
from webmanager.store.ledger import Ledger
from webmanager.store.query import again

T = TypeVar("T")

PREFIX = "battery"
INDEX = "files.json"
MANIFEST = "MANIFEST.sha256"
IMAGE_FILE = "flash.img"
LIST_BUDGET_S = 3.0
SAVE_EVERY = 100


@dataclass(frozen=True, slots=True)
class Known:
    """What was found out about a file in one version."""

    version: str
    bytes: int
    sha256: str


class FlashShelf:
    """Implements `FileShelf`. Files are made when asked for; their checksums are remembered beside the flash."""

    def __init__(self, ledger: Ledger, data_dir: Path | None = None, prefix: str = PREFIX) -> None:
        self._ledger = ledger
        self._prefix = prefix
        self._index_path = data_dir / INDEX if data_dir is not None else None
        self._lock = threading.Lock()
        self._known: dict[str, Known] = self._read_index()

    def files(self) -> list[FileEntry]:
        """Every file there is. Checksums not yet known are worked out, for LIST_BUDGET_S; the rest come next time."""
        return self.index(LIST_BUDGET_S)

    def index(self, budget_s: float, progress: Callable[[float], None] | None = None) -> list[FileEntry]:
        """The same with another budget, and the share that is done."""
        listed = self._listed()
        until = time.monotonic() + budget_s
        entries = []
        for number, file in enumerate(listed):
            known = self._known.get(file.name)
            if known is None or known.version != file.version:
                known = self._learn(file) if time.monotonic() < until else None
            if known is not None:
                entries.append(FileEntry(file.name, known.bytes, known.sha256, 60.0 * file.start, 60.0 * file.end))
            else:
                entries.append(FileEntry(file.name, None, None, 60.0 * file.start, 60.0 * file.end))
            if progress is not None:
                progress((number + 1) / len(listed))
        self._write_index({file.name for file in listed})
        return entries

    def names(self) -> list[str]:
        """The names of all files."""
        return [file.name for file in self._listed()]

    def read_file(self, name: str, *, decimal_comma: bool = False) -> bytes:
        if name == IMAGE_FILE:
            return self._image()
        return self._content(self._find(name), decimal_comma=decimal_comma)

    def write_archive(self, names: Sequence[str], path: Path) -> None:
        chosen = [self._find(name) for name in dict.fromkeys(names)]
        if not chosen:
            raise StoreError("no file was chosen for the archive")
        sums = []
        try:
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                for file in chosen:
                    content = self._content(file)
                    archive.writestr(file.name, content)
                    sums.append(f"{hashlib.sha256(content).hexdigest()}  {file.name}\n")
                archive.writestr(MANIFEST, "".join(sums))
        except OSError as error:
            raise StoreError(f"{path}: cannot be written: {error.strerror}") from None

    def _listed(self) -> list[StoredFile]:
        return again(lambda: stored_files(self._ledger, self._ledger.view(), self._prefix))

    def _find(self, name: str) -> StoredFile:
        for file in self._listed():
            if file.name == name:
                return file
        raise StoreError(f"{name}: there is no such file")

    def _content(self, file: StoredFile, *, decimal_comma: bool = False) -> bytes:
        return again(lambda: file_bytes(self._ledger, self._ledger.view(), file, decimal_comma=decimal_comma))

    def _image(self) -> bytes:
        """The flash as it is at one moment: a backup."""
        with self._ledger.lock:
            flash = self._ledger.pool.flash
            return b"".join(flash.read(sector * SECTOR_BYTES, SECTOR_BYTES) for sector in range(flash.sectors))

    def _learn(self, file: StoredFile) -> Known | None:
        try:
            content = self._content(file)
        except StoreError:
            return None
        known = Known(file.version, len(content), hashlib.sha256(content).hexdigest())
        with self._lock:
            self._known[file.name] = known
        return known

    def _read_index(self) -> dict[str, Known]:
        """Only a memory of what was worked out before: anything odd about it is reason to forget it."""
        if self._index_path is None:
            return {}
        try:
            found = json.loads(self._index_path.read_text(encoding="utf-8"))
            return {name: Known(str(v), int(size), str(sha256)) for name, (v, size, sha256) in found.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def _write_index(self, names: set[str]) -> None:
        with self._lock:
            self._known = {name: known for name, known in self._known.items() if name in names}
            if self._index_path is None:
                return
            kept = {name: [known.version, known.bytes, known.sha256] for name, known in self._known.items()}
            temporary = self._index_path.with_suffix(".new")
            try:
                temporary.write_text(json.dumps(kept), encoding="utf-8")
                temporary.replace(self._index_path)
            except OSError:
                return
