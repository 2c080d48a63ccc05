"""Small signed numbers as few bytes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webmanager.store.packing import from_octets, octets, pack, unpack


@settings(deadline=None)
@given(st.lists(st.integers(-32768, 32767), max_size=300))
def test_what_is_packed_comes_back(numbers: list[int]) -> None:
    values = np.array(numbers, np.int16)
    packed = pack(values)
    found, used = unpack(packed + b"more", values.size)
    assert found.tolist() == numbers
    assert used == len(packed)


@settings(deadline=None)
@given(st.binary(max_size=200), st.integers(0, 50))
def test_nonsense_is_a_value_error_or_numbers_of_the_right_count(data: bytes, count: int) -> None:
    try:
        values, used = unpack(data, count)
    except ValueError:
        return
    assert values.size == count
    assert used <= len(data)


def test_low_bytes_come_before_high_bytes_in_zigzag_code() -> None:
    assert octets(np.array([0, -1, 1, 300], np.int16)) == bytes([0, 1, 2, 600 & 0xFF, 0, 0, 0, 600 >> 8])


def test_octets_of_another_count_are_refused() -> None:
    with pytest.raises(ValueError, match="3 bytes instead of 4"):
        from_octets(b"abc", 2)


def test_numbers_that_end_too_early_are_refused() -> None:
    packed = pack(np.arange(100, dtype=np.int16))
    with pytest.raises(ValueError, match=r"end too early|cannot be read"):
        unpack(packed[:-3], 100)


def test_a_wrong_count_is_refused() -> None:
    packed = pack(np.arange(100, dtype=np.int16))
    for count in (99, 101):
        with pytest.raises(ValueError):
            unpack(packed, count)


def test_a_bomb_is_not_unpacked() -> None:
    packed = pack(np.zeros(1_000_000, np.int16))
    with pytest.raises(ValueError, match="end too early"):
        unpack(packed, 10)


def test_quiet_rows_become_small() -> None:
    assert len(pack(np.zeros(1040, np.int16))) < 30
    noise = np.random.default_rng(1).integers(-1, 2, 1040).astype(np.int16)
    assert len(pack(noise)) < 300
