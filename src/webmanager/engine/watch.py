"""Keeps the alarm desk up to date: every snapshot once, and the bus also when it is silent."""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from webmanager.domain.observation import BusCondition
from webmanager.domain.reading import Bools, Ints
from webmanager.engine.alarming import AlarmDesk
from webmanager.engine.board import Board, BusState
from webmanager.engine.clock import Clock

LOOKS_EVERY_S = 2.0
GARBLED_FROM = 3
"""So many damaged answers in a row, and no good one, are two modules that answer at once."""


class AnswerCounts(Protocol):
    """What the bus counts for each module since its start, shape (modules,)."""

    @property
    def answered(self) -> Ints:
        """Good answers."""

    @property
    def crc_errors(self) -> Ints:
        """Damaged ones."""


class AlarmWatch:
    """The task between board and desk; `counts` tells what the bus has counted, if it counts."""

    def __init__(
        self, board: Board, desk: AlarmDesk, clock: Clock, counts: Callable[[], AnswerCounts] | None = None
    ) -> None:
        self._board = board
        self._desk = desk
        self._clock = clock
        self._counts = counts
        self._answered: Ints | None = None
        self._damaged: Ints = np.zeros(board.installation.modules, np.int64)
        self._last_damaged: Ints = np.zeros(board.installation.modules, np.int64)

    async def run(self) -> None:
        """Shows the desk each snapshot as it comes, and the bus at least every two host seconds, until cancelled."""
        number = -1
        while True:
            snapshot = await self._board.newer_than(number, LOOKS_EVERY_S)
            number = number if snapshot is None else snapshot.number
            self.look()

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
        counts = self._counts()
        if self._answered is None:
            self._answered, self._last_damaged = counts.answered.copy(), counts.crc_errors.copy()
        heard = counts.answered != self._answered
        self._damaged = np.where(heard, 0, self._damaged + counts.crc_errors - self._last_damaged)
        self._answered, self._last_damaged = counts.answered.copy(), counts.crc_errors.copy()
        return self._damaged >= GARBLED_FROM
