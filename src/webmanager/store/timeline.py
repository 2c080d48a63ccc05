"""Time in the store: an axis of minutes that never goes back, and how it maps to the wall clock. Pure.

Every row has its own, larger, minute on the *axis*. Normally that is the minute of the wall clock. Where the clock
was not yet set (1 January 1970), or was set back, the axis runs on, and a *run* says how far the wall clock is from
it from there on. Rows written on a wrong clock are dated again when that becomes known, never reordered:

- the clock is set for the first time: the run before it ended just then, so it is moved as a whole;
- the clock is set back by more than it takes to wait: the rows before it were ahead. They keep their distances and
  are moved back as far as they must be to end before the new time, and so on through the runs before them, until a
  gap is wide enough: every restart and every step forward begins a run.
"""

import struct
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Minutes = npt.NDArray[np.int64]

RUN = struct.Struct("<qqqB")
CLOCK_IS_SET = 15_778_080
"""1 January 2000 in minutes: a clock before it was never set."""
MOST_SHIFTS, MOST_GAPS = 256, 32
"""Runs kept with a shift of their own, and runs that only mark a gap, in which one before can be moved."""
SMALL_STEP = 3
"""Minutes the clock may step back without a new run."""


@dataclass(frozen=True, slots=True)
class Run:
    """From axis minute `start` on, wall = axis + shift; `after` is the last minute used before it.

    `unset`: the clock was not yet set, the shift is the least it can be.
    """

    start: int
    after: int
    shift: int
    unset: bool = False


@dataclass(frozen=True, slots=True)
class Placing:
    """Axis minute of a new row, and runs to be recorded before it, new or in place of one with the same start.

    No minute: the clock stepped back a little, what is measured until it has caught up belongs to one minute.
    """

    minute: int | None
    runs: tuple[Run, ...]


class Timeline:
    """All runs of one store, oldest first. The first one is implied: everything before the first entry has no shift."""

    def __init__(self, runs: tuple[Run, ...] = ()) -> None:
        self.runs = runs
        self._starts, self._shifts = self._effective()

    def place(self, wall: int, last: int | None, since_last: int | None) -> Placing:
        """Where a new row of wall minute `wall` goes.

        `last` is the axis minute of the newest row (None: empty store), `since_last` the minutes since it on the
        device's monotonic clock (None: the device was started again since).
        """
        is_set = wall >= CLOCK_IS_SET
        if last is None:
            return Placing(wall, () if is_set else (Run(wall, wall - 1, 0, unset=True),))
        current = self.runs[-1] if self.runs else Run(0, -1, 0)
        if not is_set:
            return _unset(last, since_last, current)
        if current.unset:
            return _set_now(wall, last, since_last, current)
        axis = wall - current.shift
        if axis > last and (current.shift == 0 or wall <= last):
            is_gap = axis > last + 1 + (since_last or 0)
            return Placing(axis, (Run(axis, last, current.shift),) if is_gap else ())
        if last - SMALL_STEP < axis <= last:
            return Placing(None, ())
        return _restarted(wall, last)

    def offset(self, wall: int, last: int | None) -> int:
        """From wall to axis, for what happens before the first row of this life of the device; records nothing."""
        if wall < CLOCK_IS_SET:
            return 0 if last is None else last + 1 - wall
        return -self.runs[-1].shift if self.runs and not self.runs[-1].unset else 0

    def with_runs(self, runs: tuple[Run, ...]) -> "Timeline":
        """This timeline with runs added; one that starts where another does replaces it."""
        kept = {run.start: run for run in (*self.runs, *runs)}
        return Timeline(_bounded([kept[start] for start in sorted(kept)]))

    def wall(self, axis: Minutes) -> Minutes:
        """Wall minutes of axis minutes; order is kept."""
        return axis + self._shifts[np.searchsorted(self._starts, axis, side="right")]

    def shift(self, axis: int) -> int:
        """How far the wall clock is from that axis minute."""
        return int(self.wall(np.array([axis]))[0]) - axis

    def axis(self, wall: int) -> int:
        """The first axis minute whose wall minute is `wall` or later."""
        for index in range(len(self._starts), -1, -1):
            start = int(self._starts[index - 1]) if index else -(2**40)
            shift = int(self._shifts[index])
            if index == 0 or start + shift <= wall:
                end = int(self._starts[index]) if index < len(self._starts) else 2**40
                return min(wall - shift, end)
        raise AssertionError("unreachable")

    def _effective(self) -> tuple[Minutes, Minutes]:
        """Starts of the runs and the shift before, between and after them, each pushed back so that order is kept."""
        shifts = [0, *(run.shift for run in self.runs)]
        for index in range(len(self.runs) - 1, -1, -1):
            run = self.runs[index]
            shifts[index] = min(shifts[index], run.start + shifts[index + 1] - 1 - run.after)
        starts = np.array([run.start for run in self.runs], np.int64)
        return starts, np.array(shifts, np.int64)


def pack_run(run: Run) -> bytes:
    """A run as bytes."""
    return RUN.pack(run.start, run.after, run.shift, run.unset)


def unpack_run(data: bytes) -> Run:
    """A run from its bytes; struct.error if they are too few."""
    start, after, shift, unset = RUN.unpack_from(data)
    return Run(start, after, shift, bool(unset))


def _bounded(runs: list[Run]) -> tuple[Run, ...]:
    """The newest runs; those that only mark a gap go first."""
    is_shift = [run.unset or run.shift != (runs[at - 1].shift if at else 0) for at, run in enumerate(runs)]
    gaps = [at for at in range(len(runs)) if not is_shift[at]][-MOST_GAPS:]
    shifts = [at for at in range(len(runs)) if is_shift[at]][-MOST_SHIFTS:]
    return tuple(runs[at] for at in sorted((*gaps, *shifts)))


def _unset(last: int, since_last: int | None, current: Run) -> Placing:
    """Without a wall clock: on by the monotonic one, as if right after what was before, the earliest it can be."""
    if current.unset and since_last is not None:
        return Placing(last + since_last if since_last > 0 else None, ())
    return Placing(last + 1, (Run(last + 1, last, current.shift, unset=True),))


def _set_now(wall: int, last: int, since_last: int | None, current: Run) -> Placing:
    """The clock has just been set: if that was in this life of the device, the run before ended `since_last` ago."""
    placing = _restarted(wall, last)
    if since_last is None:
        return placing
    known = replace(current, shift=wall - max(since_last, 1) - last, unset=False)
    return Placing(placing.minute, (known, *placing.runs))


def _restarted(wall: int, last: int) -> Placing:
    start = max(wall, last + 1)
    return Placing(start, (Run(start, last, wall - start),))
