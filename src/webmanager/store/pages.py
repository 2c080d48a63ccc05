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
FITTED = {"short": 4, "long": 8}
BATCH = 512
"""pcodec 1.1 panics where a page, or what its last batch of numbers has of it, is shorter than what is fitted."""
FORMAT_HEADER: bytes = FileCompressor().write_header()
"""What pcodec wants to read before anything else; kept with the data."""


_READING = threading.Lock()
"""pcodec's readers of one description refuse a second thread; a page takes microseconds, so all of them queue here."""


def compress(pages: Sequence[Shorts], predictor: str) -> tuple[bytes, list[bytes]]:
    """The shared description of all pages, and each page's bytes."""
    if any(0 < page.size % BATCH < FITTED.get(predictor, 0) for page in pages):
        predictor = "last"
    config = ChunkConfig(
        mode_spec=ModeSpec.classic(),
        delta_spec=PREDICTORS[predictor],
        paging_spec=PagingSpec.exact_page_sizes([page.size for page in pages]),
    )
    try:
        chunk = FileCompressor().chunk_compressor(np.concatenate(pages), config)
        return chunk.write_meta(), [chunk.write_page(index) for index in range(len(pages))]
    except BaseException as error:
        raise _as_error("pages cannot be compressed", error) from None


def opened(header: bytes, description: bytes) -> Pages:
    """What reads the pages of one description; StoreError if it is none."""
    try:
        file, _ = FileDecompressor.new(header)
        chunk, _ = file.chunk_decompressor(description, "i16")
    except BaseException as error:
        raise _as_error("a description of pages cannot be read", error) from None
    return cast(Pages, chunk)


def decompress(chunk: Pages, page: bytes, count: int) -> Shorts:
    """The `count` numbers of one page; StoreError if it does not hold them."""
    numbers = np.empty(count, np.int16)
    try:
        with _READING:
            progress, _ = chunk.read_page_into(page, count, numbers)
    except BaseException as error:
        raise _as_error("a page cannot be read", error) from None
    if progress.n_processed != count:
        raise StoreError(f"a page holds {progress.n_processed} of {count} numbers")
    return numbers


def _as_error(what: str, error: BaseException) -> BaseException:
    """What pcodec raised as a StoreError, its panics included, which are no Exception and would end the thread."""
    if isinstance(error, (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError)):
        return error
    return StoreError(f"{what}: {error}")
