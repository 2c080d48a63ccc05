"""Minutes become hours and days: compared with a plain calculation in Python."""

import numpy as np
import pytest

from webmanager.store.blocks import DAY, HOUR, MINUTE, Block, Plane
from webmanager.store.columns import NONE, Layout, Quantity
from webmanager.store.rollup import days, hours, joined

LAYOUT = Layout(2, 1)
START = 28_000_800


def minutes(count: int, seed: int = 1, step: int = 1) -> Block:
    draw = np.random.default_rng(seed)
    mean = draw.integers(-200, 14_000, (count, LAYOUT.columns)).astype(np.int16)
    low, high = mean - draw.integers(0, 50, mean.shape), mean + draw.integers(0, 50, mean.shape)
    missing = draw.random(mean.shape) < 0.2
    missing[:90, 4] = True
    planes = {Plane.MEAN: mean, Plane.LOW: low.astype(np.int16), Plane.HIGH: high.astype(np.int16)}
    for values in planes.values():
        values[missing] = NONE
    return Block(LAYOUT, MINUTE, START + step * np.arange(count), planes)


def plain(block: Block, step: int, column: int) -> dict[int, tuple[int, ...]]:
    """Mean, lowest, highest, sum and count of each hour or day, number by number."""
    found: dict[int, list[tuple[int, int, int]]] = {}
    for row, minute in enumerate(block.axis.tolist()):
        numbers = tuple(int(block.planes[plane][row, column]) for plane in (Plane.MEAN, Plane.LOW, Plane.HIGH))
        found.setdefault(minute // step * step, [])
        if numbers[0] != NONE:
            found[minute // step * step].append(numbers)
    return {
        minute: (
            (
                round(sum(m for m, _, _ in numbers) / len(numbers)),
                min(low for _, low, _ in numbers),
                max(high for _, _, high in numbers),
                sum(m for m, _, _ in numbers),
                len(numbers),
                numbers[-1][0],
            )
            if numbers
            else (NONE,) * 6
        )
        for minute, numbers in found.items()
    }


@pytest.mark.parametrize(("count", "step"), [(1, 1), (59, 1), (60, 1), (61, 1), (500, 1), (300, 7), (150, 10)])
def test_hours_are_what_a_plain_calculation_says(count: int, step: int) -> None:
    block = minutes(count, step=step)
    rolled = hours(block)
    assert rolled.step == HOUR
    for column in range(LAYOUT.columns):
        wanted = plain(block, HOUR, column)
        assert rolled.axis.tolist() == list(wanted)
        is_step = column in range(LAYOUT.columns)[LAYOUT.span(Quantity.RI)] or column == LAYOUT.columns - 1
        for row, (mean, low, high, _, _, last) in enumerate(wanted.values()):
            assert rolled.planes[Plane.MEAN][row, column] == (last if is_step else mean)
            assert rolled.planes[Plane.LOW][row, column] == low
            assert rolled.planes[Plane.HIGH][row, column] == high


@pytest.mark.parametrize("count", [1, 1439, 1440, 1441, 4000])
def test_days_have_exact_sums(count: int) -> None:
    block = minutes(count)
    rolled = days(block)
    assert rolled.step == DAY
    for column in range(LAYOUT.columns):
        wanted = plain(block, DAY, column)
        assert rolled.axis.tolist() == list(wanted)
        for row, (_, low, high, total, values, _) in enumerate(wanted.values()):
            mean, rest, number = (int(rolled.planes[p][row, column]) for p in (Plane.MEAN, Plane.REST, Plane.COUNT))
            if mean == NONE:
                assert rest == number == NONE == low
                continue
            assert mean * number + rest == total
            assert number == values
            assert (rolled.planes[Plane.LOW][row, column], rolled.planes[Plane.HIGH][row, column]) == (low, high)


def test_without_extremes_the_means_are_the_extremes() -> None:
    block = minutes(120)
    plain_block = Block(LAYOUT, MINUTE, block.axis, {Plane.MEAN: block.planes[Plane.MEAN]})
    rolled = hours(plain_block)
    column = block.planes[Plane.MEAN][:60, 0]
    assert rolled.planes[Plane.LOW][0, 0] == column[column != NONE].min()
    assert rolled.planes[Plane.HIGH][0, 0] == column.max()


def test_an_hour_without_any_value_is_none() -> None:
    rolled = hours(minutes(120))
    assert rolled.planes[Plane.MEAN][0, 4] == NONE
    assert rolled.planes[Plane.LOW][0, 4] == NONE
    assert rolled.planes[Plane.HIGH][0, 4] == NONE


def test_the_extremes_of_an_hour_need_not_be_means() -> None:
    mean = np.full((60, LAYOUT.columns), 100, np.int16)
    low = mean.copy()
    low[30, 0] = -50
    block = Block(LAYOUT, MINUTE, START + np.arange(60), {Plane.MEAN: mean, Plane.LOW: low, Plane.HIGH: mean})
    assert hours(block).planes[Plane.LOW][0, :2].tolist() == [-50, 100]


def test_the_largest_sums_do_not_overflow() -> None:
    mean = np.full((1440, LAYOUT.columns), 32_767, np.int16)
    rolled = days(Block(LAYOUT, MINUTE, START + np.arange(1440), {Plane.MEAN: mean}))
    assert rolled.planes[Plane.MEAN][0, 0] == 32_767
    assert rolled.planes[Plane.REST][0, 0] == 0
    assert rolled.planes[Plane.COUNT][0, 0] == 1440


def test_blocks_are_joined_in_order() -> None:
    one, other = hours(minutes(120, seed=1)), hours(minutes(180, seed=2))
    both = joined([one, other])
    assert both.axis.tolist() == [*one.axis.tolist(), *other.axis.tolist()]
    for plane in one.planes:
        assert np.array_equal(both.planes[plane], np.concatenate([one.planes[plane], other.planes[plane]]))
