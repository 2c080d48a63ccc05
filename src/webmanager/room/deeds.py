"""What was done in the room, to tell of what an arrival speaks and how long it took. Times are arguments."""

import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from webmanager.room.fault_kinds import Target
from webmanager.room.faults import Fault
from webmanager.room.inbox.arrivals import Arrival, Cause, Channel, Letter

MOST_KEPT = 50
BROKEN, REPAIRED, MAINS_OFF, MAINS_ON = "broken", "repaired", "mains_off", "mains_on"
MAINS_NAMES = ("on battery", "on mains")


@dataclass(slots=True)
class Deed:
    """One thing done: `names` are words of which one stands in each message about it; `told` its first arrivals."""

    what: str
    title: str
    where: str
    at_s: float
    host_s: float
    names: tuple[str, ...]
    told: dict[Channel, Arrival] = field(default_factory=dict)

    def is_named_in(self, letter: Letter) -> bool:
        """Whether a letter speaks of its place."""
        said = f"{letter.subject}\n{letter.text}"
        return any(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", said, re.IGNORECASE) for name in self.names)


class Deeds:
    """The newest deeds. Call `follow` often: it notices what has changed since the last time."""

    def __init__(self, *, mains: bool) -> None:
        self._deeds: deque[Deed] = deque(maxlen=MOST_KEPT)
        self._standing: dict[int, Fault] = {}
        self._mains = mains

    def newest(self, count: int) -> list[Deed]:
        """The last of them, newest first."""
        return list(reversed(self._deeds))[:count]

    def follow(self, faults: Iterable[Fault], *, mains: bool, at_s: float, host_s: float) -> None:
        """Notes what has been broken, repaired or switched, as done now; of a broken receiver nobody is told."""
        now = {fault.id: fault for fault in faults if fault.kind.target is not Target.CHANNEL}
        for number, fault in self._standing.items():
            if number not in now:
                self._note(REPAIRED, fault, at_s, host_s)
        for number, fault in now.items():
            if number not in self._standing:
                self._note(BROKEN, fault, at_s, host_s)
        self._standing = now
        if mains != self._mains:
            self._mains = mains
            self._deeds.append(Deed(MAINS_ON if mains else MAINS_OFF, "", "", at_s, host_s, MAINS_NAMES))

    def cause_of(self, letter: Letter, at_s: float, host_s: float) -> tuple[Deed, Cause] | None:
        """The newest deed at the place a letter speaks of; None if it speaks of none."""
        for deed in reversed(self._deeds):
            if deed.is_named_in(letter):
                cause = Cause(deed.what, deed.title, deed.where, at_s - deed.at_s, host_s - deed.host_s)
                return deed, cause
        return None

    def _note(self, what: str, fault: Fault, at_s: float, host_s: float) -> None:
        self._deeds.append(Deed(what, fault.kind.title, fault.where, at_s, host_s, _names(fault)))


def _names(fault: Fault) -> tuple[str, ...]:
    place = fault.where.removeprefix("behind ")
    return (place, "all strings") if fault.kind.target is Target.CHARGER else (place,)
