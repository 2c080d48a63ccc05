"""The words of a message: subject, text and HTML made from its events. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from html import escape
from types import MappingProxyType

from webmanager.domain.events import Change, Delivery, Event, Severity
from webmanager.domain.local_time import local_time
from webmanager.engine.job_text import with_unit
from webmanager.engine.notify_ports import Curve, Message
from webmanager.language.tongue import tongue

LONGEST_SUBJECT = 150
MOST_LISTED = 100
HEADINGS: Mapping[str, str] = MappingProxyType(
    {
        "notice": "NOTICE",
        "warning": "WARNING",
        "alarm": "ALARM",
        "cleared": "ALL-CLEAR",
        "acknowledged": "ACKNOWLEDGED",
        "unacknowledged": "ACKNOWLEDGEMENT TAKEN BACK",
        "escalated": "NOT ACKNOWLEDGED",
        "worsened": "WORSE",
        "shelved": "SHELVED",
        "unshelved": "UNSHELVED",
        "commented": "COMMENT",
        "happened": "NOTE",
        "where": "Where",
        "value": "Value",
        "limit": "limit",
        "advice": "What to do",
        "affected": "Addresses",
        "by": "By",
        "events": "{count} events, {alarms} of them alarms",
        "more": "... and {count} more: see the event log.",
        "from": "Sent by {name}",
        "day": "the last 24 hours: {least} to {most}",
    }
)
"""What a message says beside its events, in English; the catalogue has the other languages."""
COLOURS = {Severity.ALARM: "#b3261e", Severity.WARNING: "#b25e00", Severity.NOTICE: "#33658a"}
CLEARED_COLOUR = "#2e7d32"


@dataclass(frozen=True, slots=True)
class Device:
    """Who is speaking: name and place of the device, its software version, and the time zone of those who read."""

    name: str = "webmanager"
    location: str = ""
    version: str = ""
    zone: tzinfo = UTC

    @property
    def full_name(self) -> str:
        """Name and place in one line."""
        return f"{self.name}, {self.location}" if self.location else self.name


@dataclass(frozen=True, slots=True)
class Words:
    """A message in words; the subject is one line without control characters."""

    subject: str
    text: str
    html: str


def compose(message: Message, device: Device, curve: Curve | None = None, picture: str = "") -> Words:
    """Subject, text and HTML of a message; `picture` is the content id of the curve's image, empty without one."""
    words = _words(message.language)
    subject = one_line(message.subject or _subject(message, device, words), LONGEST_SUBJECT)
    footer = words["from"].format(name=device.full_name)
    shown = [_said(event, message.language) for event in message.events[:MOST_LISTED]]
    left = len(message.events) - len(shown)
    caption = _caption(curve, words) if curve else ""
    if message.text:
        paragraphs = [message.text]
        blocks = [f'<p style="white-space:pre-line">{escape(message.text)}</p>']
    else:
        paragraphs = [_paragraph(event, words, device.zone) for event in shown]
        blocks = [_block(event, words, device.zone) for event in shown]
    if left:
        paragraphs.append(words["more"].format(count=left))
        blocks.append(f"<p>{escape(paragraphs[-1])}</p>")
    if curve:
        paragraphs.append(caption)
        image = f'<img src="cid:{picture}" alt="{escape(caption)}" width="480" height="140">' if picture else ""
        blocks.append(f"<p>{image}<br>{escape(caption)}</p>")
    text = "\n\n".join([*paragraphs, f"-- \n{footer}"]) + "\n"
    html = _page("\n".join(blocks), footer, message.language)
    return Words(subject, text, html)


def short(message: Message, device: Device, longest: int) -> str:
    """One line for a small screen: what, where, how much; cut at `longest` characters."""
    if message.text:
        return one_line(message.text, longest)
    words = _words(message.language)
    if len(message.events) > 1:
        return one_line(_subject(message, device, words), longest)
    event = _said(message.event, message.language)
    return one_line(f"{device.name}: {headline(event, words)}: {event.text}", longest)


def one_line(text: str, longest: int) -> str:
    """The text without control characters and line ends, cut with an ellipsis."""
    flat = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return flat if len(flat) <= longest else flat[: longest - 1].rstrip() + "…"


def headline(event: Event, words: Mapping[str, str]) -> str:
    """ALARM, WARNING, ALL-CLEAR ...: the first word of every message."""
    return words[event.severity.word] if event.change is Change.RAISED else words[event.change.value]


def moment(at: float, zone: tzinfo = UTC) -> str:
    """A time as people read it, in a time zone."""
    return f"{local_time(at, zone):%Y-%m-%d %H:%M:%S %Z}"


def log_line(delivery: Delivery, channel: str, subject: str) -> str:
    """A delivery as this family of devices logs it: `01/17/2007,16:28:39, MAIL: subject "..." successfully sent.`"""
    at = f"{datetime.fromtimestamp(delivery.at, UTC):%m/%d/%Y,%H:%M:%S}"
    fared = "successfully sent." if delivery.result == "delivered" else f"failed: {one_line(delivery.proof, 200)}"
    return f'{at}, {channel.upper()}: subject "{one_line(subject, LONGEST_SUBJECT)}" {fared}'


def _words(language: str) -> Mapping[str, str]:
    told = tongue(language)
    return {key: told.say(text) for key, text in HEADINGS.items()}


def _said(event: Event, language: str) -> Event:
    """An event with its sentences in the language of a message; what its kind says, a person's own words stay."""
    told = tongue(language)
    return replace(event, text=told.sentence(event.text), advice=told.sentence(event.advice))


def _subject(message: Message, device: Device, words: Mapping[str, str]) -> str:
    events = message.events
    if len(events) == 1:
        return f"[{device.name}] {headline(events[0], words)}: {_said(events[0], message.language).text}"
    alarms = sum(event.change is Change.RAISED and event.severity is Severity.ALARM for event in events)
    return f"[{device.name}] {words['events'].format(count=len(events), alarms=alarms)}"


def _facts(event: Event, words: Mapping[str, str]) -> list[tuple[str, str]]:
    """What else there is to say of an event, as label and value."""
    value, limit = with_unit(event.value, event.unit), with_unit(event.limit, event.unit)
    figures = f"{value}, {words['limit']} {limit}" if value and limit else value or limit
    return [
        (label, text)
        for label, text in (
            (words["where"], event.source.name),
            (words["value"], figures),
            (words["affected"], ", ".join(map(str, event.affected))),
            (words["by"], event.by or ""),
            (words["advice"], event.advice if event.change in {Change.RAISED, Change.ESCALATED} else ""),
        )
        if text
    ]


def _paragraph(event: Event, words: Mapping[str, str], zone: tzinfo) -> str:
    lines = [f"{headline(event, words)}  {moment(event.at, zone)}", event.text]
    return "\n".join(lines + [f"{label}: {text}" for label, text in _facts(event, words)])


def _block(event: Event, words: Mapping[str, str], zone: tzinfo) -> str:
    colour = CLEARED_COLOUR if event.change is Change.CLEARED else COLOURS[event.severity]
    facts = "".join(f"<br>{escape(label)}: {escape(text)}" for label, text in _facts(event, words))
    return (
        f'<div style="border-left:6px solid {colour};padding:2px 0 2px 12px;margin:0 0 16px">'
        f'<b style="color:{colour}">{escape(headline(event, words))}</b> {moment(event.at, zone)}'
        f"<br><b>{escape(event.text)}</b>{facts}</div>"
    )


def _caption(curve: Curve, words: Mapping[str, str]) -> str:
    known = [value for value in curve.values if not math.isnan(value)]
    if not known:
        return curve.label
    least, most = (with_unit(figure, curve.unit) for figure in (min(known), max(known)))
    return f"{curve.label}, {words['day'].format(least=least, most=most)}"


def _page(body: str, footer: str, language: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(language)}"><head><meta charset="utf-8"></head>'
        f'<body style="font-family:sans-serif;color:#1c1b1f">\n{body}\n'
        f'<p style="color:#666;font-size:smaller">{escape(footer)}</p>\n</body></html>\n'
    )
