"""One request and its answers on a clock made of numbers: turns, deadlines, lost requests, blame."""

import pytest

from webmanager.bus.commands import Command, Group, Refused, Values
from webmanager.bus.exchange import Exchange
from webmanager.bus.frame import Frame
from webmanager.bus.timing import LinkTiming

TIMING = LinkTiming(clock_error=0.0)
SLOT = TIMING.slot_s(12)
GAP = TIMING.gap_s
MARGIN = 0.005
PAYLOAD = Values(13500, 250, 0, 0).encode()
REQUEST_S = TIMING.wire_s(8)
"""When a group request sent at 0 has ended."""


def train(count: int = 32, expected: range | None = None, first: int = 1, timing: LinkTiming = TIMING) -> Exchange:
    devices = range(first, first + count)
    request = Frame(Command.READ_VALUES, first, 2, Group(count).encode())
    return Exchange(request, devices, 12, timing, MARGIN, 0.0, devices if expected is None else expected)


def answer(address: int, sequence: int = 2, command: int = Command.READ_VALUES, payload: bytes = PAYLOAD) -> Frame:
    return Frame(command, address, sequence, payload, reply=True)


def turn_end(index: int) -> float:
    """When device `index` has ended if all before it answer in time."""
    return REQUEST_S + (index + 1) * SLOT


def test_train_is_done_with_the_answer_of_the_last_device() -> None:
    exchange = train(4)
    for index in range(4):
        assert not exchange.done
        assert exchange.take(answer(index + 1), turn_end(index))
    assert exchange.done
    assert exchange.answers == dict.fromkeys(range(1, 5), PAYLOAD)
    assert exchange.silent == []


def test_deadline_follows_what_is_heard() -> None:
    exchange = train(32, expected=range(0))
    assert exchange.deadline_s == pytest.approx(REQUEST_S + GAP + 32 * SLOT + MARGIN)
    exchange.take(answer(1), 0.020)
    assert exchange.deadline_s == pytest.approx(0.020 + 31 * SLOT + MARGIN)
    exchange.take(answer(30), 0.090)
    assert exchange.deadline_s == pytest.approx(0.090 + 2 * SLOT + MARGIN)


def test_silent_device_costs_its_slot_and_no_more() -> None:
    exchange = train(32)
    for index in range(31):
        exchange.take(answer(index + 1), turn_end(index))
    assert not exchange.done
    assert exchange.deadline_s == pytest.approx(turn_end(31) + MARGIN)
    assert exchange.silent == [32]


def test_clock_error_widens_the_wait_over_silent_slots() -> None:
    exchange = train(32, expected=range(0), timing=LinkTiming(clock_error=0.005))
    assert exchange.deadline_s == pytest.approx(REQUEST_S + (GAP + 32 * SLOT) * 1.005 + MARGIN)


def test_request_that_nobody_heard_costs_three_slots() -> None:
    exchange = train(32)
    assert exchange.deadline_s == pytest.approx(REQUEST_S + GAP + 3 * SLOT + 3 * MARGIN)
    assert exchange.lost


def test_patience_with_a_lost_request_never_exceeds_the_train() -> None:
    assert train(4).deadline_s == pytest.approx(REQUEST_S + GAP + 4 * SLOT + MARGIN)


def test_modules_that_were_silent_before_do_not_make_a_request_lost() -> None:
    exchange = train(32, expected=range(11, 14))
    assert exchange.deadline_s == pytest.approx(REQUEST_S + GAP + 13 * SLOT + 3 * MARGIN)
    assert not train(32, expected=range(1, 3)).lost
    assert not train(1).lost


def test_first_sound_gives_the_train_its_whole_time() -> None:
    exchange = train(32)
    exchange.noise(1)
    assert not exchange.lost
    assert exchange.deadline_s == pytest.approx(REQUEST_S + GAP + 32 * SLOT + MARGIN)


@pytest.mark.parametrize(
    "other",
    [
        answer(1, sequence=1),
        answer(33),
        answer(0),
        answer(1, command=Command.IDENTIFY),
        answer(1, payload=PAYLOAD + b"\x00"),
        answer(1, payload=b""),
        answer(1, command=Command.REFUSED, payload=Refused(Command.READ_RI, 3).encode()),
        answer(1, command=Command.REFUSED, payload=b""),
    ],
)
def test_answer_to_something_else_is_not_taken(other: Frame) -> None:
    exchange = train(32)
    assert not exchange.take(other, 0.01)
    assert exchange.answers == exchange.refused == {}
    assert exchange.lost


def test_refusal_of_this_command_is_an_answer_without_values() -> None:
    exchange = train(1)
    assert exchange.take(answer(1, command=Command.REFUSED, payload=Refused(Command.READ_VALUES, 3).encode()), 0.01)
    assert exchange.done
    assert list(exchange.refused) == [1]
    assert exchange.answers == {}
    assert exchange.silent == []


def test_busy_bus_puts_the_deadline_off_but_not_for_ever() -> None:
    exchange = train(32)
    exchange.stray(0.05)
    assert exchange.deadline_s == pytest.approx(0.05 + GAP + 32 * SLOT + MARGIN)
    for step in range(100):
        exchange.stray(0.05 * step)
        exchange.partial(0.05 * step)
    assert exchange.deadline_s == pytest.approx(REQUEST_S + 3 * (GAP + 32 * SLOT + MARGIN))


def test_begun_answer_is_given_time_to_end() -> None:
    exchange = train(1)
    exchange.partial(exchange.deadline_s - 0.001)
    assert exchange.deadline_s > REQUEST_S + GAP + SLOT + MARGIN
    assert not exchange.lost


def test_answer_out_of_turn_is_kept_and_moves_nothing() -> None:
    exchange = train(8)
    exchange.take(answer(5), 0.02)
    deadline_s = exchange.deadline_s
    exchange.take(answer(2), 0.03)
    assert set(exchange.answers) == {2, 5}
    assert exchange.deadline_s == deadline_s
    exchange.take(answer(8), 0.04)
    assert exchange.done


def test_round_trip_of_one_module_runs_from_the_request() -> None:
    exchange = train(1)
    exchange.take(answer(1), 0.007)
    assert exchange.rtt_s[1] == 0.007


def test_round_trip_in_a_train_runs_from_the_devices_own_turn() -> None:
    exchange = train(8)
    exchange.take(answer(1), REQUEST_S + 0.004)
    exchange.take(answer(2), REQUEST_S + 0.009)
    exchange.take(answer(5), REQUEST_S + 0.009 + 3 * SLOT)
    assert exchange.rtt_s[1] == pytest.approx(0.004)
    assert exchange.rtt_s[2] == pytest.approx(0.005)
    assert exchange.rtt_s[5] == pytest.approx(SLOT)


def test_round_trip_on_a_wire_faster_than_its_baud_is_never_negative() -> None:
    exchange = train(8)
    exchange.take(answer(8), REQUEST_S)
    assert exchange.rtt_s[8] == 0


def test_noise_is_laid_to_the_device_whose_turn_it_was() -> None:
    exchange = train(8)
    exchange.take(answer(1), turn_end(0))
    exchange.noise(12)
    exchange.take(answer(3), turn_end(2))
    exchange.noise(11)
    exchange.finish()
    assert exchange.garbled == {2, 4}


def test_noise_is_laid_to_a_device_known_to_answer_before_one_that_is_not() -> None:
    exchange = train(8, expected=range(3, 9))
    exchange.noise(12)
    exchange.take(answer(4), turn_end(3))
    assert exchange.garbled == {3}


def test_noise_between_two_answers_in_turn_is_nobodys() -> None:
    exchange = train(2)
    exchange.noise(3)
    exchange.take(answer(1), turn_end(0))
    exchange.noise(3)
    exchange.take(answer(2), turn_end(1))
    assert exchange.garbled == set()
