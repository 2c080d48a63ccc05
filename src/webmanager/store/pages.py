"""Pages of 16-bit numbers, compressed by pcodec: many pages share one description of their numbers, each opens alone.

The only home of pcodec. A newer version reads what an older one wrote, not the reverse: it is pinned.
"""

import threading
from collections.abc import Sequence
from typing import Protocol, cast

import numpy as np
from pcodec import ChunkConfig, DeltaSpec, ModeSpec, PagingSpec
from pcodec.wrapped import FileCompressor, FileDecompressor

from webmanager.domain.errors import StoreError
from webmanager.store.packing import Shorts


class Progress(Protocol):
    """How many numbers a page held."""

    n_processed: int


class Pages(Protocol):
    """What reads the pages that share one description."""

    def read_page_into(self, src: bytes, page_n: int, dst: Shorts) -> tuple[Progress, int]:
        """Fills `dst` with the numbers of one page; what was read, and how many bytes it took."""


PREDICTORS = {
    "none": DeltaSpec.no_op(),
    "last": DeltaSpec.try_consecutive(1),
    "short": DeltaSpec.try_conv1(4),
    "long": DeltaSpec.try_conv1(8),
}
"""How the next number is guessed: not at all, like the last one, or as a fitted sum of the last four or eight.

They are named since pcodec's own choice never takes the last two, which fit values under noise best.
"""
FORMAT_HEADER: bytes = FileCompressor().write_header()
"""What pcodec wants to read before anything else; kept with the data."""


_READING = threading.Lock()
"""pcodec's readers of one description refuse a second thread; a page takes microseconds, so all of them queue here."""


def compress(pages: Sequence[Shorts], predictor: str) -> tuple[bytes, list[bytes]]:
    """The shared description of all pages, and each page's bytes."""
    config = ChunkConfig(
        mode_spec=ModeSpec.classic(),
        delta_spec=PREDICTORS[predictor],
        paging_spec=PagingSpec.exact_page_sizes([page.size for page in pages]),
    )
    chunk = FileCompressor().chunk_compressor(np.concatenate(pages), config)
    return chunk.write_meta(), [chunk.write_page(index) for index in range(len(pages))]


def opened(header: bytes, description: bytes) -> Pages:
    """What reads the pages of one description; StoreError if it is none."""
    try:
        file, _ = FileDecompressor.new(header)
        chunk, _ = file.chunk_decompressor(description, "i16")
    except (RuntimeError, ValueError) as error:
        raise StoreError(f"a description of pages cannot be read: {error}") from None
    return cast(Pages, chunk)


def decompress(chunk: Pages, page: bytes, count: int) -> Shorts:
    """The `count` numbers of one page; StoreError if it does not hold them."""
    numbers = np.empty(count, np.int16)
    try:
        with _READING:
            progress, _ = chunk.read_page_into(page, count, numbers)
    except (RuntimeError, ValueError) as error:
        raise StoreError(f"a page cannot be read: {error}") from None
    if progress.n_processed != count:
        raise StoreError(f"a page holds {progress.n_processed} of {count} numbers")
    return numbers
