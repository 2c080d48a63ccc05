"""Observations of a healthy battery on float, of which a test replaces what it needs."""

from typing import Any

import numpy as np

from webmanager.domain.installation import BlockType, Installation
from webmanager.domain.observation import BusCondition, Observation
from webmanager.domain.reading import Floats
from webmanager.domain.snapshot import StringState

AT = 1_700_000_000.0


def room_of(modules: int = 32, strings: int = 2, nominal_v: int = 12, capacity_ah: float = 100.0) -> Installation:
    return Installation(modules, strings, BlockType(nominal_v, capacity_ah))


def with_values(values: Floats, changes: dict[int, float]) -> Floats:
    """A copy in which the batteries with these addresses have other values."""
    values = values.copy()
    for address, value in changes.items():
        values[address - 1] = value
    return values


def seen_of(
    installation: Installation | None = None, *, at_s: float = 0.0, elapsed_s: float = 2.0, **changes: Any
) -> Observation:
    """2.27 V per cell, 25 degC, no current to speak of; deviations follow the voltages unless they are given too.

    A dictionary changes single batteries by address, a number or array the whole quantity.
    """
    installation = installation or room_of()
    size, strings = installation.modules, installation.strings
    healthy: dict[str, Any] = {
        "voltage_v": np.full(size, 2.27 * installation.block.cells),
        "temperature_c": np.full(size, 25.0),
        "ri_mohm": np.full(size, 4.2),
        "ri_measured_at": np.full(size, AT - 60.0),
        "equalizing_percent": np.full(size, 5.0),
        "silent": np.zeros(size, np.bool_),
        "implausible": np.zeros(size, np.bool_),
        "saturated": np.zeros(size, np.bool_),
        "equalizing": np.ones(strings, np.bool_),
        "state": np.full(strings, StringState.FLOAT, np.int8),
        "current_a": np.full(strings, 0.03),
        "ripple_a": np.zeros(strings),
    }
    for name, given in changes.items():
        if name in healthy:
            old = healthy[name]
            is_single = isinstance(given, dict)
            healthy[name] = (
                with_values(old, given)
                if is_single
                else np.array(np.broadcast_to(np.asarray(given, old.dtype), old.shape))
            )
    rows = installation.by_string(healthy["voltage_v"])
    known = ~np.isnan(rows)
    mean = np.where(known, rows, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    deviation = (healthy["voltage_v"] / np.repeat(mean, installation.per_string) - 1.0) * 100.0
    return Observation(
        installation=installation,
        at_s=at_s,
        at=AT + at_s,
        elapsed_s=elapsed_s,
        average_v=mean,
        deviation_percent=changes.get("deviation_percent", deviation),
        errors=changes.get("errors", 0),
        bus=changes.get("bus", BusCondition()),
        **healthy,
    )
