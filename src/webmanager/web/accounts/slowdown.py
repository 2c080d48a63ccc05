"""Wrong logins are slowed down per source: the first two are free, then the pause doubles up to a minute."""

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

FREE = 2
LONGEST_PAUSE_S = 60.0
FORGOTTEN_S = 900.0
MOST_SOURCES = 1024


@dataclass(slots=True)
class _Record:
    failures: int
    until_s: float
    last_s: float


class Slowdown:
    """Failures by source in a bounded table, the least recent one leaving first; host monotonic seconds."""

    def __init__(self, monotonic: Callable[[], float], *, most: int = MOST_SOURCES) -> None:
        self._monotonic = monotonic
        self._most = most
        self._records: OrderedDict[str, _Record] = OrderedDict()

    def __len__(self) -> int:
        return len(self._records)

    def wait_s(self, source: str) -> float:
        """Seconds this source still has to wait before a login is looked at; 0 if none."""
        record = self._records.get(_network(source))
        return max(0.0, record.until_s - self._monotonic()) if record else 0.0

    def failed(self, source: str) -> float:
        """Counts a wrong login and gives the pause that follows from it, s."""
        now, key = self._monotonic(), _network(source)
        record = self._records.pop(key, None)
        if record is None or now - record.last_s > FORGOTTEN_S:
            record = _Record(0, 0.0, now)
        record.failures += 1
        doublings = record.failures - FREE - 1
        pause = min(LONGEST_PAUSE_S, 2.0 ** min(doublings, 16)) if doublings >= 0 else 0.0
        record.until_s, record.last_s = now + pause, now
        self._records[key] = record
        while len(self._records) > self._most:
            self._records.popitem(last=False)
        return pause

    def succeeded(self, source: str) -> None:
        """A right login: the source starts anew."""
        self._records.pop(_network(source), None)


def _network(source: str) -> str:
    """An IPv4 address itself, the /64 of an IPv6 one: a single user can have all addresses of it."""
    try:
        address = ipaddress.ip_address(source.partition("%")[0])
    except ValueError:
        return source
    if address.version == 4:
        return str(address)
    mapped = address.ipv4_mapped
    return str(mapped) if mapped else str(ipaddress.ip_network((int(address), 64), strict=False))
