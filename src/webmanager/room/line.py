"""The half-duplex line between controller and modules: every byte takes its time, and two at once destroy each other.

Pure: host seconds are arguments, nothing is waited for. `docs/bus-protocol.md` gives the rules of turns.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from webmanager.bus.frame import BITS_PER_BYTE, Decoder, Frame
from webmanager.room.cable import Cable, flip_bits, garble
from webmanager.room.responder import Answer, Answers

FORGET_S = 0.020
"""A receiver in the middle of a frame forgets it after such a silence."""


@dataclass(slots=True)
class Transmission:
    """Bytes on their way to the controller; `sent` of them have been handed over."""

    start_s: float
    byte_s: float
    data: bytes
    sent: int = 0

    @property
    def end_s(self) -> float:
        """When the last bit is over."""
        return self.start_s + len(self.data) * self.byte_s

    def over_at(self, now_s: float) -> int:
        """How many of the bytes are over."""
        if now_s >= self.end_s - 1e-9:
            return len(self.data)
        return max(0, int((now_s - self.start_s) / self.byte_s + 1e-6))


@dataclass(slots=True)
class LineCounters:
    """What has passed over the line since the start."""

    requests: int = 0
    replies: int = 0
    collisions: int = 0
    damaged: int = 0
    bytes_in: int = 0
    bytes_out: int = 0


class Line:
    """One bus. `respond(request)` is asked once per request when it has reached the modules whole.

    `bit_s` is the length of one bit in host seconds, 0 for an unpaced line; it may change at any time and counts for
    what is sent from then on.
    """

    def __init__(
        self, respond: Callable[[Frame], Answers], cable: Cable, bit_s: float, rng: np.random.Generator
    ) -> None:
        self.bit_s = bit_s
        self._cable = cable
        self.counters = LineCounters()
        self._respond = respond
        self._rng = rng
        self._decoder = Decoder(replies=False)
        self._waiting: deque[Transmission] = deque()
        self._heard_until_s = float("-inf")

    def hear(self, data: bytes, now_s: float) -> None:
        """Takes bytes the controller has begun to send at `now_s`."""
        start_s = max(now_s, self._heard_until_s)
        if start_s - self._heard_until_s > FORGET_S:
            for request in self._decoder.flush():
                self._take(request, start_s)
        end_s = start_s + len(data) * BITS_PER_BYTE * self.bit_s
        self._heard_until_s = end_s
        self.counters.bytes_in += len(data)
        if self._collide(start_s, end_s):
            data = garble(data, self._rng)
        damaged = flip_bits(data, self._cable.bus_error_rate, self._rng)
        self.counters.damaged += damaged is not data
        for request in self._decoder.feed(damaged):
            self._take(request, end_s)

    def due(self, now_s: float) -> bytes:
        """Bytes that have reached the controller since the last call."""
        parts = []
        while self._waiting:
            sending = self._waiting[0]
            over = sending.over_at(now_s)
            if over > sending.sent:
                parts.append(sending.data[sending.sent : over])
                sending.sent = over
            if over < len(sending.data):
                break
            self._waiting.popleft()
        data = b"".join(parts)
        self.counters.bytes_out += len(data)
        return data

    def next_end_s(self) -> float | None:
        """When the transmission now on the line, or the next one, is over; None if there is none."""
        return self._waiting[0].end_s if self._waiting else None

    def last_end_s(self) -> float | None:
        """When the last planned transmission is over; None if there is none."""
        return self._waiting[-1].end_s if self._waiting else None

    def _take(self, request: Frame, end_s: float) -> None:
        self.counters.requests += 1
        while self._waiting and self._waiting[-1].start_s >= end_s - 1e-9:
            self._waiting.pop()  # a request ends the train for all that have not begun
        planned = take_turns(self._respond(request), end_s, self.bit_s, self._cable.bus_error_rate, self._rng)
        self.counters.replies += len(planned)
        self._waiting.extend(planned)

    def _collide(self, start_s: float, end_s: float) -> bool:
        """Destroys answers that are on the line during this span and holds back those that would begin in it."""
        collided = False
        late_s = 0.0
        for sending in self._waiting:
            sending.start_s += late_s
            if sending.end_s <= start_s + 1e-9:
                continue
            if sending.start_s <= start_s:
                first = sending.over_at(start_s)
                past = sending.over_at(end_s)
                sending.data = (
                    sending.data[:first] + garble(sending.data[first : past + 1], self._rng) + sending.data[past + 1 :]
                )
                collided = True
            elif sending.start_s < end_s:
                delay_s = end_s + BITS_PER_BYTE * self.bit_s - sending.start_s
                sending.start_s += delay_s
                late_s += delay_s
        self.counters.collisions += collided
        return collided


def take_turns(
    answers: Answers, request_end_s: float, bit_s: float, line_error_rate: float, rng: np.random.Generator
) -> list[Transmission]:
    """When each answer goes out, and what is left of it: turns, silent slots, clock errors, flipped bits, collisions.

    A device counts its slots from the end of the last valid frame; it never begins while there are bytes on the
    line, and says nothing once a slot has gone by since its moment.
    """
    planned: list[Transmission] = []
    heard_s, following = request_end_s, 0
    line_free_s = request_end_s
    for turn, group in groupby(answers.answers, key=_turn):
        together = list(group)
        first = together[0]
        slots = (turn - following) * answers.slot_bits * (1.0 + first.clock_error)
        start_s = heard_s + (answers.gap_bits + slots) * bit_s
        if start_s < line_free_s:
            moment_s, start_s = start_s, line_free_s + answers.gap_bits * bit_s
            if start_s - moment_s > answers.slot_bits * bit_s:
                continue
        data = flip_bits(first.data, first.error_rate + line_error_rate, rng)
        if len(together) > 1:
            data = garble(data, rng)
        sending = Transmission(start_s, BITS_PER_BYTE * bit_s, data)
        line_free_s = sending.end_s
        if data is first.data:
            heard_s, following = sending.end_s, turn + 1
        planned.append(sending)
    return planned


def _turn(answer: Answer) -> int:
    return answer.turn
