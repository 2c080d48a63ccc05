"""Whatever the values do: the life cycle does what its picture says, and every alarm has one beginning and one end."""

import math
from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.alarm_bench import AlarmBench
from fakes.state import MemoryStateKeeper
from webmanager.domain.events import Change
from webmanager.domain.life_cycle import FORGOTTEN_S, LifeCycle, Phase, Thresholds

RAISE, CLEAR, HALF, HOLD_S, STEP_S = 10.0, 8.0, 9.0, 5.0, 2.0


class OneCell:
    """The life cycle of one tier, written as slowly and plainly as possible."""

    def __init__(self) -> None:
        self.phase, self.held, self.blind = Phase.NORMAL, 0.0, 0.0

    def see(self, value: float, *, blocked: bool) -> None:
        known = not math.isnan(value)
        if self.phase is Phase.NORMAL:
            if known and value >= RAISE:
                self.phase, self.held, self.blind = Phase.PENDING, 0.0, 0.0
        elif self.phase is Phase.PENDING:
            self.blind = 0.0 if known else self.blind + STEP_S
            if (known and value < HALF) or self.blind > HOLD_S + FORGOTTEN_S:
                self.phase = Phase.NORMAL
            elif known:
                self.held += STEP_S
                if value >= RAISE and self.held >= HOLD_S and not blocked:
                    self.phase = Phase.ACTIVE
        elif self.phase is Phase.ACTIVE:
            if known and value <= CLEAR:
                self.phase, self.held = Phase.CLEARING, 0.0
        elif known and value > CLEAR:
            self.phase = Phase.ACTIVE
        elif known:
            self.held += STEP_S
            if self.held >= HOLD_S:
                self.phase = Phase.NORMAL


VALUES = st.sampled_from([math.nan, 0.0, 7.9, 8.0, 8.5, 8.999, 9.0, 9.5, 9.999, 10.0, 10.5, 100.0, -math.inf, math.inf])


@given(st.lists(st.tuples(VALUES, VALUES, st.booleans()), max_size=120))
def test_the_life_cycle_of_all_cells_is_that_of_one(history: list[tuple[float, float, bool]]) -> None:
    ones = np.ones(2)
    cycle = LifeCycle(Thresholds(ones * RAISE, ones * CLEAR, ones * HOLD_S, ones, np.zeros(2, np.bool_)))
    plain = [OneCell(), OneCell()]
    for first, second, blocked in history:
        values = np.array([first, second])
        before = cycle.phase.copy()
        flags = np.full(2, blocked)
        turned = cycle.step(values, cycle.breaching(values), ones * STEP_S, 0.0, flags, np.zeros(2, np.bool_))
        for one, value in zip(plain, (first, second), strict=True):
            one.see(value, blocked=blocked)
        assert cycle.phase.tolist() == [one.phase for one in plain]
        raised = (before < Phase.ACTIVE) & (cycle.phase >= Phase.ACTIVE)
        ended = (before >= Phase.ACTIVE) & (cycle.phase < Phase.ACTIVE)
        assert turned.active.tolist() == np.flatnonzero(raised).tolist()
        assert turned.normal.tolist() == np.flatnonzero(ended).tolist()


SCANS = st.lists(
    st.tuples(
        st.integers(0, 7),
        st.sampled_from(
            ["silent", "back", "low", "high", "hot", "well", "all silent", "all back", "discharge", "float"]
        ),
        st.sampled_from([2.0, 10.0, 60.0]),
        st.integers(1, 40),
        st.booleans(),
    ),
    max_size=25,
)


def spoil(bench: AlarmBench, index: int, what: str) -> None:
    if what in ("silent", "back"):
        bench.answered[index] = what == "back"
    elif what in ("all silent", "all back"):
        bench.answered[:] = what == "all back"
    elif what in ("discharge", "float"):
        bench.amperes[:] = -40.0 if what == "discharge" else 0.03
    else:
        volts = {"low": 11.4, "high": 14.8, "well": 13.62}
        bench.volts[index] = volts.get(what, bench.volts[index])
        bench.celsius[index] = 55.0 if what == "hot" else 25.0


@settings(max_examples=15, deadline=None)
@given(SCANS)
def test_every_alarm_has_one_beginning_and_at_most_one_end(history: list[tuple[int, str, float, int, bool]]) -> None:
    bench = AlarmBench(8, 2, keeper=MemoryStateKeeper())
    for index, what, step_s, times, restart in history:
        spoil(bench, index, what)
        bench.scan(times, step_s)
        if restart:
            bench.restart(away_s=3.0)
    changes = Counter((event.alarm, event.change) for event in bench.events if event.alarm is not None)
    assert all(count == 1 for (_, change), count in changes.items() if change in (Change.RAISED, Change.CLEARED))
    assert [event.id for event in bench.events] == list(range(1, len(bench.events) + 1))
    raised = {alarm for alarm, change in changes if change is Change.RAISED}
    cleared = {alarm for alarm, change in changes if change is Change.CLEARED}
    assert cleared <= raised
    assert {alarm.id for alarm in bench.desk.picture.alarms} == raised - cleared
