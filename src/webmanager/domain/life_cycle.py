"""The life cycle of every tier at every place, all at once: normal, pending, active, clearing.

```
normal --breach--> pending --breach lasted hold--> active --past clear--> clearing --lasted hold--> normal
          pending --back inside--> normal            clearing --not past clear--> active
```
An unknown value (NaN) counts for nothing: no data never raises and never clears. Only time during which a value was
known counts towards a hold; a pending cell that stays unknown is forgotten after its hold and a minute. A pending one
that has come back by half the gap is normal again; above that it stays pending, but becomes active only in a moment
that breaches.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from webmanager.domain.reading import Bools, Floats, Ints

FORGOTTEN_S = 60.0


class Phase(IntEnum):
    """Where one tier at one place stands."""

    NORMAL = 0
    PENDING = 1
    ACTIVE = 2
    CLEARING = 3


@dataclass(frozen=True, slots=True, eq=False)
class Thresholds:
    """One value a cell: what raises, what clears, how long both must last.

    `sign` is -1 where low is bad; `counted` marks cells whose hold is a number of readings, not of seconds.
    """

    raise_at: Floats
    clear_at: Floats
    hold: Floats
    sign: Floats
    counted: Bools


@dataclass(frozen=True, slots=True, eq=False)
class Turned:
    """Indices of cells that became active and of those that became normal again after having been active."""

    active: Ints
    normal: Ints

    def __bool__(self) -> bool:
        return bool(self.active.size or self.normal.size)


# Plain numbers: an access to an enumeration costs as much as the work on an array.
_NORMAL, _PENDING, _ACTIVE, _CLEARING = (int(phase) for phase in Phase)
NOTHING = Turned(np.zeros(0, np.int64), np.zeros(0, np.int64))


class LifeCycle:
    """The phases of `size` cells; `held` counts seconds or readings, `since_at` is UTC seconds of the first breach."""

    def __init__(self, thresholds: Thresholds) -> None:
        size = thresholds.raise_at.size
        self.phase: npt.NDArray[np.int8] = np.zeros(size, np.int8)
        self.held: Floats = np.zeros(size)
        self.since_at: Floats = np.full(size, np.nan)
        self._blind: Floats = np.zeros(size)
        self.change(thresholds)

    def change(self, thresholds: Thresholds) -> None:
        """Judges by other thresholds from now on; phases stay, so that a changed limit clears what it now allows."""
        sign = thresholds.sign
        self._sign = sign
        self._raise = sign * thresholds.raise_at
        self._clear = sign * thresholds.clear_at
        self._half = (self._raise + self._clear) / 2.0
        self._hold = thresholds.hold
        self._counted = thresholds.counted

    @property
    def is_raised(self) -> Bools:
        """Cells that are active, or clearing but not clear yet."""
        return self.phase >= _ACTIVE

    @property
    def open_cells(self) -> Ints:
        """Indices of the cells that are not normal."""
        return np.flatnonzero(self.phase != _NORMAL)

    def restore(self, index: int, phase: Phase, held: float, since_at: float) -> None:
        """Puts one cell where it stood before a restart."""
        self.phase[index], self.held[index], self.since_at[index] = phase, held, since_at

    def shift_clock(self, before: float, seconds: float) -> None:
        """The wall clock was set, at `before`, by so many seconds: what it dated moves along."""
        self.since_at = np.where(self.since_at <= before, self.since_at + seconds, self.since_at)

    def forget(self, cells: Ints) -> None:
        """Starts cells anew; alarms on them are over without an all-clear of their own."""
        self.phase[cells] = _NORMAL
        self.held[cells] = 0.0

    def breaching(self, values: Floats) -> Bools:
        """Cells whose value is beyond its raise value now."""
        return np.asarray(self._sign * values >= self._raise)

    def step(
        self, values: Floats, breaching: Bools, steps: Floats, at: float, blocked: Bools, restart: Bools
    ) -> Turned:
        """One observation: `values` a cell, `breaching` made of them, `steps` is what it adds to a hold, `at` in UTC.

        `blocked` cells do not become active; those of them in `restart` begin their hold anew.
        """
        cells = np.flatnonzero(breaching | (self.phase != 0))
        if not cells.size:
            return NOTHING
        value, phase = self._sign[cells] * values[cells], self.phase[cells]
        held = self.held[cells]
        known, breach = ~np.isnan(value), breaching[cells]
        hold, step = self._hold[cells], steps[cells]
        inside = value < self._half[cells]
        clear = value <= self._clear[cells]
        # A reading is its own evidence, a moment is not: the first breach counts 1 reading, but 0 s.
        first = np.where(self._counted[cells], step, 0.0)

        fresh = (phase == _NORMAL) & breach
        waiting = (phase == _PENDING) & known & ~inside
        returned = (phase == _PENDING) & known & inside
        leaving = (phase == _ACTIVE) & known & clear
        blind = np.where(known | self._counted[cells], 0.0, self._blind[cells] + step)
        forgotten = (phase == _PENDING) & (blind > hold + FORGOTTEN_S)
        clearing = (phase == _CLEARING) & known & clear
        relapsed = (phase == _CLEARING) & known & ~clear

        self.since_at[cells[fresh]] = at
        held = np.where(fresh | leaving, first, held)
        held = np.where(waiting | clearing, held + step, held)
        held = np.where(restart[cells] & (fresh | waiting), 0.0, held)
        raised = (fresh | (waiting & breach)) & (held >= hold) & ~blocked[cells]
        ended = (clearing | leaving) & (held >= hold)

        phase = np.where(fresh, _PENDING, phase)
        phase = np.where(leaving, _CLEARING, phase)
        phase = np.where(relapsed | raised, _ACTIVE, phase)
        phase = np.where(returned | ended | forgotten, _NORMAL, phase)
        self.phase[cells] = phase
        self.held[cells] = held
        self._blind[cells] = blind
        if not (raised.any() or ended.any()):
            return NOTHING
        return Turned(cells[raised], cells[ended])
