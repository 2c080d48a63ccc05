"""The one checksum of the store: CRC-32 (IEEE 802.3), as zlib computes it."""

import zlib


def crc32(data: bytes, start: int = 0) -> int:
    """CRC-32 of `data`, continued from `start`."""
    return zlib.crc32(data, start)
