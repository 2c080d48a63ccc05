"""The answers and bodies of the API as models: what the OpenAPI page is made of and what tests check against."""

from typing import Literal

from pydantic import Field

from webmanager.web.http.models import Answer, StoreBrief

_Quality = Literal["good", "stale", "silent", "implausible"]
_State = Literal["ok", "notice", "warning", "alarm", "not_initialised", "wrong_revision"]
_QuantityState = Literal["ok", "notice", "warning", "alarm"] | None
_Band = Literal["off", "eco+", "eco", "normal", "power", "boost"] | None
_Time = Field(description="ISO 8601, UTC", json_schema_extra={"format": "date-time"})


class Scan(Answer):
    """The newest scan of the module bus."""

    number: int | None
    started_at: str | None = _Time
    duration_s: float | None = Field(description="first request to last answer, retries included, host seconds")
    period_s: float | None = Field(description="device seconds")
    modules_answered: int
    errors: int | None


class Bus(Answer):
    """State of the module bus."""

    state: Literal["starting", "running", "refused", "down"]
    text: str
    revision: str | None
    odd_revisions: dict[str, str] = Field(description="address to hardware revision where it differs")
    unaddressed: int = Field(description="factory-new modules heard on the bus: 0, 1, or 2 for several")


class TimeServer(Answer):
    """One time server since the start."""

    server: str
    asked: int
    answered: int
    offset_s: float | None = Field(description="how far the device was behind it at its last good answer")
    delay_s: float | None
    stratum: int | None
    error: str = Field(description="why its last answer did not count, empty if it did")


class ClockState(Answer):
    """How far the device's clock can be trusted, and why."""

    synchronised: bool
    text: str
    good_at: str | None = _Time
    offset_s: float | None
    polls: int
    steps: int = Field(description="how often the clock was set at once")
    slews: int = Field(description="how often it was made to run a little faster or slower")
    servers: list[TimeServer]


class System(Answer):
    """The device itself."""

    model: str
    software_version: str
    serial: str
    name: str
    location: str
    mode: Literal["normal", "configuration"]
    uptime_s: float = Field(description="host seconds")
    time: str = _Time
    time_source: Literal["none", "host", "ntp"]
    clock: ClockState | None = Field(description="null where nobody keeps the clock")
    modules: int
    strings: int
    block: str
    scan: Scan
    bus: Bus
    leds: dict[str, str]
    room: bool = Field(description="the batteries are simulated")
    default_password: bool = Field(description="the password of the manual is still in force")
    store: StoreBrief | None = Field(description="null in a device without a store")


class ModuleStates(Answer):
    """State by quantity; null when there is no value to judge."""

    voltage: _QuantityState
    temperature: _QuantityState
    ri: _QuantityState
    equalizing: _QuantityState


class AlarmOfBattery(Answer):
    """An open alarm that speaks of a battery."""

    id: int
    severity: Literal["notice", "warning", "alarm"]
    text: str
    advice: str


class Module(Answer):
    """One battery with its module. Unknown is null, never 0."""

    address: int
    name: str
    string: int
    position: int
    type: str | None
    revision: str | None
    firmware: str | None
    serial: int | None
    voltage_v: float | None
    deviation_percent: float | None
    temperature_c: float | None
    ri_mohm: float | None
    ri_percent: float | None = Field(description="internal resistance against the median of its string")
    ri_measured_at: str | None = _Time
    equalizing_percent: float | None
    band: _Band
    reference_v: float | None
    excluded: bool | None
    measuring_ri: bool | None
    limiter_saturated: bool | None
    limiter_derated: bool | None
    sensor_fault: bool | None
    state: _State
    states: ModuleStates
    alarms: list[AlarmOfBattery] = Field(description="open ones, gravest first")
    quality: _Quality
    age_s: float | None
    charges: int | None
    discharges: int | None


class Modules(Answer):
    """All modules; before the first scan is complete `snapshot` is null and so is every value."""

    snapshot: int | None
    taken_at: str | None = _Time
    modules: list[Module]


class Recent(Answer):
    """The last hour of one module from living memory; it is not the history and ends with the process."""

    address: int
    name: str
    resolution_s: float
    t: list[float] = Field(description="UTC seconds since 1970")
    voltage_v: list[float | None]
    temperature_c: list[float | None]
    ri_mohm: list[float | None]


class String(Answer):
    """One string of batteries; positive current charges. Unknown is null: a total is never a smaller sum."""

    string: int
    batteries: int
    answering: int | None
    current_a: float | None
    ripple_a: float | None
    voltage_v: float | None
    average_v: float | None
    spread_v: float | None
    reference_v: float | None
    power_w: float | None
    state: Literal["float", "charging", "discharging", "rest", "unknown"]
    quality: Literal["good", "incomplete", "silent"]


class Strings(Answer):
    """All strings of one snapshot."""

    snapshot: int | None
    taken_at: str | None = _Time
    strings: list[String]


class Health(Answer):
    """The process lives, or the first scan is complete."""

    status: Literal["ok", "ready"]
