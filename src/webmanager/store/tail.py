"""The newest rows, in memory: what the journal holds and the volumes do not, yet."""

from collections.abc import Iterable

import numpy as np

from webmanager.domain.reading import Ints
from webmanager.store.blocks import MINUTE, Block, Plane
from webmanager.store.columns import Layout
from webmanager.store.packing import Shorts
from webmanager.store.rows import MinuteRow

FIRST_ROWS = 256


class Tail:
    """Rows of one layout in order of the axis. Arrays only grow at their end: what a reader was given never changes."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._rows = 0
        self._axis: Ints = np.zeros(FIRST_ROWS, np.int64)
        self._seq: Ints = np.zeros(FIRST_ROWS, np.int64)
        self._mean: Shorts = np.zeros((FIRST_ROWS, layout.columns), np.int16)
        self._extremes: dict[int, tuple[Shorts, Shorts]] = {}

    def __len__(self) -> int:
        return self._rows

    @property
    def first(self) -> int | None:
        """Axis minute of the oldest row."""
        return int(self._axis[0]) if self._rows else None

    @property
    def last(self) -> int | None:
        """Axis minute of the newest row."""
        return int(self._axis[self._rows - 1]) if self._rows else None

    def append(self, row: MinuteRow, seq: int) -> None:
        """Adds a row, newer than all others; `seq` is its number in the journal."""
        if self._rows == self._axis.size:
            self._grow()
        self._axis[self._rows], self._seq[self._rows] = row.minute, seq
        self._mean[self._rows] = row.mean
        if row.below is not None or row.above is not None:
            nothing = np.zeros_like(row.mean)
            below = row.mean - (row.below if row.below is not None else nothing)
            above = row.mean + (row.above if row.above is not None else nothing)
            self._extremes[row.minute] = below, above
        self._rows += 1

    def seq_before(self, minute: int) -> int:
        """Journal number of the last row before an axis minute, 0 if there is none."""
        count = int(np.searchsorted(self._axis[: self._rows], minute))
        return int(self._seq[count - 1]) if count else 0

    def block(self, start: int, end: int) -> Block:
        """The rows from axis minute `start` up to `end`."""
        first, last = np.searchsorted(self._axis[: self._rows], (start, end))
        axis, mean = self._axis[first:last], self._mean[first:last]
        planes = {Plane.MEAN: mean}
        inside = [minute for minute in list(self._extremes) if start <= minute < end]
        if inside:
            low, high = mean.copy(), mean.copy()
            for minute, row in zip(inside, np.searchsorted(axis, inside), strict=True):
                low[row], high[row] = self._extremes[minute]
            planes |= {Plane.LOW: low, Plane.HIGH: high}
        return Block(self.layout, MINUTE, axis, planes)

    def column(self, column: int, start: int, end: int) -> tuple[Ints, Shorts, Shorts, Shorts]:
        """One column from axis minute `start` up to `end`: axis, mean, lowest, highest."""
        axis_now, mean_now, rows = self._axis, self._mean, self._rows
        first, last = np.searchsorted(axis_now[:rows], (start, end))
        axis, mean = axis_now[first:last], mean_now[first:last, column]
        low, high = mean.copy(), mean.copy()
        for minute, (below, above) in list(self._extremes.items()):
            if start <= minute < end:
                row = np.searchsorted(axis, minute)
                low[row], high[row] = below[column], above[column]
        return axis, mean, low, high

    def without(self, end: int) -> "Tail":
        """A tail of the rows from axis minute `end` on."""
        kept = Tail(self.layout)
        first = int(np.searchsorted(self._axis[: self._rows], end))
        kept._rows = self._rows - first
        room = max(FIRST_ROWS, 2 * kept._rows)
        kept._axis, kept._seq = np.zeros(room, np.int64), np.zeros(room, np.int64)
        kept._mean = np.zeros((room, self.layout.columns), np.int16)
        for mine, its in ((kept._axis, self._axis), (kept._seq, self._seq), (kept._mean, self._mean)):
            mine[: kept._rows] = its[first : self._rows]
        kept._extremes = {minute: sides for minute, sides in self._extremes.items() if minute >= end}
        return kept

    def _grow(self) -> None:
        self._axis = np.concatenate((self._axis, np.zeros_like(self._axis)))
        self._seq = np.concatenate((self._seq, np.zeros_like(self._seq)))
        self._mean = np.concatenate((self._mean, np.zeros_like(self._mean)))


def rows_of(block: Block) -> Iterable[MinuteRow]:
    """A block of minutes as rows again."""
    mean = block.planes[Plane.MEAN]
    low, high = block.planes.get(Plane.LOW, mean), block.planes.get(Plane.HIGH, mean)
    for index, minute in enumerate(block.axis.tolist()):
        below, above = mean[index] - low[index], high[index] - mean[index]
        odd = bool(below.any() or above.any())
        yield MinuteRow(minute, mean[index], below if odd else None, above if odd else None)
