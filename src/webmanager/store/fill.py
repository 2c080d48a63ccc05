"""Years of history in minutes: snapshots of a simulated installation, through the same minutes, journal and volumes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from webmanager.domain.installation import Installation
from webmanager.domain.snapshot import Snapshot
from webmanager.engine.history_ports import EventRecord
from webmanager.store.columns import Layout
from webmanager.store.compaction import Compaction
from webmanager.store.flash import DEVICE_SECTORS, Flash
from webmanager.store.gate import MinuteGate, RowJob
from webmanager.store.journal import JournalCounters
from webmanager.store.ledger import Ledger
from webmanager.store.medium import open_to_write
from webmanager.store.rows import MinuteRow

FINE_DAYS = 120.0
"""The newest days are simulated in steps of a minute: more than the minute tier reaches back."""
COARSE_S = 600.0
FINE_S = 60.0
DAY_S = 86_400.0


class SimulatedInstallation(Protocol):
    """A room and a scan cycle on a clock of their own, without a wire."""

    def advance(self, seconds: float) -> Snapshot:
        """Moves time on and gives the snapshot at its end."""

    def take_events(self) -> Iterable[EventRecord]:
        """What happened since the last call, oldest first."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What was written: days asked for (0 if the store was not empty), rows, events, and what the journal took."""

    days: float
    rows: int
    events: int
    journal: JournalCounters = field(default_factory=JournalCounters)


class FillingFlash:
    """A flash that is synced once, at the end: until then nobody was promised anything."""

    def __init__(self, flash: Flash) -> None:
        self._flash = flash
        self.read = flash.read
        self.program = flash.program
        self.erase = flash.erase
        self.finish = flash.sync

    @property
    def sectors(self) -> int:
        return self._flash.sectors

    def sync(self) -> None:
        """Puts it off."""


def fill_directory(
    data_dir: Path,
    installation: Installation,
    simulated: SimulatedInstallation,
    days: float,
    progress: Callable[[float], None] = lambda share: None,
    *,
    fine_days: float = FINE_DAYS,
    lively: Callable[[], bool] = lambda: False,
    sectors: int = DEVICE_SECTORS,
) -> Filled:
    """Fills the flash of a directory, if it is empty; `progress` is told the share that is done, 0 to 1.

    StoreError if it cannot be written, StoreLockedError if another process has it.
    """
    medium = open_to_write(data_dir, sectors)
    try:
        flash = FillingFlash(medium.flash)
        filled = fill(Ledger(flash), installation, simulated, days, progress, fine_days=fine_days, lively=lively)
        flash.finish()
        return filled
    finally:
        medium.close()


def fill(
    ledger: Ledger,
    installation: Installation,
    simulated: SimulatedInstallation,
    days: float,
    progress: Callable[[float], None] = lambda share: None,
    *,
    fine_days: float = FINE_DAYS,
    lively: Callable[[], bool] = lambda: False,
) -> Filled:
    """Writes `days` of history into an empty store: coarse steps first, minutes for the last `fine_days`.

    While `lively` says so, as during discharges, there are minutes in between as well.
    """
    if ledger.last_minute is not None or days <= 0:
        return Filled(0.0, 0, 0)
    layout = Layout.of(installation)
    gate, compaction = MinuteGate(layout), Compaction(ledger)
    left_s, rows, events = days * DAY_S, 0, 0
    former: RowJob | None = None
    while left_s > 0:
        is_coarse = left_s > fine_days * DAY_S and not lively()
        step_s = min(COARSE_S if is_coarse else FINE_S, left_s)
        left_s -= step_s
        minute = gate.add(simulated.advance(step_s))
        for event in simulated.take_events():
            ledger.append_event(event.at_s, event.kind, event.document)
            events += 1
        if minute is None:
            continue
        rows += _append(ledger, layout, minute, former)
        former = minute
        if compaction.is_due():
            for _ in compaction.steps():
                pass
            progress(1.0 - left_s / (days * DAY_S))
    progress(1.0)
    return Filled(days, rows, events, ledger.journal.counters)


def _append(ledger: Ledger, layout: Layout, job: RowJob, former: RowJob | None) -> int:
    minute = ledger.place(job.wall, job.minutes_since(former))
    if minute is None:
        return 0
    ledger.append_row(layout, MinuteRow(minute, job.row.mean, job.row.below, job.row.above))
    return 1
