"""The CS300 current sensors of the room, one in each string: +-300 A in steps of 10 mA."""

import numpy as np

from webmanager.bus.commands import Current
from webmanager.domain.reading import Bools, Floats, ModuleStatus
from webmanager.room.battery import Batteries

RANGE_A = 300.0
OFFSET_A = 0.02
NOISE_A = 0.01
STEP_A = 0.01
STEADY_S = 60.0


class CurrentSensors:
    """One sensor in each string, at the address that is the string's number."""

    def __init__(self, batteries: Batteries, rng: np.random.Generator) -> None:
        self._batteries = batteries
        self._rng = rng
        self.offset_a = rng.normal(0.0, OFFSET_A, batteries.strings)
        self.clock_error = rng.uniform(-0.005, 0.005, batteries.strings)
        self.restarted: Bools = np.ones(batteries.strings, dtype=np.bool_)
        self.polled_s: Floats = np.full(batteries.strings, -np.inf)
        self.noise_a = NOISE_A
        self._current_a: Floats | None = None

    def follow(self) -> None:
        """Time went on: the next reading is another one."""
        self._current_a = None

    def current_a(self) -> Floats:
        """Reading of each sensor, A, charge positive, NaN outside the range; the same until time goes on."""
        if self._current_a is None:
            noise = self._rng.normal(0.0, self.noise_a, self.offset_a.size)
            reading = np.rint((self._batteries.current_a + self.offset_a + noise) / STEP_A) * STEP_A
            self._current_a = np.where(np.abs(reading) <= RANGE_A, reading, np.nan)
        return self._current_a

    def ripple_a(self) -> float:
        """Ripple in each string, A rms: the charger's ripple divides evenly."""
        return round(self._batteries.ripple_a / self._batteries.strings / STEP_A) * STEP_A

    def answered(self, string: int, now_s: float) -> None:
        """The sensor of a string, 1.., was read: its LED is steady, and it has told that it restarted."""
        self.restarted[string - 1] = False
        self.polled_s[string - 1] = now_s

    def led(self, string: int, now_s: float) -> str:
        """`steady` while the sensor of a string, 1.., is polled, `flashing` from 60 s after that has stopped."""
        return "steady" if now_s - self.polled_s[string - 1] <= STEADY_S else "flashing"

    def reading(self, string: int) -> Current:
        """Answer to READ_CURRENT of the sensor of a string, 1.."""
        amperes = float(self.current_a()[string - 1])
        status = ModuleStatus.RESTARTED if self.restarted[string - 1] else ModuleStatus(0)
        if np.isnan(amperes):
            return Current(None, None, status | ModuleStatus.SENSOR_FAULT)
        return Current(round(amperes / STEP_A), round(self.ripple_a() / STEP_A), status)
