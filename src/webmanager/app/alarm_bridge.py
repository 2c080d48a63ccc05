"""Joins whoever judges the batteries to jobs and SNMP: what they log, and what is open, in the words of each."""

from collections.abc import Iterable
from typing import Protocol

import numpy as np
import numpy.typing as npt

from webmanager.domain.events import Event, Severity
from webmanager.engine.clock import Clock
from webmanager.snmp.state import OpenAlarm


class Judging(Protocol):
    """The one that numbers and logs events; `at` is UTC seconds."""

    def happened(self, kind: str, text: str, at: float, by: str | None = None) -> Event:
        """An event without an alarm."""

    def escalated(self, event: Event, text: str, at: float) -> Event:
        """Nobody has acknowledged the alarm of an event in time."""


class Raised(Protocol):
    """One open alarm; `raised_at` is UTC seconds."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def kind(self) -> str:
        """What it was told as."""

    @property
    def severity(self) -> Severity:
        """The gravest it has had."""

    @property
    def raised_at(self) -> float:
        """When it was raised."""


class ClockedJournal:
    """The event log as the jobs need it: with the time of this moment."""

    def __init__(self, judging: Judging, clock: Clock) -> None:
        self._judging = judging
        self._clock = clock

    def happened(self, kind: str, text: str) -> Event:
        """Numbers and logs an event of the device itself."""
        return self._judging.happened(kind, text, self._clock.now())

    def escalated(self, event: Event, text: str) -> Event:
        """Numbers and logs that nobody has acknowledged in time."""
        return self._judging.escalated(event, text, self._clock.now())


def open_alarms(alarms: Iterable[Raised]) -> tuple[OpenAlarm, ...]:
    """Open alarms as the UPS-MIB lists them."""
    return tuple(OpenAlarm(alarm.id, alarm.kind, alarm.severity, alarm.raised_at) for alarm in alarms)


def severities(levels: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    """Levels of a map of batteries (0 ok, 1 pending, 2 notice, 3 warning, 4 alarm) as severities, 0 = none."""
    return np.maximum(levels - 1, 0).astype(np.int8)
