"""Blocks read back: one column alone, or all of it; only the bytes that are needed are fetched."""

import itertools
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from webmanager.domain.errors import StoreError
from webmanager.store.blocks import (
    BLOCK_HEAD,
    CHUNKS,
    EXCEPTIONS,
    GROUP_COLUMNS,
    MINUTE,
    RELATIVE,
    RUNS,
    WHOLE,
    Block,
    Coding,
    Derived,
    Plane,
    derivations,
    derived,
)
from webmanager.store.columns import NONE, Layout, Quantity
from webmanager.store.packing import Shorts, from_octets, unpack
from webmanager.store.pages import FORMAT_HEADER, Pages, decompress, opened
from webmanager.store.timeline import Minutes

Fetch = Callable[[int, int], bytes]
"""Gives `length` bytes at `offset` of the block; StoreError if they are damaged."""


@dataclass(slots=True)
class Place:
    """Where a chunk lies: offset and bytes of its description, number of its first page in the block."""

    coding: Coding
    relative: bool
    description_at: int
    description_bytes: int
    first_page: int
    chunk: Pages | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """Columns of a quantity in the order of their pages, `width` in each, and the first number of each column."""

    width: int
    columns: npt.NDArray[np.uint8]
    bases: Shorts


class BlockReader:
    """One encoded block behind `fetch`. Its head is read at once, pages when they are asked for."""

    def __init__(self, fetch: Fetch) -> None:
        """StoreError if the head makes no sense."""
        self._fetch = fetch
        self._packed: dict[Plane, Shorts] = {}
        self._orders: dict[tuple[Plane, Quantity], Order] = {}
        try:
            self._read_head()
        except (struct.error, zlib.error, ValueError) as error:
            raise StoreError(f"the head of a block cannot be read: {error}") from None

    def planes(self) -> set[Plane]:
        """The planes this block can give."""
        return self._planes

    def column(self, column: int, planes: tuple[Plane, ...]) -> list[Shorts]:
        """One column, each plane of shape (rows,); NONE where there is no value. StoreError if a page is damaged."""
        quantity = self.quantity_of(column)
        within = column - self.layout.span(quantity).start
        mean = self._plane_column(Plane.MEAN, quantity, within)
        return [self._finished(plane, quantity, within, mean) for plane in planes]

    def block(self) -> Block:
        """All of it."""
        mean = self._matrix(Plane.MEAN, None)
        planes = {Plane.MEAN: mean}
        for plane in sorted(self._planes - {Plane.MEAN}):
            planes[plane] = self._matrix(plane, mean)
        for column, runs in self._gaps.items():
            for values in planes.values():
                for run in runs:
                    values[run, column] = NONE
        for quantity, derivation in derivations(self.step).items():
            if derivation is not Derived.NOTHING and Plane.LOW in planes:
                span = self.layout.span(quantity)
                planes[Plane.LOW][:, span], planes[Plane.HIGH][:, span] = derived(derivation, mean[:, span])
        if Plane.LOW in planes:
            odd = self._exceptions
            planes[Plane.LOW][odd["row"], odd["column"]] = odd["low"]
            planes[Plane.HIGH][odd["row"], odd["column"]] = odd["high"]
        return Block(self.layout, self.step, self.axis, planes)

    def _matrix(self, plane: Plane, mean: Shorts | None) -> Shorts:
        """One plane as it was encoded, gaps filled, shape (rows, columns); what has no chunk is left empty."""
        whole = self._found(plane, WHOLE, WHOLE)
        if whole is not None:
            values = self._unpacked(plane, whole)
            return values + mean if whole.relative and mean is not None else values.copy()
        values = np.empty((self.layout.columns, self.axis.size), np.int16)
        for quantity in Quantity:
            span = self.layout.span(quantity)
            order = self._order(plane, quantity)
            if order is not None:
                for group, start in enumerate(range(0, order.columns.size, order.width)):
                    columns = order.columns[start : start + order.width]
                    numbers = self._ordered_group(plane, quantity, order, group) + order.bases[columns][:, None]
                    values[span.start + columns.astype(np.int64)] = numbers
                continue
            for within in range(span.stop - span.start):
                place = self._found(plane, quantity, within // GROUP_COLUMNS)
                if place is not None:
                    values[span.start + within] = self._plane_column(plane, quantity, within)
                    if place.relative and mean is not None:
                        values[span.start + within] += mean[:, span.start + within]
        return np.ascontiguousarray(values.T)

    def quantity_of(self, column: int) -> Quantity:
        """What a column holds."""
        return next(quantity for quantity in Quantity if column < self.layout.span(quantity).stop)

    def _finished(self, plane: Plane, quantity: Quantity, within: int, mean: Shorts) -> Shorts:
        column = self.layout.span(quantity).start + within
        derivation = derivations(self.step)[quantity]
        if plane is Plane.MEAN:
            values = mean.copy()
        elif plane in (Plane.LOW, Plane.HIGH) and derivation is not Derived.NOTHING:
            values = derived(derivation, self._with_gaps(mean.copy(), column))[plane is Plane.HIGH].copy()
            odd = self._exceptions[self._exceptions["column"] == column]
            values[odd["row"]] = odd["low" if plane is Plane.LOW else "high"]
        else:
            values = self._plane_column(plane, quantity, within)
            if self._is_relative(plane, quantity, within):
                values = values + mean
        return self._with_gaps(values, column)

    def _with_gaps(self, values: Shorts, column: int) -> Shorts:
        for run in self._gaps.get(column, ()):
            values[run] = NONE
        return values

    def _is_relative(self, plane: Plane, quantity: Quantity, within: int) -> bool:
        return self._place(plane, quantity, within).relative

    def _place(self, plane: Plane, quantity: Quantity, within: int) -> Place:
        place = self._found(plane, WHOLE, WHOLE) or self._found(plane, quantity, within // GROUP_COLUMNS)
        if place is None:
            raise StoreError(f"the block has no {plane.name.lower()} of {quantity.word}")
        return place

    def _plane_column(self, plane: Plane, quantity: Quantity, within: int) -> Shorts:
        order = self._order(plane, quantity)
        if order is not None:
            return self._ordered_column(plane, quantity, order, within)
        place = self._place(plane, quantity, within)
        if place.coding is Coding.PACKED:
            return self._unpacked(plane, place)[:, self.layout.span(quantity).start + within]
        rows, index = self.axis.size, within % GROUP_COLUMNS
        if place.coding is Coding.COLUMNS:
            return decompress(self._opened(place), self._page(place.first_page + index), rows)
        span = self.layout.span(quantity)
        width = min(GROUP_COLUMNS, span.stop - span.start - within + index)
        alone: Shorts = self._group(place, width)[index]
        return alone

    def _group(self, place: Place, width: int) -> Shorts:
        """The columns of a page that holds `width` of them, shape (width, rows)."""
        rows = self.axis.size
        return decompress(self._opened(place), self._page(place.first_page), rows * width).reshape(width, rows)

    def _opened(self, place: Place) -> Pages:
        if place.chunk is None:
            place.chunk = opened(self._header, self._fetch(place.description_at, place.description_bytes))
        return place.chunk

    def _order(self, plane: Plane, quantity: Quantity) -> Order | None:
        """Which columns share pages in a plane of a quantity, None if its columns are in order."""
        if (plane, quantity) not in self._orders:
            place = self._found(plane, quantity, WHOLE)
            if place is None:
                return None
            said = self._fetch(place.description_at, place.description_bytes)
            span = self.layout.span(quantity)
            count = span.stop - span.start
            columns = np.frombuffer(said[1 : 1 + count], np.uint8)
            is_whole = len(said) == 1 + 3 * count and said[0] and np.array_equal(np.sort(columns), np.arange(count))
            if place.coding is not Coding.ORDER or not is_whole:
                raise StoreError(f"the order of {quantity.word} cannot be read")
            self._orders[plane, quantity] = Order(said[0], columns, np.frombuffer(said, "<i2", count, 1 + count))
        return self._orders[plane, quantity]

    def _ordered_column(self, plane: Plane, quantity: Quantity, order: Order, within: int) -> Shorts:
        group, index = divmod(int(np.flatnonzero(order.columns == within)[0]), order.width)
        numbers: Shorts = self._ordered_group(plane, quantity, order, group)[index] + order.bases[within]
        return numbers

    def _ordered_group(self, plane: Plane, quantity: Quantity, order: Order, group: int) -> Shorts:
        place = self._found(plane, quantity, group)
        if place is None:
            raise StoreError(f"the block lacks a part of {quantity.word}")
        return self._group(place, min(order.width, order.columns.size - group * order.width))

    def _unpacked(self, plane: Plane, place: Place) -> Shorts:
        if plane not in self._packed:
            data = self._fetch(place.description_at, place.description_bytes)
            try:
                steps, _ = unpack(data, self.axis.size * self.layout.columns)
            except ValueError as error:
                raise StoreError(f"a packed plane cannot be read: {error}") from None
            self._packed[plane] = np.cumsum(steps.reshape(-1, self.layout.columns), axis=0, dtype=np.int16)
        return self._packed[plane]

    def _read_head(self) -> None:
        head = BLOCK_HEAD.unpack(self._fetch(0, BLOCK_HEAD.size))
        modules, strings, unit, rows, self.step, first, chunks, pages, *sizes = head
        self.layout = Layout(modules, strings, unit)
        at = BLOCK_HEAD.size
        data = self._fetch(at, len(FORMAT_HEADER) + sum(sizes))
        self._header = data[: len(FORMAT_HEADER)]
        axis, gaps, exceptions, table, lengths = _cut(data[len(FORMAT_HEADER) :], sizes)
        if axis:
            self.axis: Minutes = first + np.frombuffer(zlib.decompress(axis), "<u4").astype(np.int64)
        else:
            self.axis = first + self.step * np.arange(rows, dtype=np.int64)
        if self.axis.size != rows:
            raise StoreError("a block with another number of rows than it says")
        self._gaps = _gap_slices(gaps)
        odd = np.frombuffer(zlib.decompress(exceptions), EXCEPTIONS) if exceptions else np.zeros(0, EXCEPTIONS)
        self._exceptions: npt.NDArray[np.void] = odd
        self._chunks = np.frombuffer(zlib.decompress(table), CHUNKS)
        self._page_bytes = from_octets(zlib.decompress(lengths), pages).astype(np.int64)
        if self._chunks.size != chunks or self._chunks["pages"].sum() != pages:
            raise StoreError("a block with another number of chunks than it says")
        self._place_chunks(at + len(data))
        self._planes = {Plane(plane) for plane in set(self._chunks["plane"].tolist())}
        if self.step == MINUTE or Plane.LOW in self._planes:
            self._planes |= {Plane.LOW, Plane.HIGH}

    def _place_chunks(self, at: int) -> None:
        """Chunks lie one after the other: a description, then its pages. Places are made when they are asked for."""
        pages, described = self._chunks["pages"].astype(np.int64), self._chunks["description"].astype(np.int64)
        self._first_page = np.cumsum(pages) - pages
        behind = np.concatenate(([0], np.cumsum(self._page_bytes)))
        self._chunk_at = at + np.cumsum(described) - described + behind[self._first_page]
        self._page_at = at + behind[:-1] + np.repeat(np.cumsum(described), pages)
        names = zip(*(self._chunks[name].tolist() for name in ("plane", "quantity", "group")), strict=True)
        self._numbers = {name: number for number, name in enumerate(names)}
        self._places: dict[int, Place] = {}

    def _found(self, plane: int, quantity: int, group: int) -> Place | None:
        """The chunk of a plane, a quantity and a group, None if there is none."""
        number = self._numbers.get((plane, quantity, group))
        if number is None:
            return None
        if number not in self._places:
            coding, size = int(self._chunks["coding"][number]), int(self._chunks["description"][number])
            if coding & ~RELATIVE not in _CODINGS:
                raise StoreError(f"a chunk is coded in a way that is not known: {coding}")
            at, page = int(self._chunk_at[number]), int(self._first_page[number])
            self._places[number] = Place(Coding(coding & ~RELATIVE), bool(coding & RELATIVE), at, size, page)
        return self._places[number]

    def _page(self, number: int) -> bytes:
        return self._fetch(int(self._page_at[number]), int(self._page_bytes[number]))


def _cut(data: bytes, sizes: list[int]) -> list[bytes]:
    return [data[start:end] for start, end in itertools.pairwise(itertools.accumulate(sizes, initial=0))]


def _gap_slices(gaps: bytes) -> dict[int, list[slice]]:
    found: dict[int, list[slice]] = {}
    if gaps:
        for column, start, count in np.frombuffer(zlib.decompress(gaps), RUNS).tolist():
            found.setdefault(column, []).append(slice(start, start + count))
    return found


_CODINGS = frozenset(Coding)
