import struct
import zlib

import numpy as np

from fakes.events import AT
from webmanager.engine.notify_ports import Curve
from webmanager.notify.picture import HEIGHT, LINE, WIDTH, draw

DAY = 86400.0


def decoded(png: bytes) -> np.ndarray:
    """Reads a PNG of ours by the letter of RFC 2083: signature, chunks with their checksums, filter 0."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    place, chunks = 8, {}
    while place < len(png):
        (size,) = struct.unpack_from(">I", png, place)
        name, data = png[place + 4 : place + 8], png[place + 8 : place + 8 + size]
        (checksum,) = struct.unpack_from(">I", png, place + 8 + size)
        assert checksum == zlib.crc32(name + data)
        chunks[name] = data
        place += 12 + size
    assert list(chunks) == [b"IHDR", b"PLTE", b"IDAT", b"IEND"]
    width, height, depth, colour, *rest = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (depth, colour, rest) == (8, 3, [0, 0, 0])
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, width + 1)
    assert not lines[:, 0].any()
    return lines[:, 1:]


def columns_with_line(curve: Curve) -> np.ndarray:
    pixels = decoded(draw(curve, AT))
    assert pixels.shape == (HEIGHT, WIDTH)
    return np.flatnonzero((pixels == LINE).any(axis=0))


def test_a_day_fills_the_width() -> None:
    times = np.linspace(AT - DAY + 1, AT, 1440)
    assert list(columns_with_line(Curve("U", "V", times, 13.6 + 0.1 * np.sin(times / 9e3)))) == list(range(WIDTH))


def test_a_rising_curve_rises_from_left_to_right() -> None:
    times = np.linspace(AT - DAY + 1, AT, 1440)
    pixels = decoded(draw(Curve("U", "V", times, np.linspace(13.0, 14.0, 1440)), AT))
    first, last = (int(np.flatnonzero(pixels[:, column] == LINE)[0]) for column in (1, WIDTH - 2))
    assert first > HEIGHT - 12
    assert last < 12


def test_gaps_stay_gaps() -> None:
    times = np.linspace(AT - DAY + 1, AT, 1440)
    values = np.full(1440, 13.6)
    values[700:760] = np.nan
    drawn = columns_with_line(Curve("U", "V", times, values))
    missing = sorted(set(range(WIDTH)) - set(drawn.tolist()))
    assert missing == list(range(234, 253))
    apart = np.append(times[:700], times[760:])
    assert columns_with_line(Curve("U", "V", apart, np.full(len(apart), 13.6))).tolist() == drawn.tolist()


def test_nothing_known_is_a_bare_grid_and_one_point_is_a_dot() -> None:
    assert columns_with_line(Curve("U", "V", [], [])).size == 0
    assert columns_with_line(Curve("U", "V", [AT], [float("nan")])).size == 0
    assert columns_with_line(Curve("U", "V", [AT], [13.6])).tolist() == [WIDTH - 1]


def test_what_is_older_than_a_day_is_left_out() -> None:
    assert columns_with_line(Curve("U", "V", [AT - 2 * DAY, AT - DAY, AT + 60], [1.0, 2.0, 3.0])).size == 0


def test_a_constant_at_zero_is_a_line_in_the_middle() -> None:
    times = np.linspace(AT - DAY + 1, AT, 200)
    rows = np.flatnonzero((decoded(draw(Curve("I", "A", times, np.zeros(200)), AT)) == LINE).any(axis=1))
    assert abs(int(rows.mean()) - HEIGHT // 2) <= 1
