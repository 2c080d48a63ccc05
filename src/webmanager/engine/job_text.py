"""Placeholders in the texts of jobs: #NAME is replaced, nothing is ever executed, a value is never expanded again."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from webmanager.domain.events import Event

PLACEHOLDERS: Mapping[str, str] = {
    "EVENT": "kind of the event",
    "CHANGE": "raised, cleared, acknowledged, ...",
    "SEVERITY": "notice, warning or alarm",
    "SOURCE": "where: battery S3-17, string, device",
    "STRING": "number of the string",
    "ADDRESS": "address of the module",
    "VALUE": "value with its unit",
    "LIMIT": "limit with its unit",
    "TEXT": "the event in one sentence",
    "ADVICE": "what to do",
    "DATE": "date, UTC: 2026-01-31",
    "TIME": "time, UTC: 16:28:39",
    "ALARMID": "number of the alarm",
    "EVENTID": "number of the event",
    "AFFECTED": "addresses a grouped alarm stands for",
    "NAME": "name of this device",
    "LOCATION": "where this device stands",
    "AGENTSOFTREV": "software version of this device",
    "AUTONOMTIME": "autonomy left, min",
    "BATTCAP": "charge of the battery, %",
    "BATTVOLT": "mean voltage of the strings, V",
    "ONBATTERY": "seconds on battery",
    "UPSMODEL": "model of the UPS",
    "UPSID": "name of the UPS",
}
"""Every name a template may use. #AUTONOMTIME, #BATTCAP, #BATTVOLT and #AGENTSOFTREV are public, the others ours."""

_NAME = re.compile(r"#([A-Z][A-Z0-9]*)|##")


def expand(template: str, values: Mapping[str, str]) -> str:
    """The template with each #NAME replaced by its value, `-` where that is not known; ## is a plain #."""

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name is None:
            return "#"
        return values.get(name, "") or "-" if name in PLACEHOLDERS else match.group(0)

    return _NAME.sub(value, template)


def unknown_names(template: str) -> list[str]:
    """Names in a template that stand for nothing; an editor shows them before it saves."""
    found = {match.group(1) for match in _NAME.finditer(template) if match.group(1)}
    return sorted(found - PLACEHOLDERS.keys())


def event_values(event: Event) -> dict[str, str]:
    """The placeholders an event fills."""
    moment = datetime.fromtimestamp(event.at, UTC)
    return {
        "EVENT": event.kind,
        "CHANGE": event.change.value,
        "SEVERITY": event.severity.word,
        "SOURCE": event.source.name,
        "STRING": _number(event.source.string),
        "ADDRESS": _number(event.source.address),
        "VALUE": with_unit(event.value, event.unit),
        "LIMIT": with_unit(event.limit, event.unit),
        "TEXT": event.text,
        "ADVICE": event.advice,
        "DATE": f"{moment:%Y-%m-%d}",
        "TIME": f"{moment:%H:%M:%S}",
        "ALARMID": _number(event.alarm),
        "EVENTID": str(event.id),
        "AFFECTED": ", ".join(map(str, event.affected)),
    }


def with_unit(value: float | None, unit: str) -> str:
    """A figure as people write it: `13.82 V`; empty if there is none."""
    if value is None or math.isnan(value):
        return ""
    return f"{value:.6g} {unit}".rstrip()


def _number(value: int | None) -> str:
    return "" if value is None else str(value)
