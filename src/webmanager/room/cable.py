"""The bus cable of the room: who hears the controller and is heard, and what is damaged on the way."""

from collections.abc import Sequence

import numpy as np

from webmanager.domain.reading import Bools, Floats

BITS_PER_BYTE = 8


class Cable:
    """Branches of one bus joined by splitting boxes; index = position of the module = first address - 1.

    Faults write the public attributes, `mend` takes all damage back. Rates are errors per bit.
    """

    def __init__(self, branches: Sequence[Sequence[int]], strings: int) -> None:
        self._branches = [[address - 1 for address in branch] for branch in branches]
        self._size = sum(len(branch) for branch in branches)
        self._strings = strings
        self.mend()

    def mend(self) -> None:
        """Everything is whole again."""
        self.silent: Bools = np.zeros(self._size, dtype=np.bool_)
        self.cut_off: Bools = np.zeros(self._size, dtype=np.bool_)
        self.doubled: Bools = np.zeros(self._size, dtype=np.bool_)
        self.error_rate: Floats = np.zeros(self._size)
        self.bus_error_rate = 0.0
        self.sensor_silent: Bools = np.zeros(self._strings, dtype=np.bool_)

    def cut_behind(self, index: int) -> None:
        """Opens the cable behind a module: what lies further along its branch is cut off."""
        for branch in self._branches:
            if index in branch:
                self.cut_off[branch[branch.index(index) + 1 :]] = True

    @property
    def reached(self) -> Bools:
        """Modules that hear the controller."""
        return ~self.cut_off


def flip_bits(data: bytes, rate: float, rng: np.random.Generator) -> bytes:
    """The bytes after a line that turns each bit over with probability `rate`; the same object if none was."""
    bits = len(data) * BITS_PER_BYTE
    if rate <= 0.0 or (flips := int(rng.binomial(bits, min(rate, 1.0)))) == 0:
        return data
    damaged = bytearray(data)
    for bit in rng.choice(bits, flips, replace=False).tolist():
        damaged[bit >> 3] ^= 1 << (bit & 7)
    return bytes(damaged)


def garble(data: bytes, rng: np.random.Generator) -> bytes:
    """What is left of bytes sent while somebody else was sending: no byte survives."""
    return bytes(byte ^ int(noise) for byte, noise in zip(data, rng.integers(1, 256, len(data)), strict=True))
