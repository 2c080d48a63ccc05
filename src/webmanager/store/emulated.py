"""The emulated twin of the flash: in memory, with power cuts, torn programs, bad sectors and wear counters.

It is part of the code because it is half of the proof: everything above it runs unchanged on either.
"""

import random
from dataclasses import dataclass, field

from webmanager.store.flash import BLANK, SECTOR_BYTES

ERASE_POINTS = 8
"""In how many places an erase can be cut."""
PAGE_BYTES = 256
"""What a NOR chip programs at once."""


class PowerCutError(Exception):
    """The power is gone: nothing works until it is back."""


@dataclass
class Defects:
    """What is wrong with this flash: sectors that fail, and bits (by byte address, as masks) that do not move."""

    fail_to_erase: set[int] = field(default_factory=set)
    fail_to_program: set[int] = field(default_factory=set)
    stuck_at_0: dict[int, int] = field(default_factory=dict)
    stuck_at_1: dict[int, int] = field(default_factory=dict)


class EmulatedFlash:
    """NOR flash in memory. `points` counts every programmed byte and ERASE_POINTS for each erase.

    With `cut_at` set, the power goes when that many points are spent: bytes before are programmed, or, with
    `torn_bits`, the whole page at the cut has some of its bits cleared and others not yet. What `sync` has not
    confirmed can be lost sector by sector with `forget_unsynced`, as a host loses its page cache.
    """

    def __init__(self, sectors: int, image: bytes | None = None, defects: Defects | None = None) -> None:
        self.data = bytearray(image) if image is not None else bytearray([BLANK]) * (sectors * SECTOR_BYTES)
        self._sectors = sectors
        self.defects = defects or Defects()
        self.erased = [0] * sectors
        self.programmed_bytes = 0
        self.points = 0
        self.syncs = 0
        self.cut_at: int | None = None
        self.torn_bits = False
        self._dead = False
        self._unsynced: dict[int, bytes] = {}

    @property
    def sectors(self) -> int:
        return self._sectors

    def read(self, address: int, length: int) -> bytes:
        self._needs_power()
        data = bytes(self.data[address : address + length])
        if self.defects.stuck_at_0 or self.defects.stuck_at_1:
            data = self._with_stuck_bits(address, data)
        return data

    def program(self, address: int, data: bytes) -> None:
        self._needs_power()
        sector = address // SECTOR_BYTES
        if (address + len(data) - 1) // SECTOR_BYTES != sector and data:
            raise ValueError(f"{len(data)} bytes at {address} cross the border of a sector")
        self._remember(sector)
        whole = self._spend(len(data))
        done = max(0, (address + whole) // PAGE_BYTES * PAGE_BYTES - address) if self.torn_bits else whole
        if whole == len(data):
            done = whole
        if sector not in self.defects.fail_to_program:
            self._clear(address, data[:done])
        self.programmed_bytes += whole
        if whole < len(data):
            if self.torn_bits and sector not in self.defects.fail_to_program:
                self._tear(address, data, whole)
            self._cut()

    def erase(self, sector: int) -> None:
        self._needs_power()
        self._remember(sector)
        start = sector * SECTOR_BYTES
        done = self._spend(ERASE_POINTS)
        share = SECTOR_BYTES * done // ERASE_POINTS
        if sector not in self.defects.fail_to_erase:
            # an erase that is cut leaves a part done: from either end, since a real one has no order
            first = start if sector % 2 else start + SECTOR_BYTES - share
            self.data[first : first + share] = bytes([BLANK]) * share
        if done < ERASE_POINTS:
            self._cut()
        self.erased[sector] += 1

    def sync(self) -> None:
        self._needs_power()
        self.syncs += 1
        self._unsynced.clear()

    def power_on(self, cut_at: int | None = None) -> None:
        """The power is back; the next cut, if any, comes at that many points from now."""
        self._dead = False
        self.points = 0
        self.cut_at = cut_at

    def forget_unsynced(self, seed: int) -> None:
        """Puts some of the sectors changed since the last sync back to what they were then."""
        draw = random.Random(seed)
        for sector, former in sorted(self._unsynced.items()):
            if draw.random() < 0.5:
                self.data[sector * SECTOR_BYTES : (sector + 1) * SECTOR_BYTES] = former
        self._unsynced.clear()

    def _spend(self, wanted: int) -> int:
        left = wanted if self.cut_at is None else min(wanted, self.cut_at - self.points)
        self.points += left
        return left

    def _cut(self) -> None:
        self._dead = True
        raise PowerCutError

    def _needs_power(self) -> None:
        if self._dead:
            raise PowerCutError

    def _clear(self, address: int, data: bytes) -> None:
        former = self.data[address : address + len(data)]
        if former.count(BLANK) == len(former):
            self.data[address : address + len(data)] = data
        else:
            self.data[address : address + len(data)] = bytes(a & b for a, b in zip(former, data, strict=True))

    def _tear(self, address: int, data: bytes, whole: int) -> None:
        """A chip programs a page at once: all bytes of the page at the cut have some of their bits, more or fewer."""
        page = (address + whole) // PAGE_BYTES * PAGE_BYTES
        start, end = max(page - address, 0), min(page + PAGE_BYTES - address, len(data))
        draw = random.Random(address + whole)
        missing = int.from_bytes(b"\xff" * (end - start), "big")
        for _ in range(1 + whole % 8):
            missing &= int.from_bytes(draw.randbytes(end - start), "big")
        torn = int.from_bytes(data[start:end], "big") | missing
        self._clear(address + start, torn.to_bytes(end - start, "big"))

    def _remember(self, sector: int) -> None:
        if sector not in self._unsynced:
            self._unsynced[sector] = bytes(self.data[sector * SECTOR_BYTES : (sector + 1) * SECTOR_BYTES])

    def _with_stuck_bits(self, address: int, data: bytes) -> bytes:
        seen = bytearray(data)
        for at, mask in self.defects.stuck_at_0.items():
            if address <= at < address + len(seen):
                seen[at - address] &= ~mask
        for at, mask in self.defects.stuck_at_1.items():
            if address <= at < address + len(seen):
                seen[at - address] |= mask
        return bytes(seen)
