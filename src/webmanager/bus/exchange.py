"""One request and the answers it may still get: who has answered, how long to wait. Pure; time is an argument."""

from collections.abc import Iterable

from webmanager.bus.commands import Command
from webmanager.bus.frame import OVERHEAD, Frame
from webmanager.bus.timing import LinkTiming

STRAYS_EXTEND = 3
"""An exchange never lasts longer than this many times its planned length, whatever is heard meanwhile."""

LOST_PATIENCE = 3
"""Margins to wait before a request counts as lost: repeating one that was only heard late costs a whole train."""


class Exchange:
    """A request sent at `started_s` to the devices `first` .. `first + count - 1`, which answer in turn.

    `rtt_s` of a device runs from the request, in a train from its turn, to the end of its answer.
    `deadline_s` moves with what is heard; `done` is set with the answer of the last device. `expected` are the
    addresses that answered last time: if the first `lost_after` of them stay silent, the request was `lost`.
    """

    def __init__(
        self,
        request: Frame,
        devices: range,
        reply_bytes: int,
        timing: LinkTiming,
        margin_s: float,
        started_s: float,
        expected: Iterable[int] = (),
    ) -> None:
        self.answers: dict[int, bytes] = {}
        self.rtt_s: dict[int, float] = {}
        self.refused: dict[int, bytes] = {}
        self.garbled: set[int] = set()
        self.done = False
        self._sequence, self._command = request.sequence, request.command
        self._devices = devices
        self._payload_bytes = reply_bytes - OVERHEAD
        self._reply_bytes = reply_bytes
        self._slot_s = timing.slot_s(reply_bytes)
        self._slack = 1 + timing.clock_error
        self._margin_s = margin_s
        self._expected = frozenset(expected)
        self._next = 0
        self._noise_bytes = 0
        self._heard = False
        self._started_s = started_s
        # The end of the request or of the answer last heard; slots are counted from here.
        self._reference_s = started_s + timing.wire_s(request.wire_bytes)
        self._turnaround_s = timing.gap_s
        full_s = self._turnaround_s + len(devices) * self._slot_s
        self._limit_s = self._reference_s + STRAYS_EXTEND * (full_s + margin_s)
        known = [index for index, address in enumerate(devices) if address in self._expected]
        self._losable = len(known) >= timing.lost_after
        self.deadline_s = self._until(len(devices))
        if self._losable:
            lost_s = self._until(known[timing.lost_after - 1] + 1) + (LOST_PATIENCE - 1) * margin_s
            self.deadline_s = min(lost_s, self.deadline_s)

    @property
    def lost(self) -> bool:
        """At the deadline: those sure to answer did not, nothing was heard: the request itself did not arrive."""
        return self._losable and not self._heard

    @property
    def silent(self) -> list[int]:
        """Addresses that have not answered, in order."""
        return [address for address in self._devices if address not in self.answers and address not in self.refused]

    def take(self, frame: Frame, now_s: float) -> bool:
        """Takes an answer of this exchange; False if the frame is none of it (too late, or not asked for)."""
        if frame.sequence != self._sequence or frame.address not in self._devices:
            return False
        if frame.command == self._command:
            if len(frame.payload) != self._payload_bytes:
                return False
            self.answers[frame.address] = frame.payload
        elif frame.command == Command.REFUSED and frame.payload[:1] == bytes((self._command,)):
            self.refused[frame.address] = frame.payload
        else:
            return False
        self._heard_device(frame.address - self._devices.start, now_s)
        return True

    def noise(self, count: int) -> None:
        """`count` bytes were heard that are no answer: somebody speaks, so the request is not lost."""
        self._noise_bytes += count
        self._heard = True
        self.deadline_s = max(self.deadline_s, self._until(len(self._devices)))

    def partial(self, now_s: float) -> None:
        """The beginning of what may become an answer was heard: gives it time to end."""
        self.noise(0)
        self.deadline_s = min(max(self.deadline_s, now_s + self._slot_s + self._margin_s), self._limit_s)

    def stray(self, now_s: float) -> None:
        """A valid answer to an earlier request: the bus is still busy with that one, so everything comes later."""
        self._heard = True
        later_s = now_s + self._turnaround_s + (len(self._devices) - self._next) * self._slot_s + self._margin_s
        self.deadline_s = min(max(self.deadline_s, later_s), self._limit_s)

    def finish(self) -> None:
        """At the deadline: lays what was unreadable at the end to those whose turn it was."""
        self._blame(range(self._next, len(self._devices)))

    def _heard_device(self, index: int, now_s: float) -> None:
        self._heard = True
        in_train_s = self._reference_s + max(index - self._next, 0) * self._slot_s
        turn_s = in_train_s if len(self._devices) > 1 else self._started_s
        self.rtt_s[self._devices[index]] = max(now_s - turn_s, 0.0)
        if index >= self._next:
            self._blame(range(self._next, index))
            self._next = index + 1
            self._reference_s = now_s
            self._turnaround_s = 0.0
        self.deadline_s = self._until(len(self._devices))
        self.done = self._next == len(self._devices)

    def _until(self, index: int) -> float:
        """Moment by which the device before `index` must have answered."""
        wait_s = self._turnaround_s + (index - self._next) * self._slot_s
        return self._reference_s + wait_s * self._slack + self._margin_s

    def _blame(self, silent: range) -> None:
        """Shares noise out among the devices of this stretch that were not understood, expected ones first."""
        if self._noise_bytes and silent:
            count = max(1, round(self._noise_bytes / self._reply_bytes))
            suspects = sorted(silent, key=lambda index: self._devices[index] not in self._expected)
            self.garbled.update(self._devices[index] for index in suspects[:count])
        self._noise_bytes = 0
