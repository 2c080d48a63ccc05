"""What the limits are held against at one moment: the values of one scan, or of one stored minute."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from webmanager.domain.installation import Installation
from webmanager.domain.reading import Bools, Floats, ModuleStatus, Quality
from webmanager.domain.snapshot import Snapshot, StringState

_GOOD, _IMPLAUSIBLE, _SILENT = int(Quality.GOOD), int(Quality.IMPLAUSIBLE), int(Quality.SILENT)
_SENSOR_FAULT, _SATURATED = np.uint8(ModuleStatus.SENSOR_FAULT), np.uint8(ModuleStatus.LIMITER_SATURATED)
RUNNING, REFUSED, DOWN = "running", "refused", "down"
"""States of the module bus that mean something to alarms; any other one is a start."""


@dataclass(frozen=True, slots=True, eq=False)
class BusCondition:
    """What is known of the bus beside the scan: its state, why, modules of another revision, garbled answers."""

    state: str = RUNNING
    text: str = ""
    odd_revisions: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    garbled: Bools | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """Arrays of shape (modules,) or (strings,); NaN where there is no value of this very moment.

    `at_s` is the device's monotonic time, `at` UTC seconds, `elapsed_s` what has passed since the last observation
    and counts towards holds. Stale values are no values here: they prove nothing new.
    """

    installation: Installation
    at_s: float
    at: float
    elapsed_s: float
    voltage_v: Floats
    temperature_c: Floats
    ri_mohm: Floats
    ri_measured_at: Floats
    equalizing_percent: Floats
    deviation_percent: Floats
    silent: Bools
    implausible: Bools
    saturated: Bools
    equalizing: Bools
    state: npt.NDArray[np.int8]
    current_a: Floats
    ripple_a: Floats
    average_v: Floats
    errors: int = 0
    bus: BusCondition = BusCondition()

    @property
    def has_scan(self) -> bool:
        """Whether anything was measured at all."""
        return not bool(self.silent.all())


def observe(snapshot: Snapshot, elapsed_s: float, bus: BusCondition | None = None) -> Observation:
    """The observation of one snapshot; `equalizing` (strings,) marks those with a reference in force."""
    modules, strings = snapshot.modules, snapshot.strings
    good = modules.quality == _GOOD
    answering = good | (modules.quality == _IMPLAUSIBLE)
    unsensed = modules.status & _SENSOR_FAULT != 0
    return Observation(
        installation=snapshot.installation,
        at_s=snapshot.at_s,
        at=snapshot.taken_at,
        elapsed_s=elapsed_s,
        voltage_v=np.where(good, modules.voltage_v, np.nan),
        temperature_c=np.where(good, modules.temperature_c, np.nan),
        ri_mohm=modules.ri_mohm,
        ri_measured_at=modules.ri_measured_at,
        equalizing_percent=np.where(good, modules.equalizing_percent, np.nan),
        deviation_percent=np.where(good, modules.deviation_percent, np.nan),
        silent=modules.quality == _SILENT,
        implausible=answering & ((modules.quality == _IMPLAUSIBLE) | unsensed),
        saturated=good & (modules.status & _SATURATED != 0),
        equalizing=~np.isnan(strings.reference_v),
        state=strings.state,
        current_a=strings.current_a,
        ripple_a=strings.ripple_a,
        average_v=strings.average_v,
        errors=snapshot.errors,
        bus=bus or BusCondition(),
    )


def silence(installation: Installation, at_s: float, at: float, elapsed_s: float, bus: BusCondition) -> Observation:
    """What a bus that has not been scanned yet, or does not start, shows: nothing from nobody."""
    nothing = np.full(installation.modules, np.nan)
    unknown = np.full(installation.strings, np.nan)
    none = np.zeros(installation.modules, np.bool_)
    return Observation(
        installation=installation,
        at_s=at_s,
        at=at,
        elapsed_s=elapsed_s,
        voltage_v=nothing,
        temperature_c=nothing,
        ri_mohm=nothing,
        ri_measured_at=nothing,
        equalizing_percent=nothing,
        deviation_percent=nothing,
        silent=np.ones(installation.modules, np.bool_),
        implausible=none,
        saturated=none,
        equalizing=np.zeros(installation.strings, np.bool_),
        state=np.full(installation.strings, StringState.UNKNOWN, np.int8),
        current_a=unknown,
        ripple_a=unknown,
        average_v=unknown,
        bus=bus,
    )
