"""The last hour in living memory: one value every 10 s per module, gone with the process. It is not the history."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from webmanager.domain.reading import Floats, Quality
from webmanager.domain.snapshot import Snapshot
from webmanager.engine.board import Board

Singles = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class RecentValues:
    """One module's last hour, oldest first: UTC seconds and one value each, NaN where there is no good one.

    A stretch without any snapshot is one row of NaN, so that no line is drawn across it.
    """

    taken_at: Floats
    voltage_v: Singles
    temperature_c: Singles
    ri_mohm: Singles


class RecentHour:
    """A ring of `span_s / step_s` rows (device time) for all modules: 1.1 MB for an hour of 256 modules."""

    QUANTITIES = ("voltage_v", "temperature_c", "ri_mohm")

    def __init__(self, modules: int, *, step_s: float = 10.0, span_s: float = 3600.0) -> None:
        self.step_s = step_s
        self.span_s = span_s
        rows = max(1, round(span_s / step_s))
        self._taken_at: Floats = np.full(rows, np.nan)
        self._rows: Singles = np.full((rows, len(self.QUANTITIES), modules), np.nan, dtype=np.float32)
        self._next = 0
        self._last_s = -np.inf

    def add(self, snapshot: Snapshot) -> bool:
        """Takes a snapshot if the last one taken is a step old; stale and worse values count as none."""
        if 0 <= snapshot.at_s - self._last_s < self.step_s:
            return False
        good = snapshot.modules.quality == Quality.GOOD
        row = self._next % len(self._taken_at)
        self._taken_at[row] = snapshot.taken_at
        for index, quantity in enumerate(self.QUANTITIES):
            self._rows[row, index] = np.where(good, getattr(snapshot.modules, quantity), np.nan)
        self._next += 1
        self._last_s = snapshot.at_s
        return True

    def of(self, address: int) -> RecentValues:
        """The last hour of one module (address 1..modules), counted back from the newest row."""
        rows = len(self._taken_at)
        order = np.arange(max(0, self._next - rows), self._next) % rows
        taken_at = self._taken_at[order]
        if len(order):
            order = order[np.abs(taken_at[-1] - taken_at) <= self.span_s]
            taken_at = self._taken_at[order]
        values = self._rows[order, :, address - 1]
        gaps = self._gaps(taken_at)
        taken_at = np.insert(taken_at, gaps, taken_at[gaps - 1] + self.step_s)
        values = np.insert(values, gaps, np.float32(np.nan), axis=0)
        return RecentValues(taken_at, values[:, 0], values[:, 1], values[:, 2])

    async def follow(self, board: Board) -> None:
        """Feeds the ring from the board for ever; run it as a task and cancel it."""
        number = -1
        while True:
            snapshot = await board.newer_than(number, timeout_s=60.0)
            if snapshot is not None:
                number = snapshot.number
                self.add(snapshot)

    def _gaps(self, taken_at: Floats) -> npt.NDArray[np.intp]:
        """Rows before which at least three usual steps are missing."""
        if len(taken_at) < 2:
            return np.zeros(0, dtype=np.intp)
        steps = np.diff(taken_at)
        return np.flatnonzero(steps > 3 * max(self.step_s, float(np.median(steps)))) + 1
