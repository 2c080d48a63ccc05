"""What a reader sees at one moment: the newest snapshot, the bus, and how old both have become meanwhile.

A snapshot is frozen, time is not. If the scans stop, the same snapshot first becomes stale and then expires: every
door builds a picture at the moment it is asked, so that old data never looks new.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from webmanager.domain.alarm_picture import AlarmPicture
from webmanager.domain.installation import Installation
from webmanager.domain.reading import Bools, Floats, Quality
from webmanager.domain.snapshot import ModuleValues, Snapshot, StringQuality, StringState, StringValues, freeze

STALE_S = 10.0
EXPIRED_S = 60.0
"""Least age of the newest snapshot, device seconds, from which it counts as stale, and as nothing at all."""
STALE_PERIODS = 3.0
EXPIRED_PERIODS = 6.0
"""The same in scan periods; the later counts, because a busy host stretches the period up to 60 s."""
STALE_HOST_S = 3.0
EXPIRED_HOST_S = 6.0
"""The same in host seconds, which fast device time makes many: the scan under way began before it was fast."""
BUS_RUNNING = "running"
MEASURED_OF_MODULE = (
    "voltage_v",
    "temperature_c",
    "ri_mohm",
    "equalizing_percent",
    "deviation_percent",
    "reference_v",
)
MEASURED_OF_STRING = ("current_a", "ripple_a", "voltage_v", "average_v", "spread_v", "reference_v")


class Freshness(IntEnum):
    """What the age of the newest snapshot makes of all its values."""

    FRESH = 0
    STALE = 1
    EXPIRED = 2


class BusView(Protocol):
    """What a picture needs to know of the module bus."""

    @property
    def state(self) -> str:
        """One of starting, running, refused, down."""

    @property
    def odd_revisions(self) -> Mapping[int, str]:
        """Addresses whose hardware revision differs from the others."""

    @property
    def unaddressed(self) -> int:
        """Factory-new modules heard on the bus: 0, 1, or 2 for several."""


class BoardView(Protocol):
    """The current state as every door may read it."""

    @property
    def installation(self) -> Installation:
        """What hangs on the device."""

    @property
    def snapshot(self) -> Snapshot | None:
        """The newest scan, None before the first."""

    @property
    def bus(self) -> BusView:
        """State of the module bus."""

    @property
    def identities(self) -> Mapping[int, object]:
        """Modules that were found, by address."""


@dataclass(frozen=True, slots=True)
class Switched:
    """What the outputs of this host do: `relays` 1.. with None for one that is not there, and the buzzer."""

    relays: tuple[bool | None, ...] = ()
    buzzer: bool = False


@dataclass(frozen=True)
class Picture:
    """The state at device time `now_s` (monotonic) and `now_at` (UTC seconds since 1970).

    `factor` is the number of device seconds in a host second; `alarms` is None where nobody judges.
    """

    installation: Installation
    snapshot: Snapshot | None
    bus_state: str
    odd_revisions: frozenset[int]
    identified: frozenset[int]
    now_s: float
    now_at: float
    factor: float = 1.0
    unaddressed: int = 0
    alarms: AlarmPicture | None = None
    switched: Switched = Switched()

    @cached_property
    def snapshot_age_s(self) -> float:
        """Device seconds since the newest scan; infinite before the first."""
        return float("inf") if self.snapshot is None else max(self.now_s - self.snapshot.at_s, 0.0)

    @cached_property
    def freshness(self) -> Freshness:
        """Whether the scans still come."""
        if self.snapshot is None:
            return Freshness.EXPIRED
        age_s, period_s = self.snapshot_age_s, self.snapshot.period_s
        if age_s > max(EXPIRED_S, EXPIRED_PERIODS * period_s, EXPIRED_HOST_S * self.factor):
            return Freshness.EXPIRED
        late = age_s > max(STALE_S, STALE_PERIODS * period_s, STALE_HOST_S * self.factor)
        return Freshness.STALE if late or self.bus_state != BUS_RUNNING else Freshness.FRESH

    @cached_property
    def module_quality(self) -> npt.NDArray[np.int8]:
        """`Quality` of each module now, shape (modules,): never better than in the snapshot."""
        if self.snapshot is None or self.freshness is Freshness.EXPIRED:
            return np.full(self.installation.modules, Quality.SILENT, dtype=np.int8)
        quality = self.snapshot.modules.quality
        if self.freshness is Freshness.STALE:
            return np.where(quality == Quality.GOOD, Quality.STALE, quality).astype(np.int8)
        return quality

    @cached_property
    def string_quality(self) -> npt.NDArray[np.int8]:
        """`StringQuality` of each string now, shape (strings,)."""
        if self.snapshot is None or self.freshness is Freshness.EXPIRED:
            return np.full(self.installation.strings, StringQuality.SILENT, dtype=np.int8)
        quality = self.snapshot.strings.quality
        if self.freshness is Freshness.STALE:
            return np.where(quality == StringQuality.GOOD, StringQuality.INCOMPLETE, quality).astype(np.int8)
        return quality

    @cached_property
    def aged(self) -> Snapshot | None:
        """The newest snapshot as it counts now: the same while the scans come, later stale, then without values."""
        if self.snapshot is None or self.freshness is Freshness.FRESH:
            return self.snapshot
        modules = replace(self.snapshot.modules, quality=self.module_quality)
        strings = replace(self.snapshot.strings, quality=self.string_quality)
        strings = replace(strings, answering=np.zeros_like(strings.answering))
        if self.freshness is Freshness.EXPIRED:
            modules = replace(
                modules, **_unknown(modules, MEASURED_OF_MODULE), excluded=np.zeros_like(modules.excluded)
            )
            strings = replace(strings, **_unknown(strings, MEASURED_OF_STRING))
            strings = replace(strings, state=np.full_like(strings.state, StringState.UNKNOWN))
        freeze(modules)
        freeze(strings)
        return replace(self.snapshot, modules=modules, strings=strings)

    @cached_property
    def has_value(self) -> Bools:
        """Modules whose measured values may be shown, shape (modules,)."""
        return self.module_quality <= Quality.STALE

    @cached_property
    def never_answered(self) -> Bools:
        """Modules that neither were found nor ever answered, shape (modules,)."""
        found = np.zeros(self.installation.modules, dtype=np.bool_)
        found[[address - 1 for address in self.identified if address <= found.size]] = True
        if self.snapshot is None:
            return ~found
        return ~found & np.isnan(self.snapshot.modules.measured_s)

    @cached_property
    def not_initialised(self) -> Bools:
        """Modules that wait for an address, shape (modules,): never seen, or missed while factory-new ones are heard.

        One factory-new module stands for a missing one only if it is the only one that is missing.
        """
        if self.bus_state != BUS_RUNNING:
            return np.zeros(self.installation.modules, dtype=np.bool_)
        if self.unaddressed and self.snapshot is not None:
            silent = self.snapshot.modules.quality == Quality.SILENT
            if self.unaddressed > 1 or np.count_nonzero(silent) == 1:
                return np.asarray(silent)
        return self.never_answered

    @cached_property
    def module_age_s(self) -> Floats:
        """Device seconds since each module's last answer, NaN if there never was one, shape (modules,)."""
        if self.snapshot is None:
            return np.full(self.installation.modules, np.nan)
        return np.maximum(self.now_s - self.snapshot.modules.measured_s, 0.0)


def picture_of(board: BoardView, now_s: float, now_at: float, factor: float = 1.0) -> Picture:
    """The picture of a board at device time `now_s` (monotonic) and `now_at` (UTC seconds); `factor` is its speed."""
    snapshot = board.snapshot
    return Picture(
        installation=board.installation if snapshot is None else snapshot.installation,
        snapshot=snapshot,
        bus_state=str(board.bus.state),
        odd_revisions=frozenset(board.bus.odd_revisions),
        identified=frozenset(board.identities),
        now_s=now_s,
        now_at=now_at,
        factor=factor,
        unaddressed=board.bus.unaddressed,
    )


def _unknown(values: ModuleValues | StringValues, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: np.full_like(getattr(values, name), np.nan) for name in names}
