"""The table of sections in a volume."""

import numpy as np
import pytest

from fakes.running import run
from webmanager.domain.errors import StoreError
from webmanager.store.blocks import MINUTE, Block, Plane, encode
from webmanager.store.columns import Layout
from webmanager.store.sections import ENTRY, Section, SectionKind, join, read_sections


def opened(data: bytes) -> list[Section]:
    return read_sections(lambda offset, length: data[offset : offset + length])


def block() -> Block:
    layout = Layout(2, 1)
    return Block(layout, MINUTE, np.arange(5), {Plane.MEAN: np.arange(50, dtype=np.int16).reshape(5, 10)})


def test_sections_come_back_in_order() -> None:
    data = join([(SectionKind.EVENTS, b"abc"), (SectionKind.RUNS, b""), (SectionKind.EVENTS, b"de")])
    assert [(section.kind, section.content()) for section in opened(data)] == [
        (SectionKind.EVENTS, b"abc"),
        (SectionKind.RUNS, b""),
        (SectionKind.EVENTS, b"de"),
    ]


def test_no_sections_are_fine() -> None:
    assert opened(join([])) == []


def test_a_section_can_be_a_block_anywhere_in_the_volume() -> None:
    data = join([(SectionKind.RUNS, b"x" * 77), (SectionKind.MINUTES, run(encode(block())))])
    section = opened(data)[1]
    assert np.array_equal(section.block.block().planes[Plane.MEAN], block().planes[Plane.MEAN])
    assert section.block is section.block


def test_a_block_cannot_reach_beyond_its_section() -> None:
    whole = run(encode(block()))
    data = join([(SectionKind.MINUTES, whole[:-3]), (SectionKind.RUNS, b"x" * 100)])
    with pytest.raises(StoreError, match="outside a section"):
        opened(data)[0].block.block()


def test_unknown_kinds_are_passed_over() -> None:
    data = bytearray(join([(SectionKind.EVENTS, b"abc"), (SectionKind.RUNS, b"de")]))
    data[4] = 99
    assert [(section.kind, section.content()) for section in opened(bytes(data))] == [(SectionKind.RUNS, b"de")]


def test_something_else_is_no_table() -> None:
    with pytest.raises(StoreError, match="without a table"):
        opened(b"\x00" * (4 + ENTRY.size))
