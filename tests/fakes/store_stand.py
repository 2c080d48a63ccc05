"""A small store on an emulated flash, written minute by minute and mounted again at will."""

import numpy as np

from webmanager.store.columns import NONE, Layout
from webmanager.store.compaction import Compaction
from webmanager.store.emulated import Defects, EmulatedFlash
from webmanager.store.ledger import Ledger
from webmanager.store.rows import MinuteRow

MIDNIGHT = 28_333_440
"""15 November 2023, 00:00 UTC, in minutes."""
LAYOUT = Layout(4, 2)
BULKY = Layout(16, 2)
"""Its rows fill the journal of a small flash within a day."""


class StoreStand:
    """Rows with values that say which minute they are of: column c of minute m is `value(m, c)`."""

    def __init__(self, sectors: int = 64, defects: Defects | None = None, layout: Layout = LAYOUT) -> None:
        self.flash = EmulatedFlash(sectors, defects=defects)
        self.layout = layout
        self.mount()

    def mount(self) -> Ledger:
        """Starts the device again: everything in memory is forgotten."""
        self.ledger = Ledger(self.flash)
        self.compaction = Compaction(self.ledger)
        return self.ledger

    def write(self, start: int, count: int, step: int = 1, *, tidy: bool = True, missing: int | None = None) -> None:
        """Rows of the minutes from `start` on."""
        for minute in range(start, start + count * step, step):
            mean = values(minute, self.layout)
            if missing is not None:
                mean[missing] = NONE
            self.ledger.append_row(self.layout, MinuteRow(minute, mean))
            if tidy and self.compaction.is_due():
                self.tidy()
        self.ledger.sync()

    def tidy(self) -> None:
        """Does all that is due."""
        for _ in self.compaction.steps():
            pass


def value(minute: int, column: int) -> int:
    """What `StoreStand` writes."""
    return (minute * 7 + column * 13) % 2_000 + 12_000


def values(minute: int, layout: Layout = LAYOUT) -> np.ndarray:
    """A whole row of it; strings are on float."""
    row = np.array([value(minute, column) for column in range(layout.columns)], np.int16)
    row[-layout.strings :] = 1
    return row
