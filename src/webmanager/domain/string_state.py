"""What each string does (float, charging, discharging, rest), with hysteresis, and how often its batteries did it.

Float currents are 10-50 mA, near the noise of a current sensor: float and rest are told apart by voltage alone.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from webmanager.domain.installation import Installation
from webmanager.domain.reading import Bools, Floats, Ints
from webmanager.domain.snapshot import StringState

States = npt.NDArray[np.int8]

SLOPE_OVER_S = 20.0
_UNKNOWN, _REST, _FLOAT, _CHARGING, _DISCHARGING = (
    int(getattr(StringState, name)) for name in ("UNKNOWN", "REST", "FLOAT", "CHARGING", "DISCHARGING")
)


@dataclass(frozen=True, slots=True)
class StateRules:
    """Thresholds; currents as shares of C10, voltages per cell, the second of a pair is where the state is left.

    `slope_v_s` serves where no current sensor answers: the fall per cell and second that begins a discharge (a load
    pulls 20 mV/cell off within a minute, a resting battery does not), and the rise that ends it.
    """

    discharge: tuple[float, float] = (-0.005, -0.0025)
    charge: tuple[float, float] = (0.010, 0.005)
    float_v: tuple[float, float] = (2.20, 2.18)
    slope_v_s: tuple[float, float] = (-3e-4, 2e-5)
    process_share: float = 0.001


class StringStates:
    """Follows all strings from scan to scan."""

    def __init__(self, installation: Installation, rules: StateRules | None = None) -> None:
        self._rules = rules or StateRules()
        self._cells = installation.block.cells
        self._capacity_ah = installation.block.capacity_ah
        count = installation.strings
        self.states: States = np.zeros(count, np.int8)
        self.discharge_ended_s = np.full(count, -np.inf)
        self._average_v = np.full(count, np.nan)
        self._slope_v_s = np.zeros(count)

    def update(self, now_s: float, elapsed_s: float, current_a: Floats, average_v: Floats) -> States:
        """The states at `now_s`; arrays of shape (strings,), V per battery, NaN where not measured."""
        rules = self._rules
        per_cell = average_v / self._cells
        self._follow_slope(elapsed_s, per_cell)
        share = current_a / self._capacity_ah
        was = self.states
        discharging = share < np.where(was == _DISCHARGING, rules.discharge[1], rules.discharge[0])
        charging = share > np.where(was == _CHARGING, rules.charge[1], rules.charge[0])
        full = per_cell >= np.where(was == _FLOAT, rules.float_v[1], rules.float_v[0])
        blind = np.isnan(current_a)
        falls = np.where(
            was == _DISCHARGING, self._slope_v_s < rules.slope_v_s[1], self._slope_v_s < rules.slope_v_s[0]
        )
        discharging |= blind & ~full & falls
        states = np.full(was.shape, _REST, np.int8)
        states[full] = _FLOAT
        states[charging] = _CHARGING
        states[discharging] = _DISCHARGING
        states[np.isnan(average_v)] = _UNKNOWN
        ended = (was == _DISCHARGING) & (states != _DISCHARGING)
        self.discharge_ended_s[ended] = now_s
        self.states = states
        return states

    def _follow_slope(self, elapsed_s: float, per_cell: Floats) -> None:
        if elapsed_s > 0:
            slope = (per_cell - self._average_v) / elapsed_s
            weight = min(1.0, elapsed_s / SLOPE_OVER_S)
            followed = self._slope_v_s + weight * (slope - self._slope_v_s)
            self._slope_v_s = np.where(np.isnan(slope), 0.0, followed)
        self._average_v = per_cell


class ProcessCounter:
    """Counts charging and discharging processes of each battery.

    A process counts once, when it has moved `process_share` of C10 (or, without a current sensor, lasted as long as
    that takes at C/10): noise around a threshold never counts.
    """

    def __init__(
        self, installation: Installation, charges: Ints, discharges: Ints, rules: StateRules | None = None
    ) -> None:
        self._installation = installation
        self._rules = rules or StateRules()
        self._needed_as = self._rules.process_share * installation.block.capacity_ah * 3600.0
        self._assumed_a = installation.block.capacity_ah / 10.0
        self._moved_as = np.zeros(installation.strings)
        self._counted = np.zeros(installation.strings, np.bool_)
        self._states: States = np.zeros(installation.strings, np.int8)
        self.charges = charges
        self.discharges = discharges

    def update(self, elapsed_s: float, states: States, current_a: Floats, answering: Bools) -> bool:
        """Counts on; `answering` has shape (modules,). True if a counter moved."""
        new = states != self._states
        self._moved_as[new] = 0.0
        self._counted[new] = False
        self._states = states.copy()
        self._moved_as += np.where(np.isnan(current_a), self._assumed_a, np.abs(current_a)) * elapsed_s
        charging, discharging = states == _CHARGING, states == _DISCHARGING
        done = (charging | discharging) & ~self._counted & (self._moved_as >= self._needed_as)
        if not done.any():
            return False
        self._counted |= done
        self.charges = self.charges + (self._per_module(done & charging) & answering)
        self.discharges = self.discharges + (self._per_module(done & discharging) & answering)
        return True

    def _per_module(self, strings: Bools) -> Bools:
        return np.repeat(strings, self._installation.per_string)
