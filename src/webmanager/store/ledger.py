"""The heart of the store: one writer that records minutes and events, and gives readers a consistent view."""

import contextlib
import struct
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from webmanager.domain.errors import StoreError
from webmanager.store.blocks import Plane
from webmanager.store.columns import Layout
from webmanager.store.events import StoredEvent, pack_event, unpack_event, unpack_events
from webmanager.store.flash import Flash
from webmanager.store.journal import Journal, SectorScan, scan_sector
from webmanager.store.rows import MinuteRow
from webmanager.store.sections import Section, SectionKind, read_sections
from webmanager.store.sectors import SectorPool
from webmanager.store.space import make_room
from webmanager.store.tail import Tail, rows_of
from webmanager.store.timeline import RUN, Timeline, unpack_run
from webmanager.store.volumes import Volume, VolumeKind, Volumes

MOST_OPEN = 400
"""Volumes whose heads are kept in memory."""
MOST_EVENTS = 20_000
"""Events of one day kept; more are dropped and counted."""


@dataclass(frozen=True, slots=True)
class View:
    """What there is at one moment: volumes oldest first, tails of newest rows, events not yet in a roll-up, time."""

    minutes: tuple[Volume, ...]
    rollups: tuple[Volume, ...]
    recordings: tuple[Volume, ...]
    tails: tuple[Tail, ...]
    events: tuple[StoredEvent, ...]
    timeline: Timeline


class Ledger:
    """One flash, mounted. Writing calls come from one thread at a time; `lock` makes reading safe beside them."""

    def __init__(self, flash: Flash, scan: Callable[[bytes], SectorScan] = scan_sector) -> None:
        """Finds everything that was acknowledged. Nothing is written but marks on what a cut left half moved."""
        self.lock = threading.RLock()
        self.pool = SectorPool(flash)
        self.volumes = Volumes(self.pool)
        self.journal = Journal(self.pool, scan)
        self.timeline = Timeline()
        self.tails: list[Tail] = []
        self.events: list[StoredEvent] = []
        self.events_dropped = 0
        self.unreadable = 0
        self._opened: OrderedDict[int, list[Section]] = OrderedDict()
        self._last: int | None = None
        self._offset: int | None = None
        self._recover()

    @property
    def last_minute(self) -> int | None:
        """Axis minute of the newest row, None if there is none."""
        return self._last

    @property
    def closed_end(self) -> int:
        """Axis minute up to which minutes are in volumes for good."""
        return max((volume.label.end for volume in self.volumes.of_kind(VolumeKind.MINUTES)), default=0)

    def place(self, wall: int, since_last: int | None) -> int | None:
        """Axis minute of a row at wall minute `wall` (see `Timeline.place`); records what that says of the clock."""
        placing = self.timeline.place(wall, self._last, since_last)
        for run in placing.runs:
            make_room(self.pool, self.volumes, 1)
            self.journal.append_run(run)
        if placing.runs:
            self.timeline = self.timeline.with_runs(placing.runs)
        if placing.minute is not None:
            self._offset = placing.minute - wall
        return placing.minute

    def append_row(self, layout: Layout, row: MinuteRow) -> None:
        """Records a minute, `row.minute` being on the axis. Acknowledged by `sync`. StoreError if it cannot be."""
        if self._last is not None and row.minute <= self._last:
            raise StoreError(f"minute {row.minute} comes after {self._last}: the axis never goes back")
        with self.lock:
            make_room(self.pool, self.volumes, 1)
            self._keep(layout, row, self.journal.append_row(layout, row))

    def append_event(self, at_s: float, kind: str, document: Mapping[str, object]) -> None:
        """Records an event at UTC second `at_s` of the device's clock. StoreError if it cannot be."""
        with self.lock:
            if len(self.events) >= MOST_EVENTS:
                self.events_dropped += 1
                return
            offset = self._offset
            if offset is None:
                offset = self.timeline.offset(int(at_s // 60), self._last)
            axis_s = at_s + 60 * offset
            make_room(self.pool, self.volumes, 1, for_events=True)
            payload = pack_event(axis_s, kind, document)
            self.events.append(unpack_event(self.journal.append_event(payload), payload))

    def sync(self) -> None:
        """Returns when everything recorded outlives a power cut."""
        self.journal.sync()

    def view(self) -> View:
        """What there is now; it stays readable unless a volume in it is ended (VolumeGoneError: take a new one)."""
        with self.lock:
            of_kind = self.volumes.of_kind
            return View(
                tuple(of_kind(VolumeKind.MINUTES)),
                tuple(of_kind(VolumeKind.ROLLUP)),
                tuple(of_kind(VolumeKind.RECORDING)),
                tuple(self.tails),
                tuple(self.events),
                self.timeline,
            )

    def sections(self, volume: Volume) -> list[Section]:
        """The sections of a volume; their heads are remembered. StoreError if they cannot be read."""
        with self.lock:
            found = self._opened.get(volume.id)
            if found is None:
                found = self._opened[volume.id] = read_sections(partial(self._fetch, volume))
                while len(self._opened) > MOST_OPEN:
                    self._opened.popitem(last=False)
            self._opened.move_to_end(volume.id)
            return found

    def sections_of(self, volume: Volume, kind: SectionKind) -> list[Section]:
        """The sections of one kind."""
        return [section for section in self.sections(volume) if section.kind is kind]

    def open_heads(self) -> None:
        """Reads a column of all roll-ups, so that the first curve over years is as quick as any other."""
        for volume in self.volumes.of_kind(VolumeKind.ROLLUP):
            with contextlib.suppress(StoreError):
                for section in self.sections_of(volume, SectionKind.HOURS):
                    section.block.column(0, (Plane.LOW, Plane.MEAN, Plane.HIGH))

    def bytes_of(self, volume: Volume, kind: SectionKind) -> int:
        """Bytes of one kind of section in a volume; 0 if that cannot be told."""
        try:
            return sum(section.length for section in self.sections_of(volume, kind))
        except StoreError:
            return 0

    def end_partials(self) -> None:
        """Ends what was saved early of days that are closed now."""
        closed = self.closed_end
        for volume in self.volumes.of_kind(VolumeKind.PARTIAL):
            if volume.label.end <= closed:
                self.volumes.end(volume)

    def _fetch(self, volume: Volume, offset: int, length: int) -> bytes:
        with self.lock:
            return self.volumes.read(volume, offset, length)

    def _keep(self, layout: Layout, row: MinuteRow, seq: int) -> None:
        if not self.tails or self.tails[-1].layout != layout:
            self.tails.append(Tail(layout))
        self.tails[-1].append(row, seq)
        self._last = row.minute

    def _recover(self) -> None:
        closed = self.closed_end
        self._last = closed - 1 if closed else None
        self.end_partials()
        for volume in (*self.volumes.of_kind(VolumeKind.MINUTES), *self.volumes.of_kind(VolumeKind.PARTIAL)):
            self._recover_runs(volume)
        for volume in self.volumes.of_kind(VolumeKind.PARTIAL):
            self._recover_partial(volume)
        for entry in self.journal.replay(self.volumes.journal_seq):
            if entry.run is not None:
                self.timeline = self.timeline.with_runs((entry.run,))
            elif entry.event is not None:
                self._recover_event(entry.seq, entry.event)
            elif entry.row is not None:
                self._take_back(*entry.row, entry.seq)

    def _recover_runs(self, volume: Volume) -> None:
        try:
            for section in self.sections_of(volume, SectionKind.RUNS):
                data = section.content()
                runs = tuple(unpack_run(data[at : at + RUN.size]) for at in range(0, len(data), RUN.size))
                self.timeline = self.timeline.with_runs(runs)
        except (StoreError, struct.error):
            self.unreadable += 1

    def _recover_partial(self, volume: Volume) -> None:
        """Takes back into memory what was saved early from a journal that had grown too long."""
        try:
            for section in self.sections_of(volume, SectionKind.MINUTES):
                for row in rows_of(section.block.block()):
                    self._take_back(section.block.layout, row, volume.label.journal_seq)
            for section in self.sections_of(volume, SectionKind.EVENTS):
                known = {event.seq for event in self.events}
                self.events += [event for event in unpack_events(section.content()) if event.seq not in known]
        except StoreError:
            self.unreadable += 1

    def _take_back(self, layout: Layout, row: MinuteRow, seq: int) -> None:
        if self._last is None or row.minute > self._last:
            self._keep(layout, row, seq)

    def _recover_event(self, seq: int, payload: bytes) -> None:
        try:
            self.events.append(unpack_event(seq, payload))
        except StoreError:
            self.unreadable += 1
