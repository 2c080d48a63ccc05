"""Believable snapshots without a bus or a scan: whole arrays, of which a test replaces what it needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from webmanager.domain.installation import BlockType, Installation
from webmanager.domain.reading import Quality
from webmanager.domain.snapshot import ModuleValues, Snapshot, StringQuality, StringState, StringValues, freeze

TAKEN_AT = 1_700_000_000.0


def installation_of(modules: int = 256, strings: int = 8, block: BlockType | None = None) -> Installation:
    """An installation of 12 V blocks unless told otherwise."""
    return Installation(modules, strings, block or BlockType())


def snapshot_of(
    installation: Installation | None = None,
    *,
    number: int = 1,
    at_s: float = 100.0,
    taken_at: float = TAKEN_AT,
    period_s: float = 2.0,
    seed: int = 1,
    modules: Mapping[str, Any] | None = None,
    strings: Mapping[str, Any] | None = None,
) -> Snapshot:
    """A settled battery on float with everybody answering, slightly unequal and the same for the same seed.

    `modules` and `strings` replace whole arrays by name; a single number stands for all.
    """
    installation = installation or installation_of()
    module_values = _module_values(installation, at_s, taken_at, np.random.default_rng(seed))
    module_values = replace(module_values, **_arrays(module_values, modules or {}))
    with np.errstate(invalid="ignore"):  # a test may ask for impossible voltages
        string_values = _string_values(installation, module_values)
    string_values = replace(string_values, **_arrays(string_values, strings or {}))
    freeze(module_values)
    freeze(string_values)
    return Snapshot(
        number=number,
        at_s=at_s,
        taken_at=taken_at,
        duration_s=0.913,
        period_s=period_s,
        errors=0,
        installation=installation,
        modules=module_values,
        strings=string_values,
    )


def silenced(snapshot: Snapshot, *addresses: int) -> Snapshot:
    """The same snapshot, in which these modules have been silent for some scans."""
    index = np.array(addresses, dtype=np.intp) - 1
    modules = snapshot.modules
    measured = ("voltage_v", "temperature_c", "ri_mohm", "equalizing_percent", "deviation_percent", "reference_v")
    changed: dict[str, Any] = {name: getattr(modules, name).copy() for name in measured}
    for values in changed.values():
        values[index] = np.nan
    changed["quality"] = modules.quality.copy()
    changed["quality"][index] = Quality.SILENT
    changed["measured_s"] = modules.measured_s.copy()
    changed["measured_s"][index] -= 30.0
    values = replace(modules, **changed)
    freeze(values)
    return replace(snapshot, modules=values)


@dataclass
class FakeBus:
    """State of the module bus, as a board reports it."""

    state: str = "running"
    odd_revisions: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    unaddressed: int = 0


@dataclass
class FakeBoard:
    """A board that only holds what a test puts on it; every module counts as found unless told otherwise."""

    installation: Installation = field(default_factory=installation_of)
    snapshot: Snapshot | None = None
    bus: FakeBus = field(default_factory=FakeBus)
    identities: Mapping[int, object] = field(default_factory=dict)

    @classmethod
    def showing(cls, snapshot: Snapshot) -> "FakeBoard":
        """A running board with this snapshot."""
        found = dict.fromkeys(range(1, snapshot.installation.modules + 1))
        return cls(installation=snapshot.installation, snapshot=snapshot, identities=found)


def _module_values(
    installation: Installation, at_s: float, taken_at: float, random: np.random.Generator
) -> ModuleValues:
    size, cells = installation.modules, installation.block.cells
    voltage = (2.27 * cells + random.normal(0.0, 0.004 * cells, size)).round(3)
    mean = installation.by_string(voltage).mean(axis=1).repeat(installation.per_string)
    return ModuleValues(
        voltage_v=voltage,
        temperature_c=random.normal(24.0, 0.6, size).round(1),
        ri_mohm=random.normal(4.2, 0.12, size).round(2),
        ri_measured_at=np.full(size, taken_at - 3600.0),
        equalizing_percent=np.clip(random.normal(30.0, 12.0, size), 0.0, 100.0).round(1),
        deviation_percent=(voltage / mean - 1.0) * 100.0,
        reference_v=mean,
        quality=np.zeros(size, np.int8),
        measured_s=np.full(size, at_s),
        status=np.zeros(size, np.uint8),
        excluded=np.zeros(size, np.bool_),
        charges=np.full(size, 7, np.int64),
        discharges=np.full(size, 6, np.int64),
    )


def _string_values(installation: Installation, modules: ModuleValues) -> StringValues:
    size = installation.strings
    volts = installation.by_string(modules.voltage_v)
    return StringValues(
        current_a=np.full(size, 0.03),
        ripple_a=np.full(size, 0.42),
        voltage_v=volts.sum(axis=1),
        average_v=volts.mean(axis=1),
        spread_v=volts.max(axis=1) - volts.min(axis=1),
        reference_v=volts.mean(axis=1),
        state=np.full(size, StringState.FLOAT, np.int8),
        quality=np.full(size, StringQuality.GOOD, np.int8),
        answering=np.full(size, installation.per_string, np.int64),
    )


def _arrays(values: ModuleValues | StringValues, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes as arrays of the same kind and length as what they replace."""
    made = {}
    for name, given in changes.items():
        old = getattr(values, name)
        made[name] = np.array(np.broadcast_to(np.asarray(given, old.dtype), old.shape))
    return made
