"""What a single reading does not show: equalizers that work in vain, hidden leaks, batteries that heat themselves.

The limiters of a string hide a leaky or open battery from the voltages: what they bypass tells it instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from webmanager.domain.conditions import StringConditions
from webmanager.domain.installation import Installation
from webmanager.domain.kept import array_of, plain
from webmanager.domain.observation import Observation
from webmanager.domain.reading import Bools, Floats
from webmanager.domain.snapshot import StringState

_FLOAT, _CHARGING, _DISCHARGING = int(StringState.FLOAT), int(StringState.CHARGING), int(StringState.DISCHARGING)
_REST, _UNKNOWN = int(StringState.REST), int(StringState.UNKNOWN)

LOOKS_EVERY_S = 30.0
LIMITER_MA = 150.0
OFF_LIMIT_S = 600.0
"""A limiter that rests this long while it is allowed to work was not at its limit any more."""
MANY_SHARE, MANY = 0.25, 3
"""So many limiters of a string at their limit: the cause is the one battery they all wait for."""
EFFORT_OVER_S = 1800.0
LEAST_EFFORT_PERCENT = 3.0
CURRENT_OVER_S = 1800.0
USUAL_OVER_S = 10 * 86_400.0
LEARNED_AFTER_S = 3 * 3600.0
FLOOR_A_PER_AH = 0.0003
"""Under this a float current is not told from the offset of its sensor."""
GASSING_DECADE_V, GASSING_PER_K = 0.136, 0.0693
"""Float current grows tenfold with that much per cell, and by that share of itself with each kelvin."""
WARM_K, STRONG = 5.0, 2.0
"""Both together are the first sign of a thermal runaway: index 1."""
NEARLY_USUAL = 1.5


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """Per battery (modules,): hours at the limit, hours held back, mA per Ah of hidden leak, runaway index, its dT."""

    saturated_h: Floats
    failed_h: Floats
    leak_ma_ah: Floats
    runaway: Floats
    warmer_k: Floats
    current_ratio: Floats


class Diagnosis:
    """Follows what needs hours and days to show."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        size, strings = installation.modules, installation.strings
        self._saturated_s: Floats = np.zeros(size)
        self._idle_s: Floats = np.zeros(size)
        self._effort: Floats = np.full(size, np.nan)
        self._deviation: Floats = np.zeros(size)
        self._current_a: Floats = np.full(strings, np.nan)
        self._usual_a: Floats = np.full(strings, np.nan)
        self._learned_s: Floats = np.zeros(strings)
        self._factor: Floats = np.full(strings, np.nan)
        self._unseen_s = 0.0
        self._findings: Findings | None = None

    def update(self, seen: Observation, strings: StringConditions, warmer_k: Floats) -> Findings:
        """Takes in one observation; `warmer_k` is the temperature above the string's median, shape (modules,).

        What it finds takes hours to show: it looks closer every half minute, and answers the same meanwhile.
        """
        self._unseen_s += seen.elapsed_s
        if self._findings is not None and self._unseen_s < LOOKS_EVERY_S:
            return self._findings
        seen, self._unseen_s = replace(seen, elapsed_s=self._unseen_s), 0.0
        self._findings = self._look(seen, strings, warmer_k)
        return self._findings

    def _look(self, seen: Observation, strings: StringConditions, warmer_k: Floats) -> Findings:
        settled = np.repeat(strings.is_settled, self._installation.per_string)
        equalizing = np.repeat(seen.equalizing, self._installation.per_string)
        self._follow_limits(seen, equalizing)
        self._follow_effort(seen, equalizing & settled)
        self._follow_current(seen, strings)
        ratio = self._current_ratio()
        by_module = np.repeat(ratio, self._installation.per_string)
        runaway = np.minimum(np.maximum(warmer_k, 0.0) / WARM_K, by_module / STRONG)
        saturated_h, failed_h = self._hours_at_limit()
        return Findings(saturated_h, failed_h, self._leak(), runaway, warmer_k, by_module)

    def renew(self, address: int) -> None:
        """A battery was exchanged: nothing is known of the new one."""
        index = address - 1
        self._saturated_s[index] = self._idle_s[index] = self._deviation[index] = 0.0
        self._effort[index] = np.nan
        self._findings = None

    def document(self) -> dict[str, object]:
        """What must outlive a restart, as plain lists; unknown is None."""
        return {name: plain(getattr(self, f"_{name}")) for name in _KEPT}

    def restore(self, document: Mapping[str, object]) -> None:
        """Takes up a kept document; one of another installation is left out."""
        for name in _KEPT:
            kept = array_of(document.get(name), getattr(self, f"_{name}").size)
            if kept is not None:
                setattr(self, f"_{name}", kept)

    def _follow_limits(self, seen: Observation, equalizing: Bools) -> None:
        elapsed = seen.elapsed_s
        working = equalizing & ~np.isnan(seen.equalizing_percent)
        at_limit = working & seen.saturated
        self._idle_s = np.where(at_limit, 0.0, np.where(working, self._idle_s + elapsed, self._idle_s))
        rested = self._idle_s >= OFF_LIMIT_S
        self._saturated_s = np.where(at_limit, self._saturated_s + elapsed, np.where(rested, 0.0, self._saturated_s))

    def _follow_effort(self, seen: Observation, judged: Bools) -> None:
        weight = min(1.0, seen.elapsed_s / EFFORT_OVER_S)
        percent = np.where(judged, seen.equalizing_percent, np.nan)
        known = ~np.isnan(percent)
        first = np.isnan(self._effort)
        self._effort = np.where(known, np.where(first, percent, self._effort), self._effort)
        self._effort += np.where(known, weight * (percent - self._effort), 0.0)
        moved = self._deviation + weight * (seen.deviation_percent - self._deviation)
        self._deviation = np.where(known & ~np.isnan(moved), moved, self._deviation)

    def _hours_at_limit(self) -> tuple[Floats, Floats]:
        """Hours at the limit, but where a string waits for one battery: then that one, and for how long."""
        hours = self._saturated_s / 3600.0
        failed = np.zeros(hours.size)
        if not (hours > 1.0).any():
            return hours, failed
        by_string = self._installation.by_string
        many = np.maximum(MANY, MANY_SHARE * self._installation.per_string)
        waiting = (by_string(hours) > 1.0).sum(axis=1) >= many
        if not waiting.any():
            return hours, failed
        lowest = by_string(self._deviation).argmin(axis=1)
        ordered = np.sort(by_string(hours), axis=1)
        longest = ordered[:, -min(MANY, ordered.shape[1])]
        rows = np.flatnonzero(waiting)
        by_string(failed)[rows, lowest[rows]] = longest[rows]
        return np.where(np.repeat(waiting, self._installation.per_string), 0.0, hours), failed

    def _leak(self) -> Floats:
        """What the least burdened battery of a string takes more than the next one, mA per Ah of C10."""
        rows = self._installation.by_string(np.where(np.isnan(self._effort), np.inf, self._effort))
        leak = np.zeros(self._effort.size)
        if rows.shape[1] < MANY:
            return leak
        second = np.partition(rows, 1, axis=1)[:, 1]
        found = np.flatnonzero((second >= LEAST_EFFORT_PERCENT) & (second < np.inf))
        if found.size:
            least = rows[found].argmin(axis=1)
            extra = second[found] - rows[found, least]
            by_string = self._installation.by_string(leak)
            by_string[found, least] = extra / 100.0 * LIMITER_MA / self._installation.block.capacity_ah
        return leak

    def _follow_current(self, seen: Observation, strings: StringConditions) -> None:
        """Float current, smoothed, and what it usually is at 2.27 V per cell and 25 degC."""
        floating = (seen.state == _FLOAT) & ~np.isnan(seen.current_a)
        weight = min(1.0, seen.elapsed_s / CURRENT_OVER_S)
        first = np.isnan(self._current_a)
        smooth = np.where(first, seen.current_a, self._current_a + weight * (seen.current_a - self._current_a))
        self._current_a = np.where(floating, smooth, self._current_a)
        self._factor = self._gassing_factor(seen)
        normal = self._current_a / self._factor
        calm = floating & (strings.float_s >= LEARNED_AFTER_S) & ~np.isnan(normal)
        usual_now = calm & ~(normal > NEARLY_USUAL * np.maximum(self._usual_a, self._floor_a))
        slow = np.minimum(1.0, seen.elapsed_s / np.minimum(USUAL_OVER_S, self._learned_s + seen.elapsed_s + 1.0))
        learned = np.where(np.isnan(self._usual_a), normal, self._usual_a + slow * (normal - self._usual_a))
        self._usual_a = np.where(usual_now, learned, self._usual_a)
        self._learned_s = np.where(usual_now, self._learned_s + seen.elapsed_s, self._learned_s)

    def _current_ratio(self) -> Floats:
        """Float current against the usual one; the offset of the sensor is in both and falls out."""
        usual = self._usual_a * self._factor
        return 1.0 + (self._current_a - usual) / np.maximum(np.abs(usual), self._floor_a)

    def _gassing_factor(self, seen: Observation) -> Floats:
        per_cell = seen.average_v / self._installation.block.cells
        temperature = self._installation.by_string(seen.temperature_c)
        known = ~np.isnan(temperature)
        mean = np.where(known, temperature, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
        return np.asarray(10.0 ** ((per_cell - 2.27) / GASSING_DECADE_V) * np.exp(GASSING_PER_K * (mean - 25.0)))

    @property
    def _floor_a(self) -> float:
        return FLOOR_A_PER_AH * self._installation.block.capacity_ah


_KEPT = ("saturated_s", "effort", "deviation", "current_a", "usual_a", "learned_s")
