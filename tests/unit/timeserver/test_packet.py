"""The bytes of SNTP, judged from RFC 4330 and RFC 5905."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.ntp import answer_to
from webmanager.domain.errors import TimeServerError
from webmanager.timeserver.packet import (
    KissError,
    check,
    offset_and_delay,
    read_answer,
    request,
    seconds,
    timestamp,
)

STAMP = 0x0123456789ABCDEF
ASKED = request(STAMP)

# RFC 5905, figure 4: interesting historic NTP dates (era, seconds of the era)
DATES = [
    (datetime(1970, 1, 1, tzinfo=UTC), 0, 2_208_988_800),
    (datetime(1972, 1, 1, tzinfo=UTC), 0, 2_272_060_800),
    (datetime(1999, 12, 31, tzinfo=UTC), 0, 3_155_587_200),
    (datetime(2036, 2, 8, tzinfo=UTC), 1, 63_104),
]


def test_a_request_is_48_bytes_of_version_4_mode_client_and_tells_nothing_but_its_stamp() -> None:
    assert bytes.fromhex("23" + "00" * 39 + "0123456789abcdef") == ASKED


@pytest.mark.parametrize(("date", "_era", "stamp_s"), DATES)
def test_timestamps_are_those_of_the_rfc(date: datetime, _era: int, stamp_s: int) -> None:
    assert seconds(stamp_s << 32) == date.timestamp()
    assert timestamp(date.timestamp()) == stamp_s << 32


def test_the_last_second_of_the_first_era_is_followed_by_the_next_era() -> None:
    assert seconds(1 << 32) - seconds(0xFFFFFFFF << 32) == 2.0


def test_a_fraction_counts_in_2_to_the_minus_32() -> None:
    assert seconds(0x83AA7E80_80000000) == 0.5
    assert seconds(0x83AA7E80_40000000) == 0.25


@given(st.floats(min_value=0, max_value=4e9))
def test_a_time_comes_back_from_its_timestamp(utc_s: float) -> None:
    assert seconds(timestamp(utc_s)) == pytest.approx(utc_s, abs=1e-6)


def test_a_packet_is_taken_apart_where_the_rfc_puts_its_fields() -> None:
    data = bytes.fromhex(
        "1c 03 0a ec"  # leap 0, version 3, mode 4; stratum 3; poll 2**10; precision 2**-20
        "00018000"  # root delay 1.5 s
        "00004000"  # root dispersion 0.25 s
        "c0000201"  # reference 192.0.2.1
        "83aa7e80 00000000"
        "0123456789abcdef"
        "83aa7e8a 80000000"  # received 1970-01-01 00:00:10.5
        "83aa7e8b 40000000"  # sent 00:00:11.25
    )
    answer = read_answer(data + b"extension")
    assert (answer.leap, answer.version, answer.mode, answer.stratum) == (0, 3, 4, 3)
    assert (answer.root_delay_s, answer.root_dispersion_s) == (1.5, 0.25)
    assert (answer.reference, answer.origin) == (bytes([192, 0, 2, 1]), STAMP)
    assert (answer.received, answer.sent, answer.kiss) == (10.5, 11.25, "")
    check(answer, STAMP)


def test_offset_and_delay_are_those_of_the_rfc() -> None:
    # our clock is 4 s behind, the way takes 1 s each way, the server thinks for 1 s
    answer = read_answer(answer_to(ASKED, 15.0, 16.0))
    assert offset_and_delay(10.0, answer, 13.0) == pytest.approx((4.0, 2.0), abs=1e-6)


REFUSED = {
    "another question": {"origin": b"\x00" * 8},
    "no time server: mode 3": {"first": 0b00_100_011},
    "mode 5": {"first": 0b00_100_101},
    "version 0": {"first": 0b00_000_100},
    "version 7": {"first": 0b00_111_100},
    "not synchronised itself": {"first": 0b11_100_100},
    "stratum 16": {"stratum": 16},
    "too far from its own reference": {"root": (0x00200000, 0)},
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_is_no_time_is_refused_with_its_reason(reason: str) -> None:
    answer = read_answer(answer_to(ASKED, 100.0, 100.0, **REFUSED[reason]))
    with pytest.raises(TimeServerError, match=reason):
        check(answer, STAMP)


def test_times_that_cannot_be_are_refused() -> None:
    for received, sent in ((100.0, 99.0), (2_085_978_496.0, 2_085_978_496.0)):  # the latter is all zeros
        with pytest.raises(TimeServerError, match="cannot be"):
            check(read_answer(answer_to(ASKED, received, sent)), STAMP)


@pytest.mark.parametrize(("code", "said"), [(b"DENY", "DENY"), (b"RATE", "RATE"), (b"\xff\x00a!", r"\?\?\?\?")])
def test_a_kiss_of_death_is_told_apart(code: bytes, said: str) -> None:
    answer = read_answer(answer_to(ASKED, 100.0, 100.0, stratum=0, reference=code, first=0b11_100_100))
    with pytest.raises(KissError, match=said):
        check(answer, STAMP)


def test_a_kiss_for_another_question_does_not_send_us_away() -> None:
    answer = read_answer(answer_to(ASKED, 1.0, 1.0, stratum=0, reference=b"DENY", origin=b"\x01" * 8))
    with pytest.raises(TimeServerError) as raised:
        check(answer, STAMP)
    assert not isinstance(raised.value, KissError)


@pytest.mark.parametrize("size", [0, 1, 47])
def test_a_short_packet_is_none(size: int) -> None:
    with pytest.raises(TimeServerError, match=f"{size} bytes"):
        read_answer(bytes(size))


@given(st.binary(min_size=48, max_size=80))
def test_any_bytes_are_an_answer_or_refused_in_one_line(data: bytes) -> None:
    said = ""
    try:
        check(read_answer(data), STAMP)
    except TimeServerError as error:
        said = str(error)
    assert said.isprintable()
