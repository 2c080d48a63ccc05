"""Small signed numbers as few bytes, quickly: zigzag, low bytes before high bytes, deflate. Pure.

Zigzag (0, -1, 1, -2 ... become 0, 1, 2, 3 ...) puts small differences of either sign into the low byte; the high bytes
are then one run of zeros. Deflate looks for runs only: on such rows that is both quickest and smallest. Numbers wrap
around at 16 bits, so differences of any two numbers fit.
"""

import zlib

import numpy as np
import numpy.typing as npt

Shorts = npt.NDArray[np.int16]

WINDOW = -9
"""Raw deflate, smallest window: runs need none, and there is little to set up for each row."""


def pack(values: Shorts) -> bytes:
    """The numbers as bytes; their count is not stored."""
    deflate = zlib.compressobj(1, zlib.DEFLATED, WINDOW, 5, zlib.Z_RLE)
    return deflate.compress(octets(values)) + deflate.flush()


def unpack(data: bytes, count: int) -> tuple[Shorts, int]:
    """`count` numbers and how many bytes they took; ValueError if they are not there."""
    inflate = zlib.decompressobj(WINDOW)
    try:
        content = inflate.decompress(data, 2 * count + 1)
    except zlib.error as error:
        raise ValueError(f"packed numbers cannot be read: {error}") from None
    if not inflate.eof:
        raise ValueError("packed numbers end too early")
    return from_octets(content, count), len(data) - len(inflate.unused_data)


def octets(values: Shorts) -> bytes:
    """Zigzag coded numbers: all low bytes, then all high bytes."""
    zigzag = (values << 1) ^ (values >> 15)
    return zigzag.view(np.uint8).reshape(-1, 2).T.tobytes()


def from_octets(content: bytes, count: int) -> Shorts:
    """The numbers again; ValueError if there are not `count` of them."""
    if len(content) != 2 * count:
        raise ValueError(f"{len(content)} bytes instead of {2 * count}")
    halves = np.frombuffer(content, np.uint8).reshape(2, count)
    zigzag = halves[0] | halves[1].astype(np.uint16) << 8
    return np.asarray(((zigzag >> 1) ^ (0 - (zigzag & 1)).astype(np.uint16)).view(np.int16))
