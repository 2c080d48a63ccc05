"""Values as the table of objects knows them, before any library makes bytes of them. Pure."""

from enum import Enum
from typing import NamedTuple

from webmanager.domain.plain_text import to_ascii

Oid = tuple[int, ...]


class Kind(Enum):
    """Type of a value on the wire."""

    INTEGER = "Integer32"
    STRING = "OctetString"
    OID = "ObjectIdentifier"
    GAUGE = "Gauge32"
    COUNTER = "Counter32"
    TICKS = "TimeTicks"


class Value(NamedTuple):
    """A value with its type: int, bytes or OID."""

    kind: Kind
    content: int | bytes | Oid


def text(given: str, longest: int = 255) -> Value:
    """A DisplayString: ASCII, cut."""
    return Value(Kind.STRING, to_ascii(given).encode("ascii")[:longest])


def integer(given: float) -> Value:
    """An Integer32, rounded and kept within its range."""
    return Value(Kind.INTEGER, max(-(2**31), min(2**31 - 1, round(given))))


def ticks(seconds: float) -> Value:
    """TimeTicks: hundredths of a second, from 0 again after 497 days."""
    return Value(Kind.TICKS, int(max(seconds, 0.0) * 100) % 2**32)


def oid_of(dotted: str) -> Oid:
    """An OID from its dotted text."""
    return tuple(int(part) for part in dotted.strip(".").split("."))
