from dataclasses import dataclass

import numpy as np

from fakes.events import AT, event
from webmanager.app.alarm_bridge import ClockedJournal, open_alarms, severities
from webmanager.domain.events import Change, Event, Severity
from webmanager.engine.clock import ManualClock
from webmanager.snmp.state import OpenAlarm


class Desk:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, float]] = []

    def happened(self, kind: str, text: str, at: float, by: str | None = None) -> Event:
        self.told.append((kind, text, at))
        return event(1, Change.HAPPENED, kind=kind, text=text, at=at)

    def escalated(self, event: Event, text: str, at: float) -> Event:
        self.told.append((event.kind, text, at))
        return event


@dataclass(frozen=True)
class Alarm:
    id: int
    kind: str
    severity: Severity
    raised_at: float


def test_what_the_jobs_make_happen_is_logged_with_the_time_of_the_device() -> None:
    desk, clock = Desk(), ManualClock(AT)
    journal = ClockedJournal(desk, clock)
    clock.advance(5.0)
    assert journal.happened("test", "x").at == AT + 5.0
    journal.escalated(event(), "nobody")
    assert desk.told == [("test", "x", AT + 5.0), ("voltage_high", "nobody", AT + 5.0)]


def test_open_alarms_in_the_words_of_the_ups_mib() -> None:
    alarm = Alarm(7, "bus_down", Severity.ALARM, AT)
    assert open_alarms([alarm]) == (OpenAlarm(7, "bus_down", Severity.ALARM, AT),)


def test_a_pending_breach_is_no_alarm_yet() -> None:
    levels = np.array([0, 1, 2, 3, 4], np.int8)
    assert severities(levels).tolist() == [0, 0, Severity.NOTICE, Severity.WARNING, Severity.ALARM]
