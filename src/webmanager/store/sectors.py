"""One pool of sectors: headers, least-worn allocation, retirement, wear. Byte boxes: `docs/store-format.md`.

A sector begins with an erase header, written right after every erase, and a use header, written when it is used.
Both carry their own CRC; a sector whose headers cannot be read belongs to nobody and is free.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from webmanager.domain.errors import StoreError
from webmanager.store import checksum
from webmanager.store.flash import BLANK, SECTOR_BYTES, Flash, SectorFaultError

FORMAT = 1
ERASE_HEADER = struct.Struct("<4sII")
USE_HEADER = struct.Struct("<BBHII")
CRC = struct.Struct("<I")
HEADER_BYTES = 16
USE_AT = HEADER_BYTES
BODY_AT = 2 * HEADER_BYTES
MAGIC = b"WMf1"
RETIRED_BITS = 96
"""A retired sector's erase header is programmed to 0; this many of its 128 bits must show it."""


class SectorKind(IntEnum):
    """What a used sector holds."""

    JOURNAL = 1
    VOLUME = 2


class Sector(IntEnum):
    """What the pool knows of a sector."""

    FREE = 0
    USED = 1
    RETIRED = 2


class StoreFullError(StoreError):
    """No sector is free; something old must go first."""


@dataclass(frozen=True, slots=True)
class Use:
    """A sector's use header: part `part` of `owner` (a volume's id, a journal sector's number).

    `seal` is the CRC of a volume's body, and in the journal the number of the sector's first record.
    """

    sector: int
    kind: SectorKind
    part: int
    owner: int
    seal: int

    def packed(self) -> bytes:
        """The 16 bytes as they are programmed."""
        return _sealed(USE_HEADER.pack(self.kind, FORMAT, self.part, self.owner, self.seal))


@dataclass(frozen=True, slots=True)
class Wear:
    """Erase counts over all sectors that are not retired."""

    least: int
    p1: int
    mean: float
    p99: int
    most: int
    retired: int


class SectorPool:
    """All sectors of one flash. Everything that programs or erases goes through here and is read back."""

    def __init__(self, flash: Flash) -> None:
        """Reads every header; `found` lists the use headers that are whole, and all sectors but retired are free."""
        self.flash = flash
        self.found: list[Use] = []
        self.programmed_bytes = 0
        self.spared = 0
        """Sectors to be left free for events, see `space.make_room`."""
        self._state: npt.NDArray[np.int8] = np.zeros(flash.sectors, np.int8)
        self._erases: npt.NDArray[np.int64] = np.full(flash.sectors, -1, np.int64)
        for sector in range(flash.sectors):
            self._read_headers(sector)
        self.free = int(np.count_nonzero(self._state == Sector.FREE))
        """Sectors that can be allocated."""
        known = self._erases[self._erases >= 0]
        self._erases[self._erases < 0] = int(known.mean()) if known.size else 0

    @property
    def retired(self) -> int:
        """Sectors found bad."""
        return int(np.count_nonzero(self._state == Sector.RETIRED))

    def claim(self, sector: int) -> None:
        """Marks a sector found at start as used."""
        self._set(sector, Sector.USED)

    def release(self, sector: int) -> None:
        """Gives a sector back; it is erased when it is needed."""
        if self._state[sector] == Sector.USED:
            self._set(sector, Sector.FREE)

    def allocate(self, *, worn: bool = False) -> int:
        """An erased sector with its erase header: the least worn one, or the most worn; StoreFullError if none."""
        while True:
            sector = self._pick(worn=worn)
            try:
                self._prepare(sector)
            except SectorFaultError:
                self.retire(sector)
                continue
            self._set(sector, Sector.USED)
            return sector

    def retire(self, sector: int) -> None:
        """Takes a bad sector out of use for good, and marks it so; what cannot be marked is erased, if it can be.

        Otherwise what it once held would be found at the next start.
        """
        self._set(sector, Sector.RETIRED)
        self.flash.program(sector * SECTOR_BYTES, bytes(HEADER_BYTES))
        if _zero_bits(self.read(sector, 0, HEADER_BYTES)) < RETIRED_BITS:
            self.flash.erase(sector)

    def program(self, sector: int, offset: int, data: bytes) -> None:
        """Programs and reads back; SectorFaultError if it did not take."""
        address = sector * SECTOR_BYTES + offset
        self.flash.program(address, data)
        self.programmed_bytes += len(data)
        if self.flash.read(address, len(data)) != data:
            raise SectorFaultError(sector, "does not keep what is programmed")

    def read(self, sector: int, offset: int, length: int) -> bytes:
        """Bytes of one sector."""
        return self.flash.read(sector * SECTOR_BYTES + offset, length)

    def erases(self, sector: int) -> int:
        """How often this sector has been erased."""
        return int(self._erases[sector])

    def most_worn_free(self) -> int | None:
        """Erase count of the free sector erased most often, None if none is free."""
        free = self._erases[self._state == Sector.FREE]
        return int(free.max()) if free.size else None

    def wear(self) -> Wear:
        """Erase counts of all sectors in use or free."""
        counts = self._erases[self._state != Sector.RETIRED]
        if not counts.size:
            return Wear(0, 0, 0.0, 0, 0, self.retired)
        p1, p99 = np.percentile(counts, (1, 99))
        return Wear(int(counts.min()), int(p1), float(counts.mean()), int(p99), int(counts.max()), self.retired)

    def _read_headers(self, sector: int) -> None:
        head = self.flash.read(sector * SECTOR_BYTES, BODY_AT)
        erase = head[:HEADER_BYTES]
        if _zero_bits(erase) >= RETIRED_BITS:
            self._state[sector] = Sector.RETIRED
            return
        body = _opened(erase)
        if body is None:
            return
        magic, erases, _ = ERASE_HEADER.unpack(body)
        if magic != MAGIC:
            return
        self._erases[sector] = erases
        use = read_use(sector, head[USE_AT:BODY_AT])
        if use is not None:
            self.found.append(use)

    def _set(self, sector: int, state: Sector) -> None:
        self.free += (state is Sector.FREE) - bool(self._state[sector] == Sector.FREE)
        self._state[sector] = state

    def _pick(self, *, worn: bool) -> int:
        candidates = np.flatnonzero(self._state == Sector.FREE)
        if not candidates.size:
            raise StoreFullError("no sector of the flash is free")
        counts = self._erases[candidates]
        return int(candidates[counts.argmax() if worn else counts.argmin()])

    def _prepare(self, sector: int) -> None:
        content = self.read(sector, 0, SECTOR_BYTES)
        header = _opened(content[:HEADER_BYTES])
        if header is not None and header.startswith(MAGIC) and _is_blank(content[HEADER_BYTES:]):
            return
        if not _is_blank(content):
            self.flash.erase(sector)
            self._erases[sector] += 1
            if not _is_blank(self.read(sector, 0, SECTOR_BYTES)):
                raise SectorFaultError(sector, "does not erase")
        self.program(sector, 0, _sealed(ERASE_HEADER.pack(MAGIC, int(self._erases[sector]), 0xFFFFFFFF)))


def is_recognised(flash: Flash) -> bool:
    """Whether this flash is one of ours: some sector has an erase header, or nothing was ever written."""
    is_blank = True
    for sector in range(flash.sectors):
        content = flash.read(sector * SECTOR_BYTES, SECTOR_BYTES)
        body = _opened(content[:HEADER_BYTES])
        if body is not None and body.startswith(MAGIC):
            return True
        is_blank = is_blank and _is_blank(content)
    return is_blank


def read_use(sector: int, header: bytes) -> Use | None:
    """The use header of a sector from its 16 bytes; None if they are none."""
    body = _opened(header)
    if body is None:
        return None
    kind, version, part, owner, seal = USE_HEADER.unpack(body)
    if version != FORMAT or kind not in _KINDS:
        return None
    return Use(sector, SectorKind(kind), part, owner, seal)


def pieces(data: bytes, first: int, rest: int) -> Iterator[bytes]:
    """`data` in one piece of up to `first` bytes and further ones of up to `rest`; at least one piece."""
    yield data[:first]
    for start in range(first, len(data), rest):
        yield data[start : start + rest]


def _sealed(body: bytes) -> bytes:
    return body + CRC.pack(checksum.crc32(body))


def _opened(header: bytes) -> bytes | None:
    body = header[:-4]
    return body if CRC.unpack(header[-4:])[0] == checksum.crc32(body) else None


def _is_blank(data: bytes) -> bool:
    return data.count(BLANK) == len(data)


def _zero_bits(data: bytes) -> int:
    return len(data) * 8 - int.from_bytes(data, "big").bit_count()


_KINDS = frozenset(SectorKind)
