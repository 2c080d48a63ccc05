"""The journal: what was measured and what happened, at once, in records that are never programmed over.

Records lie one after the other in numbered sectors, each with its length and a CRC-32 that covers its sequence number
too; the number of the first one stands in the sector's header. The first row in a sector is a full one, so that every
sector can be read alone. On any doubt a sector is closed.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from webmanager.domain.errors import StoreError
from webmanager.store import checksum
from webmanager.store.columns import Layout
from webmanager.store.events import NotStorableError
from webmanager.store.flash import BLANK, SECTOR_BYTES, SectorFaultError
from webmanager.store.rows import MinuteRow, pack_row, unpack_row
from webmanager.store.sectors import BODY_AT, USE_AT, SectorKind, SectorPool, Use, read_use
from webmanager.store.timeline import Run, pack_run, unpack_run

HEAD = struct.Struct("<IH")
"""CRC, then kind (4 bits) and length (12 bits): with 1,440 records a day, and 16 bytes the least a flash programs at
once, every byte of it counts."""
LENGTH_BITS = 12
ALIGNED = 16
LONGEST_RECORD = SECTOR_BYTES - BODY_AT - HEAD.size
TRIES = 8
"""Sectors tried for one record before the flash counts as failed."""


class RecordKind(IntEnum):
    """What a record holds."""

    ROW = 1
    EVENT = 2
    RUN = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """What a record says: a row with its layout, an event (its bytes) or a run of the timeline."""

    seq: int
    row: tuple[Layout, MinuteRow] | None = None
    event: bytes | None = None
    run: Run | None = None


@dataclass(frozen=True, slots=True)
class SectorScan:
    """What one journal sector holds: entries, where its records end, and whether the rest is untouched."""

    entries: tuple[Entry, ...]
    end: int
    is_clean: bool


@dataclass(slots=True)
class JournalSector:
    """One sector of the journal: flash sector, last sequence number in it, end of its records."""

    sector: int
    last_seq: int = 0
    end: int = BODY_AT
    is_bad: bool = False


@dataclass
class JournalCounters:
    """Bytes of payload, bytes programmed for them (headers and padding included), sectors found bad.

    `without_extremes`: rows of a minute so wild that its lowest and highest values did not fit into a sector.
    """

    payload_bytes: int = 0
    programmed_bytes: int = 0
    faults: int = 0
    without_extremes: int = 0


def scan_sector(content: bytes) -> SectorScan:
    """Reads the records of one journal sector; stops at the first that is not whole, or not the next in order."""
    entries: list[Entry] = []
    former: tuple[Layout, MinuteRow] | None = None
    at = BODY_AT
    use = read_use(0, content[USE_AT:BODY_AT])
    while use is not None and at + HEAD.size <= len(content):
        seq = use.seal + len(entries)
        crc, word = HEAD.unpack_from(content, at)
        kind, length = word >> LENGTH_BITS, word % (1 << LENGTH_BITS)
        payload = content[at + HEAD.size : at + HEAD.size + length]
        if len(payload) != length or crc != _crc(seq, word, payload):
            break
        entry = _entry(kind, seq, payload, former)
        if entry is None:
            break
        entries.append(entry)
        former = entry.row or former
        at += _aligned(HEAD.size + length)
    rest = content[at:]
    return SectorScan(tuple(entries), at, rest.count(BLANK) == len(rest))


class Journal:
    """Appends records to numbered sectors. One writer; nothing is acknowledged before `sync`."""

    def __init__(self, pool: SectorPool, scan: Callable[[bytes], SectorScan] = scan_sector) -> None:
        """Finds the journal on the flash; `replay` then gives back what it holds."""
        self._pool = pool
        self._scan = scan
        self._uses = sorted((use for use in pool.found if use.kind is SectorKind.JOURNAL), key=lambda use: use.owner)
        self._sectors: list[JournalSector] = []
        self._open: JournalSector | None = None
        self._former: MinuteRow | None = None
        self._layout: Layout | None = None
        self._number = self._uses[-1].owner + 1 if self._uses else 1
        self.next_seq = 1
        self.event_bytes = 0
        """Bytes of events since the journal was last given up."""
        self.counters = JournalCounters()

    @property
    def sectors(self) -> int:
        """Sectors the journal occupies."""
        return len(self._sectors)

    def replay(self, after: int) -> Iterator[Entry]:
        """What was recorded after sequence number `after`, in order; the journal goes on behind it."""
        self.next_seq = after + 1
        for use in self._uses:
            found = self._scan(self._pool.read(use.sector, 0, SECTOR_BYTES))
            if not found.entries or found.entries[-1].seq < self.next_seq:
                continue
            self._pool.claim(use.sector)
            self._open = JournalSector(use.sector, found.entries[-1].seq, found.end)
            self._sectors.append(self._open)
            new = [entry for entry in found.entries if entry.seq >= self.next_seq]
            self.event_bytes += sum(len(entry.event) for entry in new if entry.event is not None)
            yield from new
            self.next_seq = self._open.last_seq + 1
            rows = [entry.row for entry in found.entries if entry.row is not None]
            self._layout, self._former = rows[-1] if rows else (None, None)
            if not found.is_clean:
                self._open = None

    def append_row(self, layout: Layout, row: MinuteRow) -> int:
        """Records a minute; its sequence number. StoreError if it cannot be written."""
        if self._layout != layout:
            self._former = None
        payload = pack_row(layout, row, self._former if self._open else None)
        if self._room() < len(payload):
            payload = pack_row(layout, row, None)
            if len(payload) > LONGEST_RECORD:
                self.counters.without_extremes += 1
                row = MinuteRow(row.minute, row.mean)
                payload = pack_row(layout, row, None)
            self._open = None
        seq = self._append(RecordKind.ROW, payload, lambda: pack_row(layout, row, None))
        self._former, self._layout = row, layout
        return seq

    def append_event(self, event: bytes) -> int:
        """Records an event, at most LONGEST_RECORD bytes; its sequence number."""
        if len(event) > LONGEST_RECORD:
            raise NotStorableError(f"an event of {len(event)} bytes is too long: {LONGEST_RECORD} are possible")
        self.event_bytes += len(event)
        return self._append(RecordKind.EVENT, event, lambda: event)

    def append_run(self, run: Run) -> int:
        """Records a run of the timeline; its sequence number."""
        payload = pack_run(run)
        return self._append(RecordKind.RUN, payload, lambda: payload)

    def sync(self) -> None:
        """Returns when all that was appended outlives a power cut."""
        self._pool.flash.sync()

    def release(self, through: int) -> None:
        """Gives back the sectors all of whose records have sequence numbers up to `through`."""
        self.event_bytes = 0
        for kept in [sector for sector in self._sectors if sector.last_seq <= through]:
            self._sectors.remove(kept)
            if kept.is_bad:
                self._pool.retire(kept.sector)
            else:
                self._pool.release(kept.sector)
            if kept is self._open:
                self._open = None

    def _append(self, kind: RecordKind, payload: bytes, renewed: Callable[[], bytes]) -> int:
        """Writes one record; if its sector fails or has no room, into a new one, in the form `renewed` gives."""
        if self._room() < len(payload):
            self._open = None
        for _ in range(TRIES):
            if self._open is None:
                payload = renewed()
            try:
                return self._program(kind, payload)
            except SectorFaultError as fault:
                self._give_up(fault.sector)
            except StoreError:
                self._forget_empty()
                raise
        raise StoreError(f"the journal cannot be written: {TRIES} sectors failed one after the other")

    def _program(self, kind: RecordKind, payload: bytes) -> int:
        seq = self.next_seq
        word = kind << LENGTH_BITS | len(payload)
        record = HEAD.pack(_crc(seq, word, payload), word) + payload
        record += bytes([BLANK]) * (_aligned(len(record)) - len(record))
        target = self._open
        if target is None:
            target = JournalSector(self._pool.allocate())
            use = Use(target.sector, SectorKind.JOURNAL, 0, self._number, seq)
            self._number += 1
            self._sectors.append(target)
            self._open = target
            self._former = None
            self._pool.program(target.sector, USE_AT, use.packed() + record)
            self.counters.programmed_bytes += 2 * USE_AT
        else:
            self._pool.program(target.sector, target.end, record)
        target.end += len(record)
        target.last_seq = seq
        self.next_seq += 1
        self.counters.payload_bytes += len(payload)
        self.counters.programmed_bytes += len(record)
        return seq

    def _give_up(self, sector: int) -> None:
        """Closes a sector that failed: what it holds stays until it is superseded, an empty one is retired at once."""
        self.counters.faults += 1
        self._open = None
        failed = next(kept for kept in self._sectors if kept.sector == sector)
        failed.is_bad = True
        if not failed.last_seq:
            self._sectors.remove(failed)
            self._pool.retire(sector)

    def _forget_empty(self) -> None:
        """The medium failed: whatever is half written, the next record goes into another sector."""
        if self._open is not None and not self._open.last_seq:
            self._sectors.remove(self._open)
            self._pool.release(self._open.sector)
        self._open = None

    def _room(self) -> int:
        return SECTOR_BYTES - self._open.end - HEAD.size if self._open else -1


def _entry(kind: int, seq: int, payload: bytes, former: tuple[Layout, MinuteRow] | None) -> Entry | None:
    """A record decoded; None if it makes no sense, which a right checksum makes all but impossible."""
    try:
        if kind == RecordKind.ROW:
            return Entry(seq, row=unpack_row(payload, former))
        if kind == RecordKind.RUN:
            return Entry(seq, run=unpack_run(payload))
        return Entry(seq, event=payload) if kind == RecordKind.EVENT else None
    except (StoreError, struct.error):
        return None


def _crc(seq: int, word: int, payload: bytes) -> int:
    """Of the record with its number where the CRC will stand."""
    return checksum.crc32(HEAD.pack(seq, word) + payload)


def _aligned(length: int) -> int:
    return -(-length // ALIGNED) * ALIGNED
