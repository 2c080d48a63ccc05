"""Since when an output is as it is, and who switched it: an output board that takes notes."""

from collections.abc import Mapping
from dataclasses import dataclass

from webmanager.engine.clock import Clock
from webmanager.engine.notify_ports import Output, OutputBoard


@dataclass(frozen=True, slots=True)
class Switching:
    """The last time an output was really switched, UTC seconds, and by what part of the device."""

    at: float
    by: str


class NotedOutputs:
    """Wraps a board; each part that switches is given its own side of it with `of`."""

    def __init__(self, board: OutputBoard, clock: Clock) -> None:
        self._board = board
        self._clock = clock
        self._last: dict[Output, Switching] = {}

    def of(self, by: str) -> OutputBoard:
        """The same outputs for one part of the device, whose name is noted."""
        return _Side(self, by)

    def states(self) -> Mapping[Output, bool]:
        """What is energised now."""
        return self._board.states()

    def last(self, output: Output) -> Switching | None:
        """The last switching since the start, None if there was none."""
        return self._last.get(output)

    def switch(self, output: Output, on: bool, by: str = "") -> None:
        """Switches and notes it; DeliveryError as the board raises it, and then nothing is noted."""
        was_on = self._board.states().get(output)
        self._board.switch(output, on)
        if was_on is not on:
            self._last[output] = Switching(self._clock.now(), by)


class _Side:
    def __init__(self, notes: NotedOutputs, by: str) -> None:
        self._notes = notes
        self._by = by

    def switch(self, output: Output, on: bool) -> None:
        self._notes.switch(output, on, self._by)

    def states(self) -> Mapping[Output, bool]:
        return self._notes.states()
