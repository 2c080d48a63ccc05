"""What a scan brings back, and how good a value is."""

from dataclasses import dataclass, field
from enum import IntEnum, IntFlag

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

SILENT_AFTER = 3
"""Missed scans until a module counts as silent; before that its values are kept as stale."""


class Quality(IntEnum):
    """How good a published value is. Only good and stale ones have a value at all."""

    GOOD = 0
    STALE = 1
    SILENT = 2
    IMPLAUSIBLE = 3

    @property
    def word(self) -> str:
        """As it stands in every protocol and on every page."""
        return self.name.lower()


class ModuleStatus(IntFlag):
    """Status byte of a module, as it travels on the bus."""

    MEASURING_RI = 0x01
    RI_NEW = 0x02
    LIMITING = 0x04
    LIMITER_SATURATED = 0x08
    LIMITER_DERATED = 0x10
    NO_REFERENCE = 0x20
    RESTARTED = 0x40
    SENSOR_FAULT = 0x80


@dataclass(frozen=True, slots=True)
class ModuleIdentity:
    """What a module says about itself."""

    address: int
    type: str
    revision: str
    firmware: str
    serial: int
    nominal_v: int


@dataclass(frozen=True, slots=True)
class RiReading:
    """Internal resistance measured by a module's own load pulse; `age_s` counts since the measurement."""

    address: int
    ri_mohm: float
    temperature_c: float
    age_s: float


@dataclass(frozen=True, slots=True, eq=False)
class ScanReading:
    """Raw answers of one scan; arrays of length modules (index = address - 1) or strings, NaN where none came.

    `started_s` and `ended_s` are host monotonic seconds of the first request and the last answer. `unaddressed`
    counts factory-new modules that were heard: 0, 1, or 2 for several.
    """

    answered: Bools
    voltage_v: Floats
    temperature_c: Floats
    equalizing_percent: Floats
    status: npt.NDArray[np.uint8]
    current_a: Floats
    ripple_a: Floats
    started_s: float
    ended_s: float
    ri: tuple[RiReading, ...] = ()
    errors: int = 0
    identities: tuple[ModuleIdentity, ...] = field(default=())
    unaddressed: int = 0

    @classmethod
    def silence(cls, modules: int, strings: int, at_s: float) -> "ScanReading":
        """What a dead port brings back: nothing, from nobody."""
        return cls(
            answered=np.zeros(modules, np.bool_),
            voltage_v=np.full(modules, np.nan),
            temperature_c=np.full(modules, np.nan),
            equalizing_percent=np.full(modules, np.nan),
            status=np.zeros(modules, np.uint8),
            current_a=np.full(strings, np.nan),
            ripple_a=np.full(strings, np.nan),
            started_s=at_s,
            ended_s=at_s,
        )

    @property
    def duration_s(self) -> float:
        """First request to last answer, retries included, host seconds."""
        return self.ended_s - self.started_s
