"""When which module measures its internal resistance: each once an interval, staggered, one a string at a time."""

import numpy as np

from webmanager.domain.installation import Installation
from webmanager.domain.reading import Bools
from webmanager.domain.snapshot import StringState

QUIET = (StringState.FLOAT, StringState.REST)
"""States in which an internal resistance means something; during charge and discharge it is put off."""
_QUIET = frozenset(int(state) for state in QUIET)


class RiSchedule:
    """Spreads the measurements evenly: with 256 modules and 12 h, one starts every 169 s."""

    def __init__(self, installation: Installation, interval_s: float, *, longest_s: float = 20.0) -> None:
        self._installation = installation
        self._modules = installation.modules
        self._step_s = interval_s / installation.modules
        self._longest_s = longest_s
        # Round robin over the strings, so that one string is not disturbed twice in a row.
        self._order = np.arange(installation.modules).reshape(installation.strings, -1).T.reshape(-1) + 1
        self._next = 0
        self._due_s: float | None = None
        self._running: dict[int, tuple[int, float]] = {}
        self._put_off: list[int] = []

    def change_interval(self, interval_s: float) -> None:
        """Another interval from now on."""
        self._step_s = interval_s / self._modules

    def due(self, now_s: float, states: np.typing.NDArray[np.int8]) -> list[int]:
        """Addresses to start now, at most one for each quiet string that does not measure yet."""
        if self._due_s is None:
            self._due_s = now_s + self._step_s
        waiting = self._put_off
        while now_s >= self._due_s and len(waiting) < self._installation.modules:
            waiting.append(int(self._order[self._next]))
            self._next = (self._next + 1) % len(self._order)
            self._due_s += self._step_s
        if now_s >= self._due_s:
            self._due_s = now_s + self._step_s
        start: dict[int, int] = {}
        quiet = [state in _QUIET for state in states.tolist()]
        for address in waiting:
            string = int(self._installation.string_of[address - 1])
            if string not in self._running and string not in start and quiet[string - 1]:
                start[string] = address
        self._put_off = [address for address in dict.fromkeys(waiting) if address not in start.values()]
        return list(start.values())

    def started(self, address: int, now_s: float) -> None:
        """A module has confirmed that it measures."""
        self._running[int(self._installation.string_of[address - 1])] = (address, now_s)

    def finished(self, address: int) -> None:
        """A module has delivered its measurement."""
        string = int(self._installation.string_of[address - 1])
        if self._running.get(string, (0, 0.0))[0] == address:
            del self._running[string]

    def measuring(self, now_s: float) -> Bools:
        """Strings, shape (strings,), in which a measurement runs; one that never ends is given up."""
        for string, (_, since_s) in list(self._running.items()):
            if now_s - since_s > self._longest_s:
                del self._running[string]
        running = np.zeros(self._installation.strings, np.bool_)
        running[[string - 1 for string in self._running]] = True
        return running
