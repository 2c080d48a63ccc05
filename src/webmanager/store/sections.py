"""What a volume holds: a table of sections and their bytes. Pure."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

from webmanager.domain.errors import StoreError
from webmanager.store.block_reader import BlockReader, Fetch

COUNT = struct.Struct("<HH")
ENTRY = struct.Struct("<BBHI")
MARK = 0x5742


class SectionKind(IntEnum):
    """What a section is: blocks of minutes, hours or days, events, runs of the timeline."""

    MINUTES = 1
    HOURS = 2
    DAYS = 3
    EVENTS = 4
    RUNS = 5


@dataclass(eq=False)
class Section:
    """One section behind `fetch`, which counts from the start of its volume."""

    kind: SectionKind
    offset: int
    length: int
    fetch: Fetch

    def content(self) -> bytes:
        """All its bytes."""
        return self.fetch(self.offset, self.length)

    @cached_property
    def block(self) -> BlockReader:
        """As a block; StoreError if it is none."""
        return BlockReader(self._within)

    def _within(self, offset: int, length: int) -> bytes:
        if not 0 <= offset <= offset + length <= self.length:
            raise StoreError(f"{length} bytes at {offset} lie outside a section of {self.length}")
        return self.fetch(self.offset + offset, length)


def join(sections: Sequence[tuple[SectionKind, bytes]]) -> bytes:
    """Sections as the bytes of a volume."""
    table = b"".join(ENTRY.pack(kind, 0, 0, len(data)) for kind, data in sections)
    return b"".join((COUNT.pack(MARK, len(sections)), table, *(data for _, data in sections)))


def read_sections(fetch: Fetch) -> list[Section]:
    """The sections of a volume; those of kinds not known are left out. StoreError if there is no table."""
    mark, count = COUNT.unpack(fetch(0, COUNT.size))
    if mark != MARK:
        raise StoreError("a volume without a table of sections")
    at = COUNT.size + count * ENTRY.size
    sections = []
    for kind, _, _, length in ENTRY.iter_unpack(fetch(COUNT.size, count * ENTRY.size)):
        if kind in _KINDS:
            sections.append(Section(SectionKind(kind), at, length, fetch))
        at += length
    return sections


_KINDS = frozenset(SectionKind)
