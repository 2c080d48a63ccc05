"""The simulated room, the assembly of snapshots and the alarm desk on one injected clock, without a wire."""

from dataclasses import replace

import numpy as np

from webmanager.domain.equalizing import EqualizingRules
from webmanager.domain.events import Change, Event
from webmanager.domain.limits import Limits, limits_of
from webmanager.domain.observation import BusCondition
from webmanager.domain.reading import Bools, ModuleStatus, RiReading, ScanReading
from webmanager.domain.snapshot import Snapshot
from webmanager.engine.alarming import AlarmDesk, DeskSettings
from webmanager.engine.assembly import Moment, SnapshotAssembly
from webmanager.engine.ports import StateKeeper
from webmanager.engine.ri_schedule import RiSchedule
from webmanager.room.config import RoomConfig
from webmanager.room.simulation import Room

START = 1_700_000_000.0


class AlarmRoom:
    """Scans the room as the cycle does, as coarsely as a test wants; keeps every event."""

    def __init__(
        self,
        modules: int = 32,
        strings: int = 2,
        *,
        limits: Limits | None = None,
        keeper: StateKeeper | None = None,
        settings: DeskSettings | None = None,
        ri_interval_s: float = 12 * 3600.0,
        seed: int = 1,
        noise: str = "low",
    ) -> None:
        config = RoomConfig(modules=modules, strings=strings, seed=seed, noise=noise)  # type: ignore[arg-type]
        self.room = Room(config, START)
        self.installation = self.room.installation
        self.assembly = SnapshotAssembly(self.installation, EqualizingRules())
        self.ri = RiSchedule(self.installation, ri_interval_s)
        self.keeper = keeper
        self.limits = limits or limits_of()
        self.settings = settings or DeskSettings()
        self.events: list[Event] = []
        self.bus = BusCondition()
        self.snapshot: Snapshot | None = None
        self.desk = self._new_desk()
        for index in range(modules):
            self._note_ri(index, "kept")

    def _new_desk(self) -> AlarmDesk:
        return AlarmDesk(
            self.installation,
            self.limits,
            at=self.room.now_s,
            keeper=self.keeper,
            sink=self.events.append,
            settings=self.settings,
        )

    @property
    def now_s(self) -> float:
        return self.room.now_s - START

    def restart_desk(self) -> None:
        """As after `kill -9`: only what the keeper has is left."""
        self.desk = self._new_desk()

    def scan(self, step_s: float = 2.0) -> tuple[Event, ...]:
        """Lets time pass and makes one scan."""
        room = self.room
        room.advance(step_s, longest_step_s=step_s)
        measured = room.measure()
        fresh = np.flatnonzero(measured.status & ModuleStatus.RI_NEW)
        scan = ScanReading(
            answered=measured.answered,
            voltage_v=measured.voltage_v,
            temperature_c=measured.temperature_c,
            equalizing_percent=measured.equalizing_percent,
            status=measured.status,
            current_a=measured.current_a,
            ripple_a=measured.ripple_a,
            started_s=0.0,
            ended_s=1.0,
            ri=tuple(self._note_ri(int(index), "new") for index in fresh),
        )
        measuring = self.ri.measuring(self.now_s)
        snapshot = self.assembly.take(scan, Moment(self.now_s, room.now_s, step_s), self._quiet(measuring, step_s))
        for index in fresh:
            self.ri.finished(int(index) + 1)
        room.set_references(snapshot.strings.reference_v)
        for address in self.ri.due(self.now_s, snapshot.strings.state):
            if snapshot.modules.quality[address - 1] == 0 and room.modules.start_ri(address - 1, room.now_s):
                self.ri.started(address, self.now_s)
        self.snapshot = snapshot
        return self.desk.take(snapshot, self.bus, self.now_s, room.now_s)

    def run(self, seconds: float, step_s: float = 2.0) -> list[Event]:
        """Scans for a while; returns the events of that while."""
        first = len(self.events)
        for _ in range(round(seconds / step_s)):
            self.scan(step_s)
        return self.events[first:]

    def until(self, change: Change, most_s: float, step_s: float = 2.0, kind: str | None = None) -> Event:
        """Scans until such an event comes; AssertionError if it does not."""
        for _ in range(round(most_s / step_s)):
            for event in self.scan(step_s):
                if event.change is change and kind in (None, event.kind):
                    return event
        raise AssertionError(f"no {change} {kind or ''} within {most_s} s; events: {texts(self.events)}")

    def break_it(self, kind: str, **request: object) -> int:
        """Puts a fault into the room; returns its id."""
        return self.room.faults.add({"kind": kind, **request}, self.room.now_s).id

    def repair(self, fault_id: int) -> None:
        self.room.faults.remove(fault_id)

    def _quiet(self, measuring: Bools, step_s: float) -> Bools:
        # In coarse steps a measurement of some seconds must not keep the limiters off for the whole step.
        return measuring if step_s <= 10.0 else np.zeros_like(measuring)

    def _note_ri(self, index: int, how: str) -> RiReading:
        answer = self.room.modules.ri(index)
        self.room.modules.take_ri(index)
        uohm = answer.ri_uohm
        reading = RiReading(
            index + 1, np.nan if uohm is None else uohm / 1000.0, (answer.temperature_dc or 250) / 10.0, 0.0
        )
        if how == "kept":
            self.assembly.note_ri(replace(reading, age_s=60.0), self.room.now_s)
        return reading


def texts(events: list[Event]) -> list[str]:
    return [f"{event.change}: {event.text}" for event in events]
