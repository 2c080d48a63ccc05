"""Where the cells of each limit lie: one flat array for all, one cell a tier of a kind at a place.

The cells of a kind are its tiers, mildest first, times its places (batteries, strings or the device), places running
fastest. Every question of a whole kind is then a view, every question of all kinds one operation.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from webmanager.domain.installation import Installation
from webmanager.domain.life_cycle import Thresholds
from webmanager.domain.limits import READINGS, ROWS, Limit, LimitRow, Limits, Scope
from webmanager.domain.reading import Floats

SlotKey = tuple[str, int]
"""What an alarm is about: name of the slot and number of the battery or string, 0 for the device."""

Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """The cells of one kind, with its tiers in force; `places` is how many batteries, strings or devices it has."""

    row: LimitRow
    limits: tuple[Limit, ...]
    start: int
    places: int

    @property
    def tiers(self) -> int:
        """Number of tiers."""
        return len(self.limits)

    @property
    def stop(self) -> int:
        """One past the last cell."""
        return self.start + self.tiers * self.places

    def grid(self, flat: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
        """A view (tiers, places) of this kind's part of a flat array."""
        return flat[self.start : self.stop].reshape(self.tiers, self.places)

    def slot_of(self, place: int) -> SlotKey:
        """The slot of a place, 0-based."""
        return (self.row.slot, 0 if self.row.merged or self.row.scope is Scope.DEVICE else place + 1)


class Layout:
    """The cells of all kinds that are on in an installation."""

    def __init__(self, installation: Installation, limits: Limits) -> None:
        self.installation = installation
        self.blocks: dict[str, Block] = {}
        self.by_slot: dict[str, list[Block]] = {}
        self.size = 0
        for kind, row in ROWS.items():
            tiers = limits.of(kind)
            if not tiers:
                continue
            block = Block(row, tiers, self.size, places_of(row, installation))
            self.blocks[kind], self.size = block, block.stop
            self.by_slot.setdefault(row.slot, []).append(block)
        self._all = tuple(self.blocks.values())
        self._kinds = tuple(self.blocks)
        self._block_at = np.repeat(np.arange(len(self._all)), [block.stop - block.start for block in self._all])
        self._offsets = {
            slot: np.array([block.start + tier * block.places for block in blocks for tier in range(block.tiers)])
            for slot, blocks in self.by_slot.items()
        }
        self._groups = [self._group(scope) for scope in Scope]

    def block_of(self, cell: int) -> Block:
        """The block a cell lies in."""
        return self._all[int(self._block_at[cell])]

    def kinds_of(self, cells: npt.NDArray[np.int64]) -> frozenset[str]:
        """The kinds some cells belong to."""
        return frozenset(self._kinds[number] for number in set(self._block_at[cells].tolist()))

    def cells_of(self, slot: SlotKey) -> npt.NDArray[np.int64]:
        """All cells of a slot: of its battery or string, or of every place where it is one for the device."""
        name, number = slot
        blocks = self.by_slot.get(name)
        if not blocks:
            return np.zeros(0, np.int64)
        if number:
            return np.asarray(self._offsets[name] + (number - 1))
        return np.concatenate([np.arange(block.start, block.stop) for block in blocks])

    def at(self, cell: int) -> tuple[Limit, int]:
        """Tier and place (0-based) of a cell."""
        block = self.block_of(cell)
        tier, place = divmod(cell - block.start, block.places)
        return block.limits[tier], place

    def slot_of(self, cell: int) -> SlotKey:
        """The slot a cell belongs to."""
        block = self.block_of(cell)
        return block.slot_of((cell - block.start) % block.places)

    def cell_of(self, kind: str, severity: str, place: int) -> int | None:
        """The cell of a tier at a place (0-based); None if there is none in this installation."""
        block = self.blocks.get(kind)
        if block is None or not 0 <= place < block.places:
            return None
        for tier, limit in enumerate(block.limits):
            if limit.severity.word == severity:
                return block.start + tier * block.places + place
        return None

    def spread(self, measures: Sequence[Mapping[str, Floats | float]], out: Floats) -> None:
        """Puts the values of each kind on all of its cells; `measures` are those of batteries, strings and device.

        A kind that is not measured keeps NaN; one that is off is left out.
        """
        for group, given in zip(self._groups, measures, strict=True):
            if not group.kinds:
                continue
            table = np.array([given.get(kind, group.nothing) for kind in group.kinds])
            out[group.start : group.stop] = table.reshape(len(group.kinds), -1)[group.tiers].reshape(-1)

    def thresholds(self) -> Thresholds:
        """The limits as one value a cell."""
        return Thresholds(
            raise_at=self.per_cell(lambda limit: limit.raise_at),
            clear_at=self.per_cell(lambda limit: limit.clear_at),
            hold=self.per_cell(lambda limit: limit.hold),
            sign=self.per_cell(lambda limit: 1.0 if limit.row.is_high else -1.0),
            counted=self.per_cell(lambda limit: float(limit.row.hold_unit == READINGS)) > 0.0,
        )

    def per_cell(self, value: Callable[[Limit], float]) -> Floats:
        """A figure of each tier on all of its cells."""
        flat = np.zeros(self.size)
        for block in self._all:
            block.grid(flat)[:] = np.array([value(limit) for limit in block.limits])[:, None]
        return flat

    def _group(self, scope: Scope) -> "_Group":
        """All kinds of one scope, which lie side by side because the table is in that order."""
        blocks = [block for block in self._all if block.row.scope is scope]
        tiers = [number for number, block in enumerate(blocks) for _ in block.limits]
        start = blocks[0].start if blocks else 0
        nothing = np.full(blocks[0].places if blocks else 0, np.nan)
        return _Group(
            tuple(block.row.kind for block in blocks),
            np.array(tiers, np.int64),
            start,
            start + sum(block.tiers * block.places for block in blocks),
            nothing if scope is not Scope.DEVICE else np.nan,
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """Kinds of one scope: their order, which of them each tier belongs to, and where their cells lie."""

    kinds: tuple[str, ...]
    tiers: npt.NDArray[np.int64]
    start: int
    stop: int
    nothing: Floats | float


def places_of(row: LimitRow, installation: Installation) -> int:
    """How many places a kind has in an installation."""
    return {Scope.BATTERY: installation.modules, Scope.STRING: installation.strings, Scope.DEVICE: 1}[row.scope]
