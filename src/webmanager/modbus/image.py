"""The register image: all registers as one frozen string of bytes, encoded from the table once a picture."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from webmanager.domain.alarm_picture import AlarmPicture
from webmanager.domain.picture import BoardView, Picture, Switched, picture_of
from webmanager.domain.points import Scope, read, value
from webmanager.domain.reading import Floats
from webmanager.modbus.registers import REGISTERS, ROWS, Kind, Row, run_ends

Image = bytes
"""Registers 0..REGISTERS - 1, two bytes each, high byte first."""

_HIGHEST = {Kind.UNSIGNED: 0xFFFE, Kind.FLAGS: 0xFFFE, Kind.SIGNED: 0x7FFF, Kind.UNSIGNED_32: 0xFFFF_FFFE}
_LOWEST = {Kind.UNSIGNED: 0, Kind.FLAGS: 0, Kind.SIGNED: -0x7FFF, Kind.UNSIGNED_32: 0}
RUN_ENDS = run_ends()


class DeviceClock(Protocol):
    """Device time as the image needs it."""

    def now(self) -> float:
        """UTC seconds since 1970."""

    def monotonic(self) -> float:
        """Device seconds that never step."""

    @property
    def factor(self) -> float:
        """Device seconds in one host second."""


def _nobody_judges() -> AlarmPicture | None:
    return None


class LiveImage:
    """The image of a board as it is now: encoded again when board, alarms or outputs change, or the device's second.

    Ages and the device's time move between two scans, and values expire when the scans stop; whoever reads twice in
    the same second without a change gets the very same bytes.
    """

    def __init__(
        self,
        board: BoardView,
        clock: DeviceClock,
        alarms: Callable[[], AlarmPicture | None] = _nobody_judges,
        switched: Callable[[], Switched] = Switched,
    ) -> None:
        self._board = board
        self._clock = clock
        self._alarms = alarms
        self._switched = switched
        self._seen: tuple[object, ...] = ()
        self._changes: tuple[object, ...] = ()
        self._image: Image = b""
        self.encodings = 0

    def __call__(self) -> Image:
        """The registers at this moment."""
        board = self._board
        now_s = self._clock.monotonic()
        second = int(now_s)
        alarms, switched = self._alarms(), self._switched()
        changes = (second, switched, alarms.changes if alarms else None)
        seen = (board.snapshot, board.bus, board.identities, alarms.states if alarms else None)
        if changes != self._changes or any(new is not old for new, old in zip(seen, self._seen, strict=True)):
            self._seen, self._changes = seen, changes
            picture = picture_of(board, now_s, self._clock.now(), self._clock.factor)
            self._image = encode(replace(picture, alarms=alarms, switched=switched))
            self.encodings += 1
        return self._image


ImageSource = Callable[[], Image]


def encode(picture: Picture) -> Image:
    """All registers of a picture. What a register cannot hold is no value, never another number."""
    image = _BLANK.copy()
    for row, point in _PUBLISHED:
        if point.scope is Scope.DEVICE:
            raw = _register(row, value(point, picture))
            if row.kind is Kind.UNSIGNED_32:
                image[row.address], image[row.address + 1] = raw >> 16, raw & 0xFFFF
            else:
                image[row.address] = raw & 0xFFFF
        else:
            column = _registers(row, read(point, picture).values[: row.repeat])
            image[row.address : row.address + column.size * row.step : row.step] = column
    return image.tobytes()


def _register(row: Row, number: float) -> int:
    """One value as the register holds it, before it is cut to its width."""
    exact = number / row.resolution
    if not math.isfinite(exact):
        return row.kind.no_value
    steps = round(exact)
    if row.low_bits:
        return steps
    if row.clips:
        steps = min(steps, _HIGHEST[row.kind])
    return steps if _LOWEST[row.kind] <= steps <= _HIGHEST[row.kind] else row.kind.no_value


def _registers(row: Row, values: Floats) -> npt.NDArray[np.uint16]:
    """Whole columns of values as `_register` does it with one, of the same length."""
    with np.errstate(over="ignore", invalid="ignore"):
        steps = np.rint(values / row.resolution)
        if row.clips:
            steps = np.minimum(steps, _HIGHEST[row.kind])
        fits = (steps >= _LOWEST[row.kind]) & (steps <= _HIGHEST[row.kind])
    return np.where(fits, steps, row.kind.no_value).astype(np.int32).astype(np.uint16)


def _blank() -> npt.NDArray[np.uint16]:
    """An image in which everything is no value."""
    image = np.zeros(REGISTERS, dtype=">u2")
    for row in ROWS:
        for address in row.addresses():
            image[address] = row.kind.no_value & 0xFFFF
    return image


_BLANK = _blank()
_PUBLISHED = tuple((row, row.published) for row in ROWS if row.published is not None)
