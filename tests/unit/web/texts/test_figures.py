"""Figures as people read them: true minus, fixed decimals, a dash for unknown."""

import math
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmanager.web.texts.figures import DASH, current, duration, fixed, iso, moment


@pytest.mark.parametrize(
    ("value", "digits", "signed", "text"),
    [
        (13.6214, 3, False, "13.621"),
        (-4.21, 1, True, "−4.2"),
        (4.21, 1, True, "+4.2"),
        (0.0, 0, False, "0"),
        (-0.04, 1, False, "0.0"),
        (-0.04, 1, True, "+0.0"),
        (None, 2, False, DASH),
        (math.nan, 2, True, DASH),
        (math.inf, 0, False, DASH),
    ],
)
def test_fixed(value: float | None, digits: int, signed: bool, text: str) -> None:
    assert fixed(value, digits, signed=signed) == text


@given(st.floats(-1e6, 1e6), st.integers(0, 3))
def test_fixed_reads_back_as_the_rounded_value(value: float, digits: int) -> None:
    assert float(fixed(value, digits).replace("−", "-")) == pytest.approx(value, abs=0.51 * 10**-digits)


@pytest.mark.parametrize(
    ("amperes", "text"), [(0.0274, "+0.027"), (-0.9, "−0.900"), (-88.44, "−88.4"), (12.0, "+12.0"), (math.nan, DASH)]
)
def test_a_current_has_a_sign_and_three_decimals_below_one_ampere(amperes: float, text: str) -> None:
    assert current(amperes) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0 s"),
        (119.9, "119 s"),
        (120.0, "2 min"),
        (3599.0, "59 min"),
        (8040.0, "2 h 14 min"),
        (172_799.0, "47 h 59 min"),
        (172_800.0, "2 d 0 h"),
        (math.inf, "never"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds).replace("\u00a0", " ") == text


def test_times_are_utc_with_z() -> None:
    assert iso(0.0) == "1970-01-01T00:00:00.000Z"
    assert iso(1_795_380_012.25) == "2026-11-22T20:40:12.250Z"


def test_a_moment_has_its_month_as_a_word() -> None:
    assert moment(1_795_380_012.0).replace("\u00a0", " ") == "22 Nov 2026 20:40:12 UTC"


def test_a_moment_is_told_in_the_zone_of_the_device() -> None:
    nbsp = "\u00a0"
    assert moment(1_782_820_800.0, ZoneInfo("Europe/Berlin")).replace(nbsp, " ") == "30 Jun 2026 14:00:00 CEST"
