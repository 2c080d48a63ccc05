import math

import numpy as np
import pytest

from webmanager.bus.commands import (
    FULL_LIMITER,
    Blink,
    Command,
    Current,
    Group,
    Identity,
    NewAddress,
    Reference,
    Refusal,
    Refused,
    Ri,
    Values,
)
from webmanager.bus.frame import BROADCAST, Decoder, Frame
from webmanager.domain.reading import ModuleStatus
from webmanager.room.responder import NOTHING


@pytest.fixture
def room(make_room):
    room = make_room()
    room.advance(10.0)
    return room


def ask(room, command, address, payload=b"", sequence=1):
    """All frames that come back, in turn; damaged ones would not decode."""
    answers = room.responder.answer(Frame(command, address, sequence, payload), room.now_s).answers
    frames = []
    for answer in answers:
        (frame,) = Decoder(replies=True).feed(answer.data)
        frames.append(frame)
    return frames


def ask_one(room, command, address, payload=b"", sequence=1):
    (frame,) = ask(room, command, address, payload, sequence)
    assert (frame.command, frame.address, frame.sequence, frame.reply) == (command, address, sequence, True)
    return frame.payload


def refusal(room, command, address, payload=b""):
    (frame,) = ask(room, command, address, payload)
    assert frame.command == Command.REFUSED
    refused = Refused.decode(frame.payload)
    assert refused.command == command
    return Refusal(refused.reason)


def test_identify(room):
    identity = Identity.decode(ask_one(room, Command.IDENTIFY, 3))
    assert identity == room.modules.identity(2)


def test_answering_identify_clears_restarted(room):
    assert Values.decode(ask_one(room, Command.READ_VALUES, 3)).status & ModuleStatus.RESTARTED
    ask_one(room, Command.IDENTIFY, 3)
    assert not Values.decode(ask_one(room, Command.READ_VALUES, 3)).status & ModuleStatus.RESTARTED
    assert Values.decode(ask_one(room, Command.READ_VALUES, 4)).status & ModuleStatus.RESTARTED


def test_read_values(room):
    values = Values.decode(ask_one(room, Command.READ_VALUES, 8))
    scan = room.measure()
    assert values.voltage_mv == round(scan.voltage_v[7] * 1000)
    assert values.temperature_dc == round(scan.temperature_c[7] * 10)
    assert values.equalizing == round(scan.equalizing_percent[7] / 100 * FULL_LIMITER)
    assert values.status == scan.status[7]


def test_read_ri_clears_ri_new(room):
    room.modules.start_ri(1, room.now_s)
    room.advance(10.0, 1.0)
    assert Values.decode(ask_one(room, Command.READ_VALUES, 2)).status & ModuleStatus.RI_NEW
    ri = Ri.decode(ask_one(room, Command.READ_RI, 2))
    assert ri.ri_uohm == pytest.approx(room.batteries.ri_ohm()[1] * 1e6, rel=0.08)
    assert not Values.decode(ask_one(room, Command.READ_VALUES, 2)).status & ModuleStatus.RI_NEW


def test_start_ri_is_refused_while_it_runs(room):
    assert ask_one(room, Command.START_RI, 2) == b""
    assert refusal(room, Command.START_RI, 2) is Refusal.BUSY
    assert Values.decode(ask_one(room, Command.READ_VALUES, 2)).status & ModuleStatus.MEASURING_RI
    room.advance(10.0, 1.0)
    assert ask_one(room, Command.START_RI, 2) == b""


def test_blink(room):
    assert ask_one(room, Command.BLINK, 5, Blink(30).encode()) == b""
    assert room.modules.blinks_until_s[4] == room.now_s + 30


def test_set_reference_reaches_its_range_and_has_no_answer(room):
    assert ask(room, Command.SET_REFERENCE, BROADCAST, Reference(3, 4, 12_000).encode()) == []
    room.advance(60.0)
    low = room.batteries.reference_v == 12.0
    assert low.tolist() == [False, False, True, True, True, True, False, False]


def test_reference_zero_switches_off_and_256_reaches_all(room):
    ask(room, Command.SET_REFERENCE, BROADCAST, Reference(1, 256, 0).encode())
    room.advance(10.0)
    assert np.isnan(room.batteries.reference_v).all()


def test_set_address_by_serial_number(room):
    serial = room.modules.identity(3).serial
    (frame,) = ask(room, Command.SET_ADDRESS, BROADCAST, NewAddress(serial, 200).encode())
    assert (frame.command, frame.address) == (Command.SET_ADDRESS, 200)
    assert Identity.decode(frame.payload).serial == serial
    assert ask(room, Command.READ_VALUES, 4) == []
    assert Identity.decode(ask_one(room, Command.IDENTIFY, 200)).serial == serial
    assert ask(room, Command.SET_ADDRESS, BROADCAST, NewAddress(1, 7).encode()) == []
    assert ask(room, Command.SET_ADDRESS, BROADCAST, NewAddress(serial, 300).encode()) == []


def test_two_factory_new_modules_answer_at_once(room):
    for index in (1, 2):
        room.modules.readdress(index, 0)
    assert len(ask(room, Command.IDENTIFY, 0)) == 2


def test_current_sensors_have_their_own_addresses(room):
    first = Current.decode(ask_one(room, Command.READ_CURRENT, 2))
    assert first.status == ModuleStatus.RESTARTED
    again = Current.decode(ask_one(room, Command.READ_CURRENT, 2))
    assert again.status == 0
    assert again.current_ca == round(room.measure().current_a[1] * 100)
    assert ask(room, Command.READ_CURRENT, 3) == []
    assert len(ask(room, Command.READ_CURRENT, 1, Group(2).encode())) == 2
    assert len(ask(room, Command.READ_CURRENT, 1, Group(10).encode())) == 2


@pytest.mark.parametrize("command", [Command.IDENTIFY, Command.READ_VALUES, Command.READ_RI])
def test_a_train_is_what_each_would_answer_alone(room, command):
    room.advance(5.0)
    train = ask(room, command, 2, Group(5).encode())
    assert [frame.address for frame in train] == [2, 3, 4, 5, 6]
    for frame in train:
        if command is not Command.READ_VALUES:  # IDENTIFY has cleared RESTARTED
            assert frame.payload == ask_one(room, command, frame.address)


def test_a_train_has_its_turns_gap_and_slot(room):
    room.cable.silent[2] = True
    answers = room.responder.answer(Frame(Command.READ_VALUES, 2, 0, Group(6, 20).encode()), room.now_s)
    assert [answer.turn for answer in answers.answers] == [0, 2, 3, 4, 5]
    assert answers.gap_bits == 20
    assert answers.slot_bits == 12 * 10 + 20
    assert max(abs(answer.clock_error) for answer in answers.answers) <= 0.005


@pytest.mark.parametrize(
    ("address", "payload"),
    [
        (250, Group(8).encode()),
        (0, Group(2).encode()),
        (1, b"\x00\x0a"),
        (1, b"\x21\x0a"),
        (1, b"\x04\x04"),
        (1, b"\x04"),
    ],
)
def test_a_train_that_cannot_be_is_not_answered(room, address, payload):
    assert room.responder.answer(Frame(Command.READ_VALUES, address, 0, payload), room.now_s) == NOTHING


def test_unknown_commands_and_bad_payloads_are_refused(room):
    assert refusal(room, 9, 2) is Refusal.UNKNOWN_COMMAND
    assert refusal(room, Command.SET_ADDRESS, 2) is Refusal.UNKNOWN_COMMAND
    assert refusal(room, Command.BLINK, 2, b"\x01\x02") is Refusal.BAD_PAYLOAD
    assert refusal(room, Command.START_RI, 2, b"\x01") is Refusal.BAD_PAYLOAD


def test_broadcasts_that_cannot_be_are_not_answered(room):
    for command, payload in ((Command.SET_REFERENCE, b"\x00"), (Command.SET_ADDRESS, b""), (Command.READ_VALUES, b"")):
        assert ask(room, command, BROADCAST, payload) == []


def test_who_is_silent_or_cut_off_or_absent_does_not_answer_nor_hear(room):
    room.cable.silent[1] = True
    room.cable.cut_behind(4)
    for address in (2, 6, 7, 8, 9, 256):
        assert ask(room, Command.READ_VALUES, address) == []
    ask(room, Command.SET_REFERENCE, BROADCAST, Reference(1, 256, 12_000).encode())
    room.advance(10.0)
    heard = room.batteries.reference_v == 12.0
    assert heard.tolist() == [True, False, True, True, True, False, False, False]


def test_a_doubled_address_answers_twice(room):
    room.cable.doubled[3] = True
    answers = room.responder.answer(Frame(Command.READ_VALUES, 4, 0), room.now_s).answers
    assert [answer.turn for answer in answers] == [0, 0]


def test_a_noisy_module_misses_requests(room):
    room.cable.error_rate[0] = 0.01
    heard = sum(bool(ask_raw(room, 1)) for _ in range(400))
    assert heard / 400 == pytest.approx(0.99**48, abs=0.08)
    assert sum(bool(ask_raw(room, 2)) for _ in range(20)) == 20


def ask_raw(room, address):
    return room.responder.answer(Frame(Command.READ_VALUES, address, 0), room.now_s).answers


def test_eco_modules_need_four_seconds_of_polling(make_room):
    room = make_room(revision="2.1")
    answered = []
    for _ in range(7):
        answered.append(bool(ask(room, Command.IDENTIFY, 1)))
        room.advance(0.9)
    assert answered == [False] * 5 + [True] * 2
    assert math.isfinite(room.batteries.voltage_v[0])
