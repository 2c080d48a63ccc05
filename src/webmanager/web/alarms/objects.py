"""Alarms and events as the API gives them: plain values, times in ISO 8601, unknown is None."""

import math
from dataclasses import asdict
from typing import Any

from webmanager.domain.alarm_load import AlarmLoad
from webmanager.domain.alarm_picture import AlarmPicture, Pending
from webmanager.domain.alarms import Alarm
from webmanager.domain.events import Delivery, Event, Severity
from webmanager.domain.installation import Installation
from webmanager.domain.limits import READINGS, ROWS, Limits, Scope
from webmanager.domain.wording import scale_of, shown
from webmanager.language.spoken import gettext, sentence
from webmanager.web.alarms.event_log import Logged
from webmanager.web.texts.figures import iso


def alarm_object(alarm: Alarm) -> dict[str, Any]:
    """One open alarm."""
    found = alarm.found
    return {
        "id": alarm.id,
        "kind": alarm.kind,
        "label": gettext(ROWS[alarm.kind].label),
        "severity": alarm.severity.word,
        "state": alarm.state,
        "source": alarm.source.name,
        "string": alarm.source.string,
        "address": alarm.source.address,
        "value": found.value,
        "limit": found.limit,
        "unit": found.unit,
        "text": sentence(found.text),
        "advice": sentence(found.advice),
        "since": iso(found.since_at),
        "raised_at": iso(alarm.raised_at),
        "acknowledged_by": alarm.acknowledged_by,
        "acknowledged_at": _iso_or_none(alarm.acknowledged_at),
        "shelved_until": _iso_or_none(alarm.shelved_until),
        "affected": list(found.affected),
        "kinds": list(found.kinds),
        "comments": [{"at": iso(one.at), "by": one.by, "text": one.text} for one in alarm.comments],
    }


def pending_object(pending: Pending, limits: Limits, installation: Installation) -> dict[str, Any]:
    """A breach that is no alarm yet: it has no number, and says how long it must last."""
    row = ROWS[pending.kind]
    scale = scale_of(row, installation)
    limit = next((one.raise_at for one in limits.of(pending.kind) if one.severity is pending.severity), None)
    value = None if row.is_yes_or_no or math.isnan(pending.value) else round(pending.value * scale, 4)
    lasts = f"{pending.hold:g} {'readings' if row.hold_unit == READINGS else 's'}"
    figure = "" if value is None else f" {shown(value, row)}"
    is_battery, is_string = row.scope is Scope.BATTERY, row.scope is Scope.STRING
    string = int(installation.string_of[pending.place]) if is_battery else pending.place + 1 if is_string else None
    return {
        "id": None,
        "kind": pending.kind,
        "label": gettext(row.label),
        "severity": pending.severity.word,
        "state": "pending",
        "source": pending.name,
        "string": string,
        "address": pending.place + 1 if is_battery else None,
        "value": value,
        "limit": None if row.is_yes_or_no or limit is None else round(limit * scale, 4),
        "unit": "" if row.is_yes_or_no else row.unit,
        "text": f"{pending.name}: {row.label.lower()}{figure}, not yet {_a(pending.severity)}: it must last {lasts}.",
        "advice": gettext(row.advice),
        "since": iso(pending.since_at),
        "raised_at": None,
        "acknowledged_by": None,
        "acknowledged_at": None,
        "shelved_until": None,
        "affected": [pending.place + 1] if is_battery else [],
        "kinds": [pending.kind],
        "comments": [],
    }


def counts_object(picture: AlarmPicture) -> dict[str, Any]:
    """What the header of every page shows: open alarms by severity, and how many wait for an answer."""
    by = picture.by_severity
    return {
        "open": len(picture.alarms),
        "unacknowledged": picture.unacknowledged,
        "alarm": by.get(Severity.ALARM, 0),
        "warning": by.get(Severity.WARNING, 0),
        "notice": by.get(Severity.NOTICE, 0),
        "changes": picture.changes,
        "maintenance_until": _iso_or_none(picture.maintenance_until),
    }


def load_object(load: AlarmLoad | None) -> dict[str, Any] | None:
    """The alarm load; None where no event can be read."""
    return None if load is None else asdict(load)


def logged_object(entry: Logged) -> dict[str, Any]:
    """One line of the log."""
    return event_object(entry.event) | {"deliveries": [delivery_object(one) for one in entry.deliveries]}


def delivery_object(one: Delivery) -> dict[str, Any]:
    """What became of one message."""
    return {
        "job": one.job,
        "target": one.target,
        "result": one.result,
        "at": iso(one.at),
        "proof": one.proof,
        "attempts": one.attempts,
    }


def event_object(event: Event) -> dict[str, Any]:
    """One event, without its deliveries."""
    return {
        "id": event.id,
        "at": iso(event.at),
        "kind": event.kind,
        "change": event.change.value,
        "source": event.source.name,
        "string": event.source.string,
        "address": event.source.address,
        "severity": event.severity.word,
        "value": event.value,
        "limit": event.limit,
        "unit": event.unit,
        "text": event.text,
        "advice": event.advice,
        "alarm": event.alarm,
        "affected": list(event.affected),
        "by": event.by,
    }


def _a(severity: Severity) -> str:
    return f"{'an' if severity is Severity.ALARM else 'a'} {severity.word}"


def _iso_or_none(at: float | None) -> str | None:
    return None if at is None else iso(at)
