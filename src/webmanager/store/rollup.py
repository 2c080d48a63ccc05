"""Minutes become hours and days: exact lowest and highest values, rounded means, exact sums of a day. Pure."""

import numpy as np

from webmanager.domain.reading import Ints
from webmanager.store.blocks import DAY, HOUR, Block, Plane
from webmanager.store.columns import NONE, Quantity
from webmanager.store.packing import Shorts

STEPWISE = (Quantity.RI, Quantity.STATE)
"""What changes in steps: an hour's value is the last one, since a mean of two would be neither."""


def hours(minutes: Block) -> Block:
    """One row an hour that has any: mean (of what is stepwise the last value), lowest, highest; of rows of minutes."""
    starts, axis = _groups(minutes, HOUR)
    planes = _extremes(minutes, starts)
    total, count = _sums(minutes, starts)
    planes[Plane.MEAN] = _means(total, count)
    for quantity in STEPWISE:
        span = minutes.layout.span(quantity)
        planes[Plane.MEAN][:, span] = _last(minutes.planes[Plane.MEAN][:, span], starts)
    return Block(minutes.layout, HOUR, axis, dict(sorted(planes.items())))


def days(minutes: Block) -> Block:
    """One row a day that has any: mean, lowest, highest, and sums: exactly mean * count + rest."""
    starts, axis = _groups(minutes, DAY)
    planes = _extremes(minutes, starts)
    total, count = _sums(minutes, starts)
    mean = _means(total, count)
    missing = mean == NONE
    planes[Plane.MEAN] = mean
    planes[Plane.REST] = np.where(missing, NONE, total - mean.astype(np.int64) * count).astype(np.int16)
    planes[Plane.COUNT] = np.where(missing, NONE, count).astype(np.int16)
    return Block(minutes.layout, DAY, axis, dict(sorted(planes.items())))


def joined(blocks: list[Block]) -> Block:
    """Blocks of one layout and step, in order, as one."""
    first = blocks[0]
    planes = {plane: np.concatenate([block.planes[plane] for block in blocks]) for plane in first.planes}
    return Block(first.layout, first.step, np.concatenate([block.axis for block in blocks]), planes)


def _groups(minutes: Block, step: int) -> tuple[Ints, Ints]:
    """Where each new hour or day begins among the rows, and its axis minute."""
    number = minutes.axis // step
    starts = np.flatnonzero(np.diff(number, prepend=number[:1] - 1))
    return starts, number[starts] * step


def _extremes(minutes: Block, starts: Ints) -> dict[Plane, Shorts]:
    mean = minutes.planes[Plane.MEAN]
    missing = mean == NONE
    low = np.minimum.reduceat(np.where(missing, 32767, minutes.planes.get(Plane.LOW, mean)), starts, axis=0)
    high = np.maximum.reduceat(minutes.planes.get(Plane.HIGH, mean), starts, axis=0)
    empty = np.logical_and.reduceat(missing, starts, axis=0)
    return {Plane.LOW: np.where(empty, NONE, low).astype(np.int16), Plane.HIGH: high}


def _sums(minutes: Block, starts: Ints) -> tuple[Ints, Ints]:
    mean = minutes.planes[Plane.MEAN]
    known = mean != NONE
    total = np.add.reduceat(np.where(known, mean, np.int16(0)), starts, axis=0, dtype=np.int64)
    return total, np.add.reduceat(known, starts, axis=0, dtype=np.int64)


def _means(total: Ints, count: Ints) -> Shorts:
    nearest = np.rint(total / np.maximum(count, 1))
    return np.where(count > 0, nearest, NONE).astype(np.int16)


def _last(values: Shorts, starts: Ints) -> Shorts:
    rows = np.where(values == NONE, -1, np.arange(values.shape[0])[:, None])
    last = np.maximum.reduceat(rows, starts, axis=0)
    return np.where(last < 0, NONE, np.take_along_axis(values, np.maximum(last, 0), axis=0)).astype(np.int16)
