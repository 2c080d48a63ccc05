import pytest

from webmanager.modbus.serial_frames import (
    ASCII_FORMATS,
    BAUD_RATES,
    LONGEST_FRAME,
    RTU_FORMATS,
    AsciiFramer,
    RtuFramer,
    SerialRequest,
    is_answer,
    lrc,
    silence_of,
    with_crc,
)

OWN = 17
GOOD = with_crc(bytes.fromhex("11 03 03E8 0001"))
REQUEST = SerialRequest(OWN, bytes.fromhex("03 03E8 0001"))


class Line:
    """A framer, and the time between what comes."""

    def __init__(self, baud: int = 9600) -> None:
        self.framer = RtuFramer(OWN, baud)
        self.now_s = 100.0

    def hear(self, *parts: bytes, gap_s: float = 0.0, after_s: float = 1.0) -> SerialRequest | None:
        """Parts `gap_s` apart, `after_s` after what came before; then silence."""
        self.now_s += after_s
        found = None
        for part in parts:
            assert self.framer.feed(part, self.now_s) is None
            if gap_s >= self.framer.silence_s:
                found = self.framer.silent() or found
            self.now_s += gap_s
        return self.framer.silent() or found


def test_a_request_ends_with_silence() -> None:
    line = Line()
    assert line.hear(GOOD) == REQUEST
    assert line.framer.silent() is None


@pytest.mark.parametrize("cut", range(1, 8))
def test_bytes_may_come_in_pieces(cut: int) -> None:
    assert Line().hear(GOOD[:cut], GOOD[cut:], gap_s=0.002) == REQUEST


@pytest.mark.parametrize("cut", range(1, 8))
def test_a_driver_that_hands_on_late_does_not_tear_a_request(cut: int) -> None:
    assert Line().hear(GOOD[:cut], GOOD[cut:], gap_s=0.016) == REQUEST


@pytest.mark.parametrize("cut", range(1, 8))
def test_halves_that_are_far_apart_are_no_request(cut: int) -> None:
    line = Line()
    assert line.hear(GOOD[:cut], GOOD[cut:], gap_s=0.05) is None
    assert line.hear(GOOD) == REQUEST
    assert line.framer.garbled == 2


@pytest.mark.parametrize("noise", [b"\x00", b"\xff", b"\x11", b"\x11\x03", GOOD[:7], b"\x55" * 300, bytes(range(256))])
@pytest.mark.parametrize("gap_s", [0.005, 0.02, 0.5])
def test_noise_and_then_silence_costs_no_request(noise: bytes, gap_s: float) -> None:
    line = Line()
    assert line.hear(noise) is None
    assert line.hear(GOOD, after_s=gap_s) == REQUEST


@pytest.mark.parametrize("noise", [b"\x00", b"\xff", b"\x11", GOOD[:7], b"\x55" * 300])
def test_noise_glued_to_a_request_does_not_cost_it(noise: bytes) -> None:
    assert Line().hear(noise + GOOD) == REQUEST


def test_what_follows_a_request_without_silence_garbles_it() -> None:
    assert Line().hear(GOOD + b"\x01") is None
    swallowed = Line().hear(GOOD + b"\x00")  # the checksum cannot see it, the length can
    assert swallowed is None or is_answer(swallowed.pdu)


def test_of_two_requests_at_once_only_the_newest_is_still_waited_for() -> None:
    other = with_crc(bytes.fromhex("11 03 07D0 0001"))
    assert Line().hear(GOOD + other) == SerialRequest(OWN, bytes.fromhex("03 07D0 0001"))


@pytest.mark.parametrize("bit", range(64))
def test_one_wrong_bit_is_no_request(bit: int) -> None:
    damaged = bytearray(GOOD)
    damaged[bit // 8] ^= 1 << bit % 8
    assert Line().hear(bytes(damaged)) is None


def test_frames_of_others_are_told_as_such_and_never_searched_for_ours() -> None:
    line = Line()
    foreign = with_crc(b"\x12\x03\x08" + GOOD)
    assert line.hear(foreign) == SerialRequest(18, b"\x03\x08" + GOOD)
    assert line.hear(GOOD) == REQUEST


def test_a_function_nobody_has_is_still_a_request() -> None:
    assert Line().hear(with_crc(b"\x11\x41\x01\x02\x03")) == SerialRequest(OWN, b"\x41\x01\x02\x03")
    assert Line().hear(with_crc(b"\x11\x41")) == SerialRequest(OWN, b"\x41")
    assert Line().hear(with_crc(b"\x11")) is None


def test_what_is_kept_is_bounded() -> None:
    line = Line()
    for _ in range(1000):
        line.framer.feed(b"\x55" * 100, line.now_s)
    assert len(line.framer._bytes) == LONGEST_FRAME
    assert len(line.framer._begins) <= 1
    assert line.hear(GOOD) == REQUEST


@pytest.mark.parametrize(
    ("baud", "silence_s"), [(1200, 0.03208), (9600, 0.00401), (19_200, 0.00201), (38_400, 0.00175)]
)
def test_the_silence_of_each_speed(baud: int, silence_s: float) -> None:
    assert silence_of(baud) == pytest.approx(silence_s, abs=0.00001)


@pytest.mark.parametrize("pdu", ["81 02", "03 02 1234", "01 01 0F", "04 FA" + "00" * 250, "8F 01", "06 00"])
def test_answers_are_known_by_their_shape(pdu: str) -> None:
    assert is_answer(bytes.fromhex(pdu))


@pytest.mark.parametrize("pdu", ["03 03E8 0001", "05 0000 FF00", "41", "0F 0000 0004 01 0F"])
def test_requests_are_no_answers(pdu: str) -> None:
    assert not is_answer(bytes.fromhex(pdu))


def ascii_of(body: str) -> bytes:
    data = bytes.fromhex(body)
    return b":" + (data + bytes((lrc(data),))).hex().upper().encode() + b"\r\n"


ASCII_GOOD = ascii_of("11 03 03E8 0001")


@pytest.mark.parametrize("cut", range(len(ASCII_GOOD)))
def test_ascii_comes_in_pieces_and_is_complete_with_its_line(cut: int) -> None:
    framer = AsciiFramer()
    assert framer.feed(ASCII_GOOD[:cut], 1.0) is None
    assert framer.feed(ASCII_GOOD[cut:], 1.9) == REQUEST


@pytest.mark.parametrize("noise", [b"noise", b":11", ASCII_GOOD[:-2], b"\r\n", b":" + b"A" * 600])
def test_a_colon_begins_anew_after_any_noise(noise: bytes) -> None:
    assert AsciiFramer().feed(noise + ASCII_GOOD, 1.0) == REQUEST


@pytest.mark.parametrize(
    "text",
    [
        b":110303E8000101\r\n",
        ASCII_GOOD[:-2] + b"\n\n",
        b":\r\n",
        b":11 03 03E8 0001 00\r\n",
        b":11GG\r\n",
        b":11EF\r\n",
    ],
)
def test_ascii_that_is_garbled_is_no_request(text: bytes) -> None:
    framer = AsciiFramer()
    assert framer.feed(text, 1.0) is None
    assert framer.garbled == 1
    assert framer.feed(ASCII_GOOD, 1.0) == REQUEST


def test_half_a_line_and_a_second_of_silence_is_none() -> None:
    framer = AsciiFramer()
    assert framer.feed(ASCII_GOOD[:8], 1.0) is None
    assert framer.feed(ASCII_GOOD[8:], 2.1) is None
    assert framer.garbled == 1
    framer.feed(ASCII_GOOD[:8], 3.0)
    framer.silent()
    assert framer.garbled == 2


def test_formats_and_speeds_are_those_published() -> None:
    assert set(RTU_FORMATS) == {"8E1", "8N1", "8N2", "8E2", "8O1"}
    assert "7N2" in ASCII_FORMATS
    assert min(BAUD_RATES) == 1200
    assert max(BAUD_RATES) == 38_400
