"""An archive opened again: the files of a ZIP as curves, beside or without the flash they came from."""

import hashlib
import re
import zipfile
from pathlib import Path

import numpy as np

from webmanager.domain.errors import StoreError
from webmanager.domain.reading import Floats
from webmanager.engine.history_ports import Series
from webmanager.store.csv_text import parse
from webmanager.store.files import EXTREMES, SUFFIXES
from webmanager.store.query import MOST_POINTS, Samples, bucketed, grid
from webmanager.store.shelf import MANIFEST
from webmanager.store.timeline import Minutes, Timeline

LARGEST_BYTES = 64_000_000
"""A file in an archive that says it is larger is not opened."""
NAME = re.compile(r".+?_(?P<suffix>[a-z]+?)(?P<tier>_hours|_days)?\.csv")
STEPS = {None: 1, "_hours": 60, "_days": 1440}
WORD_OF = {suffix: quantity.word for quantity, suffix in SUFFIXES.items()}


class ArchivedHistory:
    """The curves in an archive. Files are read when they are asked for."""

    def __init__(self, path: Path) -> None:
        """Opens an archive and compares every file with its manifest; StoreError names the first that differs."""
        self._path = path
        self._tables: dict[str, tuple[Minutes, list[str], Floats]] = {}
        try:
            with zipfile.ZipFile(path) as archive:
                self.names = [name for name in archive.namelist() if name != MANIFEST]
                self._check(archive)
        except (OSError, zipfile.BadZipFile, KeyError, UnicodeDecodeError) as error:
            raise StoreError(f"{path.name}: is no archive of this device: {error}") from None

    def columns(self, quantity: str) -> list[str]:
        """The batteries (`S3-17`) or strings (`S3`) there are values of."""
        found: dict[str, None] = {}
        for name in self._files(quantity):
            found |= dict.fromkeys(column.split(" ")[0] for column in self._table(name)[1])
        return list(found)

    def query(self, quantity: str, column: str, from_s: float | None, to_s: float | None, points: int) -> Series:
        """Like `HistoryReader.query`, of a column by its name; from the finest files that reach over the range."""
        for step in sorted(set(STEPS.values())):
            found = self._samples(quantity, column, step)
            if found.axis.size:
                break
        if not found.axis.size:
            nothing = np.zeros(0)
            return Series(60, nothing, nothing, nothing, nothing)
        first_s, behind_s = int(found.axis[0]) * 60, (int(found.axis[-1]) + step) * 60
        start_s = max(first_s, int(from_s) if from_s is not None else first_s)
        end_s = min(behind_s, int(np.ceil(to_s)) if to_s is not None else behind_s)
        if start_s >= end_s:
            return Series(step * 60, *(np.zeros(0) for _ in range(4)))
        origin_s, width_s, count = grid(start_s, end_s, step * 60, min(max(points, 1), MOST_POINTS))
        return bucketed(Timeline(), found, origin_s, width_s, count)

    def _samples(self, quantity: str, column: str, step: int) -> Samples:
        parts: list[tuple[Minutes, list[Floats]]] = []
        for name in self._files(quantity, step):
            axis, names, values = self._table(name)
            words = [column] * 3 if step == 1 else [f"{column} {word}" for word in EXTREMES.values()]
            if all(word in names for word in words):
                parts.append((axis, [values[:, names.index(word)] for word in words]))
        parts.sort(key=lambda part: int(part[0][0]) if part[0].size else 0)
        if not parts:
            nothing = np.zeros(0)
            return Samples(np.zeros(0, np.int64), nothing, nothing, nothing, nothing)
        axis = np.concatenate([part[0] for part in parts])
        low, mean, high = (np.concatenate([part[1][index] for part in parts]) for index in range(3))
        return Samples(axis, low, mean, high, np.full(axis.size, float(step)))

    def _files(self, quantity: str, step: int | None = None) -> list[str]:
        found = []
        for name in self.names:
            match = NAME.fullmatch(name)
            if match is None or WORD_OF.get(match["suffix"]) != quantity:
                continue
            if step is None or STEPS[match["tier"]] == step:
                found.append(name)
        return found

    def _table(self, name: str) -> tuple[Minutes, list[str], Floats]:
        if name not in self._tables:
            with zipfile.ZipFile(self._path) as archive:
                try:
                    self._tables[name] = parse(_read(archive, name).decode())
                except StoreError as error:
                    raise StoreError(f"{name}: {error}") from None
        return self._tables[name]

    def _check(self, archive: zipfile.ZipFile) -> None:
        sums = dict(line.split("  ", 1)[::-1] for line in _read(archive, MANIFEST).decode().splitlines())
        for name in self.names:
            if sums.get(name) != hashlib.sha256(_read(archive, name)).hexdigest():
                raise StoreError(f"{name}: is not what the manifest of the archive says")


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > LARGEST_BYTES:
        raise StoreError(f"{name}: larger than {LARGEST_BYTES} bytes")
    return archive.read(name)
