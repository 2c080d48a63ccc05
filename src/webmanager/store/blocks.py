"""Blocks: many rows of all columns, compressed so that one column opens alone. Byte boxes: `docs/store-format.md`."""

import struct
import zlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from webmanager.store.columns import NONE, Layout, Quantity
from webmanager.store.packing import Shorts, octets, pack
from webmanager.store.pages import FORMAT_HEADER, PREDICTORS, compress
from webmanager.store.timeline import Minutes

BLOCK_HEAD = struct.Struct("<HBBHHIHHIIIII")
CHUNK = struct.Struct("<BBBBHH")
CHUNKS = np.dtype(
    [("plane", "u1"), ("quantity", "u1"), ("group", "u1"), ("coding", "u1"), ("description", "<u2"), ("pages", "<u2")]
)
"""CHUNK, many of them."""
RUNS = np.dtype([("column", "<u2"), ("start", "<u2"), ("count", "<u2")])
EXCEPTIONS = np.dtype([("row", "<u2"), ("column", "<u2"), ("low", "<i2"), ("high", "<i2")])
MINUTE, HOUR, DAY = 1, 60, 1440
WHOLE = 255
"""Stands for the quantity and group of a chunk that holds all columns."""


class Plane(IntEnum):
    """What a number says of its column in the time of its row: `count` values whose sum is mean * count + rest."""

    MEAN = 0
    LOW = 1
    HIGH = 2
    REST = 3
    COUNT = 4


class Coding(IntEnum):
    """How a chunk holds its numbers.

    PACKED: all columns as packed row-to-row differences (few rows). GROUP: one page a group of columns.
    COLUMNS: a page a column. ORDERED: a page a few columns that are equally lively, each as its distance from its first
    number; which these are is said by the ORDER of their quantity. RELATIVE is added where a plane is kept as its
    distance from the mean.
    """

    PACKED = 1
    GROUP = 2
    COLUMNS = 3
    ORDERED = 4
    ORDER = 5


RELATIVE = 0x80
GROUP_COLUMNS = 32
"""Columns that share one description: with 256 modules in 8 strings, one string."""
ORDERED_COLUMNS, ORDERED_NUMBERS = 8, 15_000
"""Columns that share a page of minutes, and the most numbers in one. What each page says of itself is a tenth of it."""
PACKED_BELOW, GROUP_BELOW = 30, 256
"""Rows below which a block is packed, and below which a page holds a group instead of a column."""


class Derived(IntEnum):
    """What lowest and highest value are where nothing else is said: the mean, or also the one before (steps)."""

    NOTHING = 0
    MEAN = 1
    STEPS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Rows at axis minutes `axis`, each standing for `step` minutes; planes of shape (rows, columns), NONE = no value.

    MEAN is always there; minutes have no LOW and HIGH where those never differ from it.
    """

    layout: Layout
    step: int
    axis: Minutes
    planes: dict[Plane, Shorts]


@dataclass(frozen=True, slots=True)
class Chunk:
    """One piece of a block: a plane of a quantity in one group of columns, as a description and pages."""

    plane: int
    quantity: int
    group: int
    coding: int
    description: bytes
    pages: list[bytes]


def derivations(step: int) -> dict[Quantity, Derived]:
    """Which quantities keep lowest and highest values only where they are not what one would think.

    A minute's are its mean unless a scan was far off. Ri is a step: within an hour it is the one before or the new one.
    """
    if step == MINUTE:
        return dict.fromkeys(Quantity, Derived.MEAN)
    steps = {Quantity.RI} if step == HOUR else set()
    return {quantity: Derived.STEPS if quantity in steps else Derived.NOTHING for quantity in Quantity}


def derived(kind: Derived, mean: Shorts) -> tuple[Shorts, Shorts]:
    """Lowest and highest values as derived from the mean, shape (rows, ...); NONE where it is NONE."""
    if kind is not Derived.STEPS or not mean.size:
        return mean, mean
    former = np.concatenate((mean[:1], mean[:-1]))
    former = np.where((former == NONE) | (mean == NONE), mean, former)
    return np.minimum(former, mean), np.maximum(former, mean)


def encode(block: Block) -> Generator[None, None, bytes]:
    """Returns a block as bytes, in small steps, so that it can be made beside other work."""
    gaps = block.planes[Plane.MEAN] == NONE
    filling = _filling(gaps)
    kept = {plane: values for plane, values in block.planes.items() if _is_kept_of_any(plane, block.step)}
    filled = {plane: values if filling is None else _fill(values, filling) for plane, values in kept.items()}
    yield
    exceptions = _exceptions(block)
    chunks: list[Chunk] = []
    for chunk in _packed(filled) if block.axis.size < PACKED_BELOW else _compressed(block, filled):
        chunks.append(chunk)
        yield
    contiguous = bool((np.diff(block.axis) == block.step).all())
    first = int(block.axis[0]) if block.axis.size else 0
    lengths = np.array([len(page) for chunk in chunks for page in chunk.pages], np.int16)
    sections = [
        b"" if contiguous else zlib.compress((block.axis - first).astype("<u4").tobytes(), 9),
        zlib.compress(_runs(gaps).tobytes(), 9) if filling is not None else b"",
        zlib.compress(exceptions.tobytes(), 9) if exceptions.size else b"",
        zlib.compress(b"".join(_entry(chunk) for chunk in chunks), 9),
        zlib.compress(octets(lengths), 9),
    ]
    layout, sizes = block.layout, [len(section) for section in sections]
    rows = block.axis.size
    head = (layout.modules, layout.strings, layout.ri_unit_uohm, rows, block.step, first, len(chunks), len(lengths))
    bodies = [part for chunk in chunks for part in (chunk.description, *chunk.pages)]
    return b"".join([BLOCK_HEAD.pack(*head, *sizes), FORMAT_HEADER, *sections, *bodies])


def _is_kept(plane: Plane, derivation: Derived) -> bool:
    return derivation is Derived.NOTHING or plane not in (Plane.LOW, Plane.HIGH)


def _is_kept_of_any(plane: Plane, step: int) -> bool:
    return any(_is_kept(plane, derivation) for derivation in derivations(step).values())


def _packed(filled: dict[Plane, Shorts]) -> Iterator[Chunk]:
    for plane, values in filled.items():
        numbers = values if plane in _ABSOLUTE else values - filled[Plane.MEAN]
        coding = Coding.PACKED | (0 if plane in _ABSOLUTE else RELATIVE)
        steps = np.diff(numbers, axis=0, prepend=np.zeros((1, numbers.shape[1]), np.int16))
        yield Chunk(plane, WHOLE, WHOLE, coding, pack(steps.reshape(-1)), [])


def _compressed(block: Block, filled: dict[Plane, Shorts]) -> Iterator[Chunk]:
    coding = Coding.GROUP if block.axis.size < GROUP_BELOW else Coding.COLUMNS
    for plane, values in filled.items():
        for quantity, derivation in derivations(block.step).items():
            if not _is_kept(plane, derivation):
                continue
            span = block.layout.span(quantity)
            if block.step == MINUTE and coding is Coding.COLUMNS:
                yield from _ordered_chunks(plane, quantity, values[:, span])
            else:
                yield from _quantity_chunks(plane, quantity, coding, values[:, span], filled[Plane.MEAN][:, span])


def _quantity_chunks(plane: Plane, quantity: Quantity, coding: Coding, values: Shorts, mean: Shorts) -> Iterator[Chunk]:
    """Compresses one plane of one quantity, in the way that makes the middle one of its groups smallest."""
    ways = [(values, coding | 0)]
    if plane not in _ABSOLUTE:
        ways.append((values - mean, coding | RELATIVE))
    groups = [slice(start, start + GROUP_COLUMNS) for start in range(0, values.shape[1], GROUP_COLUMNS)]
    best: tuple[int, Shorts, int, str] | None = None
    for numbers, code in ways:
        pages = _pages(numbers[:, groups[len(groups) // 2]], coding)
        for predictor in PREDICTORS:
            size = _size(compress(pages, predictor))
            if best is None or size < best[0]:
                best = size, numbers, code, predictor
    if best is None:
        return
    _, numbers, code, predictor = best
    for index, group in enumerate(groups):
        yield Chunk(plane, quantity, index, code, *compress(_pages(numbers[:, group], coding), predictor))


def _ordered_chunks(plane: Plane, quantity: Quantity, values: Shorts) -> Iterator[Chunk]:
    """Compresses one plane of one quantity, lively columns apart from quiet ones: each page has one idea of noise."""
    rows, count = values.shape
    width = max(1, min(ORDERED_COLUMNS, ORDERED_NUMBERS // rows))
    liveliness = np.abs(np.diff(values.astype(np.int32), axis=0)).sum(axis=0)
    order = np.argsort(liveliness, kind="stable")
    said = bytes([width]) + order.astype(np.uint8).tobytes() + values[0].astype("<i2").tobytes()
    yield Chunk(plane, quantity, WHOLE, Coding.ORDER, said, [])
    columns = np.ascontiguousarray((values - values[0])[:, order].T)
    for group, start in enumerate(range(0, count, width)):
        numbers = [columns[start : start + width].reshape(-1)]
        found = [compress(numbers, predictor) for predictor in PREDICTORS]
        yield Chunk(plane, quantity, group, Coding.ORDERED, *min(found, key=_size))


def _size(compressed: tuple[bytes, list[bytes]]) -> int:
    return len(compressed[0]) + sum(map(len, compressed[1]))


def _pages(numbers: Shorts, coding: Coding) -> list[Shorts]:
    columns = np.ascontiguousarray(numbers.T)
    return list(columns) if coding is Coding.COLUMNS else [columns.reshape(-1)]


def _entry(chunk: Chunk) -> bytes:
    return CHUNK.pack(chunk.plane, chunk.quantity, chunk.group, chunk.coding, len(chunk.description), len(chunk.pages))


def _filling(gaps: npt.NDArray[np.bool_]) -> Minutes | None:
    """For every number the row it is filled from: the last one that has a value, before the first the first."""
    if not gaps.any():
        return None
    rows = np.where(gaps, -1, np.arange(gaps.shape[0])[:, None])
    last = np.maximum.accumulate(rows, axis=0)
    return np.where(last < 0, np.argmax(~gaps, axis=0), last)


def _fill(values: Shorts, filling: Minutes) -> Shorts:
    filled = np.take_along_axis(values, filling, axis=0)
    filled[:, (filled == NONE).all(axis=0)] = 0
    return filled


def _runs(gaps: npt.NDArray[np.bool_]) -> npt.NDArray[np.void]:
    """Gaps as runs of rows, column by column."""
    edges = np.diff(gaps.T.astype(np.int8), axis=1, prepend=0, append=0)
    column, start = np.nonzero(edges > 0)
    _, end = np.nonzero(edges < 0)
    runs = np.zeros(column.size, RUNS)
    runs["column"], runs["start"], runs["count"] = column, start, end - start
    return runs


def _exceptions(block: Block) -> npt.NDArray[np.void]:
    """Lowest and highest values of the quantities that derive them, where they are not as derived."""
    found = []
    for quantity, derivation in derivations(block.step).items():
        if derivation is Derived.NOTHING or Plane.LOW not in block.planes:
            continue
        span = block.layout.span(quantity)
        low, high = block.planes[Plane.LOW][:, span], block.planes[Plane.HIGH][:, span]
        expected_low, expected_high = derived(derivation, block.planes[Plane.MEAN][:, span])
        row, column = np.nonzero((low != expected_low) | (high != expected_high))
        odd = np.zeros(row.size, EXCEPTIONS)
        odd["row"], odd["column"] = row, column + span.start
        odd["low"], odd["high"] = low[row, column], high[row, column]
        found.append(odd)
    return np.concatenate(found) if found else np.zeros(0, EXCEPTIONS)


_ABSOLUTE = {Plane.MEAN, Plane.REST, Plane.COUNT}
