"""Tables as CSV text and back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webmanager.domain.errors import StoreError
from webmanager.store.columns import NONE, Layout, Quantity, to_floats
from webmanager.store.csv_text import Group, column_names, parse, table

START = 28_333_440
"""15 November 2023, 00:00 UTC."""


def wall(count: int) -> np.ndarray:
    return START + np.arange(count)


def numbers(*rows: list[int]) -> np.ndarray:
    return np.array(rows, np.int16)


def test_batteries_and_strings_have_their_names() -> None:
    assert column_names(Layout(6, 2), Quantity.VOLTAGE) == ["S1-1", "S1-2", "S1-3", "S2-1", "S2-2", "S2-3"]
    assert column_names(Layout(6, 2), Quantity.CURRENT) == ["S1", "S2"]


def test_a_table_as_it_is_written() -> None:
    text = table(wall(2), [Group(["S1-1", "S1-2"], numbers([13_621, 9_050], [NONE, -5]), 0.001)])
    assert text == (b"date;time;S1-1;S1-2\r\n15.11.2023;00:00:00;13.621;9.050\r\n15.11.2023;00:01:00;;-0.005\r\n")


def test_with_a_decimal_comma() -> None:
    text = table(wall(1), [Group(["S1"], numbers([-1_234]), 0.01)], decimal_comma=True)
    assert text.splitlines()[1] == b"15.11.2023;00:00:00;-12,34"


@pytest.mark.parametrize(("unit", "text"), [(0.001, b"12.345"), (0.01, b"123.45"), (0.1, b"1234.5"), (1.0, b"12345")])
def test_as_many_decimals_as_the_unit_has(unit: float, text: bytes) -> None:
    assert table(wall(1), [Group(["x"], numbers([12_345]), unit)]).splitlines()[1].endswith(b";" + text)


def test_groups_stand_side_by_side() -> None:
    one, other = Group(["a V"], numbers([1], [2]), 1.0), Group(["b A", "c A"], numbers([3, 4], [5, NONE]), 0.1)
    lines = table(wall(2), [one, other]).splitlines()
    assert lines[0] == b"date;time;a V;b A;c A"
    assert lines[2] == b"15.11.2023;00:01:00;2;0.5;"


def test_without_rows_only_the_headings() -> None:
    assert table(wall(0), [Group(["a"], np.zeros((0, 1), np.int16), 1.0)]) == b"date;time;a\r\n"


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.integers(-32_768, 32_767), min_size=3, max_size=3), min_size=1, max_size=20),
    st.sampled_from([0.001, 0.01, 0.1, 1.0]),
    st.booleans(),
)
def test_what_is_written_is_read_back(rows: list[list[int]], unit: float, comma: bool) -> None:
    values = numbers(*rows)
    text = table(wall(len(rows)), [Group(["a", "b", "c"], values, unit)], decimal_comma=comma)
    found_wall, names, found = parse(text.decode())
    assert found_wall.tolist() == wall(len(rows)).tolist()
    assert names == ["a", "b", "c"]
    assert np.allclose(found, to_floats(values, unit), equal_nan=True, rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("a;b;c\n", 1),
        ("date;time;a\n15.11.2023;00:00:00\n", 2),
        ("date;time;a\n15.11.2023;00:00:00;1;2\n", 2),
        ("date;time;a\n15.11.2023;00:00:00;1\nyesterday;00:00:00;1\n", 3),
        ("date;time;a\n15.11.2023;00:00:00;many\n", 2),
        ("date;time;a\n\n", 2),
    ],
)
def test_what_is_no_table_names_its_line(text: str, line: int) -> None:
    with pytest.raises(StoreError, match=f"line {line}: "):
        parse(text)


def test_256_batteries_for_a_day() -> None:
    draw = np.random.default_rng(1)
    values = draw.integers(13_000, 14_000, (1_440, 256)).astype(np.int16)
    text = table(wall(1_440), [Group([str(n) for n in range(256)], values, 0.001)])
    assert text.count(b"\r\n") == 1_441
    assert text.splitlines()[700].split(b";")[2 + 99] == b"%d.%03d" % divmod(int(values[699, 99]), 1000)
