"""What each string has been doing and for how long: since when on float, how deep the last discharge was.

All times are sums of observed seconds, never differences of wall clocks: a clock that jumps from 1970 to today must
not make fifty years of disuse.
"""

from collections.abc import Mapping

import numpy as np

from webmanager.domain.installation import Installation
from webmanager.domain.kept import array_of, plain
from webmanager.domain.observation import Observation
from webmanager.domain.reading import Bools, Floats
from webmanager.domain.snapshot import StringState

_FLOAT, _CHARGING, _DISCHARGING = int(StringState.FLOAT), int(StringState.CHARGING), int(StringState.DISCHARGING)
_REST, _UNKNOWN = int(StringState.REST), int(StringState.UNKNOWN)

SETTLED_S = 3600.0
"""Batteries are compared with their string from this long after float began."""
FULL_S = 12 * 3600.0
RI_RESTS_S = 24 * 3600.0
"""Internal resistance is judged again this long after a discharge: it is higher until the battery is full."""
DISCHARGE_SHARE = 0.02
"""Share of C10 that must have been taken for a discharge to count as one."""
CHARGE_LASTS_S = 24 * 3600.0
BACK_ON_FLOAT_V = 2.34
BACK_ON_FLOAT_S = 600.0
_KEPT = ("float_s", "drawn_ah", "rested_s", "unused_s", "recharge_s", "calm_s")


class StringConditions:
    """Follows all strings; arrays of shape (strings,), seconds unless said."""

    def __init__(self, installation: Installation) -> None:
        self._cells = installation.block.cells
        self._capacity_ah = installation.block.capacity_ah
        count = installation.strings
        self.float_s: Floats = np.zeros(count)
        self.discharge_s: Floats = np.zeros(count)
        self.drawn_ah: Floats = np.zeros(count)
        self.rested_s: Floats = np.full(count, RI_RESTS_S)
        self.unused_s: Floats = np.zeros(count)
        self.recharge_s: Floats = np.full(count, np.nan)
        self.calm_s: Floats = np.zeros(count)
        self._seen = np.zeros(count, np.bool_)

    @property
    def is_settled(self) -> Bools:
        """On float for so long that batteries may be compared."""
        return self.float_s >= SETTLED_S

    @property
    def is_full(self) -> Bools:
        """On float for so long that every battery has taken up what the last discharge cost it."""
        return self.float_s >= FULL_S

    @property
    def is_recharging(self) -> Bools:
        """After a discharge, until back at the float voltage: the charger may lift the voltage to boost."""
        return ~np.isnan(self.recharge_s)

    @property
    def is_ri_comparable(self) -> Bools:
        """The last real discharge is long enough ago."""
        return self.rested_s >= RI_RESTS_S

    def update(self, seen: Observation) -> None:
        """Takes in one observation."""
        elapsed, state = seen.elapsed_s, seen.state
        floating, discharging = state == _FLOAT, state == _DISCHARGING
        unknown = state == _UNKNOWN
        self.float_s = np.where(floating, self.float_s + elapsed, np.where(unknown, self.float_s, 0.0))
        self.discharge_s = np.where(discharging, self.discharge_s + elapsed, np.where(unknown, self.discharge_s, 0.0))
        current_a = np.where(np.isnan(seen.current_a), self._capacity_ah / 10.0, np.abs(seen.current_a))
        self.drawn_ah = np.where(discharging, self.drawn_ah + current_a * elapsed / 3600.0, self.drawn_ah)
        self.drawn_ah[self.is_settled] = 0.0
        used = discharging & (self.drawn_ah > DISCHARGE_SHARE * self._capacity_ah)
        self.rested_s = np.where(used, 0.0, self.rested_s + elapsed)
        self.unused_s = np.where(used, 0.0, self.unused_s + elapsed)
        self._follow_recharge(seen, floating, elapsed)

    def _follow_recharge(self, seen: Observation, floating: Bools, elapsed_s: float) -> None:
        state = seen.state
        began = (state == _DISCHARGING) | (state == _REST)
        began |= ~self._seen & (state == _CHARGING)
        self._seen |= state != _UNKNOWN
        calm = floating & (seen.average_v <= BACK_ON_FLOAT_V * self._cells)
        self.calm_s = np.where(calm, self.calm_s + elapsed_s, 0.0)
        self.recharge_s = np.where(began, 0.0, self.recharge_s + elapsed_s)
        self.recharge_s[(self.calm_s >= BACK_ON_FLOAT_S) | (self.recharge_s > CHARGE_LASTS_S)] = np.nan

    def document(self) -> dict[str, object]:
        """What must outlive a restart, as plain lists; unknown is None."""
        return {name: plain(getattr(self, name)) for name in _KEPT}

    def restore(self, document: Mapping[str, object]) -> None:
        """Takes up a kept document; one of another installation is left out."""
        for name in _KEPT:
            kept = array_of(document.get(name), self.float_s.size)
            if kept is not None:
                setattr(self, name, kept)
        self._seen[:] = True
