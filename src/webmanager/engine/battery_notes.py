"""What people know of each battery: a note, when it was installed, and when it was exchanged; kept over restarts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any

from webmanager.engine.ports import StateKeeper

DOCUMENT = "batteries"
LONGEST_TEXT = 1000
LONGEST_LABEL = 40
MOST_EXCHANGES = 20


@dataclass(frozen=True, slots=True)
class Exchange:
    """One exchange: UTC seconds, and who did it."""

    at: float
    by: str


@dataclass(frozen=True, slots=True)
class Note:
    """Of one battery; `installed_on` is None if nobody knows, `exchanges` are the oldest first.

    `label` is what people call its place beside its name; it outlives an exchange.
    """

    text: str = ""
    installed_on: date | None = None
    exchanges: tuple[Exchange, ...] = ()
    label: str = ""


EMPTY = Note()


class BatteryNotes:
    """The notes of all batteries, by address. Reading is at once; `write` and `exchange` hand the document on."""

    def __init__(self, keeper: StateKeeper) -> None:
        self._keeper = keeper
        self._notes: dict[int, Note] = {}

    def load(self) -> None:
        """Reads what is kept; what cannot be understood is left out."""
        document = self._keeper.load(DOCUMENT) or {}
        batteries = document.get("batteries")
        rows = batteries if isinstance(batteries, dict) else {}
        self._notes = {int(key): _read(row) for key, row in rows.items() if key.isdigit() and isinstance(row, dict)}

    def of(self, address: int) -> Note:
        """The note of a battery; an empty one if there is none."""
        return self._notes.get(address, EMPTY)

    @property
    def all(self) -> Mapping[int, Note]:
        """Every note there is."""
        return MappingProxyType(self._notes)

    def write(self, address: int, text: str, installed_on: date | None, label: str = "") -> Note:
        """Another text, date and label for a battery."""
        text, label = text.strip()[:LONGEST_TEXT], " ".join(label.split())[:LONGEST_LABEL]
        return self._keep(address, replace(self.of(address), text=text, installed_on=installed_on, label=label))

    def exchange(self, address: int, by: str, at: float, installed_on: date) -> Note:
        """A new battery stands in its place: the old one's note ends, the exchange is remembered."""
        exchanges = (*self.of(address).exchanges, Exchange(at, by))[-MOST_EXCHANGES:]
        return self._keep(address, Note("", installed_on, exchanges, self.of(address).label))

    def _keep(self, address: int, note: Note) -> Note:
        self._notes[address] = note
        self._keeper.save(
            DOCUMENT, {"version": 1, "batteries": {str(n): _written(one) for n, one in self._notes.items()}}
        )
        return note


def _written(note: Note) -> dict[str, Any]:
    return {
        "text": note.text,
        "label": note.label,
        "installed_on": note.installed_on.isoformat() if note.installed_on else None,
        "exchanges": [{"at": one.at, "by": one.by} for one in note.exchanges],
    }


def _read(row: Mapping[str, Any]) -> Note:
    text, rows = row.get("text"), row.get("exchanges")
    try:
        installed_on = date.fromisoformat(str(row["installed_on"])) if row.get("installed_on") else None
        exchanges = tuple(Exchange(float(one["at"]), str(one["by"])) for one in rows or ())
    except (KeyError, TypeError, ValueError):
        installed_on, exchanges = None, ()
    return Note(str(text or "")[:LONGEST_TEXT], installed_on, exchanges, str(row.get("label") or "")[:LONGEST_LABEL])
