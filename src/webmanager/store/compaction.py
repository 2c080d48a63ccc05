"""From journal to volumes, in small steps: days are closed, months joined, what is too old ends, cold sectors move.

Every task can be cut anywhere: a volume is committed as a whole, and the journal is given up only with the minutes
that hold its rows. What was cut is simply done again.
"""

import itertools
from collections.abc import Generator

import numpy as np

from webmanager.domain.errors import StoreError
from webmanager.domain.snapshot import StringState
from webmanager.store.blocks import DAY, Block, Plane, encode
from webmanager.store.columns import Quantity
from webmanager.store.events import StoredEvent, pack_events, unpack_events
from webmanager.store.flash import SECTOR_BYTES
from webmanager.store.ledger import Ledger
from webmanager.store.rollup import days, hours, joined
from webmanager.store.sections import SectionKind, join
from webmanager.store.space import (
    DAYS_KEPT_DAYS,
    HOURS_KEPT_DAYS,
    events_share,
    limit_recordings,
    make_room,
    older_than,
)
from webmanager.store.tail import Tail
from webmanager.store.timeline import pack_run
from webmanager.store.volumes import LOST, PART_BYTES, Label, Volume, VolumeGoneError, VolumeKind

SPAN = 30 * DAY
"""Roll-ups of days are joined to one volume for this many minutes: a month, to the store."""
EARLY_SHARE, EARLY_EVENTS_SHARE, EARLY_AT_LEAST = 32, 128, 64
"""The journal, and the events in it, may take this part of the flash before what it holds is saved early.

On a small flash the journal may take more, up to a quarter of it or so many sectors.
"""
RECORD_BEFORE, RECORD_AFTER, RECORD_GAP = 10, 60, 30
"""Minutes recorded before and after a discharge; shorter pauses are part of it."""
MOVE_EVERY = 7 * DAY
MOVES = 64
COLD = 6
"""Weekly, up to MOVES sectors erased COLD times less than the most worn free one change places with those."""

Steps = Generator[None, None, None]
Sections = list[tuple[SectionKind, bytes]]


class Compaction:
    """Whatever is due, in steps that each take some milliseconds. The caller holds the ledger's lock during a step."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._volumes = ledger.volumes
        self._is_new = True
        self._moved_at = 0
        self.days_closed = 0
        self.moves = 0

    def is_due(self) -> bool:
        """Whether there is anything to do; cheap."""
        return self._is_new or self._due_day() is not None or self._is_journal_long()

    def steps(self) -> Steps:
        """Does all that is due. After a StoreError it may be called again: what was not committed is done anew."""
        while (due := self._due_day()) is not None:
            yield from self._close(*due)
            yield from self._tidy()
        if self._is_journal_long():
            yield from self._save_early()
        if self._is_new:
            yield from self._tidy()
            self._is_new = False

    def _due_day(self) -> tuple[Tail, int, int] | None:
        """The oldest tail and the part of it to be closed: a day that is over, or what another layout came after."""
        tails = self._ledger.tails
        if not tails or tails[0].first is None or tails[0].last is None:
            return None
        tail, first, last = tails[0], tails[0].first, tails[0].last
        day = first // DAY * DAY
        if day + DAY <= last:
            return tail, first, day + DAY
        return (tail, first, last + 1) if len(tails) > 1 else None

    def _is_journal_long(self) -> bool:
        ledger = self._ledger
        if ledger.last_minute is None or len(ledger.tails) > 1:
            return False
        sectors = ledger.pool.flash.sectors
        is_long = ledger.journal.sectors > max(6, min(sectors // 4, EARLY_AT_LEAST), sectors // EARLY_SHARE)
        return is_long or ledger.journal.event_bytes > max(6, sectors // EARLY_EVENTS_SHARE) * SECTOR_BYTES

    def _close(self, tail: Tail, start: int, end: int) -> Steps:
        """Writes the roll-up of a part of the tail, recordings of discharges, then its minutes; ends its journal."""
        ledger = self._ledger
        minutes = tail.block(start, end)
        seq = tail.seq_before(end)
        events = [event for event in ledger.events if event.seq <= seq]
        rolled = yield from self._rollup_sections([hours(minutes)], [days(minutes)], events)
        yield from self._write(Label(VolumeKind.ROLLUP, start, end, self._volumes.journal_seq), rolled)
        for first, last in discharges(minutes):
            part = yield from encode(tail.block(first, last))
            limit_recordings(ledger.pool, self._volumes, len(part) // PART_BYTES + 2)
            label = Label(VolumeKind.RECORDING, first, last, self._volumes.journal_seq)
            yield from self._write(label, [(SectionKind.MINUTES, part)])
        yield from self._write_minutes(VolumeKind.MINUTES, minutes, start, end, seq, [])
        ledger.end_partials()
        ledger.events = ledger.events[len(events) :]
        ledger.tails = [left for left in (tail.without(end), *ledger.tails[1:]) if len(left)]
        self.days_closed += 1

    def _save_early(self) -> Steps:
        """Saves all rows and events so far, since the journal has grown too long for the day to be waited for."""
        ledger = self._ledger
        tail = ledger.tails[0] if ledger.tails else None
        if len(ledger.tails) > 1 or ledger.last_minute is None:
            return
        start, end = ledger.closed_end, ledger.last_minute + 1
        if tail is not None and tail.first is not None:
            start = tail.first
        minutes = tail.block(start, end) if tail is not None else None
        seq = ledger.journal.next_seq - 1
        yield from self._write_minutes(VolumeKind.PARTIAL, minutes, start, end, seq, list(ledger.events))

    def _write_minutes(
        self, kind: VolumeKind, minutes: Block | None, start: int, end: int, seq: int, events: list[StoredEvent]
    ) -> Steps:
        """Writes minutes, and gives up the journal up to `seq`."""
        sections: Sections = []
        if minutes is not None:
            sections.append((SectionKind.MINUTES, (yield from encode(minutes))))
        if events:
            sections.append((SectionKind.EVENTS, pack_events(events)))
        runs = b"".join(pack_run(run) for run in self._ledger.timeline.runs)
        if runs:
            sections.append((SectionKind.RUNS, runs))
        yield from self._write(Label(kind, start, end, seq), sections)
        self._ledger.journal.release(seq)

    def _write(self, label: Label, sections: Sections) -> Generator[None, None, Volume]:
        data = join(sections)
        has_events = any(kind is SectionKind.EVENTS for kind, _ in sections)
        make_room(self._ledger.pool, self._volumes, len(data) // PART_BYTES + 2, for_events=has_events)
        return (yield from self._volumes.write(label, data))

    def _rollup_sections(
        self, of_hours: list[Block], of_days: list[Block], events: list[StoredEvent]
    ) -> Generator[None, None, Sections]:
        sections: Sections = []
        for kind, blocks in ((SectionKind.HOURS, of_hours), (SectionKind.DAYS, of_days)):
            for block in blocks:
                if block.axis.size:
                    sections.append((kind, (yield from encode(block))))
        if events:
            sections.append((SectionKind.EVENTS, pack_events(events)))
        return sections

    def _tidy(self) -> Steps:
        """Joins months that are over, ends what is too old, and moves sectors that never change."""
        rollups = self._volumes.of_kind(VolumeKind.ROLLUP)
        spans: dict[int, list[Volume]] = {}
        for volume in rollups:
            spans.setdefault(volume.label.start // SPAN, []).append(volume)
        for number, parts in spans.items():
            if len(parts) > 1 and self._ledger.closed_end >= (number + 1) * SPAN:
                yield from self._join(parts)
        for volume in older_than(rollups, DAYS_KEPT_DAYS):
            if volume.id in self._volumes.live:
                self._volumes.end(volume)
        for volume in older_than(self._volumes.of_kind(VolumeKind.ROLLUP), HOURS_KEPT_DAYS):
            yield from self._leave_out(volume, SectionKind.HOURS)
        yield from self._limit_events()
        yield from self._move_cold()

    def _join(self, parts: list[Volume]) -> Steps:
        """One volume in place of the roll-ups of a month's days."""
        gathered: dict[SectionKind, list[Block]] = {SectionKind.HOURS: [], SectionKind.DAYS: []}
        events: list[StoredEvent] = []
        for part in parts:
            try:
                for section in self._ledger.sections(part):
                    if section.kind is SectionKind.EVENTS:
                        events += unpack_events(section.content())
                    elif section.kind in gathered:
                        gathered[section.kind].append(section.block.block())
            except VolumeGoneError:
                raise
            except StoreError:
                self._ledger.unreadable += 1
            yield
        sections = yield from self._rollup_sections(
            _by_layout(gathered[SectionKind.HOURS]), _by_layout(gathered[SectionKind.DAYS]), events
        )
        label = Label(VolumeKind.ROLLUP, parts[0].label.start, parts[-1].label.end, self._volumes.journal_seq)
        yield from self._write(label, sections)

    def _limit_events(self) -> Steps:
        """Keeps events within their share, the oldest go first; what they do not use of it is left free for them."""
        share, used = events_share(self._ledger.pool), 0
        for volume in reversed(self._volumes.of_kind(VolumeKind.ROLLUP)):
            used += self._ledger.bytes_of(volume, SectionKind.EVENTS)
            if used > share * PART_BYTES:
                yield from self._leave_out(volume, SectionKind.EVENTS)
        self._ledger.pool.spared = max(0, share - 1 - used // PART_BYTES)

    def _leave_out(self, volume: Volume, kind: SectionKind) -> Steps:
        """Writes a roll-up again without what has become too old in it."""
        sections = self._ledger.sections(volume)
        if not any(section.kind is kind for section in sections):
            return
        kept: Sections = [(s.kind, s.content()) for s in sections if s.kind is not kind]
        label = Label(VolumeKind.ROLLUP, volume.label.start, volume.label.end, self._volumes.journal_seq)
        yield from self._write(label, kept)

    def _move_cold(self) -> Steps:
        """Puts data that never changes onto worn sectors, so that theirs, hardly worn, take part again."""
        last, worn = self._ledger.last_minute or 0, self._ledger.pool.most_worn_free()
        if last - self._moved_at < MOVE_EVERY or worn is None:
            return
        self._moved_at = last
        parts = [
            (self._ledger.pool.erases(sector), volume, number)
            for volume in self._volumes.live.values()
            for number, sector in enumerate(volume.sectors)
            if sector != LOST
        ]
        parts.sort(key=lambda part: part[0])
        for erases, volume, number in parts[:MOVES]:
            worn = self._ledger.pool.most_worn_free()
            if worn is None or worn - erases < COLD:
                return
            if volume.id in self._volumes.live:
                self._volumes.move(volume, number)
                self.moves += 1
            yield


def discharges(minutes: Block) -> list[tuple[int, int]]:
    """Stretches of time, axis minutes, in which a string was discharging, with what was before and after."""
    states = minutes.planes[Plane.MEAN][:, minutes.layout.span(Quantity.STATE)]
    at = minutes.axis[(states == StringState.DISCHARGING).any(axis=1)]
    if not at.size:
        return []
    breaks = np.flatnonzero(np.diff(at) > RECORD_GAP)
    firsts, lasts = at[np.concatenate(([0], breaks + 1))], at[np.concatenate((breaks, [at.size - 1]))]
    windows: list[tuple[int, int]] = []
    for first, last in zip((firsts - RECORD_BEFORE).tolist(), (lasts + RECORD_AFTER + 1).tolist(), strict=True):
        if windows and first <= windows[-1][1]:
            windows[-1] = windows[-1][0], last
        else:
            windows.append((first, last))
    return windows


def _by_layout(blocks: list[Block]) -> list[Block]:
    """Neighbours of one layout joined."""
    return [joined(list(group)) for _, group in itertools.groupby(blocks, key=lambda block: block.layout)]
