"""What the engine and the pages need from the store: protocols, and the values that cross the border."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from webmanager.domain.reading import Floats
from webmanager.domain.snapshot import Snapshot

HistoryQuantity = Literal["voltage", "temperature", "ri", "equalizing", "current"]


@dataclass(frozen=True, slots=True)
class Selection:
    """One curve: a quantity of the battery with that address, or the current of that string (1..)."""

    quantity: HistoryQuantity
    number: int


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """A curve in equal steps of `resolution_s`: `t` UTC seconds of each step's start, NaN where there is no data.

    `minimum` and `maximum` are extremes over all scans of the step. V, degC, mOhm, %, A.
    """

    resolution_s: int
    t: Floats
    minimum: Floats
    mean: Floats
    maximum: Floats


@dataclass(frozen=True, slots=True)
class EventRecord:
    """Something that happened at `at_s`, UTC seconds: kind and a document of JSON values; `number` once stored."""

    at_s: float
    kind: str
    document: Mapping[str, object] = field(default_factory=dict)
    number: int = 0


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file that can be fetched: name, size, SHA-256 (hex) and the UTC seconds it covers.

    Size and checksum are None until they have been worked out, which takes a while after a long history was filled in.
    """

    name: str
    bytes: int | None
    sha256: str | None
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class TierStatus:
    """One resolution of the store: days it reaches back, and the sectors it takes."""

    name: str
    days: float
    sectors: int


StoreState = Literal["ok", "read_only", "failing", "absent"]


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """How the store is: state and why in one line; budget, wear, and everything that was lost or found bad."""

    state: StoreState
    text: str
    bytes: int
    free_bytes: int
    tiers: tuple[TierStatus, ...]
    erases_least: int
    erases_mean: float
    erases_most: int
    retired_sectors: int
    projected_years: float | None
    rows: int
    rows_dropped: int
    events_dropped: int
    write_errors: int
    unreadable: int
    moved_aside: Path | None = None


class History(Protocol):
    """Takes up what is measured and what happens. Calls return at once and never raise: the device goes on without."""

    def add(self, snapshot: Snapshot) -> None:
        """One scan; minutes are made of them."""

    def append_event(self, event: EventRecord) -> None:
        """Something happened; stored at once."""

    def status(self) -> StoreStatus:
        """How the store is; cheap."""


class HistoryReader(Protocol):
    """Gives back what is stored. Calls read and decompress for milliseconds: make them from a thread."""

    def query(self, selection: Selection, from_s: float | None, to_s: float | None, points: int) -> Series:
        """At most `points` steps of one curve; without limits all that is stored. Empty if nothing is."""

    def events(self, from_s: float | None, to_s: float | None, limit: int) -> Sequence[EventRecord]:
        """Events, newest first."""


class FileShelf(Protocol):
    """Stored data as files. Calls take up to seconds: make them from a thread."""

    def files(self) -> Sequence[FileEntry]:
        """Every file there is."""

    def read_file(self, name: str, *, decimal_comma: bool = False) -> bytes:
        """One file; StoreError if there is none of that name."""

    def write_archive(self, names: Sequence[str], path: Path) -> None:
        """A ZIP of files with a manifest of their SHA-256; StoreError if one does not exist."""


@dataclass(frozen=True, slots=True)
class Stored:
    """The store as pages see it: curves, how it is, and files, of which there are none without a flash."""

    reader: HistoryReader
    status: Callable[[], StoreStatus]
    shelf: FileShelf | None
