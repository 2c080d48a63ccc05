"""What the devices on the bus answer: a request in, the answers of the devices it was for out. Pure but for state."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from webmanager.bus.commands import (
    GROUP_COMMANDS,
    REPLY_BYTES,
    Blink,
    Command,
    Group,
    NewAddress,
    Reference,
    Refusal,
    Refused,
)
from webmanager.bus.frame import BITS_PER_BYTE, BROADCAST, FACTORY_NEW, MAX_ADDRESS, Frame, encode
from webmanager.domain.reading import Bools
from webmanager.room.cable import Cable
from webmanager.room.current_sensor import CurrentSensors
from webmanager.room.module import Modules

SENSOR_ADDRESSES = 10
TURNAROUND_BITS = 10
SHORTEST_GAP_BITS = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """One device's answer: its turn in the train, its bytes, its clock's error and its line's errors per bit."""

    turn: int
    data: bytes
    clock_error: float = 0.0
    error_rate: float = 0.0


@dataclass(frozen=True, slots=True)
class Answers:
    """All answers to one request, in their turns; a slot is as long as a good reply and the gap."""

    answers: tuple[Answer, ...] = ()
    gap_bits: int = TURNAROUND_BITS
    slot_bits: int = 0


NOTHING = Answers()


class Responder:
    """All modules and current sensors of one bus. Times are device seconds."""

    def __init__(self, modules: Modules, sensors: CurrentSensors, cable: Cable, rng: np.random.Generator) -> None:
        self._modules = modules
        self._sensors = sensors
        self._cable = cable
        self._rng = rng
        self._single: dict[int, Callable[[Frame, int, float], Frame]] = {
            Command.IDENTIFY: self._identify,
            Command.READ_VALUES: self._read_values,
            Command.READ_RI: self._read_ri,
            Command.START_RI: self._start_ri,
            Command.BLINK: self._blink,
        }
        self._broadcast: dict[int, Callable[[Frame, Bools, float], Answers]] = {
            Command.SET_REFERENCE: self._set_reference,
            Command.SET_ADDRESS: self._set_address,
        }

    def notice(self, now_s: float) -> None:
        """Bytes on the bus that are no request: they keep modules awake all the same."""
        self._modules.attention.hear(now_s, self._cable.reached)

    def answer(self, request: Frame, now_s: float) -> Answers:
        """What comes back for a request that has reached the bus whole."""
        self.notice(now_s)
        if request.address == BROADCAST:
            handle = self._broadcast.get(request.command)
            return handle(request, self._hearing(request, now_s), now_s) if handle else NOTHING
        if request.command == Command.READ_CURRENT:
            return self._read_current(request, now_s)
        if request.command in GROUP_COMMANDS and request.payload:
            return self._train(request, now_s)
        return self._one(request, now_s)

    def _hearing(self, request: Frame, now_s: float) -> Bools:
        """Modules that take the request in: awake, reached by the cable, and no bit of it turned over on the way."""
        cable = self._cable
        hearing = cable.reached & ~cable.silent & self._modules.attention.listening(now_s)
        if cable.error_rate.any():
            spared = (1.0 - np.minimum(cable.error_rate, 1.0)) ** (request.wire_bytes * 8)
            hearing &= self._rng.random(hearing.size) < spared
        return hearing

    def _one(self, request: Frame, now_s: float) -> Answers:
        hearing = self._hearing(request, now_s)
        handle = self._single.get(request.command, _refuse_unknown)
        answers = []
        for index in self._modules.places(request.address):
            if hearing[index]:
                answers += self._send(0, index, handle(request, index, now_s))
        return Answers(tuple(answers))

    def _train(self, request: Frame, now_s: float) -> Answers:
        group = _group(request, FACTORY_NEW + 1, MAX_ADDRESS)
        if group is None:
            return NOTHING
        hearing = self._hearing(request, now_s)
        handle = self._single[request.command]
        answers: list[Answer] = []
        for turn in range(group.count):
            address = request.address + turn
            for index in self._modules.places(address):
                if hearing[index]:
                    single = Frame(request.command, address, request.sequence)
                    answers += self._send(turn, index, handle(single, index, now_s))
        return _train_of(request, group, answers)

    def _read_current(self, request: Frame, now_s: float) -> Answers:
        group = _group(request, 1, SENSOR_ADDRESSES) if request.payload else Group(1, TURNAROUND_BITS)
        if group is None:
            return NOTHING
        answers = []
        for turn in range(group.count):
            string = request.address + turn
            if 1 <= string <= self._cable.sensor_silent.size and not self._cable.sensor_silent[string - 1]:
                payload = self._sensors.reading(string).encode()
                self._sensors.answered(string, now_s)
                reply = Frame(Command.READ_CURRENT, string, request.sequence, payload, reply=True)
                answers.append(Answer(turn, encode(reply), float(self._sensors.clock_error[string - 1])))
        return _train_of(request, group, answers)

    def _send(self, turn: int, index: int, reply: Frame) -> list[Answer]:
        """The answer of one place; two of them, which collide, where a second module has the same address."""
        rate = float(self._cable.error_rate[index])
        answer = Answer(turn, encode(reply), float(self._modules.clock_error[index]), rate)
        return [answer, answer] if self._cable.doubled[index] else [answer]

    # -- commands to one module

    def _identify(self, request: Frame, index: int, _: float) -> Frame:
        if request.payload:
            return _refuse(request, Refusal.BAD_PAYLOAD)
        payload = self._modules.identity(index).encode()
        self._modules.identified(index)
        return _reply(request, payload)

    def _read_values(self, request: Frame, index: int, _: float) -> Frame:
        return _reply(request, self._modules.values(index).encode())

    def _read_ri(self, request: Frame, index: int, _: float) -> Frame:
        payload = self._modules.ri(index).encode()
        self._modules.take_ri(index)
        return _reply(request, payload)

    def _start_ri(self, request: Frame, index: int, now_s: float) -> Frame:
        if request.payload:
            return _refuse(request, Refusal.BAD_PAYLOAD)
        return _reply(request) if self._modules.start_ri(index, now_s) else _refuse(request, Refusal.BUSY)

    def _blink(self, request: Frame, index: int, now_s: float) -> Frame:
        try:
            seconds = Blink.decode(request.payload).seconds
        except ValueError:
            return _refuse(request, Refusal.BAD_PAYLOAD)
        self._modules.blinks_until_s[index] = now_s + seconds
        return _reply(request)

    # -- commands to all modules

    def _set_reference(self, request: Frame, hearing: Bools, now_s: float) -> Answers:
        try:
            reference = Reference.decode(request.payload)
        except ValueError:
            return NOTHING
        address = self._modules.address
        meant = hearing & (address >= reference.first) & (address < reference.first + reference.count)
        volts = reference.reference_mv / 1000.0 if reference.reference_mv else np.nan
        self._modules.set_reference(meant & (address != FACTORY_NEW), volts, now_s)
        return NOTHING

    def _set_address(self, request: Frame, hearing: Bools, _: float) -> Answers:
        try:
            new = NewAddress.decode(request.payload)
        except ValueError:
            return NOTHING
        found = np.flatnonzero(hearing & (self._modules.serial == new.serial))
        if found.size == 0 or not 0 <= new.address <= MAX_ADDRESS:
            return NOTHING
        index = int(found[0])
        self._modules.readdress(index, new.address)
        payload = self._modules.identity(index).encode()
        reply = Frame(Command.SET_ADDRESS, new.address, request.sequence, payload, reply=True)
        return Answers(tuple(self._send(0, index, reply)))


def _reply(request: Frame, payload: bytes = b"") -> Frame:
    return Frame(request.command, request.address, request.sequence, payload, reply=True)


def _refuse(request: Frame, reason: Refusal) -> Frame:
    payload = Refused(request.command, reason).encode()
    return Frame(Command.REFUSED, request.address, request.sequence, payload, reply=True)


def _refuse_unknown(request: Frame, _: int, __: float) -> Frame:
    return _refuse(request, Refusal.UNKNOWN_COMMAND)


def _group(request: Frame, first: int, last: int) -> Group | None:
    """The train that is asked for; None if it cannot be or leaves the address space."""
    try:
        group = Group.decode(request.payload)
    except ValueError:
        return None
    inside = first <= request.address and request.address + group.count - 1 <= last
    return group if inside and group.gap_bits >= SHORTEST_GAP_BITS else None


def _train_of(request: Frame, group: Group, answers: list[Answer]) -> Answers:
    slot_bits = REPLY_BYTES[Command(request.command)] * BITS_PER_BYTE + group.gap_bits
    return Answers(tuple(answers), group.gap_bits, slot_bits)
