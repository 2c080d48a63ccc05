import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.sms import read
from webmanager.notify.sms_pdu import submit
from webmanager.room.sms_submit import SentText, read_submit


def test_one_worked_by_hand() -> None:
    octets = bytes.fromhex("0011000B915155214365F70000A70AE8329BFD4697D9EC37")
    assert read_submit(octets) == SentText("+15551234567", "hellohello")


def test_a_service_centre_and_a_full_validity_period_are_passed_over() -> None:
    octets = bytes.fromhex("07911326040000F0" + "19000A8110325476980000" + "11" * 7 + "0AE8329BFD4697D9EC37")
    assert read_submit(octets) == SentText("0123456789", "hellohello")


@settings(max_examples=100)
@given(st.text(max_size=300).filter(lambda text: not any(0xD800 <= ord(c) <= 0xDFFF for c in text)), st.booleans())
def test_it_reads_what_an_independent_decoder_reads(text: str, is_basic: bool) -> None:
    told = "".join(c for c in text if c.isascii() and c.isprintable() and c != "`") if is_basic else text
    for pdu in submit("+491701234567", told, 42):
        theirs = read(pdu.text)
        ours = read_submit(bytes.fromhex(pdu.text))
        assert (ours.number, ours.text) == (f"+{theirs.number}", theirs.text)
        assert ours.part == (tuple(theirs.part.values()) if theirs.part else None)


@pytest.mark.parametrize("octets", ["", "00", "0004", "0011000B9151", "0011000B915155214365F70000A70AE832"])
def test_anything_else_is_a_value_error(octets: str) -> None:
    with pytest.raises(ValueError, match="no SMS-SUBMIT"):
        read_submit(bytes.fromhex(octets))


@given(st.binary(max_size=60))
def test_garbage_never_does_more_than_that(octets: bytes) -> None:
    try:
        read_submit(octets)
    except ValueError as error:
        assert "no SMS-SUBMIT" in str(error)  # noqa: PT017 -- most garbage is none, some happens to be one
