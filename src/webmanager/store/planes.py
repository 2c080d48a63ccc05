"""Bit planes: small signed numbers, 32 at a time, in as many bits as the largest of the 32 needs. Pure.

Layout: one width a group of 32, four bits each (15 stands for 16 bits), the first group in the high half of a byte;
then for each group its bit planes from the highest down, four bytes a plane, the first number in the highest bit.
Numbers are zigzag coded (0, -1, 1, -2 ... become 0, 1, 2, 3 ...), so that differences may wrap around at 16 bits.
"""

import numpy as np
import numpy.typing as npt

GROUP = 32
Shorts = npt.NDArray[np.int16]

_CODE_OF = np.minimum(np.ceil(np.log2(np.arange(65536, dtype=np.float64) + 1.0)), 15).astype(np.uint8)
_WIDTH_OF = np.array([*range(15), 16], np.uint8)
_PLANES = np.arange(16, dtype=np.uint8)


def pack(values: Shorts) -> bytes:
    """The numbers as bit planes; their count is not stored."""
    signed = np.zeros(-(-values.size // GROUP) * GROUP, np.int16)
    signed[: values.size] = values
    zigzag = ((signed << 1) ^ (signed >> 15)).view(np.uint16).reshape(-1, GROUP)
    codes = _CODE_OF[zigzag.max(axis=1, initial=0)]
    bits = np.unpackbits(zigzag.byteswap().view(np.uint8).reshape(-1, GROUP, 2), axis=2)
    planes = np.packbits(bits.transpose(0, 2, 1), axis=2)
    kept = planes[_kept(codes)]
    return _halves(codes).tobytes() + kept.tobytes()


def unpack(data: bytes, count: int) -> tuple[Shorts, int]:
    """`count` numbers and how many bytes they took; ValueError if the bytes end before."""
    groups = -(-count // GROUP)
    heads = -(-groups // 2)
    if len(data) < heads:
        raise ValueError("bit planes end within their widths")
    pairs = np.frombuffer(data, np.uint8, heads)
    codes = np.stack((pairs >> 4, pairs & 15), axis=1).reshape(-1)[:groups]
    kept = _kept(codes)
    size = 4 * int(np.count_nonzero(kept))
    if len(data) < heads + size:
        raise ValueError("bit planes end too early")
    planes = np.zeros((groups, 16, 4), np.uint8)
    planes[kept] = np.frombuffer(data, np.uint8, size, heads).reshape(-1, 4)
    bits = np.unpackbits(planes, axis=2).transpose(0, 2, 1)
    octets = np.ascontiguousarray(np.packbits(bits, axis=2)).reshape(-1)
    zigzag = octets.view(">u2").astype(np.uint16)
    values = ((zigzag >> 1) ^ (0 - (zigzag & 1)).astype(np.uint16)).view(np.int16)
    return values[:count], heads + size


def _kept(codes: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    return np.asarray((16 - _WIDTH_OF[codes])[:, None] <= _PLANES)


def _halves(codes: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    even = codes if codes.size % 2 == 0 else np.append(codes, np.uint8(0))
    return np.asarray((even[0::2] << 4) | even[1::2])
