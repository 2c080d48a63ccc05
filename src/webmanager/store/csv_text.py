"""Stored numbers as CSV text and back: UTC, semicolons, one column a battery or string, nothing where no value is.

Whole tables are rendered at once: every number that occurs is written out once and looked up, which makes a day of
256 batteries a matter of milliseconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from webmanager.domain.errors import StoreError
from webmanager.domain.reading import Floats
from webmanager.store.columns import NONE, Layout, Quantity
from webmanager.store.packing import Shorts
from webmanager.store.timeline import Minutes

SEPARATOR = ";"
TIME_COLUMNS = ("date", "time")
LINE_END = "\r\n"


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Neighbouring columns of a table: their names, stored numbers (rows, columns), and what one of these is worth."""

    names: list[str]
    values: Shorts
    unit: float


def column_names(layout: Layout, quantity: Quantity) -> list[str]:
    """`S3-17` for batteries, `S3` for strings, in the order of the columns."""
    if quantity.of_string:
        return [f"S{number}" for number in range(1, layout.strings + 1)]
    per_string = layout.modules // layout.strings
    return [f"S{index // per_string + 1}-{index % per_string + 1}" for index in range(layout.modules)]


def table(wall: Minutes, groups: Sequence[Group], *, decimal_comma: bool = False) -> bytes:
    """A CSV table: a row for each of the wall minutes, date and time before the groups of columns."""
    head = SEPARATOR.join((*TIME_COLUMNS, *(name for group in groups for name in group.names))) + LINE_END
    if not wall.size:
        return head.encode()
    parts = [_times(wall)]
    parts += [_cells(group.values, group.unit, b"," if decimal_comma else b".") for group in groups]
    parts.append(np.tile(np.frombuffer(LINE_END.encode(), np.uint8), (wall.size, 1)))
    return head.encode() + np.concatenate(parts, axis=1).tobytes().translate(None, b"\0")


def parse(text: str) -> tuple[Minutes, list[str], Floats]:
    """A table read back: wall minutes, names of the columns, values (rows, columns), NaN where there is none.

    StoreError names the line that is not as it must be.
    """
    lines = text.splitlines()
    names = lines[0].split(SEPARATOR) if lines else []
    if tuple(names[:2]) != TIME_COLUMNS:
        raise StoreError(f"line 1: must begin with {SEPARATOR.join(TIME_COLUMNS)}")
    wall = np.zeros(len(lines) - 1, np.int64)
    values = np.full((len(lines) - 1, len(names) - 2), np.nan)
    for row, line in enumerate(lines[1:]):
        cells = line.split(SEPARATOR)
        try:
            moment = datetime.strptime(f"{cells[0]} {cells[1]}", "%d.%m.%Y %H:%M:%S").replace(tzinfo=UTC)
            wall[row] = int(moment.timestamp()) // 60
            values[row] = [float(cell.replace(",", ".")) if cell else np.nan for cell in cells[2:]]
        except (ValueError, IndexError):
            raise StoreError(f"line {row + 2}: is no date, time and {len(names) - 2} values") from None
    return wall, names[2:], values


def _times(wall: Minutes) -> npt.NDArray[np.uint8]:
    """`DD.MM.YYYY;HH:MM:SS` of each minute, as characters."""
    texts = [datetime.fromtimestamp(60 * minute, UTC).strftime("%d.%m.%Y;%H:%M:%S") for minute in wall.tolist()]
    return np.array(texts, "S19").view(np.uint8).reshape(wall.size, -1)


def _cells(values: Shorts, unit: float, point: bytes) -> npt.NDArray[np.uint8]:
    """`;13.620` of each number, as characters, filled up with zero bytes; (rows, characters)."""
    known = values != NONE
    least = int(values[known].min()) if known.any() else 0
    most = int(values[known].max()) if known.any() else 0
    texts = [b"%b" % SEPARATOR.encode(), *(_number(number, unit, point) for number in range(least, most + 1))]
    look_up = np.array(texts)
    chosen = look_up[np.where(known, values.astype(np.int32) - least + 1, 0)]
    return chosen.view(np.uint8).reshape(values.shape[0], -1)


def _number(stored: int, unit: float, point: bytes) -> bytes:
    decimals = max(0, round(-np.log10(unit)))
    whole, part = divmod(abs(stored), 10**decimals)
    sign = b"-" if stored < 0 else b""
    if not decimals:
        return b";%b%d" % (sign, whole)
    return b";%b%d%b%0*d" % (sign, whole, point, decimals, part)
