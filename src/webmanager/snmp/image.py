"""The table of objects as the agent serves it: made anew at most once a second, and only when somebody asks."""

from bisect import bisect_right
from collections.abc import Callable

from pysnmp.proto import rfc1902

from webmanager.snmp.asn1 import Kind, Oid, Value, ticks
from webmanager.snmp.mib import SYS_UPTIME, table
from webmanager.snmp.state import MibState

LASTS_S = 1.0

_TYPES = {
    Kind.INTEGER: rfc1902.Integer32,
    Kind.STRING: rfc1902.OctetString,
    Kind.OID: rfc1902.ObjectIdentifier,
    Kind.GAUGE: rfc1902.Gauge32,
    Kind.COUNTER: rfc1902.Counter32,
    Kind.TICKS: rfc1902.TimeTicks,
}


class Image:
    """Instances in order. `state` makes the picture of the moment; `now_s` is host time, `uptime_s` the agent's."""

    def __init__(
        self, state: Callable[[], MibState], now_s: Callable[[], float], uptime_s: Callable[[], float]
    ) -> None:
        self._state = state
        self._now_s = now_s
        self._uptime_s = uptime_s
        self._made_s = float("-inf")
        self._order: list[Oid] = []
        self._values: dict[Oid, Value] = {}
        self.made = 0

    def get(self, oid: Oid) -> Value | None:
        """The value of an instance; None where there is none."""
        self._refresh()
        return self._live(oid, self._values.get(oid))

    def next_after(self, oid: Oid) -> tuple[Oid, Value | None]:
        """The first instance behind an OID; that OID again without a value behind the last one."""
        self._refresh()
        place = bisect_right(self._order, oid)
        if place == len(self._order):
            return oid, None
        found = self._order[place]
        return found, self._live(found, self._values[found])

    def _live(self, oid: Oid, value: Value | None) -> Value | None:
        return ticks(self._uptime_s()) if oid == SYS_UPTIME else value

    def _refresh(self) -> None:
        now_s = self._now_s()
        if now_s - self._made_s < LASTS_S:
            return
        rows = table(self._state())
        self._order = [oid for oid, _ in rows]
        self._values = dict(rows)
        self._made_s = now_s
        self.made += 1


def encodable(value: Value) -> object:
    """A value as the library wants it."""
    return _TYPES[value.kind](value.content)
