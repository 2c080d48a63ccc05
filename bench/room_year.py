"""How fast the room's physics runs: a year of 256 batteries with equalizing on.

`make bench` extrapolates from some simulated hours; `python -m bench.room_year` (about four minutes) runs both years in
full and prints what the year brought: the figures of docs/battery-model.md.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bench.table import Row
from webmanager.domain.equalizing import EqualizingRules, plan
from webmanager.domain.installation import BlockType, Installation
from webmanager.domain.reading import Floats
from webmanager.domain.snapshot import StringState
from webmanager.room.battery import Batteries
from webmanager.room.charger import Charger
from webmanager.room.compiled import can_compile
from webmanager.room.population import populate

STRINGS, PER_STRING = 8, 32
YEAR_S = 365 * 86_400
REFERENCE_S = 60.0
SAMPLE_STEPS = 3000
NOISE_V = 0.001


@dataclass(frozen=True, slots=True)
class Year:
    """One run: how it was stepped, processor seconds for a year of it, and the batteries at its end."""

    step_s: float
    compiled: bool
    host_s: float
    batteries: Batteries

    @property
    def steps_per_s(self) -> float:
        """Steps of 256 batteries in one processor second."""
        return YEAR_S / self.step_s / self.host_s

    @property
    def name(self) -> str:
        """As it stands in the table."""
        return f"a year of 256 batteries, {self.step_s:g} s steps, {'numba' if self.compiled else 'numpy'}"


def run(step_s: float, compiled: bool, steps: int) -> Year:
    """Simulates so many steps from a fresh start and scales the time taken to a year."""
    batteries = populate(
        block=BlockType(), strings=STRINGS, per_string=PER_STRING, seed=1, start="fresh", compiled=compiled
    )
    charger = Charger.for_batteries(batteries)
    control = Equalizing(batteries)
    batteries.step(step_s, charger.feed(batteries))  # compiles
    every = round(REFERENCE_S / step_s)
    began = time.process_time()
    for number in range(steps):
        if number % every == 0:
            batteries.reference_v = control.references()
        batteries.step(step_s, charger.feed(batteries))
    taken_s = time.process_time() - began
    return Year(step_s, compiled, taken_s * YEAR_S / step_s / steps, batteries)


class Equalizing:
    """The product's own rule on readings as inaccurate as the room's modules."""

    def __init__(self, batteries: Batteries) -> None:
        self._batteries = batteries
        self._rules = EqualizingRules()
        self._installation = Installation(batteries.size, batteries.strings, batteries.block)
        self._states = np.full(batteries.strings, StringState.FLOAT, dtype=np.int8)
        self._paused = np.zeros(batteries.strings, dtype=np.bool_)
        self._draw = np.random.default_rng(1)

    def references(self) -> Floats:
        """A reference for each battery, V."""
        batteries = self._batteries
        read_v = batteries.voltage_v + batteries.sense_offset_v + NOISE_V * self._draw.standard_normal(batteries.size)
        found = plan(self._rules, self._installation, read_v, batteries.temperature_c, self._states, self._paused)
        return np.repeat(found.reference_v, batteries.per_string)


def rows() -> Iterator[Row]:
    """Processor seconds for a year, and steps per second."""
    for step_s, compiled, limit in ((60.0, False, "<= 240"), (10.0, True, "<= 150")):
        if compiled and not can_compile():
            continue
        year = min((run(step_s, compiled, SAMPLE_STEPS) for _ in range(3)), key=lambda one: one.host_s)
        yield Row(year.name, year.host_s, "s", limit)
        yield Row(f"steps per second, {'numba' if compiled else 'numpy'}", year.steps_per_s, "1/s")


def main() -> None:
    """Both years in full, and how the batteries are at their end."""
    for step_s, compiled in ((60.0, False), (10.0, True)):
        if compiled and not can_compile():
            print("numba is not installed: pip install 'webmanager[fast]'")
            continue
        year = run(step_s, compiled, round(YEAR_S / step_s))
        batteries = year.batteries
        volts = batteries.voltage_v.reshape(STRINGS, PER_STRING)
        print(f"{year.name}: {year.host_s:.0f} s, {year.steps_per_s:,.0f} steps/s", flush=True)
        print(
            f"  spread (sd) of string 1: {1000 * volts[0].std():.2f} mV,"
            f" string current {1000 * batteries.current_a[0]:.1f} mA,"
            f" wear {batteries.wear.min():.3f} to {batteries.wear.max():.3f}, soc from {batteries.soc.min():.4f}"
        )


if __name__ == "__main__":
    main()
