"""Whatever a serial line brings, no garbled request is answered and the next good one is; torn or whole."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from webmanager.modbus.serial_frames import AsciiFramer, RtuFramer, SerialRequest, is_answer, is_frame, with_crc

UNIT = 17
pdus = st.binary(min_size=1, max_size=253)
units = st.integers(0, 255)
reads = st.builds(
    lambda function, first, count: bytes((function,)) + first.to_bytes(2, "big") + count.to_bytes(2, "big"),
    st.integers(1, 6),
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFFFF),
)
noise = st.binary(max_size=400)


def heard(framer: RtuFramer, parts: list[bytes], now_s: float, gap_s: float) -> SerialRequest | None:
    found = None
    for part in parts:
        framer.feed(part, now_s)
        if gap_s >= framer.silence_s:
            found = framer.silent() or found
        now_s += gap_s
    return framer.silent() or found


def cut(data: bytes, places: list[int]) -> list[bytes]:
    ends = sorted({place % len(data) for place in places} - {0})
    return [data[start:end] for start, end in zip([0, *ends], [*ends, len(data)], strict=True)]


@given(units, pdus)
def test_every_frame_is_found(unit: int, pdu: bytes) -> None:
    assert heard(RtuFramer(UNIT, 19_200), [with_crc(bytes((unit,)) + pdu)], 1.0, 0.0) == SerialRequest(unit, pdu)


@given(reads, st.lists(st.integers(1, 7), max_size=7), st.sampled_from([0.0, 0.001, 0.01, 0.016]))
def test_pieces_of_a_request_are_put_together(pdu: bytes, places: list[int], gap_s: float) -> None:
    parts = cut(with_crc(bytes((UNIT,)) + pdu), places)
    assert heard(RtuFramer(UNIT, 19_200), parts, 1.0, gap_s) == SerialRequest(UNIT, pdu)


@given(st.lists(noise, max_size=5), reads, st.floats(0.003, 2.0))
@settings(max_examples=300)
def test_after_any_noise_and_a_silence_a_request_is_found(parts: list[bytes], pdu: bytes, gap_s: float) -> None:
    framer = RtuFramer(UNIT, 19_200)
    heard(framer, [part for part in parts if part], 1.0, gap_s)
    assert heard(framer, [with_crc(bytes((UNIT,)) + pdu)], 100.0, 0.0) == SerialRequest(UNIT, pdu)


@given(st.lists(noise, max_size=5), st.floats(0.0, 0.1))
@example([b"\x11\x03\x03\xe8\x00\x01\x06\xea"], 0.0)
def test_what_is_found_was_sent_with_its_checksum(parts: list[bytes], gap_s: float) -> None:
    framer = RtuFramer(UNIT, 38_400)
    found = heard(framer, [part for part in parts if part], 1.0, gap_s)
    assert found is None or with_crc(bytes((found.unit,)) + found.pdu) in b"".join(parts)


@given(reads, st.integers(0, 63), st.integers(0, 63))
def test_one_or_two_wrong_bits_are_never_answered(pdu: bytes, first: int, second: int) -> None:
    damaged = bytearray(with_crc(bytes((UNIT,)) + pdu))
    for bit in {first, second}:
        damaged[bit // 8] ^= 1 << bit % 8
    assert heard(RtuFramer(UNIT, 9600), [bytes(damaged)], 1.0, 0.0) is None


@given(reads, st.integers(1, 7))
def test_half_a_request_is_never_answered(pdu: bytes, length: int) -> None:
    found = heard(RtuFramer(UNIT, 9600), [with_crc(bytes((UNIT,)) + pdu)[:length]], 1.0, 0.0)
    assert found is None or is_answer(found.pdu)


@given(units, pdus, noise)
def test_ascii_is_found_after_any_noise(unit: int, pdu: bytes, before: bytes) -> None:
    framer = AsciiFramer()
    framer.feed(before, 1.0)
    assert framer.feed(framer.encode(unit, pdu), 1.5) == SerialRequest(unit, pdu)


@given(st.binary(max_size=600))
def test_a_frame_is_what_has_its_checksum(data: bytes) -> None:
    assert is_frame(data) == (4 <= len(data) <= 256 and with_crc(data[:-2]) == data)
