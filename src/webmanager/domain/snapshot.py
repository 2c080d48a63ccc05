"""The frozen picture of one scan: a struct of arrays that every reader sees alike, with its number."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from webmanager.domain.installation import Installation
from webmanager.domain.reading import Bools, Floats, Ints


class StringState(IntEnum):
    """What a string does."""

    UNKNOWN = 0
    FLOAT = 1
    CHARGING = 2
    DISCHARGING = 3
    REST = 4

    @property
    def word(self) -> str:
        """As it stands in every protocol and on every page."""
        return self.name.lower()


class StringQuality(IntEnum):
    """Whether a string's figures are made of all its batteries."""

    GOOD = 0
    INCOMPLETE = 1
    SILENT = 2

    @property
    def word(self) -> str:
        """As it stands in every protocol and on every page."""
        return self.name.lower()


@dataclass(frozen=True, slots=True, eq=False)
class ModuleValues:
    """One array a quantity, length modules, index = address - 1. Unknown is NaN, never 0.

    `measured_s` is the device's monotonic time of the last answer (NaN = never), `ri_measured_at` UTC seconds.
    """

    voltage_v: Floats
    temperature_c: Floats
    ri_mohm: Floats
    ri_measured_at: Floats
    equalizing_percent: Floats
    deviation_percent: Floats
    reference_v: Floats
    quality: npt.NDArray[np.int8]
    measured_s: Floats
    status: npt.NDArray[np.uint8]
    excluded: Bools
    charges: Ints
    discharges: Ints


@dataclass(frozen=True, slots=True, eq=False)
class StringValues:
    """One array a quantity, length strings, index = string - 1. Unknown is NaN, never 0."""

    current_a: Floats
    ripple_a: Floats
    voltage_v: Floats
    average_v: Floats
    spread_v: Floats
    reference_v: Floats
    state: npt.NDArray[np.int8]
    quality: npt.NDArray[np.int8]
    answering: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """One scan, judged and frozen.

    `at_s` is the device's monotonic time (hold times and ages count on it), `taken_at` the same moment in UTC
    seconds since 1970, `duration_s` the host seconds the wire was used.
    """

    number: int
    at_s: float
    taken_at: float
    duration_s: float
    period_s: float
    errors: int
    installation: Installation
    modules: ModuleValues
    strings: StringValues

    @property
    def answered(self) -> int:
        """Modules with a good value in this scan."""
        return int(np.count_nonzero(self.modules.quality == 0))

    def ages_s(self, now_s: float) -> Floats:
        """Age of each module's last answer at device time `now_s`, seconds; infinite if there never was one."""
        ages = np.maximum(now_s - self.modules.measured_s, 0.0)
        return np.where(np.isnan(ages), np.inf, ages)


def freeze(values: ModuleValues | StringValues) -> None:
    """Makes every array of the struct read-only, so that no reader can change what others see."""
    for name in values.__slots__:
        getattr(values, name).setflags(write=False)
