"""Which column is which, and in what unit."""

import numpy as np
import pytest

from fakes.snapshot_series import SnapshotSeries
from webmanager.domain.errors import StoreError
from webmanager.domain.installation import BlockType, Installation
from webmanager.store.columns import LARGEST, NONE, Layout, Quantity, to_floats

INSTALLATION = Installation(6, 2, BlockType())


def test_a_row_has_four_numbers_a_module_and_two_a_string() -> None:
    assert Layout(256, 8).columns == 1040
    assert Layout(6, 2).columns == 28


def test_every_column_belongs_to_one_quantity() -> None:
    layout = Layout(6, 2)
    columns = [column for quantity in Quantity for column in range(layout.columns)[layout.span(quantity)]]
    assert columns == list(range(layout.columns))


@pytest.mark.parametrize(
    ("quantity", "number", "column"),
    [
        (Quantity.VOLTAGE, 1, 0),
        (Quantity.VOLTAGE, 6, 5),
        (Quantity.EQUALIZING, 1, 18),
        (Quantity.CURRENT, 1, 24),
        (Quantity.CURRENT, 2, 25),
        (Quantity.STATE, 2, 27),
        (Quantity.VOLTAGE, 0, None),
        (Quantity.VOLTAGE, 7, None),
        (Quantity.CURRENT, 3, None),
    ],
)
def test_addresses_and_strings_have_columns(quantity: Quantity, number: int, column: int | None) -> None:
    assert Layout(6, 2).column(quantity, number) == column


@pytest.mark.parametrize("given", [(0, 1, 1), (257, 1, 1), (4, 0, 1), (4, 11, 1), (4, 1, 2)])
def test_impossible_layouts_are_refused(given: tuple[int, int, int]) -> None:
    with pytest.raises(StoreError, match="no such layout"):
        Layout(*given)


@pytest.mark.parametrize(
    ("block", "unit"),
    [
        (BlockType(12, 100), 1),
        (BlockType(12, 70), 1),
        (BlockType(12, 65), 10),
        (BlockType(12, 7), 10),
        (BlockType(2, 12), 1),
        (BlockType(2, 1000), 1),
    ],
)
def test_small_blocks_are_kept_in_the_coarser_unit_of_ri(block: BlockType, unit: int) -> None:
    assert Layout.of(Installation(4, 1, block)).ri_unit_uohm == unit


def test_a_snapshot_becomes_a_row_in_stored_units() -> None:
    series = SnapshotSeries(INSTALLATION)
    series.silent = {2}
    series.discharging = {2}
    snapshot = series.advance(60)
    layout = Layout.of(INSTALLATION)
    row = layout.row(snapshot)
    assert row.shape == (layout.columns,)
    assert row[0] == pytest.approx(snapshot.modules.voltage_v[0] * 1000)
    assert np.isnan(row[1])
    assert row[layout.column(Quantity.CURRENT, 2)] == pytest.approx(-2000)
    assert row[layout.column(Quantity.STATE, 2)] == 3


def test_ri_follows_its_unit() -> None:
    assert Layout(6, 2, 1).unit(Quantity.RI) == 0.001
    assert Layout(6, 2, 10).unit(Quantity.RI) == 0.01
    assert Layout(6, 2, 10).units()[12] == 0.01


def test_numbers_come_back_as_decimals_and_none_as_nan() -> None:
    floats = to_floats(np.array([13_621, -5, NONE, LARGEST], np.int16), 0.001)
    assert floats[0] == 13.621
    assert floats[1] == -0.005
    assert np.isnan(floats[2])
    assert floats[3] == 32.767
    assert to_floats(np.array([3], np.int16), 1.0).tolist() == [3.0]


def test_what_counts_as_steady_is_told_for_each_column() -> None:
    steady = Layout(6, 2).steady()
    assert steady.tolist() == [30] * 6 + [5] * 6 + [LARGEST] * 12 + [100] * 2 + [LARGEST] * 2
