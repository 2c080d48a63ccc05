"""Which published point stands behind which key of the JSON API: the catalogue is `domain/points.py`, not this page."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from webmanager.domain.picture import Picture
from webmanager.domain.points import POINTS, Point, read
from webmanager.domain.reading import Floats
from webmanager.web.texts.figures import iso

Form = Callable[[Point, Floats, int], list[Any]]


@dataclass(frozen=True, slots=True)
class Key:
    """One key of an object: its point, how its values are written, and with how many decimals."""

    key: str
    point: str
    form: Form
    digits: int = 0

    @property
    def published(self) -> Point:
        """The row of the catalogue."""
        return POINTS[self.point]


def columns(keys: Sequence[Key], moment: Picture) -> dict[str, list[Any]]:
    """The values of all keys at a moment, one list a key; what is unknown is None."""
    return {key.key: key.form(key.published, read(key.published, moment).values, key.digits) for key in keys}


def plain(values: Floats, digits: int) -> list[float | None]:
    """An array as numbers with so many decimals, None for what is not finite; there is no negative zero."""
    return [value if math.isfinite(value) else None for value in (np.round(values, digits) + 0.0).tolist()]


def _number(_: Point, values: Floats, digits: int) -> list[float | None]:
    return plain(values, digits)


def _count(_: Point, values: Floats, digits: int) -> list[int | None]:
    return [None if value is None else int(value) for value in plain(values, digits)]


def _flag(_: Point, values: Floats, digits: int) -> list[bool | None]:
    return [None if math.isnan(value) else bool(value) for value in values.tolist()]


def _word(point: Point, values: Floats, digits: int) -> list[str]:
    return [point.codes[int(value)] for value in np.nan_to_num(values).tolist()]


def _time(_: Point, values: Floats, digits: int) -> list[str | None]:
    return [None if value is None else iso(value) for value in plain(values, digits)]


MODULE_KEYS = (
    Key("voltage_v", "module.voltage", _number, 3),
    Key("deviation_percent", "module.deviation", _number, 3),
    Key("temperature_c", "module.temperature", _number, 2),
    Key("ri_mohm", "module.internal_resistance", _number, 3),
    Key("ri_measured_at", "module.internal_resistance_at", _time, 3),
    Key("equalizing_percent", "module.equalizing", _number, 1),
    Key("reference_v", "module.reference", _number, 4),
    Key("age_s", "module.age", _number, 1),
    Key("charges", "module.charges", _count),
    Key("discharges", "module.discharges", _count),
    Key("excluded", "module.excluded", _flag),
    Key("measuring_ri", "module.measuring_ri", _flag),
    Key("limiter_saturated", "module.limiter_saturated", _flag),
    Key("limiter_derated", "module.limiter_derated", _flag),
    Key("sensor_fault", "module.sensor_fault", _flag),
    Key("quality", "module.quality", _word),
    Key("string", "module.string", _count),
    Key("position", "module.position", _count),
)

STRING_KEYS = (
    Key("batteries", "string.batteries", _count),
    Key("answering", "string.answering", _count),
    Key("current_a", "string.current", _number, 3),
    Key("ripple_a", "string.ripple", _number, 3),
    Key("voltage_v", "string.voltage", _number, 3),
    Key("average_v", "string.average", _number, 4),
    Key("spread_v", "string.spread", _number, 3),
    Key("reference_v", "string.reference", _number, 4),
    Key("power_w", "string.power", _number, 1),
    Key("state", "string.state", _word),
    Key("quality", "string.quality", _word),
)
