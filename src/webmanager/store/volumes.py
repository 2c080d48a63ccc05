"""Volumes: sealed runs of bytes over several sectors, each committed, superseded, moved or ended as a whole.

A volume's parts lie in sectors anywhere. Its first part says what it is and is given its use header last, after all
else is synced: that is the commit. Ending one marks its first part, synced, before any sector is used again. So at
every moment, after whatever cut, a volume is there completely or not at all.
"""

import struct
from collections.abc import Generator
from dataclasses import dataclass
from enum import IntEnum

from webmanager.domain.errors import StoreError
from webmanager.store import checksum
from webmanager.store.flash import SECTOR_BYTES, SectorFaultError
from webmanager.store.sectors import BODY_AT, HEADER_BYTES, USE_AT, SectorKind, SectorPool, Use, pieces, read_use

LABEL = struct.Struct("<BBHIIIIIQ")
VERSION = 1
END_MARK_AT = BODY_AT
FIRST_BODY_AT = END_MARK_AT + HEADER_BYTES
FIRST_BYTES = SECTOR_BYTES - FIRST_BODY_AT - LABEL.size
PART_BYTES = SECTOR_BYTES - BODY_AT
ENDED_BITS = 64
"""An end mark is 128 bits programmed to 0; half of them must be, so that neither a stray bit nor a torn mark counts."""
TRIES = 8
LOST = -1
"""Stands for the sector of a part that is not there."""


class VolumeKind(IntEnum):
    """What a volume holds."""

    MINUTES = 1
    ROLLUP = 2
    RECORDING = 3
    PARTIAL = 4


@dataclass(frozen=True, slots=True)
class Label:
    """What a volume is: kind, axis minutes from `start` up to `end`; the journal up to `journal_seq` is in volumes."""

    kind: VolumeKind
    start: int
    end: int
    journal_seq: int


@dataclass(eq=False, slots=True)
class Volume:
    """A committed volume: its label, its id (later ones have larger ids), bytes, and the sector of each part."""

    label: Label
    id: int
    length: int
    sectors: list[int]

    def covers(self, other: "Volume") -> bool:
        """Whether this one stands in place of the other: same kind, at least its range, committed later."""
        mine, its = self.label, other.label
        return mine.kind is its.kind and self.id > other.id and mine.start <= its.start and its.end <= mine.end


class VolumeGoneError(StoreError):
    """The volume was ended while it was being read: look again."""


class Volumes:
    """All volumes of a flash, and the writing of new ones in steps of one sector."""

    def __init__(self, pool: SectorPool) -> None:
        """Finds the volumes on the flash, and frees what never was committed or has been superseded."""
        self._pool = pool
        self.live: dict[int, Volume] = {}
        self.damaged = 0
        parts: dict[int, dict[int, int]] = {}
        for use in pool.found:
            if use.kind is SectorKind.VOLUME:
                self._note(parts.setdefault(use.owner, {}), use)
        self._next_id = max(parts, default=0) + 1
        for owner, sectors in parts.items():
            if 0 in sectors:
                self._mount(owner, sectors)
        for old in [v for v in self.live.values() if any(new.covers(v) for new in self.live.values())]:
            self.end(old)

    @property
    def journal_seq(self) -> int:
        """The journal up to here has been taken into volumes."""
        return max((volume.label.journal_seq for volume in self.live.values()), default=0)

    def of_kind(self, kind: VolumeKind) -> list[Volume]:
        """Volumes of one kind, oldest first."""
        return sorted((v for v in self.live.values() if v.label.kind is kind), key=lambda v: v.label.start)

    def write(self, label: Label, data: bytes) -> Generator[None, None, Volume]:
        """Writes, commits and returns a volume, in steps of one sector.

        Those it covers are ended. StoreFullError if there is no room: nothing has happened then.
        """
        volume = Volume(label, self._next_id, len(data), [])
        self._next_id += 1
        first, *rest = pieces(data, FIRST_BYTES, PART_BYTES)
        try:
            for number, piece in enumerate(rest, 1):
                volume.sectors.append(self._write_part(volume.id, number, piece))
                yield
            volume.sectors.insert(0, self._commit(volume, first))
        except StoreError:
            for sector in volume.sectors:
                self._pool.release(sector)
            raise
        self.live[volume.id] = volume
        for old in [old for old in self.live.values() if volume.covers(old)]:
            self.end(old)
        return volume

    def end(self, volume: Volume) -> None:
        """Ends a volume: marks it, syncs, and gives its sectors back."""
        self.live.pop(volume.id, None)
        self._mark_ended(volume.sectors[0])
        for sector in volume.sectors:
            if sector != LOST:
                self._pool.release(sector)

    def read(self, volume: Volume, offset: int, length: int) -> bytes:
        """Bytes of a volume, every part they lie in checked; StoreError if a part is damaged."""
        if volume.id not in self.live:
            raise VolumeGoneError(f"volume {volume.id} is gone")
        if not 0 <= offset <= offset + length <= volume.length:
            raise StoreError(f"volume {volume.id}: {length} bytes at {offset} lie outside")
        read = bytearray()
        while length > 0:
            number, within = _part_of(offset)
            piece = self._part(volume, number)[within : within + length]
            read += piece
            offset += len(piece)
            length -= len(piece)
        return bytes(read)

    def unreadable(self, volume: Volume) -> list[int]:
        """Numbers of the parts of a volume that cannot be read."""
        bad = []
        for number in range(len(volume.sectors)):
            try:
                self._part(volume, number)
            except StoreError:
                bad.append(number)
        return bad

    def move(self, volume: Volume, number: int) -> None:
        """Copies one part into the most worn free sector and gives its own, less worn one back."""
        former = volume.sectors[number]
        self._part(volume, number)
        content = self._pool.read(former, 0, SECTOR_BYTES)
        target = self._pool.allocate(worn=True)
        try:
            self._pool.program(target, _body_at(number), content[_body_at(number) :])
            self._pool.flash.sync()
            self._pool.program(target, USE_AT, content[USE_AT:BODY_AT])
        except SectorFaultError as fault:
            self._pool.retire(fault.sector)
            return
        self._pool.flash.sync()
        volume.sectors[number] = target
        if number == 0:
            self._mark_ended(former)
        self._pool.release(former)

    def _write_part(self, owner: int, number: int, piece: bytes) -> int:
        use = b""
        for _ in range(TRIES):
            sector = self._pool.allocate()
            use = Use(sector, SectorKind.VOLUME, number, owner, checksum.crc32(piece)).packed()
            try:
                self._pool.program(sector, USE_AT, use + piece)
            except SectorFaultError:
                self._pool.retire(sector)
                continue
            return sector
        raise StoreError(f"a volume cannot be written: {TRIES} sectors failed one after the other")

    def _commit(self, volume: Volume, first: bytes) -> int:
        label = volume.label
        body = LABEL.pack(
            label.kind, VERSION, len(volume.sectors) + 1, volume.length, label.start, label.end, label.journal_seq, 0, 0
        )
        body += first
        for _ in range(TRIES):
            sector = self._pool.allocate()
            use = Use(sector, SectorKind.VOLUME, 0, volume.id, checksum.crc32(body))
            try:
                self._pool.program(sector, FIRST_BODY_AT, body)
                self._pool.flash.sync()
                self._pool.program(sector, USE_AT, use.packed())
            except SectorFaultError:
                self._pool.retire(sector)
                continue
            self._pool.flash.sync()
            return sector
        raise StoreError(f"a volume cannot be committed: {TRIES} sectors failed one after the other")

    def _note(self, parts: dict[int, int], use: Use) -> None:
        """Takes up a part; of two copies, left by a move that was cut, the second is undone."""
        if use.part == 0:
            mark = self._pool.read(use.sector, END_MARK_AT, HEADER_BYTES)
            if HEADER_BYTES * 8 - int.from_bytes(mark, "big").bit_count() >= ENDED_BITS:
                return
            if 0 in parts:
                self._mark_ended(use.sector)
        parts.setdefault(use.part, use.sector)

    def _mount(self, owner: int, sectors: dict[int, int]) -> None:
        packed = self._pool.read(sectors[0], FIRST_BODY_AT, LABEL.size)
        kind, version, count, length, start, end, journal_seq, _, _ = LABEL.unpack(packed)
        if version != VERSION or kind not in _KINDS or count != _parts(length):
            self.damaged += 1
            return
        label = Label(VolumeKind(kind), start, end, journal_seq)
        volume = Volume(label, owner, length, [sectors.get(number, LOST) for number in range(count)])
        try:
            self._part(volume, 0)
        except StoreError:
            self.damaged += 1
            return
        self.live[owner] = volume
        for sector in volume.sectors:
            if sector != LOST:
                self._pool.claim(sector)

    def _mark_ended(self, sector: int) -> None:
        """A first part without this mark would come back to life at the next start, before its sector is erased."""
        try:
            self._pool.program(sector, END_MARK_AT, bytes(HEADER_BYTES))
        except SectorFaultError as fault:
            self._pool.retire(fault.sector)
        self._pool.flash.sync()

    def _part(self, volume: Volume, number: int) -> bytes:
        """The data in one part; StoreError if it is not what was written."""
        sector = volume.sectors[number]
        if sector == LOST:
            raise StoreError(f"volume {volume.id}: part {number} is lost")
        content = self._pool.read(sector, 0, SECTOR_BYTES)
        use = read_use(sector, content[USE_AT:BODY_AT])
        first = min(volume.length, FIRST_BYTES)
        size = first if number == 0 else min(volume.length - FIRST_BYTES - (number - 1) * PART_BYTES, PART_BYTES)
        at = FIRST_BODY_AT + LABEL.size if number == 0 else BODY_AT
        body = content[_body_at(number) : at + size]
        if use is None or (use.owner, use.part) != (volume.id, number) or use.seal != checksum.crc32(body):
            raise StoreError(f"volume {volume.id}: part {number} is damaged")
        return content[at : at + size]


def _body_at(number: int) -> int:
    return FIRST_BODY_AT if number == 0 else BODY_AT


def _parts(length: int) -> int:
    return 1 + -(-max(length - FIRST_BYTES, 0) // PART_BYTES)


def _part_of(offset: int) -> tuple[int, int]:
    """Number of the part a byte of a volume lies in, and where within it."""
    if offset < FIRST_BYTES:
        return 0, offset
    number, within = divmod(offset - FIRST_BYTES, PART_BYTES)
    return number + 1, within


_KINDS = frozenset(VolumeKind)
