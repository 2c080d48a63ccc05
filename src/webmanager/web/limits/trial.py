"""Tries limits against what is stored, one trial at a time, in a thread, with its progress for all to see."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiohttp import web

from webmanager.domain.errors import StoreError
from webmanager.domain.installation import Installation
from webmanager.domain.limits import ROWS, Limits
from webmanager.domain.what_if import Tried, what_if
from webmanager.engine.history_ports import HistoryReader
from webmanager.engine.stored_rows import TrialStoppedError, breathing, stored_rows
from webmanager.web.http.problem import Problem

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400.0
SPANS = {1: MINUTE_S, 7: HOUR_S, 30: HOUR_S, 90: HOUR_S}
"""Days that can be looked at, and the step: minutes only for one day, so that a trial takes seconds."""
READING_SHARE, EACH_SHARE = 0.5, 0.25
MOST_EXAMPLES = 8


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the tried limits would have raised, and what those in force would have."""

    tried: Tried
    in_force: Tried


class LimitsTrial:
    """The one trial of this device: `progress` is 0 to 1 while it runs, then there is an outcome or an error."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None
        self._stop = threading.Event()
        self.progress = 0.0
        self.days = 0
        self.outcome: Outcome | None = None
        self.error = ""

    @property
    def is_running(self) -> bool:
        """A trial is under way."""
        return self._task is not None and not self._task.done()

    def start(
        self, reader: HistoryReader, installation: Installation, new: Limits, old: Limits, now: float, days: int
    ) -> None:
        """Begins a trial; Problem 409 while another one runs."""
        if self.is_running:
            raise Problem(409, "another trial of limits is running: wait for its end")
        self.progress, self.days, self.outcome, self.error = 0.0, days, None, ""
        self._stop.clear()
        work = partial(self._work, reader, installation, new, old, now, days)
        self._task = asyncio.create_task(self._run(work), name="trial of limits")

    async def wait(self) -> None:
        """Returns when the trial has ended."""
        if self._task is not None:
            await asyncio.shield(self._task)

    async def close(self) -> None:
        """Calls a running trial off and waits for its thread."""
        self._stop.set()
        await self.wait()

    async def _run(self, work: Callable[[], Outcome]) -> None:
        try:
            self.outcome = await asyncio.to_thread(work)
            self.progress = 1.0
        except TrialStoppedError:
            self.error = "the trial was called off"
        except StoreError as error:
            self.error = f"the store cannot be read: {error}"

    def _work(
        self, reader: HistoryReader, installation: Installation, new: Limits, old: Limits, now: float, days: int
    ) -> Outcome:
        step_s = SPANS[days]
        to_s = now // step_s * step_s
        rows = stored_rows(reader, installation, to_s - days * DAY_S, to_s, step_s, self._at(0.0, READING_SHARE))
        tried = what_if(installation, new, breathing(rows, self._at(READING_SHARE, EACH_SHARE)))
        in_force = what_if(installation, old, breathing(rows, self._at(READING_SHARE + EACH_SHARE, EACH_SHARE)))
        return Outcome(tried, in_force)

    def _at(self, start: float, share: float) -> Callable[[float], None]:
        def told(part: float) -> None:
            if self._stop.is_set():
                raise TrialStoppedError
            self.progress = start + share * part

        return told


TRIAL: web.AppKey[LimitsTrial] = web.AppKey("trial", LimitsTrial)


def trial_object(trial: LimitsTrial) -> dict[str, Any]:
    """The trial for programs."""
    outcome = trial.outcome
    return {
        "running": trial.is_running,
        "progress": round(trial.progress, 3),
        "error": trial.error or None,
        "days": None if outcome is None else round(outcome.tried.days, 2),
        "rows": None if outcome is None else outcome.tried.rows,
        "total": None if outcome is None else outcome.tried.total,
        "total_in_force": None if outcome is None else outcome.in_force.total,
        "raised": [] if outcome is None else raised_rows(outcome),
        "examples": [] if outcome is None else [event.text for event in outcome.tried.examples[:MOST_EXAMPLES]],
    }


def raised_rows(outcome: Outcome) -> list[dict[str, Any]]:
    """Each kind that would have been raised by either limits."""
    kinds = [kind for kind in ROWS if kind in outcome.tried.raised or kind in outcome.in_force.raised]
    return [
        {
            "kind": kind,
            "label": ROWS[kind].label,
            "count": outcome.tried.raised.get(kind, 0),
            "count_in_force": outcome.in_force.raised.get(kind, 0),
        }
        for kind in kinds
    ]
