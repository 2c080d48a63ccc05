"""Packing a stream once for all its readers.

Every event becomes deflate blocks that refer to nothing before them and end on a byte (a full flush, RFC 1951
section 3.2), so the same bytes continue the gzip stream (RFC 1952) of any reader. Only length and checksum at the
very end are a reader's own.
"""

import struct
import zlib

_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LAST_BLOCK = b"\x03\x00"


def packed(text: bytes) -> bytes:
    """Deflate blocks of a text, to be put behind any other such blocks."""
    packer = zlib.compressobj(level=6, wbits=-zlib.MAX_WBITS)
    return packer.compress(text) + packer.flush(zlib.Z_FULL_FLUSH)


class GzipFrame:
    """What one reader's gzip stream needs around the shared blocks: a header, and the trailer of what was sent."""

    header = _HEADER

    def __init__(self) -> None:
        self._checksum = 0
        self._length = 0

    def count(self, text: bytes) -> None:
        """Notes a text that was sent."""
        self._checksum = zlib.crc32(text, self._checksum)
        self._length += len(text)

    def trailer(self) -> bytes:
        """The end of the stream."""
        return _LAST_BLOCK + struct.pack("<II", self._checksum, self._length & 0xFFFFFFFF)
