"""Alarms, cells and shelves as a plain document and back: what must outlive a restart or a power cut.

Reading forgives: what no longer fits (another installation, a kind that is gone) is left out, and the alarms it
belonged to are cleared by the next observation instead of staying open for ever.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from webmanager.domain.alarms import Alarm, AlarmBook, Comment, Found
from webmanager.domain.events import Change, Event, Severity, Source
from webmanager.domain.judge import Judge
from webmanager.domain.life_cycle import Phase
from webmanager.domain.limits import ROWS

VERSION = 1
PENDING_KEPT_S = 600.0
"""A pending breach is forgotten if the device was away for longer."""


def to_document(judge: Judge, book: AlarmBook, at: float) -> dict[str, object]:
    """Everything about alarms, as plain values; `at` is UTC seconds."""
    return {
        "version": VERSION,
        "at": at,
        "modules": judge.installation.modules,
        "strings": judge.installation.strings,
        "next_alarm": book.next_alarm,
        "next_event": book.next_event,
        "alarms": [alarm_document(alarm) for alarm in book.alarms.values()],
        "shelves": [[*slot, until] for slot, until in book.shelves.items()],
        "cells": [
            [
                limit.row.kind,
                limit.severity.word,
                place,
                int(judge.cycle.phase[cell]),
                round(float(judge.cycle.held[cell]), 3),
                float(judge.cycle.since_at[cell]),
            ]
            for cell, limit, place in judge.open_cells()
        ],
    }


def from_document(document: Mapping[str, Any], judge: Judge, at: float) -> AlarmBook:
    """The book as it was kept, and the judge's cells put back; ValueError, KeyError or TypeError if it is damaged.

    Time that passed meanwhile counts for a pending breach, as far as it was short: it was there before and, if the
    next observation agrees, there all the time.
    """
    book = AlarmBook(next_alarm=int(document["next_alarm"]), next_event=int(document["next_event"]))
    if (document["modules"], document["strings"]) != (judge.installation.modules, judge.installation.strings):
        return book
    away_s = max(at - float(document["at"]), 0.0)
    for kind, severity, place, phase, held, since_at in document["cells"]:
        cell = judge.layout.cell_of(str(kind), str(severity), int(place))
        stage = Phase(int(phase))
        if cell is None or (stage is Phase.PENDING and away_s > PENDING_KEPT_S):
            continue
        limit, _ = judge.layout.at(cell)
        timed = limit.row.hold_unit == "s"
        lasted = float(held) + (away_s if timed and stage is Phase.PENDING else 0.0)
        judge.cycle.restore(cell, stage, lasted, float(since_at))
    for kept in document["alarms"]:
        alarm = alarm_from(kept)
        book.alarms[alarm.slot] = alarm
    book.shelves = {(str(name), int(number)): float(until) for name, number, until in document["shelves"]}
    return book


def alarm_document(alarm: Alarm) -> dict[str, object]:
    """One alarm as plain values."""
    document = asdict(alarm)
    document["severity"] = alarm.severity.word
    document["found"]["severity"] = alarm.found.severity.word
    return document


def alarm_from(kept: Mapping[str, Any]) -> Alarm:
    """One alarm from plain values; KeyError, TypeError or ValueError if they are no alarm."""
    found = dict(kept["found"])
    found["severity"] = _severity(found["severity"])
    found["source"] = Source(**found["source"])
    for name in ("affected", "kinds", "urgent"):
        found[name] = tuple(found[name])
    if kept["kind"] not in ROWS:
        raise ValueError(f"{kept['kind']} is no kind of alarm")
    values = dict(kept)
    name, number = kept["slot"]
    values["slot"] = (str(name), int(number))
    values["severity"] = _severity(kept["severity"])
    values["found"] = Found(**found)
    values["told"] = tuple(kept["told"])
    values["comments"] = tuple(Comment(**comment) for comment in kept["comments"])
    return Alarm(**values)


def event_document(event: Event) -> dict[str, object]:
    """One event as plain values."""
    document = asdict(event)
    document["change"], document["severity"] = event.change.value, event.severity.word
    return document


def event_from(kept: Mapping[str, Any]) -> Event:
    """One event from plain values; KeyError, TypeError or ValueError if they are no event."""
    values = dict(kept)
    values["change"], values["severity"] = Change(kept["change"]), _severity(kept["severity"])
    values["source"] = Source(**kept["source"])
    values["affected"] = tuple(kept["affected"])
    return Event(**values)


def _severity(word: str) -> Severity:
    return Severity[word.upper()]
