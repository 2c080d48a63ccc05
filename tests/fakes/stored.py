"""A store for the pages without a flash: three years of believable curves, a gap, and files with real content."""

import hashlib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from webmanager.domain.errors import StoreError
from webmanager.engine.history_ports import (
    EventRecord,
    FileEntry,
    Selection,
    Series,
    Stored,
    StoreState,
    StoreStatus,
    TierStatus,
)

ENDS_S = 1_700_000_040.0
YEARS_S = 1095 * 86_400.0
GAP_S = (ENDS_S - 500 * 86_400.0, ENDS_S - 490 * 86_400.0)
FAILING = 81
"""S3-17 of eight strings of 32: its voltage falls in the last 60 days."""
DAY = "battery_14_11_2023_volt.csv"
BEYOND = "battery_11_2023_volt_hours.csv"


@dataclass
class FakeStore:
    """Implements `HistoryReader` and `FileShelf`; `broken` makes every call fail, `asked` counts queries."""

    state: StoreState = "ok"
    text: str = ""
    broken: bool = False
    unread: tuple[str, ...] = ()
    records: list[EventRecord] = field(default_factory=list)
    asked: list[tuple[Selection, float | None, float | None, int]] = field(default_factory=list)

    def stored(self) -> Stored:
        """As the web is given it."""
        return Stored(self, self.status, None if self.state == "absent" else self)

    def query(self, selection: Selection, from_s: float | None, to_s: float | None, points: int) -> Series:
        self._check()
        self.asked.append((selection, from_s, to_s, points))
        start = max(ENDS_S - YEARS_S, from_s if from_s is not None else 0.0) // 60 * 60
        end = min(ENDS_S, to_s if to_s is not None else ENDS_S)
        if start >= end:
            nothing = np.zeros(0)
            return Series(60, nothing, nothing, nothing, nothing)
        step = int(np.ceil((end - start) / points / 60)) * 60
        t = np.arange(start, end, step)
        mean = _mean(selection, t)
        low = np.where((t // 86_400).astype(int) % 30 == 0, mean * 0.9, mean - 0.01)
        gone = (t >= GAP_S[0]) & (t < GAP_S[1])
        low, mean, high = (np.where(gone, np.nan, values) for values in (low, mean, mean + 0.01))
        return Series(step, t, low, mean, high)

    def events(self, from_s: float | None, to_s: float | None, limit: int) -> Sequence[EventRecord]:
        self._check()
        inside = [
            record
            for record in self.records
            if (from_s is None or record.at_s >= from_s) and (to_s is None or record.at_s < to_s)
        ]
        return inside[::-1][:limit]

    def status(self) -> StoreStatus:
        self._check()
        tiers = (
            TierStatus("journal", 0.4, 31),
            TierStatus("minutes", 61.5, 1984),
            TierStatus("hours", 1095.0, 4460),
            TierStatus("days", 1095.0, 0),
            TierStatus("discharges", 1071.0, 210),
        )
        size = 8192 * 4096
        return StoreStatus(
            self.state,
            self.text,
            size,
            size // 16,
            tiers,
            12,
            21.3,
            30,
            2,
            171.4,
            4321,
            1,
            2,
            3,
            4,
            Path("flash.img.odd"),
        )

    def files(self) -> Sequence[FileEntry]:
        self._check()
        known = {name: _content(name) for name in (DAY, BEYOND)}
        return [
            FileEntry(
                name,
                None if name in self.unread else len(content),
                None if name in self.unread else hashlib.sha256(content).hexdigest(),
                _first_s(name),
                ENDS_S,
            )
            for name, content in known.items()
        ]

    def read_file(self, name: str, *, decimal_comma: bool = False) -> bytes:
        self._check()
        if name not in (DAY, BEYOND):
            raise StoreError(f"{name}: there is no such file")
        content = _content(name)
        return content.replace(b".620", b",620") if decimal_comma else content

    def write_archive(self, names: Sequence[str], path: Path) -> None:
        sums = []
        contents = {name: self.read_file(name) for name in names}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in contents.items():
                archive.writestr(name, content)
                sums.append(f"{hashlib.sha256(content).hexdigest()}  {name}\n")
            archive.writestr("MANIFEST.sha256", "".join(sums))

    def _check(self) -> None:
        if self.broken:
            raise StoreError("the flash does not answer")


def _mean(selection: Selection, t: np.typing.NDArray[np.float64]) -> np.typing.NDArray[np.float64]:
    season = np.cos(2 * np.pi * t / (365.25 * 86_400.0))
    if selection.quantity == "current":
        return 0.03 + 0.002 * season
    if selection.quantity == "temperature":
        return 23.0 + 3.0 * season
    if selection.quantity == "ri":
        return np.full(t.shape, 4.2)
    if selection.quantity == "equalizing":
        return 20.0 + 5.0 * season
    fallen = np.maximum(t - (ENDS_S - 60 * 86_400.0), 0.0) / (60 * 86_400.0) if selection.number == FAILING else 0.0
    return 13.62 + 0.02 * season + 0.001 * (selection.number % 8) - 0.6 * fallen


def _first_s(name: str) -> float:
    return datetime(2023, 11, 14 if name == DAY else 1, tzinfo=UTC).timestamp()


def _content(name: str) -> bytes:
    """A table in the device's own form, with one empty cell."""
    step = 60 if name == DAY else 3600
    batteries = ("S3-16", "S3-17")
    columns = batteries if step == 60 else [f"{one} {word}" for one in batteries for word in ("min", "mean", "max")]
    lines = [";".join(("date", "time", *columns))]
    for row in range(120):
        at = datetime.fromtimestamp(_first_s(name) + row * step, UTC).strftime("%d.%m.%Y;%H:%M:%S")
        value = "" if row == 7 else "13.620"
        lines.append(";".join((at, *([value] * len(columns)))))
    return ("\r\n".join(lines) + "\r\n").encode()
