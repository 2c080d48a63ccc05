"""Tries limits against stored history: how many alarms would they have raised, and which."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from webmanager.domain import equalizing
from webmanager.domain.alarms import AlarmBook
from webmanager.domain.equalizing import EqualizingRules
from webmanager.domain.events import Change, Event
from webmanager.domain.installation import Installation
from webmanager.domain.judge import Judge
from webmanager.domain.limits import Limits
from webmanager.domain.observation import BusCondition, Observation
from webmanager.domain.reading import Floats
from webmanager.domain.string_state import StringStates
from webmanager.domain.wording import found_in

SATURATED_PERCENT = 99.0
LONGEST_GAP_S = 7200.0
"""Between rows farther apart nothing was stored; that time counts for no hold."""
MOST_EXAMPLES = 20


@dataclass(frozen=True, slots=True, eq=False)
class StoredValues:
    """One stored row: mean values of a minute or an hour that begins at `at`, UTC seconds; NaN where none are stored.

    Arrays of shape (modules,), the current of shape (strings,).
    """

    at: float
    voltage_v: Floats
    temperature_c: Floats
    ri_mohm: Floats
    equalizing_percent: Floats
    current_a: Floats


@dataclass(frozen=True, slots=True)
class Tried:
    """What the limits would have raised: alarms by kind, the first of them as events, rows and days looked at."""

    raised: Mapping[str, int]
    examples: tuple[Event, ...]
    rows: int
    days: float

    @property
    def total(self) -> int:
        """Number of alarms."""
        return sum(self.raised.values())


def what_if(installation: Installation, limits: Limits, rows: Iterable[StoredValues]) -> Tried:
    """Replays stored rows, oldest first, as if these limits had been in force; the bus and modules are not judged."""
    judge, book, replay = Judge(installation, limits), AlarmBook(), _Replay(installation)
    raised: Counter[str] = Counter()
    examples: list[Event] = []
    count, first_at, last_at = 0, 0.0, 0.0
    for row in rows:
        first_at = row.at if count == 0 else first_at
        last_at, count = row.at, count + 1
        for slot in sorted(judge.judge(replay.observe(row))):
            for event in book.settle(slot, found_in(judge, slot), row.at):
                if event.change is Change.RAISED:
                    raised[event.kind] += 1
                    examples += [event] if len(examples) < MOST_EXAMPLES else []
    return Tried(dict(raised), tuple(examples), count, (last_at - first_at) / 86_400.0)


class _Replay:
    """Makes observations of stored rows: string states and deviations are found anew."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._states = StringStates(installation)
        self._rules = EqualizingRules()
        self._last_at: float | None = None
        self._ri_mohm: Floats = np.full(installation.modules, np.nan)
        self._ri_at: Floats = np.full(installation.modules, np.nan)

    def observe(self, row: StoredValues) -> Observation:
        """The observation of one row."""
        installation = self._installation
        gap_s = 0.0 if self._last_at is None else max(row.at - self._last_at, 0.0)
        elapsed_s = gap_s if gap_s <= LONGEST_GAP_S else 0.0
        self._last_at = row.at
        average = _average(installation, row.voltage_v)
        state = self._states.update(row.at, elapsed_s, row.current_a, average)
        none = np.zeros(installation.modules, np.bool_)
        plan = equalizing.plan(
            self._rules, installation, row.voltage_v, row.temperature_c, state, np.zeros(installation.strings, np.bool_)
        )
        measured = ~np.isnan(row.ri_mohm) & (row.ri_mohm != self._ri_mohm)
        self._ri_at = np.where(measured, row.at, self._ri_at)
        self._ri_mohm = np.where(measured, row.ri_mohm, self._ri_mohm)
        return Observation(
            installation=installation,
            at_s=row.at,
            at=row.at,
            elapsed_s=elapsed_s,
            voltage_v=row.voltage_v,
            temperature_c=row.temperature_c,
            ri_mohm=row.ri_mohm,
            ri_measured_at=self._ri_at,
            equalizing_percent=row.equalizing_percent,
            deviation_percent=(row.voltage_v / np.repeat(plan.mean_v, installation.per_string) - 1.0) * 100.0,
            silent=np.isnan(row.voltage_v),
            implausible=none,
            saturated=row.equalizing_percent >= SATURATED_PERCENT,
            equalizing=~np.isnan(plan.reference_v),
            state=state,
            current_a=row.current_a,
            ripple_a=np.full(installation.strings, np.nan),
            average_v=average,
            bus=BusCondition(state="replayed"),
        )


def _average(installation: Installation, voltage_v: Floats) -> Floats:
    rows = installation.by_string(voltage_v)
    known = ~np.isnan(rows)
    count = known.sum(axis=1)
    return np.asarray(np.where(known, rows, 0.0).sum(axis=1) / np.where(count > 0, count, np.nan))
