"""How figures are written for people: fixed decimals, true minus, no-break space before the unit, no silent zero."""

import math
from datetime import UTC, datetime, tzinfo

from webmanager.domain.local_time import local_time
from webmanager.language.spoken import gettext, spoken

DASH = "–"
NBSP = "\u00a0"


def fixed(value: float | None, digits: int, *, signed: bool = False) -> str:
    """A number with fixed decimals and a true minus sign; a dash for None or NaN. Never shows a negative zero.

    The decimal sign is that of the language spoken.
    """
    if value is None or not math.isfinite(value):
        return DASH
    text = f"{value:+.{digits}f}" if signed else f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.replace("-", "+" if signed else "")
    return (text.replace(".", ",") if spoken().comma else text).replace("-", "\u2212")


def current(amperes: float | None) -> str:
    """A current with its sign: three decimals below 1 A, one above."""
    small = amperes is not None and abs(amperes) < 1
    return fixed(amperes, 3 if small else 1, signed=True)


def duration(seconds: float) -> str:
    """A duration in one or two units: `95 s`, `42 min`, `2 h 14 min`, `3 d 4 h`; `never` when infinite."""
    if not math.isfinite(seconds):
        return gettext("never")
    whole = int(seconds)
    if whole < 120:
        return f"{whole}{NBSP}s"
    minutes = whole // 60
    if minutes < 60:
        return f"{minutes}{NBSP}min"
    if minutes < 2880:
        return f"{minutes // 60}{NBSP}h {minutes % 60}{NBSP}min"
    return f"{minutes // 1440}{NBSP}d {minutes % 1440 // 60}{NBSP}h"


def iso(utc_s: float) -> str:
    """UTC seconds since 1970 as ISO 8601 with milliseconds and Z."""
    return datetime.fromtimestamp(utc_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(utc_s: float, zone: tzinfo = UTC) -> str:
    """UTC seconds as people read them: `22 Nov 2026 20:40:12 UTC`, the month as a word, in a time zone."""
    at = local_time(utc_s, zone)
    dot, month = "." if spoken().code == "de" else "", gettext(at.strftime("%b"))
    return f"{at.day}{dot}{NBSP}{month}{NBSP}{at:%Y %H:%M:%S}{NBSP}{at:%Z}"
