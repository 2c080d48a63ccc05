"""The internal resistance each battery began with, at 25 degC: what its rise is measured against.

R25 = R / (1 - 0.004 (T - 25)). The baseline is the mean of the first readings, so that a new device judges from its
second reading on; it starts anew when a battery is exchanged. A reading is an event of its own: the same one seen in
the next scan, or read again after a restart, is not new.
"""

from collections.abc import Mapping

import numpy as np

from webmanager.domain.installation import Installation
from webmanager.domain.kept import array_of, plain
from webmanager.domain.observation import Observation
from webmanager.domain.reading import Bools, Floats, Ints

LEARNED_FROM = 5
SAME_READING_S = 90.0
"""Modules tell the age of a reading in whole minutes of a clock that is 0.5 % wrong."""
PER_K = 0.004
OUTLIER_PERCENT = 15.0


class RiBaseline:
    """Arrays of shape (modules,); `rise_percent` is that of the newest reading, NaN before there is a baseline."""

    def __init__(self, installation: Installation) -> None:
        size = installation.modules
        self.base_mohm: Floats = np.full(size, np.nan)
        self.count: Ints = np.zeros(size, np.int64)
        self.rise_percent: Floats = np.full(size, np.nan)
        self.is_new: Bools = np.zeros(size, np.bool_)
        self.is_unmeasurable: Bools = np.zeros(size, np.bool_)
        self._last_at: Floats = np.full(size, np.nan)

    def update(self, seen: Observation, comparable: Bools) -> None:
        """Takes in new readings; only those in `comparable` strings, shape (modules,), teach a baseline."""
        at = seen.ri_measured_at
        told = ~np.isnan(at)
        self.is_new = told & ~seen.silent & ~(np.abs(at - self._last_at) <= SAME_READING_S)
        if not self.is_new.any():
            return
        self._last_at = np.where(self.is_new, at, self._last_at)
        self.is_unmeasurable = np.where(self.is_new, np.isnan(seen.ri_mohm), self.is_unmeasurable)
        r25 = at_25c(seen.ri_mohm, seen.temperature_c)
        off = np.abs(r25 / self.base_mohm - 1.0) * 100.0
        learns = self.is_new & comparable & ~np.isnan(r25) & (self.count < LEARNED_FROM) & ~(off > OUTLIER_PERCENT)
        weight = np.where(self.count > 0, self.base_mohm * self.count, 0.0)
        self.base_mohm = np.where(learns, (weight + r25) / (self.count + 1), self.base_mohm)
        self.count = self.count + learns
        rise = (r25 / self.base_mohm - 1.0) * 100.0
        self.rise_percent = np.where(self.is_new, rise, self.rise_percent)

    def renew(self, address: int) -> None:
        """A battery was exchanged: its next reading is the first of a new baseline."""
        index = address - 1
        self.base_mohm[index] = self.rise_percent[index] = np.nan
        self.count[index] = 0
        self.is_unmeasurable[index] = False

    def document(self) -> dict[str, object]:
        """What must outlive a restart, as plain lists; unknown is None."""
        return {
            "base_mohm": plain(self.base_mohm),
            "count": self.count.tolist(),
            "rise_percent": plain(self.rise_percent),
            "last_at": plain(self._last_at),
        }

    def restore(self, document: Mapping[str, object]) -> None:
        """Takes up a kept document; one of another installation or with a hole is left out."""
        size = self.count.size
        base, count, rise, last_at = (
            array_of(document.get(name), size) for name in ("base_mohm", "count", "rise_percent", "last_at")
        )
        if base is None or count is None or rise is None or last_at is None:
            return
        self.base_mohm, self.rise_percent, self._last_at = base, rise, last_at
        self.count = np.where(np.isnan(base), 0, np.nan_to_num(count)).astype(np.int64)


def at_25c(ri_mohm: Floats, temperature_c: Floats) -> Floats:
    """Internal resistance as it would be at 25 degC, mOhm."""
    return np.asarray(ri_mohm / (1.0 - PER_K * (temperature_c - 25.0)))
