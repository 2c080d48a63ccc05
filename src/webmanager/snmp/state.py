"""What the table of objects is made from: the picture of the moment and what the device knows beside it. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from webmanager.domain.events import Severity
from webmanager.domain.jobs import Power
from webmanager.domain.picture import Picture
from webmanager.domain.points import POINTS, value
from webmanager.engine.notify_ports import Output


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """Who this device is. `serial` is empty where there is none."""

    name: str = "webmanager"
    location: str = ""
    contact: str = ""
    version: str = "0"
    model: str = "BACS webmanager"
    manufacturer: str = "webmanager project"
    serial: str = ""


@dataclass(frozen=True, slots=True)
class OpenAlarm:
    """One alarm that is open now; `since_at` is UTC seconds."""

    id: int
    kind: str
    severity: Severity
    since_at: float


@dataclass(frozen=True, slots=True)
class BacsSettings:
    """What the public settings group publishes; None = not set, so not published. Units in the names."""

    log_rate_s: int | None = None
    log_rate_process_s: int | None = None
    ri_interval_min: int | None = None
    ri_low_mohm: float | None = None
    ri_high_mohm: float | None = None
    temperature_low_c: float | None = None
    temperature_high_c: float | None = None
    low_battery_min: int | None = None


@dataclass(frozen=True)
class MibState:
    """All of it at one moment. `uptime_s` is that of the agent.

    `severities` is the gravest open alarm of each module (0 none, else `Severity`), shape (modules,), None before
    anybody judges. `point` gives a value of the catalogue by its name, NaN = unknown.
    """

    picture: Picture
    uptime_s: float
    facts: DeviceFacts = DeviceFacts()
    alarms: tuple[OpenAlarm, ...] = ()
    power: Power = field(default_factory=Power)
    outputs: Mapping[Output, bool] = field(default_factory=dict)
    settings: BacsSettings = BacsSettings()
    module_type: str = ""
    severities: npt.NDArray[np.int8] | None = None
    buzzer_muted: bool = False
    point: Callable[[str], float] | None = None

    def read(self, name: str) -> float:
        """A value of the device from the catalogue of points; NaN = unknown."""
        return self.point(name) if self.point else value(POINTS[name], self.picture)
