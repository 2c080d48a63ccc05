"""Installation > string > battery (one block) > module: what hangs on the device, by address."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from webmanager.domain.errors import ConfigError

MAX_MODULES = 256
MAX_STRINGS = 10
BLOCK_CELLS = {2: 1, 4: 2, 6: 3, 12: 6}
"""Nominal voltage of a block, V, to the number of cells in it."""


@dataclass(frozen=True, slots=True)
class BlockType:
    """One battery model: nominal voltage (2, 4, 6 or 12 V), C10 capacity (7-5000 Ah) and technology."""

    nominal_v: int = 12
    capacity_ah: float = 100.0
    technology: str = "AGM"

    def __post_init__(self) -> None:
        if self.nominal_v not in BLOCK_CELLS:
            raise ConfigError(f"block voltage {self.nominal_v} V is not known: allowed are 2, 4, 6 and 12 V")
        if not 7 <= self.capacity_ah <= 5000:
            raise ConfigError(f"block capacity {self.capacity_ah:g} Ah is out of range: 7 to 5000 Ah")

    @property
    def cells(self) -> int:
        """Cells in series inside one block."""
        return BLOCK_CELLS[self.nominal_v]

    @property
    def name(self) -> str:
        """As people write it: `12 V 100 Ah AGM`."""
        return f"{self.nominal_v} V {self.capacity_ah:g} Ah {self.technology}"


@dataclass(frozen=True)
class Installation:
    """All strings of one device; addresses 1..modules run through the strings, all strings equally long.

    As the original divides them: 72 modules over 6 strings make 1-12 string 1, 13-24 string 2, and so on.
    """

    modules: int
    strings: int
    block: BlockType
    name: str = "Battery room"
    location: str = ""

    def __post_init__(self) -> None:
        if not 1 <= self.modules <= MAX_MODULES:
            raise ConfigError(f"{self.modules} modules: 1 to {MAX_MODULES} are possible")
        if not 1 <= self.strings <= MAX_STRINGS:
            raise ConfigError(f"{self.strings} strings: 1 to {MAX_STRINGS} are possible")
        if self.modules % self.strings:
            raise ConfigError(f"{self.modules} modules do not divide evenly over {self.strings} strings")

    @property
    def per_string(self) -> int:
        """Batteries in each string."""
        return self.modules // self.strings

    @cached_property
    def string_of(self) -> npt.NDArray[np.int16]:
        """String number, 1.., of each module (index = address - 1)."""
        return (np.arange(self.modules) // self.per_string + 1).astype(np.int16)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Name of each battery, `S3-17` (index = address - 1)."""
        return tuple(
            f"S{address // self.per_string + 1}-{address % self.per_string + 1}" for address in range(self.modules)
        )

    def position_of(self, address: int) -> int:
        """Position, 1.., of a module within its string."""
        return (address - 1) % self.per_string + 1

    def addresses_of(self, string: int) -> range:
        """Addresses of one string (1..strings)."""
        return range((string - 1) * self.per_string + 1, string * self.per_string + 1)

    def by_string(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """A view of a per-module array (modules,) as (strings, per_string)."""
        return values.reshape(self.strings, self.per_string)
