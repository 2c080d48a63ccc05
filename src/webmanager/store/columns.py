"""Which column is which: an installation as a row of 16-bit numbers in sensor units, and back. Pure.

"No value" is a number of its own, NONE, and never 0.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from webmanager.domain.errors import StoreError
from webmanager.domain.installation import MAX_MODULES, MAX_STRINGS, Installation
from webmanager.domain.reading import Floats
from webmanager.domain.snapshot import Snapshot
from webmanager.store.packing import Shorts

NONE = -32768
LARGEST = 32767


class Quantity(IntEnum):
    """What is kept; the number is the one in the store."""

    VOLTAGE = 0
    TEMPERATURE = 1
    RI = 2
    EQUALIZING = 3
    CURRENT = 4
    STATE = 5

    @property
    def of_string(self) -> bool:
        """Whether it is a string's, not a battery's."""
        return self >= Quantity.CURRENT

    @property
    def word(self) -> str:
        """As requests name it."""
        return self.name.lower()


UNITS = {
    Quantity.VOLTAGE: 0.001,
    Quantity.TEMPERATURE: 0.1,
    Quantity.RI: 0.001,
    Quantity.EQUALIZING: 0.1,
    Quantity.CURRENT: 0.01,
    Quantity.STATE: 1.0,
}
"""One stored unit in V, degC, mOhm, %, A; Ri is in tenths of that where blocks are small, see `Layout.ri_unit_uohm`."""

STEADY = {
    Quantity.VOLTAGE: 30,
    Quantity.TEMPERATURE: 5,
    Quantity.RI: LARGEST,
    Quantity.EQUALIZING: LARGEST,
    Quantity.CURRENT: 100,
    Quantity.STATE: LARGEST,
}
"""A scan this many units away from the mean of its minute is kept as the minute's lowest or highest value.

Below that it is noise: limits judge 2 % of a block's voltage, kelvins and amperes. Ri is one measurement, not a mean;
the limiter's duty follows the noise of the reference and has no limit.
"""


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a row: four quantities of each module, then two of each string."""

    modules: int
    strings: int
    ri_unit_uohm: int = 1

    def __post_init__(self) -> None:
        if not (1 <= self.modules <= MAX_MODULES and 1 <= self.strings <= MAX_STRINGS and self.ri_unit_uohm in (1, 10)):
            raise StoreError(
                f"no such layout: {self.modules} modules, {self.strings} strings, {self.ri_unit_uohm} uOhm"
            )

    @staticmethod
    def of(installation: Installation) -> "Layout":
        """The layout of an installation: Ri in 1 uOhm, or 10 uOhm where a block is expected above 6 mOhm.

        Expected are 4.2 mOhm for 12 V and 100 Ah; the range of the finer unit, 32 mOhm, leaves a factor of five.
        """
        block = installation.block
        expected_mohm = 4.2 * block.cells / 6 * 100.0 / block.capacity_ah
        return Layout(installation.modules, installation.strings, 1 if expected_mohm <= 6.0 else 10)

    @property
    def columns(self) -> int:
        """Numbers in a row."""
        return 4 * self.modules + 2 * self.strings

    def span(self, quantity: Quantity) -> slice:
        """The columns of one quantity, in order of address or string."""
        if quantity.of_string:
            start = 4 * self.modules + (quantity - Quantity.CURRENT) * self.strings
            return slice(start, start + self.strings)
        return slice(quantity * self.modules, (quantity + 1) * self.modules)

    def column(self, quantity: Quantity, number: int) -> int | None:
        """The column of an address or a string, 1.., None if there is none."""
        span = self.span(quantity)
        return span.start + number - 1 if 1 <= number <= span.stop - span.start else None

    def unit(self, quantity: Quantity) -> float:
        """One stored unit in V, degC, mOhm, %, A."""
        return UNITS[quantity] * (self.ri_unit_uohm if quantity is Quantity.RI else 1)

    def units(self) -> Floats:
        """One stored unit of each column, shape (columns,)."""
        return self._each({quantity: self.unit(quantity) for quantity in Quantity})

    def steady(self) -> Shorts:
        """STEADY of each column, shape (columns,)."""
        return self._each({quantity: float(units) for quantity, units in STEADY.items()}).astype(np.int16)

    def row(self, snapshot: Snapshot) -> Floats:
        """A snapshot in stored units, not yet rounded, shape (columns,); NaN where there is no value."""
        modules, strings = snapshot.modules, snapshot.strings
        return np.concatenate(
            (
                modules.voltage_v * 1000.0,
                modules.temperature_c * 10.0,
                modules.ri_mohm * (1000.0 / self.ri_unit_uohm),
                modules.equalizing_percent * 10.0,
                strings.current_a * 100.0,
                strings.state,
            )
        )

    def _each(self, of: dict[Quantity, float]) -> Floats:
        counts = [self.strings if quantity.of_string else self.modules for quantity in Quantity]
        return np.repeat([of[quantity] for quantity in Quantity], counts)


def to_floats(values: Shorts, unit: float) -> Floats:
    """Stored numbers as V, degC, mOhm, % or A; NaN for NONE; 12.6, never 12.600001."""
    per_one = round(1.0 / unit) if unit < 1.0 else 1
    return np.where(values == NONE, np.nan, values / per_one)
