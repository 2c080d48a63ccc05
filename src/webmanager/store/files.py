"""What is stored, as files: their names, and what is in each. The names are those of the original viewer.

| name | content |
|---|---|
| `P_DD_MM_YYYY_volt.csv` (temp, resist, bypass, ampere) | minutes of one day |
| `P_MM_YYYY_volt_hours.csv` | lowest, mean and highest value of each hour of a month, of days that are over |
| `P_YYYY_volt_days.csv` | the same for each day of a year |
| `P_DD_MM_YYYY_HHMM_discharge.csv` | a discharge by the minute: voltages and currents |
| `P_MM_YYYY_events.json` | what happened in a month |
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

import numpy as np

from webmanager.domain.errors import StoreError
from webmanager.domain.reading import Ints
from webmanager.store.blocks import DAY, HOUR, MINUTE, Plane
from webmanager.store.columns import NONE, Layout, Quantity
from webmanager.store.csv_text import Group, column_names, table
from webmanager.store.ledger import Ledger, View
from webmanager.store.packing import Shorts
from webmanager.store.query import blocks_of, read_events
from webmanager.store.sections import SectionKind
from webmanager.store.timeline import Minutes
from webmanager.store.volumes import Volume

SUFFIXES = {
    Quantity.VOLTAGE: "volt",
    Quantity.TEMPERATURE: "temp",
    Quantity.RI: "resist",
    Quantity.EQUALIZING: "bypass",
    Quantity.CURRENT: "ampere",
}
GROWS_EVERY = 10
"""Today's files grow in steps of this many minutes, so that one stays the same while it is listed and fetched."""
EXTREMES = {Plane.LOW: "min", Plane.MEAN: "mean", Plane.HIGH: "max"}


class Content(Enum):
    """What kind of file it is."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    DISCHARGE = "discharge"
    EVENTS = "events"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file: name, content, the wall minutes it covers, and a version that changes when its content does."""

    name: str
    content: Content
    quantity: Quantity | None
    start: int
    end: int
    version: str


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows of one quantity: axis minutes, and a plane each of shape (rows, columns of the quantity)."""

    layout: Layout
    axis: Minutes
    planes: dict[Plane, Shorts]


def stored_files(ledger: Ledger, view: View, prefix: str) -> list[StoredFile]:
    """Every file there is, newest first within each kind."""
    found = [
        *_days_of_minutes(view, prefix),
        *_discharges(view, prefix),
        *_rolled(view, prefix, Content.HOURS),
        *_rolled(view, prefix, Content.DAYS),
        *_events(ledger, view, prefix),
    ]
    return sorted(found, key=lambda file: (list(Content).index(file.content), -file.start, file.name))


def file_bytes(ledger: Ledger, view: View, file: StoredFile, *, decimal_comma: bool = False) -> bytes:
    """The content of a file; StoreError if nothing of it is left."""
    if file.content is Content.EVENTS:
        events = read_events(ledger, 60.0 * file.start, 60.0 * file.end, 10**9)
        listed = [{"at": _iso(event.at_s), "kind": event.kind, **event.document} for event in reversed(events)]
        return json.dumps({"events": listed}, ensure_ascii=False, indent=1).encode()
    start, end = view.timeline.axis(file.start), view.timeline.axis(file.end)
    if file.content is Content.DISCHARGE:
        return _discharge_table(ledger, view, start, end, decimal_comma=decimal_comma)
    step = {Content.MINUTES: MINUTE, Content.HOURS: HOUR, Content.DAYS: DAY}[file.content]
    if file.quantity is None:
        raise StoreError(f"{file.name}: of no quantity")
    planes = (Plane.MEAN,) if step == MINUTE else tuple(EXTREMES)
    rows = _joined([*_rows(ledger, view, file.quantity, step, planes, start, end)], file.quantity)
    if rows is None:
        raise StoreError(f"{file.name}: nothing of it is left")
    names = column_names(rows.layout, file.quantity)
    group = Group(names, rows.planes[Plane.MEAN], rows.layout.unit(file.quantity))
    if step != MINUTE:
        headings = [f"{name} {word}" for name in names for word in EXTREMES.values()]
        values = np.stack([rows.planes[plane] for plane in EXTREMES], axis=2).reshape(rows.axis.size, -1)
        group = Group(headings, values, group.unit)
    return table(view.timeline.wall(rows.axis), [group], decimal_comma=decimal_comma)


def _rows(
    ledger: Ledger, view: View, quantity: Quantity, step: int, planes: tuple[Plane, ...], start: int, end: int
) -> Iterator[Rows]:
    for block in blocks_of(ledger, view, step, start, end):
        first, last = np.searchsorted(block.axis, (start, end))
        span = block.layout.span(quantity)
        columns = [block.column(column, planes) for column in range(span.start, span.stop)]
        stacked = {
            plane: np.stack([column[index] for column in columns], axis=1)[first:last]
            for index, plane in enumerate(planes)
        }
        yield Rows(block.layout, block.axis[first:last], stacked)
    for tail in view.tails if step == MINUTE else ():
        minutes = tail.block(start, end)
        span = tail.layout.span(quantity)
        mean = minutes.planes[Plane.MEAN]
        yield Rows(tail.layout, minutes.axis, {plane: minutes.planes.get(plane, mean)[:, span] for plane in planes})


def _joined(parts: Iterable[Rows], quantity: Quantity) -> Rows | None:
    """Rows in order as one, in the columns of the newest layout."""
    kept = [part for part in parts if part.axis.size]
    if not kept:
        return None
    layout = kept[-1].layout
    planes = {
        plane: np.concatenate([_in_layout(part.planes[plane], part.layout, layout, quantity) for part in kept])
        for plane in kept[-1].planes
    }
    return Rows(layout, np.concatenate([part.axis for part in kept]), planes)


def _in_layout(values: Shorts, its: Layout, wanted: Layout, quantity: Quantity) -> Shorts:
    """Columns of another layout: those it has not are empty, Ri in another unit is converted."""
    if its == wanted:
        return values
    span = wanted.span(quantity)
    moved = np.full((values.shape[0], span.stop - span.start), NONE, np.int16)
    width = min(moved.shape[1], values.shape[1])
    scaled = np.rint(values[:, :width] * (its.unit(quantity) / wanted.unit(quantity)))
    moved[:, :width] = np.where(values[:, :width] == NONE, NONE, np.clip(scaled, -32767, 32767)).astype(np.int16)
    return moved


def _discharge_table(ledger: Ledger, view: View, start: int, end: int, *, decimal_comma: bool) -> bytes:
    groups = []
    axis: Ints = np.zeros(0, np.int64)
    for quantity in (Quantity.VOLTAGE, Quantity.CURRENT):
        rows = _joined(_rows(ledger, view, quantity, MINUTE, (Plane.MEAN,), start, end), quantity)
        if rows is None:
            raise StoreError("nothing of this discharge is left")
        axis, unit = rows.axis, "V" if quantity is Quantity.VOLTAGE else "A"
        names = [f"{name} {unit}" for name in column_names(rows.layout, quantity)]
        groups.append(Group(names, rows.planes[Plane.MEAN], rows.layout.unit(quantity)))
    return table(view.timeline.wall(axis), groups, decimal_comma=decimal_comma)


def _days_of_minutes(view: View, prefix: str) -> Iterator[StoredFile]:
    spans = [(v.label.start, v.label.end, str(v.id)) for v in view.minutes]
    for tail in view.tails:
        if tail.first is not None and tail.last is not None:
            behind = (tail.last + 1) // GROWS_EVERY * GROWS_EVERY
            spans.append((tail.first, max(behind, tail.first + 1), f"{tail.first}-{behind}"))
    for (start, end), versions, last in _by_period(view, spans, "day"):
        day = _moment(start).strftime("%d_%m_%Y")
        for quantity, suffix in SUFFIXES.items():
            yield StoredFile(f"{prefix}_{day}_{suffix}.csv", Content.MINUTES, quantity, start, min(end, last), versions)


def _rolled(view: View, prefix: str, content: Content) -> Iterator[StoredFile]:
    spans = [(v.label.start, v.label.end, str(v.id)) for v in view.rollups]
    period, pattern = ("month", "%m_%Y") if content is Content.HOURS else ("year", "%Y")
    for (start, end), versions, _ in _by_period(view, spans, period):
        for quantity, suffix in SUFFIXES.items():
            name = f"{prefix}_{_moment(start).strftime(pattern)}_{suffix}_{content.value}.csv"
            yield StoredFile(name, content, quantity, start, end, versions)


def _discharges(view: View, prefix: str) -> Iterator[StoredFile]:
    for volume in view.recordings:
        start, end = (int(w) for w in view.timeline.wall(np.array([volume.label.start, volume.label.end - 1])))
        name = f"{prefix}_{_moment(start).strftime('%d_%m_%Y_%H%M')}_discharge.csv"
        yield StoredFile(name, Content.DISCHARGE, None, start, end + 1, str(volume.id))


def _events(ledger: Ledger, view: View, prefix: str) -> Iterator[StoredFile]:
    spans = [(v.label.start, v.label.end, str(v.id)) for v in view.rollups if _has_events(ledger, v)]
    spans += [(int(event.axis_s // 60), int(event.axis_s // 60) + 1, str(event.seq)) for event in view.events]
    for (start, end), versions, _ in _by_period(view, spans, "month"):
        name = f"{prefix}_{_moment(start).strftime('%m_%Y')}_events.json"
        yield StoredFile(name, Content.EVENTS, None, start, end, versions)


def _has_events(ledger: Ledger, volume: Volume) -> bool:
    try:
        return bool(ledger.sections_of(volume, SectionKind.EVENTS))
    except StoreError:
        return False


def _by_period(
    view: View, spans: Iterable[tuple[int, int, str]], period: str
) -> Iterator[tuple[tuple[int, int], str, int]]:
    """Wall-clock periods that spans of the axis touch: their first and last minute, versions, end of the last span."""
    touched: dict[tuple[int, int], list[str]] = {}
    ends: dict[tuple[int, int], int] = {}
    for start, end, version in spans:
        at, last = (int(minute) for minute in view.timeline.wall(np.array([start, end - 1])))
        while at <= last:
            bounds = _bounds(at, period)
            touched.setdefault(bounds, []).append(version)
            ends[bounds] = last + 1
            at = bounds[1]
    for bounds, versions in touched.items():
        yield bounds, f"{len(versions)}:{versions[0]}:{versions[-1]}", ends[bounds]


def _bounds(minute: int, period: str) -> tuple[int, int]:
    at = _moment(minute).replace(hour=0, minute=0)
    if period == "day":
        return int(at.timestamp()) // 60, int(at.timestamp()) // 60 + DAY
    if period == "month":
        first = at.replace(day=1)
        following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    else:
        first = at.replace(month=1, day=1)
        following = first.replace(year=first.year + 1)
    return int(first.timestamp()) // 60, int(following.timestamp()) // 60


def _moment(minute: int) -> datetime:
    return datetime.fromtimestamp(60 * minute, UTC)


def _iso(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
