"""Curves and events from the store: the right tier for the range, in as many points as wanted, extremes kept."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import numpy as np

from webmanager.domain.errors import StoreError
from webmanager.domain.reading import Floats, Ints
from webmanager.engine.history_ports import EventRecord, Selection, Series
from webmanager.store.block_reader import BlockReader
from webmanager.store.blocks import DAY, HOUR, MINUTE, Plane
from webmanager.store.columns import NONE, Layout, Quantity, to_floats
from webmanager.store.events import StoredEvent, unpack_events
from webmanager.store.ledger import Ledger, View
from webmanager.store.packing import Shorts
from webmanager.store.sections import SectionKind
from webmanager.store.timeline import Timeline
from webmanager.store.volumes import Volume, VolumeGoneError

log = logging.getLogger(__name__)
T = TypeVar("T")

MOST_POINTS = 100_000
COARSER_FROM = 4
"""A coarser tier is read once a point is at least this many of its steps: until then the finer one shows more."""
ATTEMPTS = 5
OUT_OF_ORDER_S = 3600.0
"""Events that far before the range end the search: they are stored in order, but for what a clock did to them."""
QUANTITIES = {quantity.word: quantity for quantity in Quantity if quantity is not Quantity.STATE}


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """One column over a stretch of the axis, in V, degC, mOhm, % or A; `weight` is the minutes a sample stands for."""

    axis: Ints
    low: Floats
    mean: Floats
    high: Floats
    weight: Floats


def query(ledger: Ledger, selection: Selection, from_s: float | None, to_s: float | None, points: int) -> Series:
    """See `HistoryReader.query`."""
    return again(lambda: _query(ledger, ledger.view(), selection, from_s, to_s, min(max(points, 1), MOST_POINTS)))


def read_events(ledger: Ledger, from_s: float | None, to_s: float | None, limit: int) -> list[EventRecord]:
    """See `HistoryReader.events`."""
    return again(lambda: _events(ledger, ledger.view(), from_s, to_s, limit))


def extent(view: View) -> tuple[int, int] | None:
    """Axis minutes from the oldest to behind the newest data, None if there is none."""
    starts = [volume.label.start for volume in (*view.rollups[:1], *view.minutes[:1])]
    starts += [tail.first for tail in view.tails if tail.first is not None]
    ends = [volume.label.end for volume in (*view.rollups[-1:], *view.minutes[-1:])]
    ends = [tail.last + 1 for tail in view.tails if tail.last is not None] or ends
    return (min(starts), max(ends)) if starts and ends else None


def samples(ledger: Ledger, view: View, selection: Selection, step: int, start: int, end: int) -> Samples:
    """One column from axis minute `start` up to `end` in the tier of that step; newest minutes in any tier."""
    quantity = QUANTITIES[selection.quantity]
    found = [
        _of_block(ledger, block, quantity, selection.number, start, end)
        for block in blocks_of(ledger, view, step, start, end)
    ]
    for tail in view.tails:
        column = tail.layout.column(quantity, selection.number)
        if column is not None:
            axis, mean, low, high = tail.column(column, start, end)
            found.append(_in_units(tail.layout, quantity, axis, (low, mean, high), np.ones(axis.size)))
    parts = [part for part in found if part is not None and part.axis.size]
    if not parts:
        nothing = np.zeros(0)
        return Samples(np.zeros(0, np.int64), nothing, nothing, nothing, nothing)
    return Samples(*(np.concatenate([getattr(part, name) for part in parts]) for name in Samples.__slots__))


def bucketed(timeline: Timeline, given: Samples, origin_s: int, width_s: int, count: int) -> Series:
    """Samples as `count` equal steps of `width_s` from `origin_s`, UTC seconds, on."""
    index = (timeline.wall(given.axis) * 60 - origin_s) // width_s
    known = (index >= 0) & (index < count) & ~np.isnan(given.mean)
    lows, means, highs = (np.full(count, np.nan) for _ in range(3))
    if known.any():
        starts = np.flatnonzero(np.diff(index[known], prepend=-1))
        at = index[known][starts]
        weight = given.weight[known]
        lows[at] = np.minimum.reduceat(given.low[known], starts)
        highs[at] = np.maximum.reduceat(given.high[known], starts)
        means[at] = np.add.reduceat(given.mean[known] * weight, starts) / np.add.reduceat(weight, starts)
        np.clip(means, lows, highs, out=means)
    t = np.arange(count, dtype=np.float64) * width_s + origin_s
    return Series(width_s, t, lows, means, highs)


def grid(start_s: int, end_s: int, step_s: int, points: int) -> tuple[int, int, int]:
    """Start, width and number of equal steps, multiples of the tier's step, that hold the range in at most `points`.

    Steps begin at multiples of their width since 1970, so that they stay where they are when the range moves, but for
    so few points that they could not.
    """
    fewest = max(1, -(-(end_s - start_s) // (step_s * points)))
    for times in range(fewest, 2 * fewest + 2):
        width_s = times * step_s
        first, behind = start_s // width_s, -(-end_s // width_s)
        if behind - first <= points:
            return first * width_s, width_s, behind - first
    start_s = start_s // step_s * step_s
    width_s = -(-(end_s - start_s) // (step_s * points)) * step_s
    return start_s, width_s, -(-(end_s - start_s) // width_s)


def blocks_of(ledger: Ledger, view: View, step: int, start: int, end: int) -> Iterator[BlockReader]:
    """The blocks of a tier that touch a stretch of the axis, oldest first; damaged ones are left out and counted."""
    for volume, kind in _volumes(view, step):
        if volume.label.start < end and start < volume.label.end:
            try:
                yield from (section.block for section in ledger.sections_of(volume, kind))
            except VolumeGoneError:
                raise
            except StoreError as error:
                _note(ledger, error)


def again(read: Callable[[], T]) -> T:
    """Reads once more if a volume was ended meanwhile: its content is elsewhere by then, or too old."""
    for _ in range(ATTEMPTS - 1):
        try:
            return read()
        except VolumeGoneError:
            continue
    return read()


def _query(
    ledger: Ledger, view: View, selection: Selection, from_s: float | None, to_s: float | None, points: int
) -> Series:
    stored = extent(view)
    if stored is None:
        return _nothing()
    walls = view.timeline.wall(np.array([stored[0], stored[1] - 1])) * 60
    start_s = max(int(walls[0]), int(np.floor(from_s)) if from_s is not None else int(walls[0]))
    end_s = min(int(walls[1]) + 60, int(np.ceil(to_s)) if to_s is not None else int(walls[1]) + 60)
    if start_s >= end_s:
        return _nothing()
    step = _tier(view, start_s, end_s, points)
    origin_s, width_s, count = grid(start_s, end_s, step * 60, points)
    start, end = (view.timeline.axis(edge // 60) for edge in (origin_s, origin_s + count * width_s))
    found = samples(ledger, view, selection, step, start, end)
    return bucketed(view.timeline, found, origin_s, width_s, count)


def _tier(view: View, start_s: int, end_s: int, points: int) -> int:
    """The coarsest tier that still has enough steps for the points, or the next one that reaches back far enough."""
    point_s = (end_s - start_s) / points
    if point_s >= COARSER_FROM * DAY * 60:
        return DAY
    if point_s >= COARSER_FROM * HOUR * 60:
        return HOUR
    start, end = view.timeline.axis(start_s // 60), view.timeline.axis(-(-end_s // 60))
    minutes = [volume.label.start for volume in view.minutes] + [tail.first or 0 for tail in view.tails]
    stored = extent(view)
    oldest = stored[0] if stored else 0
    if minutes and min(minutes) <= max(start, oldest):
        return MINUTE
    recorded = any(volume.label.start <= start and end <= volume.label.end for volume in view.recordings)
    return MINUTE if recorded else HOUR


def _volumes(view: View, step: int) -> Iterator[tuple[Volume, SectionKind]]:
    if step != MINUTE:
        yield from ((volume, SectionKind.HOURS if step == HOUR else SectionKind.DAYS) for volume in view.rollups)
        return
    oldest = view.minutes[0].label.start if view.minutes else 0
    recordings = (volume for volume in view.recordings if volume.label.end <= oldest)
    yield from ((volume, SectionKind.MINUTES) for volume in (*recordings, *view.minutes))


def _of_block(
    ledger: Ledger, block: BlockReader, quantity: Quantity, number: int, start: int, end: int
) -> Samples | None:
    column = block.layout.column(quantity, number)
    if column is None:
        return None
    planes = (Plane.LOW, Plane.MEAN, Plane.HIGH)
    try:
        values = block.column(column, planes)
        counts = block.column(column, (Plane.COUNT, Plane.REST)) if block.step == DAY else None
    except VolumeGoneError:
        raise
    except StoreError as error:
        _note(ledger, error)
        return None
    first, last = np.searchsorted(block.axis, (start, end))
    low, mean, high = (plane[first:last] for plane in values)
    weight = np.full(mean.size, float(block.step))
    found = _in_units(block.layout, quantity, block.axis[first:last], (low, mean, high), weight)
    return found if counts is None else _exact(found, block.layout.unit(quantity), *(c[first:last] for c in counts))


def _exact(days: Samples, unit: float, count: Shorts, rest: Shorts) -> Samples:
    """Days with their exact means: the stored one is rounded, what is missing is in the rest of the sum."""
    counted = np.where(count == NONE, 1, count).astype(np.float64)
    mean = days.mean + np.where(rest == NONE, 0.0, rest * unit / counted)
    return Samples(days.axis, days.low, mean, days.high, counted)


def _in_units(
    layout: Layout, quantity: Quantity, axis: Ints, planes: tuple[Shorts, Shorts, Shorts], weight: Floats
) -> Samples:
    unit = layout.unit(quantity)
    low, mean, high = (to_floats(plane, unit) for plane in planes)
    return Samples(axis, low, mean, high, weight)


def _events(ledger: Ledger, view: View, from_s: float | None, to_s: float | None, limit: int) -> list[EventRecord]:
    found: list[EventRecord] = []
    seen: set[int] = set()
    shift_of = cache(view.timeline.shift)
    for event in _newest_first(ledger, view, to_s):
        at_s = event.axis_s + 60.0 * shift_of(int(event.axis_s // 60))
        if len(found) >= limit or (from_s is not None and at_s < from_s - OUT_OF_ORDER_S):
            break
        if event.seq in seen or (to_s is not None and at_s >= to_s) or (from_s is not None and at_s < from_s):
            continue
        seen.add(event.seq)
        found.append(EventRecord(at_s, event.kind, event.document, event.seq))
    return found


def _newest_first(ledger: Ledger, view: View, to_s: float | None) -> Iterator[StoredEvent]:
    """Events as they were stored, the newest first; days that begin well after `to_s` are passed over unread."""
    yield from reversed(view.events)
    for volume in reversed(view.rollups):
        begins_s = 60.0 * (volume.label.start + view.timeline.shift(volume.label.start))
        if to_s is not None and begins_s >= to_s + OUT_OF_ORDER_S:
            continue
        try:
            sections = [section.content() for section in ledger.sections_of(volume, SectionKind.EVENTS)]
            events = [event for section in sections for event in unpack_events(section)]
        except VolumeGoneError:
            raise
        except StoreError as error:
            _note(ledger, error)
            continue
        yield from reversed(events)


def _note(ledger: Ledger, error: StoreError) -> None:
    ledger.unreadable += 1
    log.warning("A part of the store cannot be read and is left out: %s", error)


def _nothing() -> Series:
    none = np.zeros(0)
    return Series(60, none, none, none, none)
