"""The table of objects as the agent serves it: made anew at most once a second, and only when somebody asks."""

from bisect import bisect_right
from collections.abc import Callable

from pysnmp.proto import rfc1902
from pysnmp.proto.rfc1905 import endOfMibView, noSuchInstance

from webmanager.snmp.asn1 import Kind, Oid, Value, ticks
from webmanager.snmp.mib import SYS_UPTIME, table
from webmanager.snmp.state import MibState

MOST_NAMES = 20_000
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
        self._names: dict[Oid, rfc1902.ObjectName] = {}
        self.made = 0

    def get(self, oid: Oid) -> object:
        """The value of an instance; noSuchInstance where there is none."""
        self._refresh()
        value = self._values.get(oid)
        return noSuchInstance if value is None else self._encodable(oid, value)

    def next_after(self, oid: Oid) -> tuple[Oid, object]:
        """The first instance behind an OID; that OID again and endOfMibView behind the last one."""
        self._refresh()
        place = bisect_right(self._order, oid)
        if place == len(self._order):
            return oid, endOfMibView
        found = self._order[place]
        return found, self._encodable(found, self._values[found])

    def name(self, oid: Oid) -> rfc1902.ObjectName:
        """The OID as the library wants it; made once, since OIDs stay."""
        name = self._names.get(oid)
        if name is None:
            if len(self._names) > MOST_NAMES:
                self._names.clear()
            name = self._names[oid] = rfc1902.ObjectName(oid)
        return name

    def _encodable(self, oid: Oid, value: Value) -> object:
        return encodable(ticks(self._uptime_s()) if oid == SYS_UPTIME else value)

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
