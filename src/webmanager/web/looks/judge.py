"""How a battery looks: one state per quantity from its quality, and from its limits as soon as there are any.

This is the one place that knows: templates, API, live stream and scripts only carry what is said here.
"""

import math
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from webmanager.domain.alarm_picture import ModuleStates
from webmanager.domain.installation import Installation
from webmanager.domain.reading import Floats, Quality
from webmanager.domain.snapshot import Snapshot

Looks = npt.NDArray[np.int8]


class Look(IntEnum):
    """What is seen of one quantity, the worst last: the worst one speaks for the battery."""

    UNKNOWN = 0
    GOOD = 1
    NOTICE = 2
    PENDING = 3
    STALE = 4
    IMPLAUSIBLE = 5
    SILENT = 6
    WARNING = 7
    ALARM = 8

    @property
    def word(self) -> str:
        """As templates, styles and scripts name it."""
        return self.name.lower()

    @property
    def is_abnormal(self) -> bool:
        """Somebody should know."""
        return self > Look.GOOD


@dataclass(frozen=True, slots=True)
class Quantity:
    """One of the four things a map shows: full bar and foot of the bar (None: signed, from the middle), unit."""

    key: str
    label: str
    short: str
    full: float
    foot: float | None
    unit: str
    digits: int
    scale: str


QUANTITIES = (
    Quantity("voltage", "Voltage deviation", "Voltage", 1.0, None, "%", 2, "Full bar: 1 % off the string’s average."),
    Quantity("temperature", "Temperature", "Temp.", 45.0, 10.0, "°C", 1, "Bar: 10 to 45 °C."),
    Quantity(
        "ri",
        "Internal resistance",
        "Ri",
        30.0,
        None,
        "%",
        0,
        "Full bar: 30 % off the string’s median; there is no baseline yet.",
    ),
    Quantity("equalizing", "Equalizing", "Equal.", 100.0, 0.0, "%", 0, "Bar: 0 to 100 % of the limiter."),
)

_OF_QUALITY = np.array([Look[quality.name] for quality in Quality], dtype=np.int8)
"""Index = quality: both vocabularies use the same words for the quality of a value."""

_OF_LEVEL = np.array([Look.GOOD, Look.PENDING, Look.NOTICE, Look.WARNING, Look.ALARM], dtype=np.int8)
"""Index = `Level` of the alarm picture."""


def shown(snapshot: Snapshot) -> dict[str, Floats]:
    """What the map draws, per quantity (modules,): deviation %, temperature degC, Ri against the median %, duty %."""
    modules = snapshot.modules
    return {
        "voltage": modules.deviation_percent,
        "temperature": modules.temperature_c,
        "ri": ri_against_median(snapshot.installation, modules.ri_mohm),
        "equalizing": modules.equalizing_percent,
    }


def looks(snapshot: Snapshot, values: dict[str, Floats], states: ModuleStates | None = None) -> dict[str, Looks]:
    """The look of every module, per quantity (modules,); a quantity without a value is unknown, never good.

    With the states of the alarm picture the worse of both counts, so that silence hides no open alarm, and there is a
    fifth look, `module`: what the module itself shows.
    """
    by_quality = _OF_QUALITY[snapshot.modules.quality]
    found = {
        key: np.where((by_quality == Look.GOOD) & np.isnan(value), np.int8(Look.UNKNOWN), by_quality)
        for key, value in values.items()
    }
    if states is None:
        return found
    found = {key: _with_level(look, getattr(states, key)) for key, look in found.items()}
    # That a module is silent is seen already; its alarm would only paint over where it is.
    answers = by_quality < Look.IMPLAUSIBLE
    return found | {"module": np.where(answers, _with_level(by_quality, states.module), by_quality)}


def _with_level(look: Looks, level: Looks) -> Looks:
    return np.where(level > 0, np.maximum(look, _OF_LEVEL[level]), look)


def worst(by_quantity: dict[str, Looks]) -> Looks:
    """The look of each battery as a whole (modules,)."""
    all_looks: Looks = np.stack(list(by_quantity.values()))
    highest: Looks = all_looks.max(axis=0)
    return highest


def ri_against_median(installation: Installation, ri_mohm: Floats) -> Floats:
    """Internal resistance of each battery against the median of its string, %; NaN where unknown."""
    rows = installation.by_string(ri_mohm)
    medians = np.array([np.median(row[~np.isnan(row)]) if (~np.isnan(row)).any() else np.nan for row in rows])
    against: Floats = (rows / medians[:, None] - 1) * 100
    return against.reshape(-1)


def band(percent: float | None) -> str | None:
    """The name of an equalizing duty, %: off, eco+ (1-20), eco (21-40), normal, power, boost (81 and more)."""
    if percent is None or math.isnan(percent):
        return None
    whole = round(percent)
    steps = ((0, "off"), (20, "eco+"), (40, "eco"), (60, "normal"), (80, "power"))
    return next((name for top, name in steps if whole <= top), "boost")
