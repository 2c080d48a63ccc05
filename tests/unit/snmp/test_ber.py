import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyasn1.codec.ber import encoder
from pyasn1.type import univ
from pysnmp.proto import rfc1902, rfc1905

from webmanager.snmp.asn1 import Kind, Oid, Value
from webmanager.snmp.ber import END_OF_MIB_VIEW, NO_SUCH_INSTANCE, name, tagged, value, varbinds
from webmanager.snmp.image import encodable

OIDS = st.tuples(st.just(1), st.integers(0, 39)).flatmap(
    lambda head: st.lists(st.integers(0, 2**32 - 1), max_size=20).map(lambda rest: (*head, *rest))
)


@pytest.mark.parametrize(
    ("number", "hex_"),
    [(0, "020100"), (127, "02017f"), (128, "02020080"), (-1, "0201ff"), (-128, "020180"), (-129, "0202ff7f"),
     (-(2**15), "02028000"), (-(2**23), "0203800000"), (2**31 - 1, "02047fffffff"), (-(2**31), "020480000000")],
)  # fmt: skip
def test_integers_worked_by_hand(number: int, hex_: str) -> None:
    assert value(Value(Kind.INTEGER, number)).hex() == hex_


def test_an_oid_worked_by_hand() -> None:
    assert name((1, 3, 6, 1, 4, 1, 32473, 300)).hex() == "060a2b0601040181fd59822c"


@given(OIDS)
def test_names_are_what_the_library_makes_of_them(oid: Oid) -> None:
    assert name(oid) == encoder.encode(rfc1902.ObjectIdentifier(oid))


TOO_LONG = {-128, -(2**15), -(2**23), -(2**31)}
"""pyasn1 spends an octet more on these than X.690, 8.3.2 allows; worked by hand above."""


@given(
    st.one_of(
        st.builds(Value, st.just(Kind.INTEGER), st.integers(-(2**31), 2**31 - 1).filter(lambda n: n not in TOO_LONG)),
        st.builds(Value, st.sampled_from((Kind.GAUGE, Kind.COUNTER, Kind.TICKS)), st.integers(0, 2**32 - 1)),
        st.builds(Value, st.just(Kind.STRING), st.binary(max_size=300)),
        st.builds(Value, st.just(Kind.OID), OIDS),
    )
)
def test_values_are_what_the_library_makes_of_them(given_: Value) -> None:
    assert value(given_) == encoder.encode(encodable(given_))


def test_what_is_not_there_is_what_the_library_makes_of_it() -> None:
    assert encoder.encode(rfc1905.noSuchInstance) == NO_SUCH_INSTANCE
    assert encoder.encode(rfc1905.endOfMibView) == END_OF_MIB_VIEW


@pytest.mark.parametrize("size", [0, 127, 128, 255, 256, 65_535, 65_536])
def test_lengths_in_their_shortest_form(size: int) -> None:
    assert tagged(0x04, bytes(size)) == encoder.encode(univ.OctetString(bytes(size)))


def test_a_list_of_pairs() -> None:
    found = varbinds([((1, 3, 1), value(Value(Kind.INTEGER, 5))), ((1, 3, 2), NO_SUCH_INSTANCE)])
    assert found.hex() == "3011" + "3007" + "06022b01" + "020105" + "3006" + "06022b02" + "8100"
    assert varbinds([]).hex() == "3000"
