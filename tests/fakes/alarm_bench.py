"""The alarm desk behind the real assembly of snapshots, fed with scans a test makes up: no physics, no wire."""

from dataclasses import replace

import numpy as np

from webmanager.domain.equalizing import EqualizingRules
from webmanager.domain.events import Change, Event
from webmanager.domain.installation import BlockType, Installation
from webmanager.domain.limits import Limits, limits_of
from webmanager.domain.observation import BusCondition
from webmanager.domain.reading import RiReading, ScanReading
from webmanager.domain.snapshot import Snapshot
from webmanager.engine.alarming import AlarmDesk, DeskSettings
from webmanager.engine.assembly import Moment, SnapshotAssembly
from webmanager.engine.ports import StateKeeper

START = 1_700_000_000.0


class AlarmBench:
    """Healthy batteries on float until a test changes an array; one scan every 2 s unless told otherwise."""

    def __init__(
        self,
        modules: int = 32,
        strings: int = 2,
        *,
        keeper: StateKeeper | None = None,
        limits: Limits | None = None,
        settings: DeskSettings | None = None,
    ) -> None:
        self.installation = Installation(modules, strings, BlockType())
        self.keeper = keeper
        self.limits = limits or limits_of()
        self.settings = settings or DeskSettings(grace_s=0.0)
        self.volts = np.full(modules, 13.62)
        self.celsius = np.full(modules, 25.0)
        self.status = np.zeros(modules, np.uint8)
        self.answered = np.ones(modules, np.bool_)
        self.amperes = np.full(strings, 0.03)
        self.ripple = np.zeros(strings)
        self.bus = BusCondition()
        self.ri: list[RiReading] = []
        self.snapshot: Snapshot | None = None
        self.start = START
        self.now_s = 0.0
        self.events: list[Event] = []
        self.assembly = SnapshotAssembly(self.installation, EqualizingRules())
        self.desk = self.new_desk()

    @property
    def at(self) -> float:
        return self.start + self.now_s

    def new_desk(self) -> AlarmDesk:
        return AlarmDesk(
            self.installation,
            self.limits,
            at=self.at,
            keeper=self.keeper,
            sink=self.events.append,
            settings=self.settings,
        )

    def restart(self, away_s: float = 5.0) -> None:
        """As after `kill -9` and a new start: the desk has what the keeper has, the assembly nothing."""
        self.now_s += away_s
        self.assembly = SnapshotAssembly(self.installation, EqualizingRules())
        self.desk = self.new_desk()

    def scan(self, times: int = 1, step_s: float = 2.0) -> list[Event]:
        """Scans; returns the events of these scans."""
        first = len(self.events)
        for _ in range(times):
            self.now_s += step_s
            heard = self.answered
            reading = replace(
                ScanReading.silence(self.installation.modules, self.installation.strings, 0.0),
                answered=heard.copy(),
                voltage_v=np.where(heard, self.volts, np.nan),
                temperature_c=np.where(heard, self.celsius, np.nan),
                equalizing_percent=np.where(heard, 5.0, np.nan),
                status=self.status.copy(),
                current_a=self.amperes.copy(),
                ripple_a=self.ripple.copy(),
                ri=tuple(self.ri),
            )
            self.ri.clear()
            moment = Moment(self.now_s, self.at, step_s)
            snapshot = self.assembly.take(reading, moment, np.zeros(self.installation.strings, np.bool_))
            self.snapshot = snapshot
            self.desk.take(snapshot, self.bus, self.now_s, self.at)
        return self.events[first:]

    def scan_for(self, seconds: float, step_s: float = 2.0) -> list[Event]:
        return self.scan(round(seconds / step_s), step_s)

    def silence(self, *addresses: int, silent: bool = True) -> None:
        self.answered[np.array(addresses) - 1] = not silent

    def measure_ri(self, ri_mohm: float = 4.2, others_mohm: float = 4.2, address: int = 0) -> None:
        """With the next scan every module has a new reading; that at `address` another one."""
        for number in range(1, self.installation.modules + 1):
            self.ri.append(RiReading(number, ri_mohm if number == address else others_mohm, 25.0, 0.0))


def told(events: list[Event]) -> list[tuple[str, Change]]:
    return [(event.kind, event.change) for event in events]
