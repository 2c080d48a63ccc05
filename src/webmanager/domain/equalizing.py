"""The reference voltage every battery of a string should have at the momentary overall voltage.

Guarded mean: the mean over the valid batteries of the string, a battery being valid within +-8 % of the string's
median. The plain mean would follow a shorted cell (-17 % of a 12 V block) down and make all healthy batteries
bypass for ever; the median or a tight guard would forsake the one leaky battery that needs help.
"""

from dataclasses import dataclass

import numpy as np

from webmanager.domain.installation import Installation
from webmanager.domain.reading import Bools, Floats
from webmanager.domain.snapshot import StringState

_FLOAT, _CHARGING = int(StringState.FLOAT), int(StringState.CHARGING)


@dataclass(frozen=True, slots=True)
class EqualizingRules:
    """When and how far equalizing goes; voltages per cell.

    `guard` is the share of the median within which a battery counts, `lowest_v` is the lowest reference at 25 degC,
    shifted by `slope_v_k` with the string's median temperature, `share` and `fewest` are what must be valid. There is
    no highest one: a reference under the mean would make every battery bypass at once.
    """

    enabled: bool = True
    guard: float = 0.08
    lowest_v: float = 2.20
    slope_v_k: float = -0.0033
    hottest_c: float = 45.0
    fewest: int = 3
    share: float = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class ReferencePlan:
    """Reference per string, V per battery, NaN = limiters off; `mean_v` is the mean of the valid batteries in any case.

    `excluded` marks batteries left out of that mean, shape (modules,).
    """

    reference_v: Floats
    mean_v: Floats
    excluded: Bools


def plan(
    rules: EqualizingRules,
    installation: Installation,
    voltage_v: Floats,
    temperature_c: Floats,
    states: np.typing.NDArray[np.int8],
    paused: Bools,
) -> ReferencePlan:
    """References for all strings from one scan.

    `voltage_v` and `temperature_c` have shape (modules,) with NaN where a module did not answer in this or the last
    scan; `states` are `StringState`s, `paused` marks strings in which an Ri measurement runs; shape (strings,).
    """
    volts = installation.by_string(voltage_v)
    cells = installation.block.cells
    known = ~np.isnan(volts)
    median = _median(volts)[:, None]
    valid = known & (np.abs(volts - median) <= rules.guard * median)
    count = valid.sum(axis=1)
    mean = np.where(valid, volts, 0.0).sum(axis=1) / np.maximum(count, 1)
    warmest = _median(installation.by_string(temperature_c))
    shift = rules.slope_v_k * (np.where(np.isnan(warmest), 25.0, warmest) - 25.0)
    reference = np.maximum(mean, cells * (rules.lowest_v + shift))
    enough = (count >= min(rules.fewest, installation.per_string)) & (count >= rules.share * installation.per_string)
    charging = (states == _FLOAT) | (states == _CHARGING)
    cool = ~(warmest > rules.hottest_c)
    active = rules.enabled & enough & charging & ~paused & cool
    return ReferencePlan(
        np.where(active, reference, np.nan), np.where(count > 0, mean, np.nan), (known & ~valid).reshape(-1)
    )


def _median(values: Floats) -> Floats:
    """Median along each row, ignoring NaN; NaN for a row that has no value (without numpy's warning)."""
    ordered = np.sort(values, axis=1)
    size = values.shape[1]
    if not np.isnan(ordered[:, -1]).any():  # NaN sorts last: every row is whole, as it nearly always is
        whole: Floats = (ordered[:, (size - 1) // 2] + ordered[:, size // 2]) / 2
        return whole
    count = (~np.isnan(values)).sum(axis=1)
    rows = np.arange(values.shape[0])
    low = ordered[rows, np.maximum((count - 1) // 2, 0)]
    high = ordered[rows, np.maximum(count // 2, 0) % size]
    return np.where(count > 0, (low + high) / 2, np.nan)
