"""The alarm desk: judges every snapshot, keeps the open alarms, and is the only way to change them.

Synchronous, no I/O, no clock: the moment is an argument. What must outlive a restart goes to the `StateKeeper` before
an event leaves the desk, so that a device that is killed neither forgets an alarm nor tells it twice.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from webmanager.domain.alarm_picture import AlarmPicture, flags_of, pending_in, states_of
from webmanager.domain.alarms import counts, duration, told_by
from webmanager.domain.errors import ConfigError
from webmanager.domain.events import Event
from webmanager.domain.installation import Installation
from webmanager.domain.judge import Judge
from webmanager.domain.layout import SlotKey
from webmanager.domain.limits import REPORTED, ROWS, Limits
from webmanager.domain.measures import Reported
from webmanager.domain.observation import DOWN, REFUSED, BusCondition, Observation, observe, silence
from webmanager.domain.reading import Floats
from webmanager.domain.snapshot import Snapshot
from webmanager.domain.wording import found_in
from webmanager.engine.alarm_memory import AlarmMemory
from webmanager.engine.ports import StateKeeper

log = logging.getLogger(__name__)

CLOCK_SET_S = 30.0
"""A wall clock that is off by more was set; by less it was only adjusted."""


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """Device seconds: nothing is raised for `grace_s` after a start; maintenance lasts `maintenance_s` at most.

    Every `refresh_every` snapshots one open alarm, in turn, gets newer figures.
    """

    grace_s: float = 60.0
    maintenance_s: float = 8 * 3600.0
    learned_every_s: float = 900.0
    refresh_every: int = 4


class AlarmDesk:
    """One owner of everything that is raised. `sink` is called with each event, in order, and must not wait.

    `branches` names the addresses along the bus cable where they are not in order; `at` is the start, UTC seconds.
    """

    def __init__(
        self,
        installation: Installation,
        limits: Limits,
        *,
        at: float,
        keeper: StateKeeper | None = None,
        sink: Callable[[Event], None] | None = None,
        settings: DeskSettings | None = None,
        branches: tuple[tuple[int, ...], ...] = (),
    ) -> None:
        self._installation = installation
        self._judge = Judge(installation, limits, branches)
        self._memory = AlarmMemory(keeper)
        self._state = self._memory.restore(self._judge, at)
        self._sink = sink
        self._listeners: list[Callable[[Event], None]] = []
        self._settings = settings or DeskSettings()
        self._started_s: float | None = None
        self._last_s: float | None = None
        self._last_at: float | None = None
        self._last_scan_s: float | None = None
        self._learned_at_s: float | None = None
        self._number = 0
        self._reported: dict[str, Reported] = {}
        self._kept_stages = self._judge.stages()
        self._kept_sensors = self._judge.sensors_known.tobytes()
        self._turn = 0
        self.changes = 0
        self._states, self._flags = states_of(self._judge), flags_of(self._judge)
        self.picture = self._picture(at)

    # -- what goes in

    def take(self, snapshot: Snapshot | None, bus: BusCondition, now_s: float, at: float) -> tuple[Event, ...]:
        """Judges the newest snapshot and the bus at device time `now_s` (monotonic) and `at` (UTC seconds).

        The same snapshot again, or none, means that nothing was scanned meanwhile. Returns the events it made.
        """
        events = [] if self._started_s is not None else self._drop_orphans(at)
        self._started_s = now_s if self._started_s is None else self._started_s
        seen = self._observation(snapshot, bus, now_s, at)
        elapsed_s = 0.0 if self._last_s is None else max(now_s - self._last_s, 0.0)
        self._follow_clock(elapsed_s, at)
        self._last_s, self._last_at = now_s, at
        events += self._state.book.expire(at) + self._follow_maintenance(elapsed_s, at)
        if seen is not None:
            grace = now_s - self._started_s < self._settings.grace_s
            calm = self._state.calm_left_s is not None
            events += self._settle(self._judge.judge(seen, self._reported, grace=grace, calm=calm), at)
            self._refresh()
        self._learn(now_s)
        return self._done(events, at)

    def report(self, kind: str, value: float, detail: str = "") -> None:
        """What another part of the device knows of a kind: 1 or 0 where it is so or not, else its value; NaN unknown.

        Judged with the next snapshot. ConfigError if no part may report this kind.
        """
        if kind not in REPORTED:
            raise ConfigError(f"{kind} is not reported but judged; reported are {', '.join(sorted(REPORTED))}")
        self._reported[kind] = Reported(value, detail)

    # -- what people do

    def acknowledge(self, alarm_id: int, by: str, at: float) -> tuple[Event, ...]:
        """Somebody takes care of an alarm; ConfigError if it is not open."""
        return self._done(self._state.book.acknowledge(alarm_id, by, at), at)

    def unacknowledge(self, alarm_id: int, by: str, at: float) -> tuple[Event, ...]:
        """Takes an acknowledgement back; ConfigError if the alarm is not open."""
        return self._done(self._state.book.unacknowledge(alarm_id, by, at), at)

    def shelve(self, alarm_id: int, until: float, by: str, at: float) -> tuple[Event, ...]:
        """Silences an alarm until a time (UTC seconds) within 24 h; ConfigError if it is not open or too long."""
        return self._done(self._state.book.shelve(alarm_id, until, by, at), at)

    def unshelve(self, alarm_id: int, by: str, at: float) -> tuple[Event, ...]:
        """Ends the shelving of an alarm before its time."""
        return self._done(self._state.book.unshelve(alarm_id, by, at), at)

    def comment(self, alarm_id: int, text: str, by: str, at: float) -> tuple[Event, ...]:
        """Writes something to an alarm; ConfigError if it is not open or the text is unfit."""
        return self._done(self._state.book.comment(alarm_id, text, by, at), at)

    def exchanged(self, address: int, by: str, at: float) -> tuple[Event, ...]:
        """A battery was exchanged: its baseline starts anew, what was wrong with the old one is over."""
        if not 1 <= address <= self._installation.modules:
            raise ConfigError(f"battery {address} is not there: 1 to {self._installation.modules}")
        slot = self._judge.renew(address)
        text = f"{self._installation.names[address - 1]} was exchanged, its baseline starts anew."
        events = [self._state.book.happened("battery_exchanged", text, at, by)]
        events += self._state.book.settle(slot, None, at, by)
        self._memory.keep_learned(self._judge)
        return self._done(events, at)

    def maintain(self, for_s: float, by: str, at: float) -> tuple[Event, ...]:
        """Begins maintenance: only what is urgent is raised until it ends by itself; 0 ends it now."""
        longest_s = self._settings.maintenance_s
        if not 0.0 <= for_s <= longest_s:
            raise ConfigError(f"maintenance of {for_s:g} s: 0 to {longest_s:g} s are possible")
        self._state.calm_left_s, self._state.calm_by = for_s, by
        if for_s == 0.0:
            return self._done(self._follow_maintenance(0.0, at), at)
        text = f"Maintenance for {duration(for_s)}: only urgent alarms are raised."
        return self._done([self._state.book.happened("maintenance", text, at, by)], at)

    def change_limits(self, limits: Limits, by: str, at: float) -> tuple[Event, ...]:
        """Judges by other limits from the next snapshot on, also what is open; says so in the log."""
        before = self._judge.limits
        self._judge.change(limits)
        text = f"Limits changed: {_difference(before, limits)}."
        events = [self._state.book.happened("limits_changed", text, at, by)]
        return self._done(events + self._drop_orphans(at), at)

    def happened(self, kind: str, text: str, at: float, by: str | None = None) -> Event:
        """Numbers and hands on an event without an alarm."""
        return self._done([self._state.book.happened(kind, text, at, by)], at)[0]

    def escalated(self, event: Event, text: str, at: float) -> Event:
        """Numbers and hands on that nobody has acknowledged the alarm of an event in time."""
        return self._done([self._state.book.escalated(event, text, at)], at)[0]

    # -- what comes out

    @property
    def limits(self) -> Limits:
        """The limits in force."""
        return self._judge.limits

    @property
    def baseline_mohm(self) -> Floats:
        """Ri baseline of each battery at 25 degC, mOhm, NaN before its first reading; a copy."""
        return self._judge.baseline.base_mohm.copy()

    @property
    def ri_rise_percent(self) -> Floats:
        """Rise of the newest Ri reading of each battery over its baseline, %; a copy."""
        return self._judge.baseline.rise_percent.copy()

    @property
    def dropped(self) -> int:
        """Events that were given up because nobody confirmed hundreds of them."""
        return self._memory.dropped

    def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Also hands each event on to a listener, which must not wait; what is returned ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def unsent(self) -> tuple[Event, ...]:
        """Events that nobody has confirmed yet; after a restart they are handed on once more."""
        return tuple(self._state.unsent.values())

    def confirm(self, event_id: int) -> None:
        """Those who store and send have taken an event over; it is not handed on again after a restart."""
        self._state.unsent.pop(event_id, None)

    def standing(self) -> tuple[tuple[Event, bool, bool], ...]:
        """Every open alarm as the event that told it, whether it is acknowledged, and whether it is shelved."""
        return tuple(
            (told_by(alarm), alarm.acknowledged_by is not None, alarm.shelved_until is not None)
            for alarm in self._state.book.alarms.values()
        )

    def configure(self, settings: DeskSettings) -> None:
        """Another grace after the next start, another longest maintenance."""
        self._settings = settings

    def keep_alarms(self, at: float) -> None:
        """Saves alarms and what is not confirmed yet."""
        self._memory.keep(self._judge, self._state, at)

    def keep(self, at: float) -> None:
        """Saves everything now; before the device ends."""
        self.keep_alarms(at)
        self._memory.keep_learned(self._judge)

    # -- the parts

    def _observation(self, snapshot: Snapshot | None, bus: BusCondition, now_s: float, at: float) -> Observation | None:
        idle_s = 0.0 if self._last_s is None else max(now_s - self._last_s, 0.0)
        if snapshot is None:
            is_told = bus.state in (DOWN, REFUSED)
            return silence(self._installation, now_s, at, idle_s, bus) if is_told else None
        if snapshot.number == self._number:
            return self._stopped(snapshot, bus, now_s, at, idle_s)
        # Time in which nobody looked proves nothing: it counts as far as the scans reach.
        most_s = max(2.0 * snapshot.period_s, 10.0)
        elapsed_s = 0.0 if self._last_scan_s is None else min(snapshot.at_s - self._last_scan_s, most_s)
        self._number, self._last_scan_s = snapshot.number, snapshot.at_s
        self._reported["scan_stopped"] = Reported(0.0)
        return observe(snapshot, elapsed_s, bus)

    def _stopped(
        self, snapshot: Snapshot, bus: BusCondition, now_s: float, at: float, idle_s: float
    ) -> Observation | None:
        """The same snapshot again: after a while nothing is known any more, and the scan has stopped."""
        age_s = now_s - snapshot.at_s
        if bus.state in (DOWN, REFUSED):
            return silence(self._installation, now_s, at, idle_s, bus)
        if age_s <= max(60.0, 6.0 * snapshot.period_s):
            return None
        self._reported["scan_stopped"] = Reported(age_s)
        return silence(self._installation, now_s, at, idle_s, replace(bus, state="stopped"))

    def _follow_clock(self, elapsed_s: float, at: float) -> None:
        """A wall clock that is set (from 1970 to today) changes when something began, not how long it lasted."""
        if self._last_at is None:
            return
        jump_s = at - self._last_at - elapsed_s
        if abs(jump_s) > CLOCK_SET_S:
            self._judge.cycle.shift_clock(self._last_at, jump_s)
            self._state.book.shift_clock(self._last_at, jump_s)

    def _settle(self, turned: set[SlotKey], at: float) -> list[Event]:
        events: list[Event] = []
        for slot in sorted(turned):
            events += self._state.book.settle(slot, found_in(self._judge, slot), at)
        return events

    def _drop_orphans(self, at: float) -> list[Event]:
        """Ends alarms whose kind, tier or place is no more: nothing could ever clear them."""
        book, raised = self._state.book, self._judge.raised_slots()
        return [event for slot in sorted(book.alarms.keys() - raised) for event in book.settle(slot, None, at)]

    def _refresh(self) -> None:
        book = self._state.book
        if not book.alarms or self._number % self._settings.refresh_every:
            return
        slots = list(book.alarms)
        self._turn = (self._turn + 1) % len(slots)
        found = found_in(self._judge, slots[self._turn])
        if found is not None:
            book.refresh(slots[self._turn], found)

    def _follow_maintenance(self, elapsed_s: float, at: float) -> list[Event]:
        state = self._state
        if state.calm_left_s is None:
            return []
        state.calm_left_s -= elapsed_s
        if state.calm_left_s > 0.0:
            return []
        by, state.calm_left_s, state.calm_by = state.calm_by, None, None
        return [state.book.happened("maintenance", "Maintenance has ended.", at, by)]

    def _learn(self, now_s: float) -> None:
        """Saves now and then what is learned, and at once that there is a current sensor: its loss must be noticed."""
        sensors = self._judge.sensors_known.tobytes()
        if sensors != self._kept_sensors:
            self._kept_sensors = sensors
            self._memory.keep_learned(self._judge)
        if self._learned_at_s is None or now_s - self._learned_at_s >= self._settings.learned_every_s:
            if self._learned_at_s is not None:
                self._memory.keep_learned(self._judge)
            self._learned_at_s = now_s

    def _done(self, events: list[Event], at: float) -> tuple[Event, ...]:
        """Keeps what changed, then shows the new picture, then hands the events on."""
        stages = self._judge.stages()
        self._memory.remember(self._state, events)
        self.changes += len(events)
        if events or stages != self._kept_stages:
            self._kept_stages = stages
            self._memory.keep(self._judge, self._state, at)
            self._states, self._flags = states_of(self._judge), flags_of(self._judge)
        self.picture = self._picture(at)
        for event in events:
            log.info("%s, %s: %s", event.change, event.severity.word, event.text)
            if self._sink is not None:
                self._sink(event)
            for listener in tuple(self._listeners):
                listener(event)
        return tuple(events)

    def _picture(self, at: float) -> AlarmPicture:
        alarms = self._state.book.sorted()
        left_s = self._state.calm_left_s
        return AlarmPicture(
            at=at,
            number=self._number,
            alarms=alarms,
            pending=pending_in(self._judge),
            states=self._states,
            flags=self._flags,
            maintenance_until=None if left_s is None else at + left_s,
            changes=self.changes,
            by_severity=counts(alarms),
        )


def _difference(before: Limits, after: Limits) -> str:
    """Kinds whose limits are no longer what they were, in words."""
    kinds = [kind for kind, row in ROWS.items() if row.like is None and _figures(before, kind) != _figures(after, kind)]
    labels = [ROWS[kind].label.lower() for kind in kinds]
    more = f" and {len(labels) - 5} more" if len(labels) > 5 else ""
    return (", ".join(labels[:5]) or "nothing") + more


def _figures(limits: Limits, kind: str) -> list[tuple[float, float, float, float]]:
    return [(float(one.severity), one.raise_at, one.clear_at, one.hold) for one in limits.of(kind)]
