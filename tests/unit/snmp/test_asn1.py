import pytest

from webmanager.snmp.asn1 import Kind, Value, integer, oid_of, text, ticks


@pytest.mark.parametrize(("given", "number"), [(1.4, 1), (-1.6, -2), (2.0**40, 2**31 - 1), (-(2.0**40), -(2**31))])
def test_integers_are_rounded_and_kept_in_range(given: float, number: int) -> None:
    assert integer(given) == Value(Kind.INTEGER, number)


def test_ticks_are_hundredths_begin_at_zero_and_wrap() -> None:
    assert ticks(12.345).content == 1234
    assert ticks(-5.0).content == 0
    assert ticks(2**32 / 100 + 1.0).content == 100


def test_oids_are_tuples() -> None:
    assert oid_of("1.3.6.1") == oid_of(".1.3.6.1") == (1, 3, 6, 1)


def test_texts_are_ascii() -> None:
    assert text("4.2 mΩ", 6) == Value(Kind.STRING, b"4.2 mO")
