"""Bytes worked out by hand from X.690 and RFC 3416."""

import pytest

from webmanager.room.inbox.trap_bytes import GENERAL_ERROR, acknowledgement, read

UPTIME = "300f 06 08 2b 06 01 02 01 01 03 00 43 03 01 e2 40"  # sysUpTime.0 = 123456
TRAP_OID = "301b 06 0a 2b 06 01 06 03 01 01 04 01 00 06 0d 2b 06 01 02 01 21 05 03 00 01 81 00 03"
TEXT = "3010 06 0a 2b 06 01 02 01 21 05 03 01 06 04 02 68 69"
INFORM = "a6"


def message(kind: str = INFORM, version: str = "01", *bindings: str) -> bytes:
    """A whole message; every length is below 128, as it is counted here."""
    listed = bytes.fromhex("".join(bindings or (UPTIME, TRAP_OID, TEXT)))
    pdu = bytes.fromhex("02 04 12 34 56 78 02 01 00 02 01 00 30") + bytes((len(listed),)) + listed
    body = bytes.fromhex(f"02 01 {version} 04 06 70 75 62 6c 69 63 {kind}") + bytes((len(pdu),)) + pdu
    return b"\x30" + bytes((len(body),)) + body


def test_an_inform_is_read() -> None:
    found = read(message())
    assert (found.is_inform, found.community, found.request) == (True, b"public", bytes.fromhex("12345678"))
    assert found.values == (
        ("1.3.6.1.2.1.1.3.0", "123456"),
        ("1.3.6.1.6.3.1.1.4.1.0", "1.3.6.1.2.1.33.5.3.0.1.128.3"),
        ("1.3.6.1.2.1.33.5.3.1.6", "hi"),
    )
    assert found.oid == "1.3.6.1.2.1.33.5.3.0.1.128.3"


def test_a_trap_is_read_and_without_its_name_it_has_none() -> None:
    found = read(message("a7", "01", UPTIME))
    assert not found.is_inform
    assert found.oid == ""


def test_the_acknowledgement_is_a_response_with_the_same_request_and_bindings() -> None:
    inform = message()
    answer = acknowledgement(read(inform))
    assert answer == inform.replace(b"\xa6", b"\xa2", 1)
    refused = acknowledgement(read(inform), GENERAL_ERROR)
    assert refused == answer.replace(bytes.fromhex("12345678 020100"), bytes.fromhex("12345678 020105"), 1)


@pytest.mark.parametrize(
    ("binding", "text"),
    [
        ("3008 06 03 2b 06 01 02 01 ff", "-1"),
        ("300b 06 03 2b 06 01 40 04 c0 00 02 07", "192.0.2.7"),
        ("3007 06 03 2b 06 01 05 00", ""),
        ("300c 06 03 2b 06 01 42 05 00 ff ff ff ff", "4294967295"),
        ("3009 06 03 2b 06 01 44 02 78 00", "7800"),
        ("3009 06 03 88 37 01 04 02 c3 a4", "ä"),
    ],
)
def test_values_as_text(binding: str, text: str) -> None:
    ((_, value),) = read(message("a7", "01", binding)).values
    assert value == text


def test_names_under_the_third_root() -> None:
    ((name, _),) = read(message("a7", "01", "3007 06 03 88 37 01 05 00")).values
    assert name == "2.999.1"


def test_long_lengths_are_read_and_written() -> None:
    many = ["3010 06 0a 2b 06 01 02 01 21 05 03 01 06 04 02 68 69"] * 20
    listed = bytes.fromhex("".join(many))
    pdu = bytes.fromhex("0201070201000201003082") + len(listed).to_bytes(2, "big") + listed
    body = bytes.fromhex("0201010406 7075626c6963 a682") + len(pdu).to_bytes(2, "big") + pdu
    whole = bytes.fromhex("3082") + len(body).to_bytes(2, "big") + body
    found = read(whole)
    assert len(found.values) == 20
    assert acknowledgement(found) == whole.replace(b"\xa6\x82", b"\xa2\x82", 1)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not one message"),
        (b"hello", "cut off"),
        (message()[:-1], "cut off"),
        (message() + b"\x05\x00", "not one message"),
        (message(version="00"), "not of version 2c"),
        (message("a0"), "neither trap nor inform"),
        (message("a7", "01", "0500"), "a binding is a sequence"),
        (message("a7", "01", "3005 06 03 2b 06 01"), "1 parts where 2 belong"),
        (message("a7", "01", "3007 06 03 2b 06 81 05 00"), "not an object identifier"),
        (message("a7", "01", "3004 06 00 05 00"), "not an object identifier"),
        (b"\x30\x80\x00\x00", "a length that cannot be"),
        (b"\x30\x85\x00\x00\x00\x00\x00", "a length that cannot be"),
        (b"\x30", "cut off"),
    ],
)
def test_what_is_no_notification_says_why(data: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read(data)


def test_no_cut_makes_anything_but_an_error() -> None:
    whole = message()
    for end in range(len(whole)):
        with pytest.raises(ValueError):
            read(whole[:end])
