"""Whatever arrives, and whenever: the line of the room takes it, and the next good request is answered."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from webmanager.bus.commands import Command, Group, Values
from webmanager.bus.frame import Decoder, Frame, encode
from webmanager.room.cable import Cable
from webmanager.room.line import Line, take_turns
from webmanager.room.responder import Answer, Answers

BIT_S = 1 / 38400


def reply(address: int) -> bytes:
    return encode(Frame(Command.READ_VALUES, address, 0, Values(13500, 250, 0, 0).encode(), reply=True))


def respond(request: Frame) -> Answers:
    turns = range(Group.decode(request.payload).count) if len(request.payload) == 2 and request.payload[0] < 9 else ()
    return Answers(tuple(Answer(turn, reply(turn + 1)) for turn in turns), 10, 130)


@given(
    st.lists(st.tuples(st.binary(max_size=60), st.floats(0.0, 0.05)), max_size=12),
    st.sampled_from([0.0, BIT_S]),
    st.sampled_from([0.0, 0.01]),
)
def test_after_any_bytes_and_a_silence_a_good_request_is_answered(pieces, bit_s, error_rate):
    cable = Cable([(1, 2, 3)], 1)
    line = Line(_careful, cable, bit_s, np.random.default_rng(1))
    cable.bus_error_rate = error_rate
    now_s = 0.0
    for data, pause_s in pieces:
        now_s += pause_s
        line.hear(data, now_s)
        line.due(now_s)
    cable.bus_error_rate = 0.0
    now_s = max(now_s, line.last_end_s() or 0.0) + 1.0
    line.due(now_s)
    line.hear(encode(Frame(Command.READ_VALUES, 1, 2, Group(3).encode())), now_s)
    answered = [frame.address for frame in Decoder(replies=True).feed(line.due(now_s + 1.0))]
    assert answered == [1, 2, 3]
    assert line.next_end_s() is None


@given(
    st.sets(st.integers(0, 31), min_size=1),
    st.lists(st.floats(-0.005, 0.005), min_size=32, max_size=32),
    st.sampled_from([0.0, 0.002]),
    st.integers(5, 255),
)
def test_answers_never_overlap_and_silent_slots_cost_no_more_than_a_slot(present, clock_errors, error_rate, gap):
    slot = 120 + gap
    answers = Answers(
        tuple(Answer(turn, reply(turn + 1), clock_errors[turn], error_rate) for turn in sorted(present)), gap, slot
    )
    planned = take_turns(answers, 0.0, BIT_S, 0.0, np.random.default_rng(1))
    assert planned
    for first, second in pairwise(planned):
        assert second.start_s >= first.end_s
    assert planned[-1].end_s <= (max(present) + 1) * slot * BIT_S * 1.0051


def _careful(request: Frame) -> Answers:
    try:
        return respond(request)
    except ValueError:
        return Answers()
