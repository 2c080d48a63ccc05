"""Bytes a sample of the same minutes in different stores: ours, an entropy estimate, zstd, SQLite, Parquet, rrdtool.

The last week of lossless minutes of a month is read back and written in each of the ways, day by day.
"""

import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from bench.store_past import DAY, Noise, full_days, made
from bench.table import Row
from webmanager.store.blocks import GROUP_COLUMNS, Block, Plane, encode
from webmanager.store.columns import Layout, Quantity
from webmanager.store.flash import SECTOR_BYTES
from webmanager.store.ledger import Ledger
from webmanager.store.medium import open_to_read
from webmanager.store.packing import Shorts
from webmanager.store.sections import SectionKind

DAYS, MONTH = 7, 30
FITTED = 8
"""Numbers before the next one that the entropy estimate predicts it from."""
MEASURED = (Quantity.VOLTAGE, Quantity.TEMPERATURE, Quantity.RI, Quantity.EQUALIZING)


def rows() -> Iterator[Row]:
    """Each way on low and high noise."""
    for noise in ("low", "high"):
        yield from _noise(noise)


def _noise(noise: Noise) -> Iterator[Row]:
    medium = open_to_read(made(noise, MONTH).directory)
    ledger = Ledger(medium.flash)
    volumes = full_days(ledger.view().minutes)[-DAYS:]
    days = [ledger.sections_of(volume, SectionKind.MINUTES)[0].block.block() for volume in volumes]
    layout, samples = days[0].layout, sum(day.planes[Plane.MEAN].size for day in days)
    ours = sum(volume.length for volume in volumes)
    on_flash = sum(len(volume.sectors) for volume in volumes) * SECTOR_BYTES
    medium.close()
    means = [day.planes[Plane.MEAN] for day in days]
    bound = sum(entropy_bytes(mean, layout) for mean in means)
    yield Row(f"entropy estimate, {noise} noise", bound / samples, "byte/sample")
    yield Row(f"webmanager, {noise} noise", ours / samples, "byte/sample")
    yield Row(f"webmanager / entropy estimate, {noise} noise", ours / bound, "", "<= 1.25")
    yield Row(f"webmanager in whole sectors, {noise} noise", on_flash / samples, "byte/sample")
    for name, size in OTHERS.items():
        yield Row(f"{name}, {noise} noise", size(means, layout) / samples, "byte/sample")
    if (program := shutil.which("rrdtool")) is not None:
        yield Row(f"rrdtool, {noise} noise", _rrdtool(program, means) / samples, "byte/sample")
    yield from _quantities(days, layout, noise)


def _quantities(days: list[Block], layout: Layout, noise: Noise) -> Iterator[Row]:
    """Ours of each quantity: what a day's block grows by when its columns are there instead of zeros."""
    for quantity in MEASURED:
        span = layout.span(quantity)
        sizes = []
        for day in days:
            without = day.planes[Plane.MEAN].copy()
            without[:, span] = 0
            emptied = Block(layout, day.step, day.axis, {Plane.MEAN: without})
            whole = Block(layout, day.step, day.axis, {Plane.MEAN: day.planes[Plane.MEAN]})
            sizes.append(len(encoded(whole)) - len(encoded(emptied)))
        columns = span.stop - span.start
        yield Row(
            f"webmanager, {quantity.word}, {noise} noise", sum(sizes) / (len(days) * DAY * columns), "byte/sample"
        )


def encoded(block: Block) -> bytes:
    """A block as bytes."""
    steps = encode(block)
    while True:
        try:
            next(steps)
        except StopIteration as done:
            data: bytes = done.value
            return data


def entropy_bytes(mean: Shorts, layout: Layout) -> float:
    """What an ideal coder would need for what the best of three predictors leaves over, column by column.

    Predictors: none, the number before, and a least-squares fit of the eight before, shared by a string. Of the
    differences left over the entropy of zeroth order, each column by itself and without its table of frequencies; with
    the correction of Miller and Madow, since counted frequencies of a short column tell too little entropy.
    """
    bits = 0.0
    for quantity in Quantity:
        span = layout.span(quantity)
        for start in range(span.start, span.stop, GROUP_COLUMNS):
            columns = mean[:, start : min(start + GROUP_COLUMNS, span.stop)].astype(np.float64)
            bits += min(_bits(columns), _bits(np.diff(columns, axis=0)), _bits(_fitted(columns)))
    return bits / 8


def _fitted(columns: np.ndarray) -> np.ndarray:
    count = columns.shape[0]
    level = columns.mean(axis=0)
    past = np.stack([columns[FITTED - lag : count - lag] - level for lag in range(1, FITTED + 1)], axis=-1)
    weights, *_ = np.linalg.lstsq(past.reshape(-1, FITTED), (columns[FITTED:] - level).reshape(-1), rcond=None)
    return columns[FITTED:] - np.rint(past @ weights + level)


def _bits(left_over: np.ndarray) -> float:
    bits = 0.0
    for column in left_over.T:
        _, counts = np.unique(column, return_counts=True)
        bits -= float((counts * np.log2(counts / column.size)).sum())
        bits += (counts.size - 1) / (2.0 * np.log(2.0))
    return bits


def _planes(mean: Shorts) -> bytes:
    """Column by column, differences, low bytes before high bytes."""
    steps = np.diff(mean, axis=0, prepend=np.zeros((1, mean.shape[1]), np.int16))
    return np.ascontiguousarray(steps.T).view(np.uint8).reshape(-1, 2).T.tobytes()


def _zstd(means: list[Shorts], layout: Layout) -> int:
    return sum(len(zstandard.compress(_planes(mean), 3)) for mean in means)


def _parquet(means: list[Shorts], layout: Layout) -> int:
    sizes = []
    for mean in means:
        table = pa.table({str(column): pa.array(mean[:, column]) for column in range(mean.shape[1])})
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd", use_dictionary=False, column_encoding="DELTA_BINARY_PACKED")
        sizes.append(sink.getvalue().size)
    return sum(sizes)


def _sqlite_rows(means: list[Shorts], layout: Layout) -> int:
    """A row a minute and battery with its four numbers, as one would begin; of the first day only."""
    spans = [layout.span(quantity) for quantity in MEASURED]
    numbers = np.stack([means[0][:, span] for span in spans], axis=2).reshape(-1, len(MEASURED)).tolist()
    places = ((row // layout.modules, row % layout.modules + 1) for row in range(len(numbers)))
    create = "CREATE TABLE m (minute, address, v, t, ri, eq, PRIMARY KEY (minute, address)) WITHOUT ROWID"
    filled = ((*place, *values) for place, values in zip(places, numbers, strict=True))
    return len(means) * _sqlite(create, "INSERT INTO m VALUES (?,?,?,?,?,?)", filled)


def _sqlite_blobs(means: list[Shorts], layout: Layout) -> int:
    blobs = ((number, zstandard.compress(_planes(mean), 3)) for number, mean in enumerate(means))
    return _sqlite("CREATE TABLE d (day INTEGER PRIMARY KEY, data BLOB)", "INSERT INTO d VALUES (?,?)", blobs)


def _sqlite(create: str, insert: str, filled: Iterator[tuple[object, ...]]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.sqlite"
        database = sqlite3.connect(path)
        database.execute(create)
        database.executemany(insert, filled)
        database.commit()
        database.execute("VACUUM")
        database.close()
        return path.stat().st_size


def _rrdtool(program: str, means: list[Shorts]) -> int:
    """A round-robin file of as many rows; it has its full size from the beginning, whatever is written into it."""
    columns = [f"DS:c{number}:GAUGE:120:U:U" for number in range(means[0].shape[1])]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "m.rrd"
        archive = f"RRA:AVERAGE:0.5:1:{len(means) * DAY}"
        command = [program, "create", str(path), "--step", "60", *columns, archive]
        subprocess.run(command, check=True, timeout=60)  # noqa: S603 - nothing in it comes from outside
        return path.stat().st_size


OTHERS: dict[str, Callable[[list[Shorts], Layout], int]] = {
    "int16 as they are": lambda means, layout: sum(mean.nbytes for mean in means),
    "zstd of differences, day by day": _zstd,
    "SQLite, a zstd blob a day": _sqlite_blobs,
    "SQLite, a row a minute and battery": _sqlite_rows,
    "Parquet, delta and zstd, a file a day": _parquet,
}
