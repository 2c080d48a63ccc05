"""Frames: what fits, what does not, and what damaged bytes cost."""

import pytest

from webmanager.bus.frame import BROADCAST, Decoder, Frame, encode

GOOD = Frame(2, 17, 1, bytes.fromhex("34C800E73304"), reply=True)
OTHER = Frame(2, 18, 1, bytes.fromhex("34C700E70000"), reply=True)


def flipped(data: bytes, position: int, mask: int = 0x10) -> bytes:
    damaged = bytearray(data)
    damaged[position] ^= mask
    return bytes(damaged)


@pytest.mark.parametrize(
    ("frame", "fault"),
    [
        (Frame(32, 1, 0), "command 32"),
        (Frame(1, BROADCAST + 1, 0), "address 512"),
        (Frame(1, -1, 0), "address -1"),
        (Frame(1, 1, 4), "sequence 4"),
        (Frame(1, 1, 0, bytes(33)), "payload of 33"),
    ],
)
def test_field_that_does_not_fit_is_named(frame: Frame, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        encode(frame)


def test_wire_bytes_is_the_length_on_the_wire() -> None:
    assert GOOD.wire_bytes == len(encode(GOOD)) == 12


@pytest.mark.parametrize("position", range(12))
def test_damaged_byte_costs_its_own_frame_only(position: int) -> None:
    decoder = Decoder(replies=True)
    heard = list(decoder.feed(flipped(encode(GOOD), position) + encode(OTHER)))
    heard += decoder.flush()
    assert heard == [OTHER]
    assert decoder.noise_bytes == 12


def test_crc_error_is_counted_and_not_taken_for_noise_before_a_sync() -> None:
    decoder = Decoder(replies=True)
    assert list(decoder.feed(flipped(encode(GOOD), 5))) == []
    assert decoder.crc_errors == 1
    assert list(decoder.feed(b"\x00\x01\x02")) == []
    assert decoder.crc_errors == 1


def test_good_frame_inside_damaged_bytes_is_found() -> None:
    decoder = Decoder(replies=True)
    cut = encode(OTHER)[:7]
    assert list(decoder.feed(cut + encode(GOOD))) == [GOOD]


def test_half_a_frame_is_held_and_dropped_at_the_timeout() -> None:
    decoder = Decoder(replies=True)
    assert list(decoder.feed(encode(GOOD)[:7])) == []
    assert decoder.pending == 7
    assert decoder.reset() == 7
    assert (decoder.pending, decoder.noise_bytes) == (0, 7)
    assert list(decoder.feed(encode(GOOD))) == [GOOD]


def test_last_frame_swallowed_by_a_damaged_length_is_found_at_the_timeout() -> None:
    decoder = Decoder(replies=True)
    damaged = flipped(encode(GOOD), 1)
    assert list(decoder.feed(damaged + encode(OTHER))) == []
    assert list(decoder.flush()) == [OTHER]
    assert decoder.pending == 0


def test_flush_of_a_lone_sync_leaves_nothing() -> None:
    decoder = Decoder(replies=True)
    assert list(decoder.feed(b"\x5a")) == []
    assert list(decoder.flush()) == []
    assert (decoder.pending, decoder.noise_bytes) == (0, 1)


def test_requests_and_replies_do_not_mix() -> None:
    assert list(Decoder(replies=False).feed(encode(GOOD))) == []
    assert list(Decoder(replies=False).feed(encode(Frame(1, 5, 0)))) == [Frame(1, 5, 0)]
