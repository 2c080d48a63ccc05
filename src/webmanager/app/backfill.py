"""`demo --history`: a room's past, made without a wire by the device's own assembly, journal and compaction."""

import contextlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from webmanager.domain.errors import StoreError, WebmanagerError
from webmanager.domain.installation import Installation
from webmanager.domain.reading import RiReading, ScanReading
from webmanager.domain.snapshot import Snapshot
from webmanager.engine.assembly import Moment, SnapshotAssembly
from webmanager.engine.cycle import COUNTERS
from webmanager.engine.history_ports import EventRecord
from webmanager.engine.ports import StateKeeper
from webmanager.engine.ri_schedule import RiSchedule
from webmanager.room import state_file
from webmanager.room.config import RoomConfig
from webmanager.room.past import DAY_S, Past
from webmanager.room.simulation import Room
from webmanager.settings.model import Settings
from webmanager.store.fill import FINE_DAYS, fill_directory
from webmanager.store.ledger import Ledger
from webmanager.store.medium import IMAGE, open_to_read

SCANS_A_MINUTE = 30
"""What a stored minute is the mean of, in a device that scans every 2 s."""
SCAN_S = 1.0
MINUTE_S = 60.0


class BackfillStoppedError(WebmanagerError):
    """The operator has ended the simulation; nothing of it was kept."""


@dataclass(frozen=True, slots=True)
class Backfilled:
    """What a simulated past has left: minutes written (0: the store was not empty), and the moment it ended."""

    rows: int
    ended_s: float


class SimulatedScans:
    """A room and a scan cycle without a wire, on the room's clock: the source `store.fill` asks for.

    One scan stands for the thirty of its minute: it is taken with the noise that their mean has.
    """

    def __init__(self, room: Room, settings: Settings, days: float) -> None:
        self.room = room
        self.past = Past(room, days)
        self._began_s = room.now_s
        self._assembly = SnapshotAssembly(room.installation, settings.equalizing.to_domain())
        self._ri = RiSchedule(room.installation, settings.scan.ri_interval_h * 3600.0)
        self._started: list[int] = []
        self._none_measuring = np.zeros(room.installation.strings, np.bool_)
        fewer = math.sqrt(SCANS_A_MINUTE)
        room.modules.noise_v /= fewer
        room.modules.temperature_noise_k /= fewer
        room.sensors.noise_a /= fewer
        for address in range(1, room.installation.modules + 1):
            self._note_ri(address)

    @property
    def is_lively(self) -> bool:
        """Whether the next minutes are worth being stored one by one."""
        return self.past.is_lively

    @property
    def counters(self) -> dict[str, object]:
        """Charges and discharges of each module, as the scan cycle keeps them."""
        counter = self._assembly.counter
        return {"charges": counter.charges.tolist(), "discharges": counter.discharges.tolist()}

    def advance(self, seconds: float) -> Snapshot:
        """Moves time on, scans, and gives the modules their reference."""
        room = self.room
        self.past.advance(seconds)
        measured = room.measure()
        for address in self._started:
            self._note_ri(address)
            self._ri.finished(address)
        at_s = room.now_s - self._began_s
        scan = ScanReading(
            answered=measured.answered,
            voltage_v=measured.voltage_v,
            temperature_c=measured.temperature_c,
            equalizing_percent=measured.equalizing_percent,
            status=measured.status,
            current_a=measured.current_a,
            ripple_a=measured.ripple_a,
            started_s=at_s - SCAN_S,
            ended_s=at_s,
        )
        snapshot = self._assembly.take(scan, Moment(at_s, room.now_s, seconds), self._none_measuring)
        room.set_references(snapshot.strings.reference_v)
        self._start_ri(snapshot, at_s)
        return snapshot

    def take_events(self) -> Sequence[EventRecord]:
        """None: events are the matter of alarms, and the past has been looked at by nobody."""
        return ()

    def _start_ri(self, snapshot: Snapshot, at_s: float) -> None:
        """A measurement takes seconds: it begins after one scan, and is over long before the next."""
        self._started = []
        for address in self._ri.due(at_s, snapshot.strings.state):
            index = address - 1
            if snapshot.modules.quality[index] == 0 and self.room.modules.start_ri(index, self.room.now_s):
                self._ri.started(address, at_s)
                self._started.append(address)

    def _note_ri(self, address: int) -> None:
        modules, index = self.room.modules, address - 1
        ri_mohm = float(modules.known_ri_mohm()[index])
        modules.take_ri(index)
        if not math.isnan(ri_mohm):
            age_s = max(self.room.now_s - float(modules.ri_at_s[index]), 0.0)
            celsius = float(modules.ri_temperature_c[index])
            self._assembly.note_ri(RiReading(address, ri_mohm, celsius, age_s), self.room.now_s)


def backfill(
    data_dir: Path,
    config: RoomConfig,
    settings: Settings,
    days: float,
    now_s: float,
    *,
    state: Path,
    keeper: StateKeeper,
    progress: Callable[[float], None] = lambda share: None,
    fine_days: float = FINE_DAYS,
) -> Backfilled:
    """Fills an empty store with the `days` before `now_s`; the batteries as they have become are kept in `state`.

    A store with anything in it is left as it is. `progress` may raise BackfillStoppedError: then nothing is kept.
    """
    ends_s = now_s // MINUTE_S * MINUTE_S
    if last_stored_s(data_dir) is not None:
        return Backfilled(0, ends_s)
    scans = SimulatedScans(Room(config, ends_s - days * DAY_S), settings, days)
    try:
        filled = fill_directory(
            data_dir,
            installation_of(settings),
            scans,
            days,
            progress,
            fine_days=fine_days,
            lively=lambda: scans.is_lively,
        )
    except BackfillStoppedError:
        with contextlib.suppress(OSError):
            (data_dir / IMAGE).unlink()
        raise
    scans.past.finish()
    state_file.save(scans.room, state)
    keeper.save(COUNTERS, scans.counters)
    return Backfilled(filled.rows, ends_s)


def installation_of(settings: Settings) -> Installation:
    """What the settings say is installed."""
    return settings.installation.to_domain()


def last_stored_s(data_dir: Path) -> float | None:
    """The start of the newest stored minute, UTC seconds; None if nothing is stored, or it cannot be read."""
    try:
        medium = open_to_read(data_dir)
    except StoreError:
        return None
    try:
        ledger = Ledger(medium.flash)
        last = ledger.last_minute
        return None if last is None else 60.0 * (last + ledger.timeline.shift(last))
    except StoreError:
        return None
    finally:
        medium.close()
