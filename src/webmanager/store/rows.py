"""A minute as one row: made of its scans, and as bytes in the journal. Pure."""

import struct
from dataclasses import dataclass

import numpy as np

from webmanager.domain.errors import StoreError
from webmanager.domain.reading import Floats
from webmanager.domain.snapshot import StringState
from webmanager.store.columns import LARGEST, NONE, Layout, Quantity
from webmanager.store.packing import Shorts, pack, unpack

FULL_HEAD = struct.Struct("<BIHBB")
STEP_HEAD = struct.Struct("<BH")
FULL, EXTREMES = 1, 2
LONGEST_STEP = 0xFFFF
_DISCHARGING = float(StringState.DISCHARGING)


@dataclass(frozen=True, slots=True, eq=False)
class MinuteRow:
    """One minute in stored units, arrays of shape (columns,).

    `mean` of the scans (NONE: no scan had a value; Ri: the last measurement; state: discharging if it ever was, else
    the last), `below` and `above`: how far the lowest and highest scan were from it, 0 where that is only noise; like
    all differences here modulo 2**16.
    """

    minute: int
    mean: Shorts
    below: Shorts | None = None
    above: Shorts | None = None


class MinuteMean:
    """Gathers the scans of one minute after the other; cheap enough to be called in every scan."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._ri, self._state = layout.span(Quantity.RI), layout.span(Quantity.STATE)
        self._steady = layout.steady()
        self._near = self._steady.astype(np.float64) - 1.0
        size = layout.columns
        self._sum, self._count = np.empty(size), np.empty(size)
        self._low, self._high, self._last = np.empty(size), np.empty(size), np.empty(size)
        self._discharged = np.empty(layout.strings, np.bool_)
        self._clear()

    @property
    def scans(self) -> int:
        """Scans in the minute so far."""
        return self._scans

    def add(self, row: Floats) -> None:
        """Takes up one scan, in stored units, NaN where there is no value."""
        known = row == row  # noqa: PLR0124 - the quickest test for NaN
        self._count += known
        self._sum += np.where(known, row, 0.0)
        np.fmin(self._low, row, out=self._low)
        np.fmax(self._high, row, out=self._high)
        np.copyto(self._last, row, where=known)
        self._discharged |= row[self._state] == _DISCHARGING
        self._scans += 1

    def take(self, minute: int) -> MinuteRow:
        """The row of the scans since the last call, which becomes that of `minute`."""
        with np.errstate(invalid="ignore"):
            mean = self._sum / self._count
        mean[self._ri] = self._last[self._ri]
        mean[self._state] = np.where(self._discharged, _DISCHARGING, self._last[self._state])
        rounded = _rounded(mean)
        below = self._beyond(rounded, self._low, -1) if (mean - self._low >= self._near).any() else None
        above = self._beyond(rounded, self._high, 1) if (self._high - mean >= self._near).any() else None
        self._clear()
        return MinuteRow(minute, rounded, below, above)

    def _beyond(self, mean: Shorts, extreme: Floats, sign: int) -> Shorts | None:
        limited = np.clip(np.rint(np.nan_to_num(extreme)), -LARGEST, LARGEST).astype(np.int32)
        distance = (limited - mean) * sign
        matters = (distance >= self._steady) & (mean != NONE)
        return np.where(matters, distance, 0).astype(np.int16) if matters.any() else None

    def _clear(self) -> None:
        self._scans = 0
        self._sum[:] = self._count[:] = 0.0
        self._low[:] = self._high[:] = self._last[:] = np.nan
        self._discharged[:] = False


def pack_row(layout: Layout, row: MinuteRow, former: MinuteRow | None) -> bytes:
    """A row as bytes: differences to the row before it, or a full one with its layout if there is none near."""
    step = row.minute - former.minute if former is not None else 0
    extremes = row.below is not None or row.above is not None
    if former is None or not 0 < step <= LONGEST_STEP:
        head = FULL_HEAD.pack(
            FULL | EXTREMES * extremes, row.minute, layout.modules, layout.strings, layout.ri_unit_uohm
        )
        body = pack(np.diff(row.mean, prepend=np.int16(0)))
    else:
        head = STEP_HEAD.pack(EXTREMES * extremes, step)
        body = pack(row.mean - former.mean)
    if not extremes:
        return head + body
    nothing = np.zeros_like(row.mean)
    sides = (side if side is not None else nothing for side in (row.below, row.above))
    return head + body + b"".join(pack(side) for side in sides)


def unpack_row(data: bytes, former: tuple[Layout, MinuteRow] | None) -> tuple[Layout, MinuteRow]:
    """A row and its layout from bytes, after the row before it; StoreError if they are none."""
    try:
        if data[0] & FULL:
            flags, minute, modules, strings, unit = FULL_HEAD.unpack_from(data)
            layout = Layout(modules, strings, unit)
            steps, used = unpack(data[FULL_HEAD.size :], layout.columns)
            mean = np.cumsum(steps, dtype=np.int16)
            used += FULL_HEAD.size
        elif former is not None:
            layout, before = former
            flags, step = STEP_HEAD.unpack_from(data)
            steps, used = unpack(data[STEP_HEAD.size :], layout.columns)
            minute, mean = before.minute + step, before.mean + steps
            used += STEP_HEAD.size
        else:
            raise StoreError("a row of differences without the row before it")
        if not flags & EXTREMES:
            return layout, MinuteRow(minute, mean)
        below, more = unpack(data[used:], layout.columns)
        above, _ = unpack(data[used + more :], layout.columns)
    except (struct.error, ValueError, IndexError) as error:
        raise StoreError(f"not a row: {error}") from None
    return layout, MinuteRow(minute, mean, below, above)


def _rounded(values: Floats) -> Shorts:
    whole = np.minimum(np.maximum(np.rint(values), -LARGEST), LARGEST)
    whole[np.isnan(whole)] = NONE
    return whole.astype(np.int16)
