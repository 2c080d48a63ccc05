"""Holds every observation against every limit and says in which slots something was raised or cleared.

Kinds that nothing breaches cost one comparison; only cells that are not normal are looked at closer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from webmanager.domain.baseline import RiBaseline
from webmanager.domain.conditions import StringConditions
from webmanager.domain.diagnosis import Diagnosis
from webmanager.domain.grouping import Grouping, bus_pattern, cable_order
from webmanager.domain.installation import Installation
from webmanager.domain.layout import Layout, SlotKey
from webmanager.domain.life_cycle import LifeCycle, Phase
from webmanager.domain.limits import Limit, LimitRow, Limits
from webmanager.domain.measures import Knowledge, Pack, Reported, battery_measures, device_measures, string_measures
from webmanager.domain.observation import Observation
from webmanager.domain.reading import Bools, Floats

_APART_V = frozenset({"voltage_high", "voltage_high_charge", "voltage_low", "voltage_low_discharge", "deep_discharge"})
_APART_C = frozenset({"temperature_high", "temperature_low"})
_ACTIVE = int(Phase.ACTIVE)
_NONE: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """One kind that is raised at one place (0-based): its gravest tier, the newest known value, UTC since when."""

    limit: Limit
    place: int
    value: float
    since_at: float

    @property
    def row(self) -> LimitRow:
        """The row of the table."""
        return self.limit.row


class Judge:
    """All limits of one installation, and what it has learned to judge them by.

    `explained` marks cells that a cause accounts for at this moment: they are not told on their own.
    """

    def __init__(self, installation: Installation, limits: Limits, branches: tuple[tuple[int, ...], ...] = ()) -> None:
        self.installation = installation
        self.order = cable_order(installation, branches)
        self.strings = StringConditions(installation)
        self.baseline = RiBaseline(installation)
        self.diagnosis = Diagnosis(installation)
        self.sensors_known: Bools = np.zeros(installation.strings, np.bool_)
        self.known: Knowledge | None = None
        self._last_cell_v: Floats = np.full(installation.modules, np.nan)
        self._none_apart = np.zeros(installation.modules, np.bool_)
        self._take(limits)

    def _take(self, limits: Limits) -> None:
        self.limits = limits
        self.layout = Layout(self.installation, limits)
        thresholds = self.layout.thresholds()
        self.cycle = LifeCycle(thresholds)
        self.values: Floats = np.full(self.layout.size, np.nan)
        self._now: Floats = np.full(self.layout.size, np.nan)
        self._steps: Floats = np.ones(self.layout.size)
        self._elapsed_s = 1.0
        self._timed = ~thresholds.counted
        self._urgent = self.layout.per_cell(lambda limit: float(limit.row.urgent)) > 0.0
        self._grouping = Grouping(self.layout)
        self._nothing: Bools = np.zeros(self.layout.size, np.bool_)
        self.explained: Bools = self._nothing

    def change(self, limits: Limits) -> None:
        """Judges by other limits from the next observation on; what is pending or raised stays so until then."""
        before, values, cycle = list(self.open_cells()), self.values, self.cycle
        self._take(limits)
        for cell, limit, place in before:
            new = self.layout.cell_of(limit.row.kind, limit.severity.word, place)
            if new is not None:
                self.cycle.restore(new, Phase(cycle.phase[cell]), float(cycle.held[cell]), float(cycle.since_at[cell]))
                self.values[new] = values[cell]

    def judge(
        self,
        seen: Observation,
        reported: Mapping[str, Reported] | None = None,
        *,
        grace: bool = False,
        calm: bool = False,
    ) -> set[SlotKey]:
        """Takes in one observation; returns the slots in which a tier was raised or cleared.

        In `grace` (a start) nothing is raised yet, but holds run. In `calm` (maintenance) only urgent kinds are
        raised; the holds of all others begin when it ends.
        """
        per_string = self.installation.per_string
        self.strings.update(seen)
        self.sensors_known |= ~np.isnan(seen.current_a)
        self.baseline.update(seen, np.repeat(self.strings.is_ri_comparable, per_string))
        open_kinds = self.layout.kinds_of(self.cycle.open_cells)
        pack = Pack(seen, self._any_open(_APART_V & open_kinds), self._any_open(_APART_C & open_kinds))
        findings = self.diagnosis.update(seen, self.strings, pack.warmer_k)
        pattern = bus_pattern(seen, self.order, self._raised("module_lost", self.installation.modules))
        self._last_cell_v = np.where(np.isnan(pack.cell_v), self._last_cell_v, pack.cell_v)
        self.known = Knowledge(
            seen=seen,
            strings=self.strings,
            baseline=self.baseline,
            findings=findings,
            bus=pattern,
            sensors_known=self.sensors_known,
            last_cell_v=self._last_cell_v,
            is_cut=self._raised("bus_open", self.installation.strings),
            reported=dict(reported or {}),
        )
        self._measure(self.known, pack)
        breach = self.cycle.breaching(self._now)
        if not open_kinds and not breach.any():
            self.explained = self._nothing
            return set()
        # A cause seen in this very scan explains its symptoms already, though its own hold has only begun.
        phase = np.maximum(self.cycle.phase, breach)
        self.explained = explained = self._grouping.explained(phase, self.layout.kinds_of(np.flatnonzero(phase != 0)))
        restart = explained | ~self._urgent if calm else explained
        turned = self.cycle.step(self._now, breach, self._steps, seen.at, restart | grace, restart)
        return {self.layout.slot_of(int(cell)) for cell in (*turned.active, *turned.normal)}

    def standings(self, slot: SlotKey) -> list[Standing]:
        """What is raised in a slot, one entry a kind and place: the urgent first, then the gravest."""
        cells = self.layout.cells_of(slot)
        raised = cells[self.cycle.phase[cells] >= _ACTIVE]
        found: dict[tuple[str, int], Standing] = {}
        for cell in raised.tolist():
            limit, place = self.layout.at(cell)
            before = found.get((limit.row.kind, place))
            since_at = float(self.cycle.since_at[cell])
            since_at = since_at if before is None else min(since_at, before.since_at)
            # Tiers follow each other, mildest first: the last one found is the gravest.
            found[limit.row.kind, place] = Standing(limit, place, float(self.values[cell]), since_at)
        return sorted(found.values(), key=_gravity, reverse=True)

    def raised_slots(self) -> set[SlotKey]:
        """Slots in which something is raised now."""
        return {self.layout.slot_of(int(cell)) for cell in np.flatnonzero(self.cycle.is_raised)}

    def stages(self) -> frozenset[tuple[int, int]]:
        """Every cell that is not normal with its phase: two moments with the same stages have the same alarms."""
        cells = self.cycle.open_cells
        return frozenset(zip(cells.tolist(), self.cycle.phase[cells].tolist(), strict=True)) if cells.size else _NONE

    def open_cells(self) -> Iterable[tuple[int, Limit, int]]:
        """Every cell that is not normal, with its tier and its place (0-based)."""
        for cell in self.cycle.open_cells:
            yield int(cell), *self.layout.at(int(cell))

    def renew(self, address: int) -> SlotKey:
        """A battery was exchanged: forgets what is raised and learned of the old one; returns its slot."""
        self.baseline.renew(address)
        self.diagnosis.renew(address)
        for block in self.layout.by_slot.get("battery", ()):
            self.cycle.forget(np.arange(block.start + address - 1, block.stop, block.places))
        return ("battery", address)

    def _measure(self, known: Knowledge, pack: Pack) -> None:
        """Every measure on its cells; `values` keeps the newest known one for the texts."""
        measures = battery_measures(known, pack), string_measures(known, pack), device_measures(known)
        self.layout.spread(measures, self._now)
        if known.seen.elapsed_s != self._elapsed_s:
            self._elapsed_s = known.seen.elapsed_s
            self._steps[self._timed] = self._elapsed_s
        np.copyto(self.values, self._now, where=np.isfinite(self._now))

    def _raised(self, kind: str, places: int) -> Bools:
        """Places at which a kind is raised."""
        block = self.layout.blocks.get(kind)
        if block is None:
            return np.zeros(places, np.bool_)
        return np.asarray((block.grid(self.cycle.phase) >= _ACTIVE).any(axis=0))

    def _any_open(self, kinds: frozenset[str]) -> Bools:
        """Batteries at which one of these kinds is not normal."""
        found = self._none_apart
        for kind in kinds:
            found = found | self.layout.blocks[kind].grid(self.cycle.phase).any(axis=0)
        return found


def _gravity(standing: Standing) -> tuple[bool, int, int]:
    return standing.row.urgent, int(standing.limit.severity), standing.row.rank
