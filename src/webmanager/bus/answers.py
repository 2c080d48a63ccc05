"""Payloads of one scan to arrays in units of people, and addresses to trains. Pure."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import numpy.typing as npt

from webmanager.bus.commands import (
    FULL_LIMITER,
    NO_VALUE_I16,
    NO_VALUE_U16,
    TRAIN_MAX,
    Identity,
    ModuleType,
    Ri,
)
from webmanager.domain.reading import Floats, ModuleIdentity, RiReading

NEVER_MEASURED_MIN = 0xFFFF

# The layouts of `commands.Values` and `commands.Current`, for many answers at once.
_VALUES = np.dtype([("mv", ">u2"), ("dc", ">i2"), ("equalizing", "u1"), ("status", "u1")])
_CURRENT = np.dtype([("ca", ">i2"), ("ripple", ">u2"), ("status", "u1")])


class ValueArrays:
    """READ_VALUES of `modules` modules (index = address - 1); NaN and status 0 where no answer came."""

    def __init__(self, answers: Mapping[int, bytes], modules: int) -> None:
        index, rows = _rows(answers, _VALUES)
        self.answered = np.zeros(modules, np.bool_)
        self.answered[index] = True
        self.status = np.zeros(modules, np.uint8)
        self.status[index] = rows["status"]
        self.voltage_v = _spread(index, rows["mv"], NO_VALUE_U16, 0.001, modules)
        self.temperature_c = _spread(index, rows["dc"], NO_VALUE_I16, 0.1, modules)
        self.equalizing_percent = _spread(index, rows["equalizing"], -1, 100.0 / FULL_LIMITER, modules)


class CurrentArrays:
    """READ_CURRENT of the sensors of `strings` strings (index = string - 1); NaN where no answer came."""

    def __init__(self, answers: Mapping[int, bytes], strings: int) -> None:
        index, rows = _rows(answers, _CURRENT)
        self.current_a = _spread(index, rows["ca"], NO_VALUE_I16, 0.01, strings)
        self.ripple_a = _spread(index, rows["ripple"], NO_VALUE_U16, 0.01, strings)


def module_identity(address: int, payload: bytes) -> ModuleIdentity:
    """What a module says about itself, in words: type `C40`, revision `1.4`."""
    identity = Identity.decode(payload)
    known = identity.type in set(ModuleType)
    return ModuleIdentity(
        address=address,
        type=ModuleType(identity.type).name if known else f"type {identity.type}",
        revision="{}.{}".format(*identity.revision),
        firmware="{}.{}".format(*identity.firmware),
        serial=identity.serial,
        nominal_v=identity.nominal_v,
    )


def ri_reading(address: int, payload: bytes) -> RiReading | None:
    """A module's last internal resistance in mOhm, NaN if it was out of range; None if it has never measured."""
    ri = Ri.decode(payload)
    if ri.ri_uohm is None and ri.age_min == NEVER_MEASURED_MIN:
        return None
    ri_mohm = float("nan") if ri.ri_uohm is None else ri.ri_uohm / 1000
    temperature_c = float("nan") if ri.temperature_dc is None else ri.temperature_dc / 10
    return RiReading(address, ri_mohm, temperature_c, ri.age_min * 60.0)


def trains(addresses: Iterable[int], bridge: int = 0) -> Iterator[range]:
    """Cuts addresses into ascending ranges of at most 32, each asked as one train.

    Gaps of up to `bridge` other addresses are asked along, where their slots cost less than another request.
    """
    begin = end = 0
    for address in sorted(addresses):
        if begin and address - end <= bridge and address - begin < TRAIN_MAX:
            end = address + 1
            continue
        if begin:
            yield range(begin, end)
        begin, end = address, address + 1
    if begin:
        yield range(begin, end)


def _rows(answers: Mapping[int, bytes], layout: np.dtype[np.void]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.void]]:
    index = np.fromiter(answers, np.intp, len(answers)) - 1
    return index, np.frombuffer(b"".join(answers.values()), layout)


def _spread(index: npt.NDArray[np.intp], raw: npt.NDArray[np.int_], none: int, unit: float, size: int) -> Floats:
    """Raw numbers in their unit at their places, NaN elsewhere and where the device has no value."""
    values = np.full(size, np.nan)
    values[index] = np.where(raw == none, np.nan, raw * unit)
    return values
