"""Which language a client wants: RFC 9110 section 12.5.4, as much of it as two languages need."""

from collections.abc import Collection

MOST = 20
"""Ranges of one header that are looked at; browsers send fewer than ten."""


def best_of(header: str, known: Collection[str]) -> str | None:
    """The code of the best known language of an `Accept-Language` header; None if it names none of them."""
    best, weight = None, 0.0
    for part in header.split(",")[:MOST]:
        wanted, _, parameter = part.partition(";")
        quality = _quality(parameter)
        code = wanted.strip().lower().partition("-")[0]
        if code in known and quality > weight:
            best, weight = code, quality
    return best


def _quality(parameter: str) -> float:
    name, _, value = parameter.replace(" ", "").partition("=")
    if not name:
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0) if name == "q" else 1.0
    except ValueError:
        return 0.0
