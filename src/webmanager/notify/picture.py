"""A curve as a small PNG, made with zlib alone: mail programs show PNG, and many show no SVG. Pure."""

import struct
import zlib

import numpy as np
import numpy.typing as npt

from webmanager.engine.notify_ports import Curve

WIDTH, HEIGHT = 480, 140
DAY_S = 86400.0
BACKGROUND, GRID, LINE = 0, 1, 2
PALETTE = bytes((255, 255, 255, 224, 224, 230, 21, 101, 192))
LONGEST_GAP_S = 900.0

Pixels = npt.NDArray[np.uint8]


def draw(curve: Curve, until: float) -> bytes:
    """The 24 h before `until` (UTC seconds) as a PNG of 480 x 140; gaps stay gaps, an empty curve is a bare grid."""
    pixels = np.full((HEIGHT, WIDTH), BACKGROUND, np.uint8)
    pixels[:: HEIGHT // 4, :] = GRID
    pixels[:, :: WIDTH // 8] = GRID
    times = np.asarray(curve.times, np.float64)
    values = np.asarray(curve.values, np.float64)
    known = np.isfinite(values) & (times > until - DAY_S) & (times <= until)
    if known.any():
        least, most = float(values[known].min()), float(values[known].max())
        middle, span = (least + most) / 2.0, max(most - least, 1e-3 * abs(most), 1e-6)
        columns = (times - (until - DAY_S)) / DAY_S * (WIDTH - 1)
        rows = (HEIGHT - 1) / 2.0 - (values - middle) / span * (HEIGHT - 13)
        _line(pixels, columns, rows, known, times)
    return png(pixels, PALETTE)


def png(pixels: Pixels, palette: bytes) -> bytes:
    """Palette indices (height, width) as a PNG file; `palette` is RGB triples. Format: RFC 2083."""
    height, width = pixels.shape
    lines = np.hstack([np.zeros((height, 1), np.uint8), pixels]).tobytes()
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    parts = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def _line(
    pixels: Pixels,
    columns: npt.NDArray[np.float64],
    rows: npt.NDArray[np.float64],
    known: npt.NDArray[np.bool_],
    times: npt.NDArray[np.float64],
) -> None:
    """Joins neighbouring known points, two pixels thick; over a gap nothing is drawn."""
    joined = known[:-1] & known[1:] & (np.diff(times) <= LONGEST_GAP_S)
    right, down = np.diff(columns)[joined], np.diff(rows)[joined]
    longest = max(np.abs(right).max(initial=0.0), np.abs(down).max(initial=0.0))
    along = np.linspace(0.0, 1.0, 2 + int(longest))
    x = columns[:-1][joined, None] + right[:, None] * along
    y = rows[:-1][joined, None] + down[:, None] * along
    _dots(pixels, np.append(x, columns[known]), np.append(y, rows[known]))


def _dots(pixels: Pixels, columns: npt.NDArray[np.float64], rows: npt.NDArray[np.float64]) -> None:
    x = np.clip(np.rint(columns), 0, WIDTH - 1).astype(np.intp)
    y = np.clip(np.rint(rows), 0, HEIGHT - 2).astype(np.intp)
    pixels[y, x] = LINE
    pixels[y + 1, x] = LINE


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
