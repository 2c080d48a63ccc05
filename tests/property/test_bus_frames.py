"""Whatever comes over the wire: nothing raises, no good frame is lost for good, and decode(encode(x)) = x."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webmanager.bus import commands
from webmanager.bus.frame import BROADCAST, MAX_PAYLOAD, Decoder, Frame, encode

settings.register_profile("bus", deadline=None, derandomize=True)
settings.load_profile("bus")


def u(bits: int) -> st.SearchStrategy[int]:
    return st.integers(0, 2**bits - 1)


def frames(reply: st.SearchStrategy[bool]) -> st.SearchStrategy[Frame]:
    return st.builds(Frame, u(5), st.integers(0, BROADCAST), u(2), st.binary(max_size=MAX_PAYLOAD), reply)


REPLIES = frames(st.just(True))
SPITEFUL = st.lists(
    st.one_of(st.binary(max_size=20), st.just(b"\x5a"), st.just(b"\x5a\x20"), REPLIES.map(lambda f: encode(f)[:-1]))
).map(b"".join)
"""Bytes that look like frames: false headers, cut frames, noise."""

SIGNED = st.integers(-0x7FFF, 0x7FFF)
PAYLOADS: list[st.SearchStrategy[Any]] = [
    st.builds(commands.Identity, u(8), st.tuples(u(8), u(8)), st.tuples(u(8), u(8)), u(32), u(8)),
    st.builds(commands.Values, st.none() | st.integers(0, 0xFFFE), st.none() | SIGNED, u(8), u(8)),
    st.builds(commands.Ri, st.none() | st.integers(0, 0xFFFFFFFE), st.none() | SIGNED, u(16)),
    st.builds(commands.Current, st.none() | SIGNED, st.none() | st.integers(0, 0xFFFE), u(8)),
    st.builds(commands.Group, st.integers(1, 32), u(8)),
    st.builds(commands.Reference, u(16), st.integers(1, 256), u(16)),
    st.builds(commands.NewAddress, u(32), u(16)),
    st.builds(commands.Blink, u(8)),
    st.builds(commands.Refused, u(8), u(8)),
]


@given(frames(st.booleans()))
def test_frame_survives_the_wire(frame: Frame) -> None:
    assert list(Decoder(replies=frame.reply).feed(encode(frame))) == [frame]


@given(frames(st.booleans()))
def test_other_direction_does_not_hear_a_frame_as_its_own(frame: Frame) -> None:
    decoder = Decoder(replies=not frame.reply)
    heard = list(decoder.feed(encode(frame))) + list(decoder.flush())
    assert frame not in heard


@given(st.one_of(PAYLOADS))
def test_payload_survives_the_wire(payload: Any) -> None:
    assert type(payload).decode(payload.encode()) == payload


@given(st.binary(max_size=40))
@pytest.mark.parametrize(
    "layout", ["Identity", "Values", "Ri", "Current", "Group", "Reference", "NewAddress", "Blink", "Refused"]
)
def test_payload_of_any_bytes_is_a_value_or_a_value_error(layout: str, data: bytes) -> None:
    kind = getattr(commands, layout)
    try:
        decoded = kind.decode(data)
    except ValueError:
        return
    assert kind.decode(decoded.encode()) == decoded


@given(st.one_of(st.binary(max_size=400), SPITEFUL), st.booleans())
def test_any_bytes_are_frames_or_counted(data: bytes, replies: bool) -> None:
    decoder = Decoder(replies=replies)
    heard = list(decoder.feed(data))
    assert decoder.noise_bytes + decoder.pending + sum(frame.wire_bytes for frame in heard) == len(data)
    heard += list(decoder.flush())
    assert decoder.pending == 0
    assert decoder.noise_bytes + sum(frame.wire_bytes for frame in heard) == len(data)


@given(st.one_of(st.binary(max_size=400), SPITEFUL), REPLIES)
def test_frame_after_the_timeout_is_never_lost(noise: bytes, frame: Frame) -> None:
    decoder = Decoder(replies=True)
    list(decoder.feed(noise))
    decoder.reset()
    assert list(decoder.feed(encode(frame))) == [frame]


@given(st.lists(REPLIES, min_size=1, max_size=8), st.data())
def test_frames_come_whole_however_the_bytes_are_cut(sent: list[Frame], data: st.DataObject) -> None:
    stream = b"".join(map(encode, sent))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    decoder = Decoder(replies=True)
    heard: list[Frame] = []
    for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        heard += decoder.feed(stream[begin:end])
    assert heard == sent
    assert decoder.noise_bytes == decoder.crc_errors == 0


@given(st.binary(max_size=30).filter(lambda noise: b"\x5a" not in noise), REPLIES)
def test_noise_without_a_sync_costs_nothing_but_itself(noise: bytes, frame: Frame) -> None:
    decoder = Decoder(replies=True)
    assert list(decoder.feed(noise + encode(frame))) == [frame]
    assert decoder.noise_bytes == len(noise)


@given(REPLIES, st.integers(1, MAX_PAYLOAD))
def test_frame_behind_a_false_header_is_found_at_the_timeout(frame: Frame, length: int) -> None:
    decoder = Decoder(replies=True)
    heard = list(decoder.feed(bytes((0x5A, length)) + encode(frame)))
    assert frame in heard + list(decoder.flush())
