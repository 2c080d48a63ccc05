"""Blocks that are packed once continue anybody's gzip stream."""

import gzip
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.board import FakeBatteries, running_board
from webmanager.engine.clock import ManualClock
from webmanager.web.http.packing import GzipFrame, packed
from webmanager.web.live.feed import document


def stream(texts: list[bytes]) -> bytes:
    frame = GzipFrame()
    blocks = b""
    for text in texts:
        frame.count(text)
        blocks += packed(text)
    return frame.header + blocks + frame.trailer()


@given(st.lists(st.binary(max_size=500), max_size=8))
def test_any_sequence_of_blocks_is_one_gzip_stream(texts: list[bytes]) -> None:
    assert gzip.decompress(stream(texts)) == b"".join(texts)


def test_a_block_does_not_lean_on_what_came_before() -> None:
    shared = packed(b"the same text for all " * 20)
    for before in (b"", b"something else", b"the same text for all " * 50):
        reader = zlib.decompressobj(zlib.MAX_WBITS | 16)
        frame = GzipFrame()
        reader.decompress(frame.header + packed(before))
        assert reader.decompress(shared) == b"the same text for all " * 20


def test_every_block_can_be_read_as_soon_as_it_is_there() -> None:
    reader = zlib.decompressobj(zlib.MAX_WBITS | 16)
    reader.decompress(GzipFrame.header)
    for n in range(5):
        text = f"event {n}".encode()
        assert reader.decompress(packed(text)) == text


def test_a_trailer_that_counted_something_else_is_found() -> None:
    frame = GzipFrame()
    frame.count(b"other")
    with pytest.raises((gzip.BadGzipFile, zlib.error)):
        gzip.decompress(frame.header + packed(b"this") + frame.trailer())


def test_an_event_of_256_modules_is_packed_to_less_than_half() -> None:
    board, batteries = running_board(FakeBatteries())
    board.publish(batteries.snapshot(0.0, 1.7e9))
    text = json.dumps(document(board, ManualClock()), separators=(",", ":")).encode()
    assert len(packed(text)) < len(text) / 2
