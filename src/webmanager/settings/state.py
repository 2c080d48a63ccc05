"""What must outlive a restart and is no configuration: one small JSON file a name, written off the event loop."""

import json
import logging
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from webmanager.domain.errors import StoreError
from webmanager.settings.file import LARGEST_BYTES, write_atomically

log = logging.getLogger(__name__)

PATIENCE_S = 10.0

_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")


class FileStateKeeper:
    """Keeps documents under a directory; a save returns at once and is on the disk after `flush` or `close`.

    What a person was told to be done is kept with `save_now`: it outlives a power cut from that moment on.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="state")
        self._pending: dict[str, str] = {}
        self._troubles: dict[str, str] = {}
        self._lock = threading.Lock()
        self.failures = 0

    def load(self, name: str) -> dict[str, object] | None:
        """The document last saved, None if there is none or it cannot be read (which is logged)."""
        path = self._path(name)
        with self._lock:
            waiting = self._pending.get(name)
        if waiting is not None:
            return dict(json.loads(waiting))
        try:
            if path.stat().st_size > LARGEST_BYTES:
                raise ValueError("larger than any document of ours")
            document = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(document, dict):
                raise TypeError("not a table")
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as error:
            log.warning("%s cannot be read and is left out: %s", path.name, error)
            return None
        return document

    def save(self, name: str, document: dict[str, object]) -> None:
        """Keeps a document; of several waiting ones with one name only the newest is written."""
        self._path(name)
        text = json.dumps(document)
        with self._lock:
            scheduled = name in self._pending
            self._pending[name] = text
        if not scheduled:
            self._writer.submit(self._write, name)

    def save_now(self, name: str, document: dict[str, object]) -> None:
        """Returns when the document is on the disk; blocks. StoreError if it cannot be written: the old one stays."""
        self.save(name, document)
        try:
            trouble = self._writer.submit(self._troubles.get, name).result(timeout=PATIENCE_S)
        except TimeoutError:
            trouble = f"the disk has not answered for {PATIENCE_S:g} s"
        if trouble:
            raise StoreError(f"{name} cannot be kept: {trouble}")

    def flush(self) -> None:
        """Returns when everything saved so far is on the disk; blocks."""
        self._writer.submit(lambda: None).result(timeout=PATIENCE_S)

    def close(self) -> None:
        """Writes what waits and ends the writer; blocks."""
        self._writer.shutdown(wait=True)

    def _write(self, name: str) -> None:
        """Writes the newest document of a name until no newer one has come meanwhile."""
        while True:
            with self._lock:
                text = self._pending[name]
            try:
                write_atomically(self._path(name), text)
                self._troubles.pop(name, None)
            except OSError as error:
                self.failures += 1
                self._troubles[name] = str(error)
                log.error("%s cannot be kept: %s", name, error)
            with self._lock:
                if self._pending[name] == text:
                    del self._pending[name]
                    return

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a document")
        return self._directory / f"{name}.json"
