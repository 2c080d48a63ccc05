"""How many alarms people get, against what people can follow: figures of the trade (EEMUA 191, ISA-18.2) and ours."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass

from webmanager.domain.events import Change, Event, Severity

SHORT_S, DAY_S = 600.0, 86_400.0
CALM_IN_10_MIN, FLOOD_IN_10_MIN = 1, 10
A_DAY_AT_MOST, OURS_A_DAY = 144, 12
STANDING_AT_MOST = 5
CHATTER_FROM = 3
"""So many times a day from one place with one kind is chattering."""


@dataclass(frozen=True, slots=True)
class AlarmLoad:
    """Warnings and alarms raised in the last 10 min and 24 h; `standing` are open for longer than a day.

    `grouped` symptoms were told by the alarm of their cause, `chattering` kinds and places came again and again,
    `answer_s` is the median from raised to acknowledged, None if nobody has acknowledged anything.
    """

    last_10_min: int
    last_day: int
    standing: int
    grouped: int
    chattering: int
    answer_s: float | None


def alarm_load(events: Iterable[Event], open_since: Iterable[float], at: float) -> AlarmLoad:
    """The load at a moment, UTC seconds, from the events of the last day and the ages of the open alarms."""
    today = [event for event in events if at - DAY_S <= event.at <= at]
    raised = [event for event in today if event.change is Change.RAISED and event.severity > Severity.NOTICE]
    came: dict[tuple[str, str], int] = {}
    for event in raised:
        key = (event.kind, event.source.name)
        came[key] = came.get(key, 0) + 1
    return AlarmLoad(
        last_10_min=sum(event.at >= at - SHORT_S for event in raised),
        last_day=len(raised),
        standing=sum(at - since > DAY_S for since in open_since),
        grouped=sum(max(len(event.affected) - 1, 0) for event in raised),
        chattering=sum(count >= CHATTER_FROM for count in came.values()),
        answer_s=_median_answer(today),
    )


def _median_answer(events: list[Event]) -> float | None:
    began = {event.alarm: event.at for event in events if event.change is Change.RAISED}
    answered: dict[int | None, float] = {}
    for event in sorted(events, key=lambda event: event.at):
        if event.change is Change.ACKNOWLEDGED and event.alarm in began:
            answered.setdefault(event.alarm, max(event.at - began[event.alarm], 0.0))
    return statistics.median(answered.values()) if answered else None
