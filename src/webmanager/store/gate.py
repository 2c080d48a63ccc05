"""From scans to minutes: which scans belong to one minute, and when it is over. Pure."""

from dataclasses import dataclass

from webmanager.domain.snapshot import Snapshot
from webmanager.store.columns import Layout
from webmanager.store.rows import MinuteMean, MinuteRow
from webmanager.store.timeline import SMALL_STEP


@dataclass(frozen=True, slots=True, eq=False)
class RowJob:
    """A minute to be recorded: its number on the wall clock, the device's monotonic second it began at, its values."""

    wall: int
    began_s: float
    row: MinuteRow

    def minutes_since(self, former: "RowJob | None") -> int | None:
        """Minutes since another on the monotonic clock; None without one."""
        return None if former is None else max(round((self.began_s - former.began_s) / 60), 0)


@dataclass(frozen=True, slots=True)
class Minute:
    """A minute being gathered: its number on the wall clock, and the device's monotonic second it began at."""

    wall: int
    began_s: float


class MinuteGate:
    """Divides scans into minutes of the wall clock; a clock that steps back a little does not end a minute."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._gathered = MinuteMean(layout)
        self._minute: Minute | None = None

    def add(self, snapshot: Snapshot) -> RowJob | None:
        """Takes up a scan; the minute before it if this scan is the first of a new one."""
        wall = int(snapshot.taken_at // 60)
        began_s = snapshot.at_s - (snapshot.taken_at - wall * 60)
        ended = None
        if self._minute is None:
            self._minute = Minute(wall, began_s)
        elif wall > self._minute.wall or wall <= self._minute.wall - SMALL_STEP:
            ended = RowJob(self._minute.wall, self._minute.began_s, self._gathered.take(self._minute.wall))
            self._minute = Minute(wall, began_s)
        self._gathered.add(self._layout.row(snapshot))
        return ended
