from webmanager.notify.sms_pdu import submit
from webmanager.room.modem import Modem
from webmanager.room.sms_submit import SentText


def test_it_echoes_until_it_is_told_not_to() -> None:
    modem = Modem()
    assert modem.hear(b"AT\r") == b"AT\r\r\nOK\r\n"
    modem.hear(b"ATE0\r")
    assert modem.hear(b"AT\r") == b"\r\nOK\r\n"


def test_a_message_byte_by_byte() -> None:
    modem = Modem()
    modem.hear(b"ATE0\r")
    (pdu,) = submit("+491701", "hello", 0)
    order = b"AT+CMGS=%d\r" % pdu.length
    said = b"".join(modem.hear(bytes((byte,))) for byte in order + pdu.text.encode() + b"\x1a")
    assert said == b"\r\n> \r\n+CMGS: 1\r\n\r\nOK\r\n"
    assert modem.sent == [SentText("+491701", "hello")]


def test_a_length_that_does_not_fit_and_an_escape() -> None:
    modem = Modem()
    modem.hear(b"ATE0\rAT+CMGS=99\r")
    assert modem.hear(b"0011\x1a") == b"\r\n+CMS ERROR: 304\r\n"
    modem.hear(b"AT+CMGS=99\r0011\x1b")
    assert modem.hear(b"AT\r") == b"\r\nOK\r\n"


def test_what_it_does_not_know_is_an_error() -> None:
    modem = Modem()
    modem.hear(b"ATE0\r")
    assert modem.hear(b"ATDT110\r") == b"\r\nERROR\r\n"


def test_three_wrong_pins_lock_the_card() -> None:
    modem = Modem(pin="1234")
    modem.hear(b"ATE0\r")
    for _ in range(3):
        assert modem.hear(b"AT+CPIN=0000\r") == b"\r\n+CME ERROR: 16\r\n"
    assert b"SIM PUK" in modem.hear(b"AT+CPIN?\r")
    assert b"ERROR" in modem.hear(b"AT+CPIN=1234\r")


def test_a_dead_one_says_nothing() -> None:
    assert Modem(is_dead=True).hear(b"AT\r") == b""
