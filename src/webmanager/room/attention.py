"""Which modules listen and answer: power from the battery, ECO mode, sleep mode."""

import numpy as np

from webmanager.domain.reading import Bools, Floats

ECO_READY_S = 4.0
ECO_OFF_S = 600.0
"""An ECO module switches off after that long without a byte on the bus."""
PAUSE_S = 120.0
"""A longer pause ends a spell of bus activity."""
SLEEP_AFTER_S = (9 * 3600.0, 16 * 3600.0)
WAKE_AFTER_S = (60.0, 300.0)
SLEEP_FROM = (1, 4)
ECO_FROM = {"C20": (2, 1), "C41": (1, 1), "C42": (1, 1)}
SLEEPING_A = 0.007
AWAKE_W = 0.1
OFF_V_PER_CELL, ON_V_PER_CELL = 8.0 / 6.0, 9.0 / 6.0
"""A module stops under the first and starts again over the second; of an older module of this family: 8 V at 12 V."""


class Attention:
    """The state of waking of each module, shape (size,); times in device seconds."""

    def __init__(self, size: int, module_type: str, revision: tuple[int, int], rng: np.random.Generator) -> None:
        eco_from = ECO_FROM.get(module_type)
        self.is_eco = eco_from is not None and revision >= eco_from
        self.can_sleep = revision >= SLEEP_FROM
        self.sleep_after_s = rng.uniform(*SLEEP_AFTER_S, size)
        self.wake_after_s = rng.uniform(*WAKE_AFTER_S, size)
        self.powered: Bools = np.ones(size, dtype=np.bool_)
        self.asleep: Bools = np.zeros(size, dtype=np.bool_)
        self.dead: Bools = np.zeros(size, dtype=np.bool_)
        self._spell_s: Floats = np.full(size, np.inf)
        self._heard_s: Floats = np.full(size, np.nan)

    def hear(self, now_s: float, reached: Bools) -> None:
        """Takes bytes on the bus at `now_s` that reach some of the modules."""
        paused = ~(now_s - self._heard_s <= PAUSE_S)
        self._spell_s[reached & paused] = now_s
        self._heard_s[reached] = now_s
        woken = reached & self.asleep & (now_s - self._spell_s >= self.wake_after_s)
        self.asleep[woken] = False

    def listening(self, now_s: float) -> Bools:
        """Modules that take a request in at `now_s`."""
        awake = self.powered & ~self.asleep & ~self.dead
        if self.is_eco:
            awake &= (now_s - self._spell_s >= ECO_READY_S) & (now_s - self._heard_s <= ECO_OFF_S)
        return awake

    def follow(self, now_s: float, cell_v: Floats) -> Bools:
        """Takes the volts per cell under each module at `now_s`; returns the modules that have just started."""
        unheard = np.isnan(self._heard_s)
        self._heard_s[unheard] = now_s
        if self.can_sleep:
            self.asleep |= now_s - self._heard_s > self.sleep_after_s
        was = self.powered
        self.powered = np.where(was, cell_v > OFF_V_PER_CELL, cell_v > ON_V_PER_CELL) & ~self.dead
        return self.powered & ~was

    def supply_w(self, voltage_v: Floats) -> Floats:
        """What each module takes from its battery, W."""
        awake_w = np.where(self.asleep, SLEEPING_A * np.maximum(voltage_v, 0.0), AWAKE_W)
        return np.where(self.powered, awake_w, 0.0)

    def unplug(self, index: int) -> None:
        """A module taken off its battery for a moment starts anew and is awake."""
        self.asleep[index] = False
        self._heard_s[index] = np.nan
        self._spell_s[index] = np.inf
