"""What the link counts, for each address and for the whole bus: a struct of arrays, readable as a frozen copy."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from webmanager.domain.reading import Floats, Ints

RTT_WEIGHT = 1 / 16
"""Share of the newest answer in the mean round-trip time."""


@dataclass(frozen=True, slots=True, eq=False)
class AnswerCounters:
    """One array a counter, index = address - 1; `rtt` as in `Exchange`, NaN = never."""

    answered: Ints
    timeouts: Ints
    crc_errors: Ints
    retries: Ints
    late: Ints
    rtt_last_s: Floats
    rtt_mean_s: Floats


@dataclass(frozen=True, slots=True, eq=False)
class BusCounters:
    """Counters since start. `lost_requests`: trains nobody began to answer; `margin_s`: the present patience."""

    modules: AnswerCounters
    sensors: AnswerCounters
    requests: int
    lost_requests: int
    refused: int
    late: int
    crc_errors: int
    noise_bytes: int
    bytes_in: int
    bytes_out: int
    reopenings: int
    margin_s: float


class AnswerTally:
    """The counters of one address space, 1 to `size`, while they run; other addresses are not counted."""

    def __init__(self, size: int) -> None:
        self._size = size
        slots = size + 1
        self._answered = [0] * slots
        self._timeouts = [0] * slots
        self._crc_errors = [0] * slots
        self._retries = [0] * slots
        self._late = [0] * slots
        self._rtt_last_s = [float("nan")] * slots
        self._rtt_mean_s = [float("nan")] * slots

    def answer(self, address: int, rtt_s: float) -> None:
        """A good answer, `rtt_s` after the device's turn began."""
        if not 1 <= address <= self._size:
            return
        self._answered[address] += 1
        self._rtt_last_s[address] = rtt_s
        mean = self._rtt_mean_s[address]
        self._rtt_mean_s[address] = rtt_s if math.isnan(mean) else mean + RTT_WEIGHT * (rtt_s - mean)

    def timeout(self, address: int) -> None:
        """Was asked, nothing usable came."""
        self._count(self._timeouts, address)

    def crc_error(self, address: int) -> None:
        """Something came in this device's turn that was not a frame."""
        self._count(self._crc_errors, address)

    def retry(self, address: int) -> None:
        """Is asked once more."""
        self._count(self._retries, address)

    def late(self, address: int) -> None:
        """A valid answer that nobody was waiting for any more."""
        self._count(self._late, address)

    def freeze(self) -> AnswerCounters:
        """A copy that does not change."""
        return AnswerCounters(
            answered=_frozen(self._answered),
            timeouts=_frozen(self._timeouts),
            crc_errors=_frozen(self._crc_errors),
            retries=_frozen(self._retries),
            late=_frozen(self._late),
            rtt_last_s=_frozen(self._rtt_last_s),
            rtt_mean_s=_frozen(self._rtt_mean_s),
        )

    def _count(self, counter: list[int], address: int) -> None:
        if 1 <= address <= self._size:
            counter[address] += 1


def _frozen(values: list[Any]) -> npt.NDArray[Any]:
    array = np.array(values[1:])
    array.setflags(write=False)
    return array
