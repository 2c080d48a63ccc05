"""Causes before symptoms: one broken cable is one alarm with its list, not one for each silent module.

`EXPLAINS` says which kind explains which others, and where. While a cause is pending, active or clearing, what it
explains does not become active; it is listed with the cause instead. When the cause is gone, what is still wrong
begins its own hold.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from webmanager.domain.installation import Installation
from webmanager.domain.layout import Layout
from webmanager.domain.life_cycle import Phase
from webmanager.domain.observation import DOWN, REFUSED, RUNNING, Observation
from webmanager.domain.reading import Bools, Floats, Ints

CUT_FROM = 2
"""So many silent modules in a row up to the end of a branch are one open cable; a single one is a lost module."""

_SILENT_MODULES = ("module_lost", "duplicate_address")
_OPEN_STRING = (
    "voltage_high",
    "voltage_high_charge",
    "voltage_deviation",
    "asymmetric_discharge",
    "battery_collapsed",
    "reading_implausible",
    "module_lost",
    "charger_missing",
)
EXPLAINS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "mixed_revision": ("bus_down", "bus_branches_open", "bus_disturbed", "bus_open", *_SILENT_MODULES),
        "bus_down": (
            "bus_branches_open",
            "bus_disturbed",
            "bus_errors",
            "bus_open",
            "current_sensor_lost",
            *_SILENT_MODULES,
        ),
        "bus_branches_open": ("bus_open", "bus_disturbed", "bus_errors", *_SILENT_MODULES),
        "bus_open": ("bus_disturbed", "bus_errors", *_SILENT_MODULES),
        "bus_disturbed": ("bus_errors", *_SILENT_MODULES),
        "module_lost": ("bus_errors",),
        "duplicate_address": ("module_lost", "bus_errors"),
        "reading_implausible": ("charger_overvoltage", "charger_overvoltage_charge"),
        "string_open": _OPEN_STRING,
        "battery_low": ("battery_collapsed", "module_lost", "string_current_low"),
        "battery_collapsed": ("string_current_low",),
        "asymmetric_discharge": ("string_current_low",),
    }
)
"""Cause to symptoms: a cause of the device explains them everywhere, one of a string within it, one of a battery
there; a symptom of a wider scope than its cause is explained as a whole."""

ALREADY_TOLD: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "ri_unmeasurable": ("string_open", "string_current_low"),
        "string_open": ("ri_unmeasurable",),
        "string_current_low": ("ri_unmeasurable",),
    }
)
"""Two faces of one cause: whichever is active first explains the other."""
NEIGHBOURS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    dict.fromkeys(
        ("voltage_deviation", "voltage_low", "equalizing_failed", "leak_current", "thermal_runaway"),
        ("equalizer_saturated",),
    )
)
"""What one battery makes the others of its string do: they bypass what it does not take, or takes more."""


@dataclass(frozen=True, slots=True, eq=False)
class BusPattern:
    """Who is silent, as a picture of the cable.

    `trailing` (strings,) counts silent modules in a row up to the end of the branch, 0 where the whole bus is silent;
    `missing` all silent ones of a string that are not known as lost. `whole_strings` are strings that are silent
    altogether while others answer, `scattered` silent modules that no open cable explains. `is_known` is False while
    the bus starts.
    """

    trailing: Floats
    missing: Floats
    whole_strings: float
    scattered: float
    all_silent: bool
    is_known: bool

    def behind(self, installation: Installation, order: Ints, string: int) -> tuple[int, ...]:
        """Addresses behind the break in a string's branch, in the order of the cable."""
        count = int(self.trailing[string - 1])
        row = order.reshape(installation.strings, -1)[string - 1]
        return tuple(int(index) + 1 for index in row[row.size - count :]) if count else ()


def cable_order(installation: Installation, branches: tuple[tuple[int, ...], ...] = ()) -> Ints:
    """Indices of modules in the order of the cable, string by string; `branches` names addresses where it differs."""
    order = np.arange(installation.modules)
    for branch in branches:
        strings = {int(installation.string_of[address - 1]) for address in branch}
        if len(strings) == 1 and len(branch) == installation.per_string:
            first = (strings.pop() - 1) * installation.per_string
            order[first : first + len(branch)] = np.array(branch) - 1
    return order


def bus_pattern(seen: Observation, order: Ints, lost: Bools | None = None) -> BusPattern:
    """What the silent modules look like along the cable; `lost` marks those that have an alarm of their own."""
    installation = seen.installation
    silent = seen.silent
    is_known = seen.bus.state in (RUNNING, DOWN, REFUSED)
    count = int(np.count_nonzero(silent))
    none = np.zeros(installation.strings)
    if count == 0:
        return BusPattern(none, none, 0.0, 0.0, False, is_known)
    if count == silent.size:
        return BusPattern(none, none, 0.0, 0.0, True, is_known)
    rows = silent[order].reshape(installation.strings, -1)
    size = rows.shape[1]
    whole = rows.all(axis=1)
    answering = ~rows[:, ::-1]
    trailing = np.where(whole, size, answering.argmax(axis=1)).astype(np.float64)
    cut = np.where(trailing >= CUT_FROM, trailing, 0.0)
    wholes = float(np.count_nonzero(whole)) if size >= CUT_FROM else 0.0
    missing = silent if lost is None else silent & ~lost
    return BusPattern(
        trailing=trailing,
        missing=missing.reshape(installation.strings, -1).sum(axis=1).astype(np.float64),
        whole_strings=wholes if wholes > 1 else 0.0,
        scattered=float(count - cut.sum()),
        all_silent=False,
        is_known=is_known,
    )


class Grouping:
    """Marks the cells that are explained by a cause which is open or about to be."""

    def __init__(self, layout: Layout) -> None:
        self._per_string = layout.installation.per_string
        blocks = layout.blocks
        tables = (
            (EXPLAINS, Phase.PENDING, False),
            (ALREADY_TOLD, Phase.ACTIVE, False),
            (NEIGHBOURS, Phase.PENDING, True),
        )
        self._rules = [
            (blocks[cause], least, widely, [blocks[symptom] for symptom in symptoms if symptom in blocks])
            for table, least, widely in tables
            for cause, symptoms in table.items()
            if cause in blocks
        ]
        self._size = layout.size

    def explained(self, phase: npt.NDArray[np.int8], kinds: frozenset[str]) -> Bools:
        """Cells, of all, that a cause explains now; `kinds` are those of which a phase is not normal."""
        explained = np.zeros(self._size, np.bool_)
        for cause, least, widely, symptoms in self._rules:
            if cause.row.kind not in kinds:
                continue
            open_cells = cause.grid(phase) >= least
            if not open_cells.any():
                continue
            places = np.asarray(open_cells.any(axis=0))
            if widely:
                places = np.repeat(places.reshape(-1, self._per_string).any(axis=1), self._per_string)
            for symptom in symptoms:
                cells = symptom.grid(explained)
                cells |= self._carry(places, symptom.places)
        return explained

    def _carry(self, places: Bools, size: int) -> Bools:
        """Places of a cause as places of a symptom."""
        if places.size == size:
            return places
        if places.size == 1 or size == 1:
            return np.full(size, places.any())
        if places.size < size:
            return np.repeat(places, self._per_string)
        return np.asarray(places.reshape(size, -1).any(axis=1))
