"""A minute as one row, made of scans, and as bytes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webmanager.domain.errors import StoreError
from webmanager.domain.snapshot import StringState
from webmanager.store.columns import NONE, Layout, Quantity
from webmanager.store.rows import LONGEST_STEP, MinuteMean, MinuteRow, pack_row, unpack_row

LAYOUT = Layout(2, 1)
"""Columns: voltage 0-1, temperature 2-3, Ri 4-5, equalizing 6-7, current 8, state 9."""


def scan(**columns: float) -> np.ndarray:
    row = np.array([13_620.0, 13_600.0, 210.0, 211.0, 4_200.0, 4_300.0, 0.0, 50.0, 3.0, 1.0])
    for name, value in columns.items():
        row[int(name[1:])] = value
    return row


def mean_of(*scans: np.ndarray) -> MinuteRow:
    minute = MinuteMean(LAYOUT)
    for row in scans:
        minute.add(row)
    return minute.take(7)


def test_the_mean_is_rounded_to_whole_units() -> None:
    row = mean_of(scan(c0=13_620), scan(c0=13_621), scan(c0=13_621))
    assert row.minute == 7
    assert row.mean[0] == 13_621
    assert row.mean[1] == 13_600


def test_scans_without_a_value_do_not_count() -> None:
    row = mean_of(scan(c0=np.nan), scan(c0=13_700), scan(c0=np.nan))
    assert row.mean[0] == 13_700


def test_a_minute_without_any_value_is_none_and_never_0() -> None:
    row = mean_of(scan(c0=np.nan, c5=np.nan, c8=np.nan), scan(c0=np.nan, c5=np.nan, c8=np.nan))
    assert row.mean[[0, 5, 8]].tolist() == [NONE, NONE, NONE]


def test_a_minute_without_scans_is_empty() -> None:
    row = MinuteMean(LAYOUT).take(3)
    assert (row.mean == NONE).all()
    assert row.below is row.above is None


def test_ri_is_the_last_measurement_not_a_mean() -> None:
    row = mean_of(scan(c4=4_200), scan(c4=4_400), scan(c4=np.nan))
    assert row.mean[4] == 4_400
    assert row.below is None


def test_a_string_that_ever_discharged_did_in_that_minute() -> None:
    row = mean_of(scan(c9=StringState.FLOAT), scan(c9=StringState.DISCHARGING), scan(c9=StringState.CHARGING))
    assert row.mean[9] == StringState.DISCHARGING
    assert mean_of(scan(c9=StringState.FLOAT), scan(c9=StringState.CHARGING)).mean[9] == StringState.CHARGING


def test_noise_leaves_no_extremes() -> None:
    row = mean_of(scan(c0=13_600), scan(c0=13_640), scan(c7=0), scan(c7=900))
    assert row.below is None
    assert row.above is None


def test_what_matters_to_a_limit_is_kept_on_its_side_only() -> None:
    row = mean_of(*[scan()] * 29, scan(c0=13_400))
    assert row.above is None
    assert row.below is not None
    assert row.mean[0] - row.below[0] == 13_400
    assert not row.below[1:].any()


def test_both_sides_can_matter() -> None:
    row = mean_of(scan(c8=-3_000), scan(c8=5_000))
    assert row.mean[8] == 1_000
    assert row.below is not None
    assert row.above is not None
    assert (row.below[8], row.above[8]) == (4_000, 4_000)


def test_values_beyond_16_bits_are_limited() -> None:
    row = mean_of(scan(c4=1e9, c8=-1e9))
    assert row.mean[4] == 32_767
    assert row.mean[8] == -32_767


def test_extremes_farther_apart_than_16_bits_wrap_and_come_back() -> None:
    row = mean_of(*[scan(c8=-30_000)] * 99, scan(c8=1e5))
    assert row.above is not None
    assert row.mean[8] == -28_700
    assert (row.mean + row.above)[8] == 32_767  # modulo 2**16


def test_taking_a_minute_begins_the_next() -> None:
    minute = MinuteMean(LAYOUT)
    minute.add(scan(c0=13_000))
    assert minute.scans == 1
    minute.take(1)
    assert minute.scans == 0
    minute.add(scan(c0=14_000))
    assert minute.take(2).mean[0] == 14_000


def test_a_full_row_carries_its_layout() -> None:
    row = mean_of(scan())
    layout, found = unpack_row(pack_row(Layout(2, 1, 10), row, None), None)
    assert layout == Layout(2, 1, 10)
    assert found.minute == 7
    assert found.mean.tolist() == row.mean.tolist()


def test_differences_need_the_row_before_them() -> None:
    former, row = MinuteRow(10, mean_of(scan()).mean), MinuteRow(12, mean_of(scan(c0=13_650)).mean)
    packed = pack_row(LAYOUT, row, former)
    assert len(packed) < len(pack_row(LAYOUT, row, None))
    _, found = unpack_row(packed, (LAYOUT, former))
    assert found.minute == 12
    assert found.mean.tolist() == row.mean.tolist()
    with pytest.raises(StoreError, match="without the row before"):
        unpack_row(packed, None)


def test_a_long_gap_makes_a_full_row() -> None:
    former, row = MinuteRow(10, mean_of(scan()).mean), MinuteRow(11 + LONGEST_STEP, mean_of(scan()).mean)
    _, found = unpack_row(pack_row(LAYOUT, row, former), None)
    assert found.minute == 11 + LONGEST_STEP


@settings(deadline=None)
@given(
    st.lists(st.integers(-32768, 32767), min_size=10, max_size=10),
    st.lists(st.integers(-32768, 32767), min_size=10, max_size=10),
    st.lists(st.integers(0, 32767), min_size=10, max_size=10),
    st.sampled_from(["none", "below", "above", "both"]),
    st.booleans(),
)
def test_any_row_comes_back(former: list[int], mean: list[int], side: list[int], sides: str, full: bool) -> None:
    before = MinuteRow(100, np.array(former, np.int16))
    odd = np.array(side, np.int16)
    row = MinuteRow(
        101,
        np.array(mean, np.int16),
        odd if sides in ("below", "both") else None,
        odd if sides in ("above", "both") else None,
    )
    _, found = unpack_row(pack_row(LAYOUT, row, None if full else before), None if full else (LAYOUT, before))
    assert found.mean.tolist() == mean
    nothing = [0] * 10
    for given_side, found_side in ((row.below, found.below), (row.above, found.above)):
        wanted = nothing if given_side is None else given_side.tolist()
        assert (nothing if found_side is None else found_side.tolist()) == wanted


@settings(deadline=None)
@given(st.binary(max_size=80))
def test_nonsense_is_a_store_error_or_a_row(data: bytes) -> None:
    former = MinuteRow(5, np.zeros(10, np.int16))
    for before in (None, (LAYOUT, former)):
        try:
            layout, row = unpack_row(data, before)
        except StoreError:
            continue
        assert row.mean.size == layout.columns


def test_the_row_of_256_modules_fits_into_a_sector_whatever_it_holds() -> None:
    layout = Layout(256, 8)
    wild = np.random.default_rng(1).integers(-32768, 32767, layout.columns).astype(np.int16)
    assert len(pack_row(layout, MinuteRow(1, wild), None)) < 2_200


def test_quantities_are_where_the_tests_believe() -> None:
    assert [LAYOUT.span(quantity).start for quantity in Quantity] == [0, 2, 4, 6, 8, 9]
