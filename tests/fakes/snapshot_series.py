"""Snapshots of an installation that lives: days, noise, discharges; on a clock that moves when told."""

from collections.abc import Iterable

import numpy as np

from webmanager.domain.installation import Installation
from webmanager.domain.reading import Floats, Quality
from webmanager.domain.snapshot import ModuleValues, Snapshot, StringState, StringValues
from webmanager.engine.history_ports import EventRecord

MIDNIGHT_S = 1_700_006_400.0
"""15 November 2023, 00:00 UTC."""


class SnapshotSeries:
    """One snapshot after the other. `silent` modules have no values, `discharging` strings lose voltage."""

    def __init__(self, installation: Installation, start_s: float = MIDNIGHT_S, seed: int = 1) -> None:
        self.installation = installation
        self.taken_at = start_s
        self.at_s = 100.0
        self.number = 0
        self.silent: set[int] = set()
        self.discharging: set[int] = set()
        self.events: list[EventRecord] = []
        self._draw = np.random.default_rng(seed)
        self._offset_v = 0.02 * self._draw.standard_normal(installation.modules)
        self._ri = 4.2 + 0.2 * self._draw.standard_normal(installation.modules)

    def advance(self, seconds: float) -> Snapshot:
        """Moves time on and gives the snapshot at its end."""
        self.taken_at += seconds
        self.at_s += seconds
        return self.snapshot()

    def take_events(self) -> Iterable[EventRecord]:
        """What was put into `events` since the last call."""
        taken, self.events = self.events, []
        return taken

    def snapshot(self) -> Snapshot:
        """The snapshot of this moment."""
        self.number += 1
        inst = self.installation
        size, strings = inst.modules, inst.strings
        noise = self._draw.standard_normal((2, size))
        day = np.sin(2 * np.pi * self.taken_at / 86_400)
        states = np.array([self._state(number) for number in range(1, strings + 1)], np.int8)
        sag = np.where(np.repeat(states == StringState.DISCHARGING, inst.per_string), 1.2, 0.0)
        voltage = 13.62 + self._offset_v + 0.001 * noise[0] - sag
        known = np.array([address not in self.silent for address in range(1, size + 1)])
        current = np.where(states == StringState.DISCHARGING, -20.0, 0.03)
        modules = ModuleValues(
            voltage_v=_where(known, voltage),
            temperature_c=_where(known, 21.0 + 1.5 * day + 0.01 * noise[1]),
            ri_mohm=_where(known, self._ri),
            ri_measured_at=np.full(size, self.taken_at),
            equalizing_percent=_where(known, np.clip(2_000 * self._offset_v, 0, 100)),
            deviation_percent=np.zeros(size),
            reference_v=np.full(size, 13.62),
            quality=np.where(known, Quality.GOOD, Quality.SILENT).astype(np.int8),
            measured_s=np.full(size, self.at_s),
            status=np.zeros(size, np.uint8),
            excluded=np.zeros(size, np.bool_),
            charges=np.zeros(size, np.int64),
            discharges=np.zeros(size, np.int64),
        )
        nothing = np.zeros(strings)
        values = StringValues(
            current_a=current,
            ripple_a=nothing,
            voltage_v=nothing,
            average_v=nothing,
            spread_v=nothing,
            reference_v=nothing,
            state=states,
            quality=np.zeros(strings, np.int8),
            answering=np.full(strings, inst.per_string),
        )
        return Snapshot(self.number, self.at_s, self.taken_at, 0.9, 2.0, 0, inst, modules, values)

    def _state(self, string: int) -> StringState:
        return StringState.DISCHARGING if string in self.discharging else StringState.FLOAT


def _where(known: np.ndarray, values: Floats) -> Floats:
    return np.where(known, values, np.nan)
