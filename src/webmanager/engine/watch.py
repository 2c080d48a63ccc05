"""Keeps the alarm desk up to date: every snapshot once, and the bus also when it is silent."""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from webmanager.domain.observation import BusCondition
from webmanager.domain.reading import Bools, Ints
from webmanager.domain.snapshot import Snapshot
from webmanager.engine.alarming import AlarmDesk
from webmanager.engine.board import Board, BusState
from webmanager.engine.clock import Clock

LOOKS_EVERY_S = 2.0
GARBLED_FROM = 3
"""So many damaged answers in a row, and no good one, are two modules that answer at once."""


class AnswerCounts(Protocol):
    """What the bus counts for each module since its start, shape (modules,) or more."""

    @property
    def answered(self) -> Ints:
        """Good answers."""

    @property
    def crc_errors(self) -> Ints:
        """Damaged ones."""


class AlarmWatch:
    """The task between board and desk; `counts` tells what the bus has counted, if it counts.

    `before` gets each new snapshot before it is judged, `after` is called each time the desk has looked.
    """

    def __init__(
        self,
        board: Board,
        desk: AlarmDesk,
        clock: Clock,
        counts: Callable[[], AnswerCounts] | None = None,
        *,
        before: Callable[[Snapshot], None] | None = None,
        after: Callable[[], None] | None = None,
    ) -> None:
        self._board = board
        self._desk = desk
        self._clock = clock
        self._counts = counts
        self._before = before
        self._after = after
        self._answered: Ints | None = None
        self._damaged: Ints = np.zeros(board.installation.modules, np.int64)
        self._last_damaged: Ints = np.zeros(board.installation.modules, np.int64)

    async def run(self) -> None:
        """Shows the desk each snapshot as it comes, and the bus at least every two host seconds, until cancelled."""
        number = -1
        while True:
            snapshot = await self._board.newer_than(number, LOOKS_EVERY_S)
            if snapshot is not None:
                number = snapshot.number
                if self._before is not None:
                    self._before(snapshot)
            self.look()
            if self._after is not None:
                self._after()

    def look(self) -> None:
        """Shows the desk what the board has now."""
        self._desk.take(self._board.snapshot, self.condition(), self._clock.monotonic(), self._clock.now())

    def condition(self) -> BusCondition:
        """The bus as alarms see it: state, why, modules of another revision, garbled answers."""
        report = self._board.bus
        odd = dict(report.odd_revisions)
        if report.state is BusState.RUNNING and report.revision is not None:
            identities = self._board.identities.values()
            odd = {one.address: one.revision for one in identities if one.revision != report.revision}
        return BusCondition(report.state.value, report.text, odd, self._garbled())

    def _garbled(self) -> Bools | None:
        """Modules from which nothing but damaged answers has come for a while."""
        if self._counts is None:
            return None
        counts, modules = self._counts(), self._damaged.size
        answered, damaged = counts.answered[:modules], counts.crc_errors[:modules]
        if self._answered is None:
            self._answered, self._last_damaged = answered.copy(), damaged.copy()
        heard = answered != self._answered
        self._damaged = np.where(heard, 0, self._damaged + damaged - self._last_damaged)
        self._answered, self._last_damaged = answered.copy(), damaged.copy()
        return self._damaged >= GARBLED_FROM
