"""Payloads to arrays, addresses to trains."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmanager.bus.answers import CurrentArrays, ValueArrays, module_identity, ri_reading, trains
from webmanager.bus.commands import Current, Identity, Ri, Values


def test_values_stand_at_their_address_in_units_of_people() -> None:
    arrays = ValueArrays({3: Values(13512, -15, 51, 0x84).encode(), 1: Values(2270, 231, 255, 0).encode()}, 4)
    assert arrays.answered.tolist() == [True, False, True, False]
    assert arrays.voltage_v == pytest.approx([2.27, np.nan, 13.512, np.nan], nan_ok=True)
    assert arrays.temperature_c == pytest.approx([23.1, np.nan, -1.5, np.nan], nan_ok=True)
    assert arrays.equalizing_percent == pytest.approx([100.0, np.nan, 20.0, np.nan], nan_ok=True)
    assert arrays.status.tolist() == [0, 0, 0x84, 0]


def test_value_a_module_does_not_have_is_unknown_though_it_answered() -> None:
    arrays = ValueArrays({2: Values(None, None, 0, 0x80).encode()}, 2)
    assert arrays.answered.tolist() == [False, True]
    assert np.isnan(arrays.voltage_v).all()
    assert np.isnan(arrays.temperature_c).all()
    assert arrays.equalizing_percent[1] == 0


def test_nobody_answered() -> None:
    arrays = ValueArrays({}, 3)
    assert not arrays.answered.any()
    assert np.isnan(arrays.voltage_v).all()
    assert np.isnan(CurrentArrays({}, 2).current_a).all()


def test_currents_are_signed_and_unknown_where_no_sensor_is() -> None:
    arrays = CurrentArrays({2: Current(-4250, 112).encode(), 3: Current(None, None).encode()}, 3)
    assert arrays.current_a == pytest.approx([np.nan, -42.5, np.nan], nan_ok=True)
    assert arrays.ripple_a == pytest.approx([np.nan, 1.12, np.nan], nan_ok=True)


def test_identity_in_words() -> None:
    identity = module_identity(7, Identity(42, (1, 10), (2, 3), 99, 12).encode())
    assert (identity.address, identity.type, identity.revision, identity.firmware) == (7, "C42", "1.10", "2.3")
    assert (identity.serial, identity.nominal_v) == (99, 12)
    assert module_identity(7, Identity(77, (1, 1), (0, 0), 1, 2).encode()).type == "type 77"


def test_ri_in_milliohms_with_its_age() -> None:
    reading = ri_reading(5, Ri(4213, 248, 95).encode())
    assert reading
    assert (reading.address, reading.ri_mohm, reading.temperature_c, reading.age_s) == (5, 4.213, 24.8, 5700.0)
    assert ri_reading(5, Ri(None, None, 0xFFFF).encode()) is None
    out_of_range = ri_reading(5, Ri(None, 248, 3).encode())
    assert out_of_range is not None
    assert np.isnan(out_of_range.ri_mohm)
    assert out_of_range.age_s == 180.0
    unknown = ri_reading(5, Ri(1, None, 0).encode())
    assert unknown
    assert np.isnan(unknown.temperature_c)


@pytest.mark.parametrize(
    ("addresses", "bridge", "expected"),
    [
        ([], 1, []),
        ([5], 1, [range(5, 6)]),
        ([7, 5, 6], 0, [range(5, 8)]),
        ([5, 7], 0, [range(5, 6), range(7, 8)]),
        ([5, 7, 10], 1, [range(5, 8), range(10, 11)]),
        (range(1, 73), 0, [range(1, 33), range(33, 65), range(65, 73)]),
        ([256], 0, [range(256, 257)]),
    ],
)
def test_trains(addresses: list[int], bridge: int, expected: list[range]) -> None:
    assert list(trains(addresses, bridge)) == expected


@given(st.sets(st.integers(1, 256)), st.integers(0, 5))
def test_trains_hold_every_address_once_and_are_no_longer_than_allowed(addresses: set[int], bridge: int) -> None:
    runs = list(trains(addresses, bridge))
    asked = [address for run in runs for address in run]
    assert set(asked) >= addresses
    assert len(asked) == len(set(asked))
    assert all(1 <= len(run) <= 32 and {run[0], run[-1]} <= addresses for run in runs)
