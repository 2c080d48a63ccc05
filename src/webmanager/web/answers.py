"""The answers and bodies of the API as models: what the OpenAPI page is made of and what tests check against."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

_Quality = Literal["good", "stale", "silent", "implausible"]
_State = Literal["ok", "notice", "warning", "alarm", "not_initialised", "wrong_revision"]
_QuantityState = Literal["ok", "notice", "warning", "alarm"] | None
_Band = Literal["off", "eco+", "eco", "normal", "power", "boost"] | None
_Time = Field(description="ISO 8601, UTC", json_schema_extra={"format": "date-time"})


class Answer(BaseModel):
    """What the device says; nothing more than described."""

    model_config = ConfigDict(extra="forbid")


class Body(BaseModel):
    """What a client says; an unknown key is an error, so that a typo is not silence."""

    model_config = ConfigDict(extra="forbid", strict=True)


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


class StoreBrief(Answer):
    """Whether what is measured is kept; `text` says why not."""

    state: Literal["ok", "read_only", "failing", "absent"]
    text: str


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


class Curve(Answer):
    """One curve in equal steps; null where there is no data. Minimum and maximum are those of all scans of a step."""

    address: int | None = None
    string: int | None = None
    name: str
    quantity: Literal["voltage", "temperature", "ri", "equalizing", "current"]
    unit: Literal["V", "degC", "mOhm", "%", "A"]
    resolution_s: int
    t: list[int] = Field(description="start of each step, UTC seconds since 1970")
    min: list[float | None]
    mean: list[float | None]
    max: list[float | None]


class Tier(Answer):
    """One resolution of the store: days it reaches back, and the sectors of 4 KiB it takes."""

    name: str
    days: float
    sectors: int


class Erases(Answer):
    """How often the sectors of the flash were erased."""

    least: int
    mean: float
    most: int


class Storage(StoreBrief):
    """Budget, reach and wear of the store, and everything that was lost or found bad."""

    bytes: int
    free_bytes: int
    tiers: list[Tier]
    erases: Erases
    retired_sectors: int
    projected_years: float | None
    rows: int = Field(description="minutes recorded since the start")
    rows_dropped: int
    events_dropped: int
    write_errors: int
    unreadable: int


class StoredFile(Answer):
    """One file; size and checksum are null until they are worked out."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    name: str
    bytes: int | None
    sha256: str | None
    from_: str = Field(alias="from", description="ISO 8601, UTC", json_schema_extra={"format": "date-time"})
    to: str = _Time


class Files(Answer):
    """Every file there is."""

    files: list[StoredFile]


class ArchiveBody(Body):
    """The files of an archive."""

    names: list[str] = Field(min_length=1, max_length=5000)


class SessionInfo(Answer):
    """Who is logged in; `csrf_token` goes into the header X-CSRF-Token of requests that change something."""

    username: str
    role: Literal["viewer", "operator", "admin"]
    csrf_token: str | None
    default_password: bool


class Health(Answer):
    """The process lives, or the first scan is complete."""

    status: Literal["ok", "ready"]


class ProblemDetails(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str | None = None
    instance: str | None = None


class RoomAnswer(BaseModel):
    """What the simulated room says; its own documentation describes it."""

    model_config = ConfigDict(extra="allow")


class LoginBody(Body):
    """User and password."""

    username: str = Field(max_length=128)
    password: str = Field(max_length=1024)


class PasswordBody(Body):
    """The password in force and the new one."""

    old: str = Field(max_length=1024)
    new: str = Field(max_length=1024)


class FaultBody(Body):
    """A fault for the room: where it strikes is one of address, string, channel, bus or target."""

    model_config = ConfigDict(extra="forbid", strict=True)
    kind: str
    address: int | None = None
    string: int | None = None
    channel: str | None = None
    bus: Any = None
    target: int | str | None = None
    value: float | str | None = None


class MainsBody(Body):
    """Mains on or off."""

    on: bool


class LoadBody(Body):
    """Power the load draws from the DC bus."""

    watts: float = Field(ge=0, allow_inf_nan=False)


class SpeedBody(Body):
    """Device seconds in one host second."""

    factor: float = Field(gt=0, allow_inf_nan=False)


class AmbientBody(Body):
    """Room temperature."""

    celsius: float = Field(ge=-40, le=80, allow_inf_nan=False)


class EmptyBody(Body):
    """Nothing to say."""
