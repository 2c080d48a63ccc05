import numpy as np
import pytest

from webmanager.bus.commands import Command, Group, Values
from webmanager.bus.frame import Decoder, Frame, encode
from webmanager.room.cable import Cable
from webmanager.room.line import Line, take_turns
from webmanager.room.responder import Answer, Answers

BIT_S = 1 / 9600
BYTE_S = 10 * BIT_S
GAP = 10
SLOT = 130
REQUEST = encode(Frame(Command.READ_VALUES, 1, 0, Group(4).encode()))


def reply(address, sequence=0):
    return encode(Frame(Command.READ_VALUES, address, sequence, Values(13500, 250, 0, 0).encode(), reply=True))


def train(*turns, clock_error=0.0):
    return Answers(tuple(Answer(turn, reply(turn + 1), clock_error) for turn in turns), GAP, SLOT)


def make(answers, *, bit_s=BIT_S):
    asked = []

    def respond(request):
        asked.append(request)
        return answers

    cable = Cable([(1, 2, 3, 4)], 1)
    line = Line(respond, cable, bit_s, np.random.default_rng(1))
    return line, cable, asked


def times(planned):
    return [round((sending.start_s) / BIT_S, 6) for sending in planned]


def turns(answers):
    return take_turns(answers, 0.0, BIT_S, 0.0, np.random.default_rng(1))


def decoded(data):
    return [frame.address for frame in Decoder(replies=True).feed(data)]


class TestTurns:
    def test_answers_follow_each_other_with_the_gap(self):
        assert times(turns(train(0, 1, 2, 3))) == [10, 140, 270, 400]

    def test_a_silent_one_costs_its_slot(self):
        assert times(turns(train(0, 1, 3))) == [10, 140, 10 + 3 * 130]
        assert times(turns(train(3))) == [10 + 3 * 130]

    def test_clock_errors_add_up_over_silent_slots_only(self):
        assert times(turns(train(0, 1, 2, clock_error=0.005))) == [10, 140, 270]
        assert times(turns(train(31, clock_error=0.005))) == pytest.approx([10 + 31 * 130 * 1.005])

    def test_after_an_unreadable_answer_the_slots_count_from_the_last_good_one(self):
        answers = Answers((Answer(0, reply(1)), Answer(1, reply(2), error_rate=0.4), Answer(2, reply(3))), GAP, SLOT)
        planned = turns(answers)
        assert times(planned) == [10, 140, 270]
        assert planned[1].data != reply(2)

    def test_nobody_begins_while_there_are_bytes_and_gives_up_after_a_slot(self):
        long = Answer(0, bytes(20), error_rate=1.0)  # unreadable, 200 bit times long, over at 210
        planned = turns(Answers((long, Answer(1, reply(2)), Answer(2, reply(3))), GAP, SLOT))
        assert times(planned) == [10, 220, 350]
        longer = Answer(0, bytes(36), error_rate=1.0)
        planned = turns(Answers((longer, Answer(1, reply(2)), Answer(2, reply(3))), GAP, SLOT))
        assert times(planned) == [10, 380]

    def test_two_with_one_address_destroy_each_other(self):
        planned = turns(Answers((Answer(0, reply(1)), Answer(0, reply(1)), Answer(1, reply(2))), GAP, SLOT))
        assert times(planned) == [10, 140]
        assert decoded(planned[0].data) == []
        assert decoded(planned[1].data) == [2]


class TestPacing:
    def test_the_answer_comes_when_its_last_bit_is_over_not_earlier(self):
        line, _, _ = make(train(0, 1))
        line.hear(REQUEST, 100.0)
        request_end = 100.0 + len(REQUEST) * BYTE_S
        first_byte = request_end + GAP * BIT_S + BYTE_S
        assert line.due(first_byte - 1e-4) == b""
        assert line.due(first_byte + 1e-6) == reply(1)[:1]
        assert line.due(first_byte + 3 * BYTE_S + 1e-6) == reply(1)[1:4]
        end = request_end + (GAP + 120 + GAP + 120) * BIT_S
        assert line.last_end_s() == pytest.approx(end)
        rest = line.due(end - 1e-4)
        assert len(rest) == 24 - 4 - 1
        assert line.due(end) == reply(2)[-1:]
        assert line.next_end_s() is None
        assert line.due(end + 10) == b""

    def test_bytes_counted_against_time(self):
        line, _, _ = make(train(*range(4)))
        line.hear(REQUEST, 0.0)
        received = 0
        for step in range(2000):
            now = step * 1e-4
            received += len(line.due(now))
            assert received * BYTE_S <= max(0.0, now - len(REQUEST) * BYTE_S - GAP * BIT_S) + 1e-9
        assert received == 48

    def test_a_request_in_pieces_counts_from_its_last_byte(self):
        line, _, asked = make(train(0))
        line.hear(REQUEST[:3], 0.0)
        line.hear(REQUEST[3:5], 0.0005)
        assert asked == []
        line.hear(REQUEST[5:], 0.004)
        assert len(asked) == 1
        assert line.last_end_s() == pytest.approx((len(REQUEST) * 10 + GAP + 120) * BIT_S)

    def test_an_unpaced_line_answers_at_once(self):
        line, _, _ = make(train(0, 1, 2, 3), bit_s=0.0)
        line.hear(REQUEST, 5.0)
        assert decoded(line.due(5.0)) == [1, 2, 3, 4]

    def test_half_a_request_is_forgotten_after_a_silence(self):
        line, _, asked = make(train(0))
        line.hear(REQUEST[:4], 0.0)
        line.hear(REQUEST, 1.0)
        assert [request.address for request in asked] == [1]
        line.hear(REQUEST[:4], 2.0)
        line.hear(REQUEST[4:], 3.0)
        assert len(asked) == 1


class TestCollisions:
    def test_a_request_into_an_answer_destroys_both(self):
        line, _, asked = make(train(0, 1))
        line.hear(REQUEST, 0.0)
        inside = (len(REQUEST) * 10 + GAP + 30) * BIT_S
        line.hear(REQUEST, inside)
        assert len(asked) == 1
        assert line.counters.collisions == 1
        data = line.due(10.0)
        assert decoded(data) == [2]
        assert data[:3] == reply(1)[:3]

    def test_who_has_not_begun_waits_for_silence(self):
        line, _, _ = make(train(0, 1))
        line.hear(REQUEST, 0.0)
        inside = (len(REQUEST) * 10 + GAP + 100) * BIT_S
        line.hear(REQUEST, inside)
        last = line.last_end_s()
        assert last == pytest.approx(inside + (len(REQUEST) * 10 + 10 + 120) * BIT_S)

    def test_a_request_into_silent_slots_ends_the_train(self):
        line, _, asked = make(train(3))
        line.hear(REQUEST, 0.0)
        line.hear(REQUEST, 100 * BIT_S)
        assert len(asked) == 2
        assert line.counters.collisions == 0
        assert decoded(line.due(10.0)) == [4]

    def test_after_the_answers_nothing_collides(self):
        line, _, asked = make(train(0, 1))
        line.hear(REQUEST, 0.0)
        end = line.last_end_s()
        line.due(end)
        line.hear(REQUEST, end)
        assert len(asked) == 2
        assert decoded(line.due(10.0)) == [1, 2]


class TestErrors:
    def test_errors_on_the_bus_hit_requests_and_answers(self):
        line, cable, asked = make(train(0, 1, 2, 3), bit_s=0.0)
        cable.bus_error_rate = 3e-3
        good = 0
        for number in range(300):
            line.hear(REQUEST, number * 1.0)
            good += len(decoded(line.due(number * 1.0)))
        assert len(asked) / 300 == pytest.approx(0.997 ** (len(REQUEST) * 8), abs=0.08)
        assert good / (4 * len(asked)) == pytest.approx(0.997**96, abs=0.08)

    def test_counters(self):
        line, _, _ = make(train(0, 1), bit_s=0.0)
        line.hear(b"noise" + REQUEST, 0.0)
        line.due(0.0)
        counters = line.counters
        assert (counters.requests, counters.replies) == (1, 2)
        assert (counters.bytes_in, counters.bytes_out) == (5 + len(REQUEST), 24)
