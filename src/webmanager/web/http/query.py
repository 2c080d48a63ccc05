"""What stands behind the question mark: checked values, and refusals that name the field."""

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo

from webmanager.web.http.problem import Problem


def refused(field: str, reason: str) -> Problem:
    """A 422 about one field."""
    return Problem(422, f"{field}: {reason}", extra={"errors": [{"field": field, "reason": reason}]})


def only(query: Mapping[str, str], known: Iterable[str]) -> None:
    """Problem 422 for a name that means nothing, so that a typo is not silence."""
    allowed = sorted(known)
    for name in query:
        if name not in allowed:
            raise refused(name[:32], f"is not known: {', '.join(allowed)}")


def whole(text: str, field: str, most: int) -> int:
    """A whole number from 1 on; Problem 422 for anything else."""
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and 1 <= int(text) <= most):
        raise refused(field, f"{text[:32]!r} is not allowed: 1 to {most}")
    return int(text)


def moment_in(query: Mapping[str, str], field: str, zone: tzinfo = UTC) -> float | None:
    """A moment of a query, None if it is not given; Problem 422 for what is no time."""
    text = query.get(field)
    return None if text is None or text == "" else moment_from(text, field, zone)


def moment_from(text: str, field: str, zone: tzinfo = UTC) -> float:
    """UTC seconds from ISO 8601 (in `zone` unless it says otherwise) or from seconds since 1970; Problem 422 else."""
    try:
        seconds = float(text)
    except ValueError:
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            raise refused(field, f"{text[:40]!r} is no time: ISO 8601, or seconds since 1970") from None
        return (at if at.tzinfo else at.replace(tzinfo=zone)).timestamp()
    if not (math.isfinite(seconds) and abs(seconds) < 1e11):
        raise refused(field, f"{text[:40]!r} is no time: ISO 8601, or seconds since 1970")
    return seconds
