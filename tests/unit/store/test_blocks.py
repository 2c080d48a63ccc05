"""Blocks: encoded and read back, whole and by column."""

import struct
import zlib
from collections.abc import Generator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.running import run
from webmanager.domain.errors import StoreError
from webmanager.store.block_reader import BlockReader
from webmanager.store.blocks import DAY, HOUR, MINUTE, Block, Derived, Plane, derivations, derived, encode
from webmanager.store.columns import NONE, Layout, Quantity

LAYOUT = Layout(40, 2)
EDGE = (Plane.MEAN, Plane.LOW, Plane.HIGH)


def made(rows: int, step: int = MINUTE, seed: int = 1, gaps: bool = True) -> Block:
    """A block like a measured one: steps in Ri, gaps, a few extremes."""
    draw = np.random.default_rng(seed)
    mean = 13_600 + np.cumsum(draw.integers(-2, 3, (rows, LAYOUT.columns)), axis=0)
    mean[:, LAYOUT.span(Quantity.RI)] = 4_200 + np.arange(rows)[:, None] // 300 * 17
    low, high = mean - draw.integers(0, 4, mean.shape), mean + draw.integers(0, 4, mean.shape)
    if step == MINUTE:
        low, high = mean.copy(), mean.copy()
        low[rows // 2, :5] -= 300
        high[rows // 3, 7] += 1_000
    if gaps and rows > 3:
        for plane in (mean, low, high):
            plane[:, 3] = NONE
            plane[1 : rows // 2, 11] = NONE
            plane[0, 12] = NONE
            plane[-1, 13] = NONE
    axis = 28_000_800 + step * np.arange(rows)
    planes = {Plane.MEAN: mean, Plane.LOW: low, Plane.HIGH: high}
    if step == DAY:
        planes[Plane.REST] = np.where(mean == NONE, NONE, -mean % 700)
        planes[Plane.COUNT] = np.where(mean == NONE, NONE, 1440)
    return Block(LAYOUT, step, axis, {plane: values.astype(np.int16) for plane, values in planes.items()})


def reader(block: Block) -> BlockReader:
    data = run(encode(block))
    return BlockReader(lambda offset, length: data[offset : offset + length])


def same(one: Block, other: Block) -> None:
    assert one.layout == other.layout
    assert one.step == other.step
    assert one.axis.tolist() == other.axis.tolist()
    for plane, values in one.planes.items():
        assert np.array_equal(values, other.planes[plane]), plane


@pytest.mark.parametrize("step", [MINUTE, HOUR, DAY])
@pytest.mark.parametrize("rows", [1, 2, 29, 30, 255, 256, 400])
def test_a_block_comes_back_whole(rows: int, step: int) -> None:
    block = made(rows, step)
    same(block, reader(block).block())


@pytest.mark.parametrize("step", [MINUTE, HOUR, DAY])
@pytest.mark.parametrize("rows", [5, 100, 300])
def test_every_column_comes_back_alone(rows: int, step: int) -> None:
    block = made(rows, step)
    opened = reader(block)
    planes = tuple(block.planes)
    for column in (0, 3, 5, 7, 11, 12, 13, 39, 40, 80, 85, 119, 159, 160, 161, 162, 163):
        for plane, values in zip(planes, opened.column(column, planes), strict=True):
            assert values.tolist() == block.planes[plane][:, column].tolist(), (column, plane)


def test_a_block_without_extremes_still_gives_lowest_and_highest() -> None:
    block = made(300)
    plain = Block(block.layout, block.step, block.axis, {Plane.MEAN: block.planes[Plane.MEAN]})
    mean, low, high = reader(plain).column(1, EDGE)
    assert mean.tolist() == low.tolist() == high.tolist()


def test_a_column_that_is_read_may_be_changed_by_the_reader() -> None:
    opened = reader(made(20))
    first = opened.column(1, EDGE)
    for values in first:
        values[:] = 0
    assert opened.column(1, EDGE)[0].tolist() != first[0].tolist()


def test_rows_need_not_be_next_to_each_other() -> None:
    block = made(300)
    axis = block.axis.copy()
    axis[100:] += 57
    gappy = Block(block.layout, block.step, axis, block.planes)
    same(gappy, reader(gappy).block())


def test_a_block_without_rows_is_one_too() -> None:
    empty = np.zeros((0, LAYOUT.columns), np.int16)
    block = Block(LAYOUT, MINUTE, np.zeros(0, np.int64), {Plane.MEAN: empty})
    assert reader(block).block().axis.size == 0


def test_a_single_module_in_a_single_string() -> None:
    layout = Layout(1, 1)
    mean = np.arange(6 * 500, dtype=np.int16).reshape(500, 6)
    block = Block(layout, MINUTE, np.arange(500), {Plane.MEAN: mean})
    assert np.array_equal(reader(block).block().planes[Plane.MEAN], mean)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 320), st.sampled_from([MINUTE, HOUR, DAY]), st.integers(0, 10**6), st.integers(1, 32767))
def test_any_numbers_come_back(rows: int, step: int, seed: int, spread: int) -> None:
    draw = np.random.default_rng(seed)
    layout = Layout(3, 1)
    names = (Plane.MEAN, Plane.LOW, Plane.HIGH, Plane.REST, Plane.COUNT) if step == DAY else EDGE
    planes = {name: draw.integers(-spread, spread + 1, (rows, layout.columns)).astype(np.int16) for name in names}
    missing = draw.random((rows, layout.columns)) < 0.1
    for values in planes.values():
        values[missing] = NONE
    planes[Plane.MEAN][~missing & (planes[Plane.MEAN] == NONE)] = 0
    block = Block(layout, step, 60 * np.arange(rows), planes)
    same(block, reader(block).block())


def test_it_is_made_in_small_steps() -> None:
    steps = sum(1 for _ in encode(made(400)))
    assert steps > 10


def test_measured_minutes_take_a_fraction_of_their_numbers() -> None:
    draw = np.random.default_rng(1)
    walk = 13_600 + np.cumsum(draw.random((1440, LAYOUT.columns)) < 0.02, axis=0)
    block = Block(LAYOUT, MINUTE, np.arange(1440), {Plane.MEAN: walk.astype(np.int16)})
    assert len(run(encode(block))) < 0.06 * walk.size


def test_ri_is_the_only_hour_that_is_derived_in_steps() -> None:
    assert derivations(HOUR)[Quantity.RI] is Derived.STEPS
    assert derivations(HOUR)[Quantity.VOLTAGE] is Derived.NOTHING
    assert set(derivations(MINUTE).values()) == {Derived.MEAN}
    assert set(derivations(DAY).values()) == {Derived.NOTHING}


def test_steps_lie_between_the_former_and_the_new_value() -> None:
    mean = np.array([5, 5, 9, NONE, 9, 2], np.int16)
    low, high = derived(Derived.STEPS, mean)
    assert low.tolist() == [5, 5, 5, NONE, 9, 2]
    assert high.tolist() == [5, 5, 9, NONE, 9, 9]


@pytest.mark.parametrize(("step", "share"), [(MINUTE, 8), (HOUR, 30)])
def test_a_page_is_only_fetched_when_it_is_asked_for(step: int, share: int) -> None:
    data = run(encode(made(400, step)))
    fetched: list[tuple[int, int]] = []

    def fetch(offset: int, length: int) -> bytes:
        fetched.append((offset, length))
        return data[offset : offset + length]

    opened = BlockReader(fetch)
    head = sum(length for _, length in fetched)
    opened.column(17, (Plane.MEAN,))
    assert sum(length for _, length in fetched) - head < len(data) / share


def test_a_lively_column_does_not_spoil_the_quiet_ones() -> None:
    """Eight columns share a page: those of one kind do, wherever they are, and each begins at its own level."""
    layout, draw = Layout(64, 1), np.random.default_rng(1)
    mean = np.full((1440, layout.columns), 500, np.int16)
    lively = np.zeros(64, np.bool_)
    lively[::8] = True
    mean[:, :64] = 13_500 + 40 * np.arange(64)
    mean[:, :64][:, lively] += draw.integers(-30, 31, (1440, 8)).astype(np.int16)
    mixed = Block(layout, MINUTE, 60 * np.arange(1440), {Plane.MEAN: mean})
    sorted_already = mean.copy()
    sorted_already[:, :64] = np.concatenate((mean[:, :64][:, ~lively], mean[:, :64][:, lively]), axis=1)
    tidy = Block(layout, MINUTE, 60 * np.arange(1440), {Plane.MEAN: sorted_already})
    assert len(run(encode(mixed))) < len(run(encode(tidy))) + 100
    same(mixed, reader(mixed).block())
    assert reader(mixed).column(9, (Plane.MEAN,))[0].tolist() == mean[:, 9].tolist()


def test_an_order_that_names_a_column_twice_is_a_store_error() -> None:
    data = bytearray(run(encode(made(300))))
    order = bytes([8]) + bytes(np.arange(40, dtype=np.uint8))
    at = next(n for n in range(len(data)) if sorted(data[n + 1 : n + 41]) == sorted(order[1:]) and data[n] == 8)
    data[at + 1] = data[at + 2]
    with pytest.raises(StoreError, match="order of"):
        BlockReader(lambda offset, length: bytes(data[offset : offset + length])).block()


def test_what_a_block_does_not_have_is_an_error() -> None:
    with pytest.raises(StoreError, match="the block has no rest of voltage"):
        reader(made(300, HOUR)).column(0, (Plane.REST,))


@pytest.mark.parametrize("size", [0, 10, 39, 60])
def test_a_head_that_is_cut_off_is_a_store_error(size: int) -> None:
    data = run(encode(made(50)))[:size]
    with pytest.raises(StoreError):
        BlockReader(lambda offset, length: data[offset : offset + length])


def test_a_damaged_block_is_a_store_error_or_reads_as_numbers() -> None:
    data = run(encode(made(300, HOUR)))
    draw = np.random.default_rng(1)
    for _ in range(300):
        bad = bytearray(data)
        for at in draw.integers(0, len(bad), 3):
            bad[at] ^= 1 << int(draw.integers(0, 8))
        content = bytes(bad)
        try:
            BlockReader(lambda offset, length, content=content: content[offset : offset + length]).column(5, EDGE)
        except StoreError:
            continue


def test_steps_of_the_generator_give_nothing() -> None:
    making: Generator[None, None, bytes] = encode(made(5))
    assert next(making) is None


def test_the_head_says_what_docs_say() -> None:
    data = run(encode(made(7, HOUR)))
    modules, strings, unit, rows, step, first = struct.unpack_from("<HBBHHI", data)
    assert (modules, strings, unit, rows, step, first) == (40, 2, 1, 7, 60, 28_000_800)
    assert zlib.crc32(data)
