"""The newest rows, in memory."""

import numpy as np

from webmanager.store.blocks import Plane
from webmanager.store.columns import Layout
from webmanager.store.rows import MinuteRow
from webmanager.store.tail import FIRST_ROWS, Tail, rows_of

LAYOUT = Layout(2, 1)


def filled(count: int, first: int = 100, odd: int | None = None) -> Tail:
    tail = Tail(LAYOUT)
    for minute in range(first, first + count):
        below = np.full(LAYOUT.columns, 5, np.int16) if minute == odd else None
        tail.append(MinuteRow(minute, np.full(LAYOUT.columns, minute, np.int16), below), seq=minute + 1_000)
    return tail


def test_an_empty_tail() -> None:
    tail = Tail(LAYOUT)
    assert len(tail) == 0
    assert tail.first is tail.last is None
    assert tail.block(0, 10**9).axis.size == 0
    assert tail.seq_before(10**9) == 0


def test_rows_are_kept_in_order_however_many() -> None:
    tail = filled(3 * FIRST_ROWS + 5)
    assert len(tail) == 3 * FIRST_ROWS + 5
    assert (tail.first, tail.last) == (100, 100 + 3 * FIRST_ROWS + 4)
    block = tail.block(0, 10**9)
    assert block.planes[Plane.MEAN][:, 0].tolist() == block.axis.tolist()


def test_a_stretch_is_cut_out_by_minutes() -> None:
    assert filled(50).block(110, 115).axis.tolist() == [110, 111, 112, 113, 114]
    assert filled(50).block(149, 500).axis.tolist() == [149]
    assert filled(50).block(0, 100).axis.size == 0


def test_extremes_are_in_the_planes_of_their_row_only() -> None:
    block = filled(20, odd=110).block(105, 115)
    low = block.planes[Plane.LOW][:, 3]
    assert low.tolist() == [105, 106, 107, 108, 109, 105, 111, 112, 113, 114]
    assert Plane.LOW not in filled(20, odd=110).block(111, 115).planes


def test_a_column_gives_the_same_as_the_block() -> None:
    tail = filled(30, odd=110)
    axis, mean, low, high = tail.column(3, 105, 120)
    block = tail.block(105, 120)
    assert axis.tolist() == block.axis.tolist()
    for values, plane in ((mean, Plane.MEAN), (low, Plane.LOW), (high, Plane.HIGH)):
        assert values.tolist() == block.planes[plane][:, 3].tolist()


def test_what_a_reader_was_given_never_changes() -> None:
    tail = filled(FIRST_ROWS)
    given = tail.block(0, 10**9)
    before = given.planes[Plane.MEAN].copy()
    tail.append(MinuteRow(9_999, np.zeros(LAYOUT.columns, np.int16)), 1)
    assert np.array_equal(given.planes[Plane.MEAN], before)


def test_the_journal_number_before_a_minute() -> None:
    tail = filled(10)
    assert tail.seq_before(100) == 0
    assert tail.seq_before(105) == 1_104
    assert tail.seq_before(10**9) == 1_109


def test_what_was_closed_is_dropped() -> None:
    rest = filled(30, odd=120).without(115)
    assert (rest.first, rest.last, len(rest)) == (115, 129, 15)
    assert rest.block(0, 10**9).planes[Plane.LOW][5, 0] == 115
    assert rest.seq_before(10**9) == 1_129
    rest.append(MinuteRow(130, np.zeros(LAYOUT.columns, np.int16)), 5)
    assert rest.last == 130
    assert len(filled(3).without(10**9)) == 0


def test_a_block_becomes_rows_again() -> None:
    rows = list(rows_of(filled(10, odd=105).block(0, 10**9)))
    assert [row.minute for row in rows] == list(range(100, 110))
    assert rows[4].below is None
    assert rows[5].below is not None
    assert rows[5].below.tolist() == [5] * LAYOUT.columns
