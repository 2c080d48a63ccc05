"""The table of objects: every OID this agent answers, with how its value is made. Pure.

UPS-MIB (RFC 1628) groups as far as they apply, the public BACS tables, and our columns and notifications. A value that
is not known has no instance: never a dummy number. A module whose values are not known has no row at all in the public
columns, because one hole ends the public check for all modules; its quality and age stand in ours.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from webmanager.domain.events import Severity
from webmanager.domain.picture import Freshness
from webmanager.domain.points import POINTS, read
from webmanager.domain.snapshot import StringState
from webmanager.engine.notify_ports import Output
from webmanager.snmp.asn1 import Kind, Oid, Value, integer, oid_of, text, ticks
from webmanager.snmp.state import MibState

SYSTEM = oid_of("1.3.6.1.2.1.1")
UPS = oid_of("1.3.6.1.2.1.33")
BACS = (*UPS, 5)
MODULE_ENTRY = (*BACS, 2, 5, 1)
STRING_ENTRY = (*BACS, 2, 7, 1)
SYS_UPTIME = (*SYSTEM, 3, 0)

UPS_TRAPS = (*UPS, 2)
TRAP_ON_BATTERY, TRAP_ALARM_ADDED, TRAP_ALARM_REMOVED = (*UPS_TRAPS, 1), (*UPS_TRAPS, 3), (*UPS_TRAPS, 4)
ALARM_ENTRY = (*UPS, 1, 6, 2, 1)
MINUTES_REMAINING = (*UPS, 1, 2, 3, 0)
SECONDS_ON_BATTERY = (*UPS, 1, 2, 2, 0)
LOW_BATTERY_TIME = (*UPS, 1, 9, 7, 0)

OUR_TRAPS = (*BACS, 3, 0)
TRAP_RAISED, TRAP_CLEARED, TRAP_ACKNOWLEDGED, TRAP_OTHER = ((*OUR_TRAPS, number) for number in (1, 2, 3, 4))
EVENT = (*BACS, 3, 1)
EVENT_ID, EVENT_KIND, EVENT_SEVERITY, EVENT_SOURCE, EVENT_VALUE, EVENT_TEXT = ((*EVENT, n, 0) for n in range(1, 7))

NO_TESTS_INITIATED = (*UPS, 1, 7, 7, 1)
NO_TEST_SUMMARY = 6
WELL_KNOWN_ALARMS = (*UPS, 1, 6, 3)
ALARM_NUMBERS: Mapping[str, int] = MappingProxyType(
    {
        "on_battery": 2,
        "battery_low": 3,
        "battery_deep_discharged": 4,
        "deep_discharge": 4,
        "charger_missing": 13,
        "charger_overvoltage": 13,
        "charger_overvoltage_charge": 13,
        "charger_undervoltage": 13,
        "thermal_runaway": 5,
        "temperature_high": 5,
        "temperature_low": 5,
        "temperature_above": 5,
        "room_hot": 5,
        "room_cold": 5,
        "room_temperature_high": 5,
        "room_temperature_low": 5,
        "module_lost": 20,
        "bus_open": 20,
        "bus_down": 20,
        "bus_branches_open": 20,
        "current_sensor_lost": 20,
        "ups_silent": 20,
        "sensor_silent": 20,
        "scan_stopped": 20,
        "string_open": 1,
        "ri_high": 1,
        "ri_rise": 177,
        "asymmetric_discharge": 177,
        "voltage_low_discharge": 177,
        "sulphation_suspected": 177,
        "ups_fault": 18,
        "store_failed": 18,
        "mixed_revision": 18,
        "duplicate_address": 18,
    }
)
"""Kind of an alarm to the last number of its well-known OID. Others: 174 threshold alarm, 175 threshold warning."""
THRESHOLD_ALARM, THRESHOLD_WARNING = 174, 175
TEST_IN_PROGRESS = (*WELL_KNOWN_ALARMS, 24)
MODULE_TYPES: Mapping[str, int] = MappingProxyType({"C20": 0, "C21": 1, "C30": 10, "C40": 20})

Getter = Callable[[MibState], "Value | None"]
Column = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scalar:
    """One object with one instance; `get` returns None while its value is not known."""

    oid: Oid
    name: str
    get: Getter


@dataclass(frozen=True, slots=True)
class Cell:
    """One column of a table of modules or strings: a point of the catalogue, scaled. `is_ours` marks free space."""

    number: int
    name: str
    point: str
    scale: float
    units: str
    help: str
    is_ours: bool = False


def alarm_oid(kind: str, severity: Severity) -> Oid:
    """The well-known OID an alarm is published under."""
    other = THRESHOLD_ALARM if severity is Severity.ALARM else THRESHOLD_WARNING
    return (*WELL_KNOWN_ALARMS, ALARM_NUMBERS.get(kind, other))


def table(state: MibState) -> list[tuple[Oid, Value]]:
    """Every instance there is now, in lexicographic order."""
    rows: list[tuple[Oid, Value]] = []
    for part in _PARTS:
        rows.extend(part(state))
    return rows


def _known(getter: Callable[[MibState], float]) -> Getter:
    """An integer that is left out while it is not known."""

    def get(state: MibState) -> Value | None:
        figure = getter(state)
        return None if math.isnan(figure) else integer(figure)

    return get


def _point(name: str, scale: float = 1.0) -> Getter:
    return _known(lambda state: state.read(name) * scale)


def _constant(value: Value) -> Getter:
    return lambda _state: value


def _text(getter: Callable[[MibState], str], longest: int) -> Getter:
    return lambda state: text(getter(state), longest)


def _setting(getter: Callable[[MibState], "float | None"], scale: float = 1.0) -> Getter:
    def get(state: MibState) -> Value | None:
        figure = getter(state)
        return None if figure is None else integer(figure * scale)

    return get


def _is_alive(state: MibState) -> bool:
    return state.picture.freshness is not Freshness.EXPIRED


def _battery_status(state: MibState) -> float:
    """unknown(1), batteryNormal(2), batteryLow(3), batteryDepleted(4)."""
    kinds = {alarm.kind for alarm in state.alarms}
    if not _is_alive(state):
        return 1
    if kinds & {"battery_deep_discharged", "deep_discharge"}:
        return 4
    return 3 if "battery_low" in kinds else 2


def _on_battery_s(state: MibState) -> float:
    if not _is_alive(state):
        return math.nan
    return state.power.on_battery_s or 0.0


def _minutes_remaining(state: MibState) -> float:
    told = state.read("ups.autonomy_time")
    if math.isnan(told) and state.power.remaining_s is not None:
        return state.power.remaining_s // 60
    return told


def _battery_voltage(state: MibState) -> float:
    """Mean of the strings that are wholly known, 0.1 V."""
    values = read(POINTS["string.voltage"], state.picture).values
    known = values[np.isfinite(values)]
    return float(known.mean()) * 10.0 if known.size else math.nan


def _battery_current(state: MibState) -> float:
    """Sum of all strings, 0.1 A; unknown if one is."""
    return float(read(POINTS["string.current"], state.picture).values.sum()) * 10.0


def _battery_temperature(state: MibState) -> float:
    """The warmest battery, degC."""
    values = read(POINTS["module.temperature"], state.picture).values
    known = values[np.isfinite(values)]
    return float(known.max()) if known.size else math.nan


def _output_source(state: MibState) -> Value:
    """other(1), normal(3), bypass(4), battery(5): as the UPS says, else as the batteries show."""
    status = state.read("ups.status")
    if not math.isnan(status):
        return integer(5 if int(status) & 0x8 else 4 if int(status) & 0x1 else 3)
    if not _is_alive(state):
        return integer(1)
    states = read(POINTS["string.state"], state.picture).values
    if (states == StringState.DISCHARGING).any():
        return integer(5)
    return integer(1 if (states == StringState.UNKNOWN).all() else 3)


def _lines(*names: str) -> Callable[[MibState], list[tuple[int, list[float]]]]:
    """Phases that deliver at least one of these values, each with all of them."""

    def get(state: MibState) -> list[tuple[int, list[float]]]:
        phases = [(line, [state.read(name.format(line=line)) for name in names]) for line in (1, 2, 3)]
        return [(line, values) for line, values in phases if not all(map(math.isnan, values))]

    return get


_INPUT = _lines("ups.input_frequency_l{line}", "ups.input_voltage_l{line}")
_OUTPUT = _lines("ups.output_voltage_l{line}", "ups.output_load_l{line}")


def _audible(state: MibState) -> Value | None:
    """disabled(1), enabled(2), muted(3): the buzzer of this device, if it has one."""
    if Output.BUZZER not in state.outputs:
        return None
    return integer(3 if state.buzzer_muted else 2)


def _aux(output: Output) -> Getter:
    return lambda state: integer(state.outputs[output]) if output in state.outputs else None


_SYSTEM = (
    Scalar((*SYSTEM, 1, 0), "sysDescr", lambda state: text(f"CS121 v {state.facts.version}")),
    Scalar((*SYSTEM, 2, 0), "sysObjectID", _constant(Value(Kind.OID, UPS))),
    Scalar(SYS_UPTIME, "sysUpTime", lambda state: ticks(state.uptime_s)),
    Scalar((*SYSTEM, 4, 0), "sysContact", _text(lambda state: state.facts.contact, 255)),
    Scalar((*SYSTEM, 5, 0), "sysName", _text(lambda state: state.facts.name, 255)),
    Scalar((*SYSTEM, 6, 0), "sysLocation", _text(lambda state: state.facts.location, 255)),
    Scalar((*SYSTEM, 7, 0), "sysServices", _constant(integer(72))),
)
_UPS_FIRST = (
    Scalar((*UPS, 1, 1, 1, 0), "upsIdentManufacturer", _text(lambda state: state.facts.manufacturer, 31)),
    Scalar((*UPS, 1, 1, 2, 0), "upsIdentModel", _text(lambda state: state.facts.model, 63)),
    Scalar((*UPS, 1, 1, 3, 0), "upsIdentUPSSoftwareVersion", _constant(text(""))),
    Scalar((*UPS, 1, 1, 4, 0), "upsIdentAgentSoftwareVersion", _text(lambda state: state.facts.version, 63)),
    Scalar((*UPS, 1, 1, 5, 0), "upsIdentName", _text(lambda state: state.facts.name, 63)),
    Scalar(
        (*UPS, 1, 1, 6, 0),
        "upsIdentAttachedDevices",
        lambda state: text(
            f"{state.picture.installation.modules} batteries {state.picture.installation.block.name}, "
            f"{state.picture.installation.strings} strings",
            63,
        ),
    ),
    Scalar((*UPS, 1, 1, 7, 0), "upsSerialNumber", _text(lambda state: state.facts.serial, 63)),
    Scalar((*UPS, 1, 1, 8, 0), "upsLocation", _text(lambda state: state.facts.location, 79)),
    Scalar((*UPS, 1, 1, 9, 0), "upsSystemContact", _text(lambda state: state.facts.contact, 63)),
    Scalar((*UPS, 1, 2, 1, 0), "upsBatteryStatus", _known(_battery_status)),
    Scalar(SECONDS_ON_BATTERY, "upsSecondsOnBattery", _known(_on_battery_s)),
    Scalar(MINUTES_REMAINING, "upsEstimatedMinutesRemaining", _known(_minutes_remaining)),
    Scalar((*UPS, 1, 2, 4, 0), "upsEstimatedChargeRemaining", _point("ups.battery_capacity")),
    Scalar((*UPS, 1, 2, 5, 0), "upsBatteryVoltage", _known(_battery_voltage)),
    Scalar((*UPS, 1, 2, 6, 0), "upsBatteryCurrent", _known(_battery_current)),
    Scalar((*UPS, 1, 2, 7, 0), "upsBatteryTemperature", _known(_battery_temperature)),
    Scalar(
        (*UPS, 1, 3, 1, 0),
        "upsInputLineBads",
        lambda state: None if math.isnan(count := state.read("ups.power_fails")) else Value(Kind.COUNTER, int(count)),
    ),
    Scalar((*UPS, 1, 3, 2, 0), "upsInputNumLines", lambda state: integer(len(_INPUT(state)))),
)
_UPS_OUTPUT = (
    Scalar((*UPS, 1, 4, 1, 0), "upsOutputSource", _output_source),
    Scalar((*UPS, 1, 4, 3, 0), "upsOutputNumLines", lambda state: integer(len(_OUTPUT(state)))),
)
_UPS_BYPASS = (
    Scalar((*UPS, 1, 5, 2, 0), "upsBypassNumLines", _constant(integer(0))),
    Scalar((*UPS, 1, 6, 1, 0), "upsAlarmsPresent", lambda state: Value(Kind.GAUGE, len(state.alarms))),
)
_UPS_LAST = (
    Scalar((*UPS, 1, 7, 1, 0), "upsTestId", _constant(Value(Kind.OID, NO_TESTS_INITIATED))),
    Scalar((*UPS, 1, 7, 2, 0), "upsTestSpinLock", _constant(integer(0))),
    Scalar((*UPS, 1, 7, 3, 0), "upsTestResultsSummary", _constant(integer(NO_TEST_SUMMARY))),
    Scalar((*UPS, 1, 7, 4, 0), "upsTestResultsDetail", _constant(text(""))),
    Scalar((*UPS, 1, 7, 5, 0), "upsTestStartTime", _constant(ticks(0.0))),
    Scalar((*UPS, 1, 7, 6, 0), "upsTestElapsedTime", _constant(integer(0))),
    Scalar(LOW_BATTERY_TIME, "upsConfigLowBattTime", _setting(lambda state: state.settings.low_battery_min)),
    Scalar((*UPS, 1, 9, 8, 0), "upsConfigAudibleStatus", _audible),
    Scalar((*UPS, 1, 11, 1, 0), "auxPort1", _aux(Output.RELAY_1)),
    Scalar((*UPS, 1, 11, 2, 0), "auxPort2", _aux(Output.RELAY_2)),
    Scalar((*UPS, 1, 11, 3, 0), "auxPort3", _aux(Output.RELAY_3)),
    Scalar((*UPS, 1, 11, 4, 0), "auxPort4", _aux(Output.RELAY_4)),
    *(
        Scalar((*UPS, 1, 12, number, 1, 0), f"sensorMan{number}Value", _point(f"sensor.input_{number}", 10.0))
        for number in range(1, 9)
    ),
)
BACS_SETTINGS = (
    Scalar(
        (*BACS, 1, 1, 0), "bacsModuleType",
        lambda state: integer(MODULE_TYPES[state.module_type]) if state.module_type in MODULE_TYPES else None,
    ),
    Scalar((*BACS, 1, 2, 0), "bacsNumStrings", lambda state: integer(state.picture.installation.strings)),
    Scalar((*BACS, 1, 3, 0), "bacsNumBatteries", lambda state: integer(state.picture.installation.modules)),
    Scalar((*BACS, 1, 4, 0), "bacsBattCap", lambda state: integer(state.picture.installation.block.capacity_ah)),
    Scalar((*BACS, 1, 5, 0), "bacsLogRate1", _setting(lambda state: state.settings.log_rate_s)),
    Scalar((*BACS, 1, 6, 0), "bacsLogRate2", _setting(lambda state: state.settings.log_rate_process_s)),
    Scalar((*BACS, 1, 7, 0), "bacsImpcPollRate", _setting(lambda state: state.settings.ri_interval_min)),
    Scalar((*BACS, 1, 8, 0), "bacsImpcLowAlarm", _setting(lambda state: state.settings.ri_low_mohm, 100.0)),
    Scalar((*BACS, 1, 9, 0), "bacsImpcHighAlarm", _setting(lambda state: state.settings.ri_high_mohm, 100.0)),
    Scalar(
        (*BACS, 1, 10, 0), "bacsTemperatureLowAlarm", _setting(lambda state: state.settings.temperature_low_c, 10.0)
    ),
    Scalar(
        (*BACS, 1, 11, 0), "bacsTemperatureHighAlarm", _setting(lambda state: state.settings.temperature_high_c, 10.0)
    ),
)  # fmt: skip
BACS_HELP: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "bacsModuleType": ("", "Type of the modules: 0 C20, 1 C21, 10 C30, 20 C40; none for other types."),
        "bacsNumStrings": ("", "Strings installed."),
        "bacsNumBatteries": ("", "Batteries installed, all strings together."),
        "bacsBattCap": ("Ah", "C10 capacity of one battery."),
        "bacsLogRate1": ("s", "A value is stored so often."),
        "bacsLogRate2": ("s", "A value is stored so often during charge and discharge."),
        "bacsImpcPollRate": ("min", "Internal resistance is measured so often."),
        "bacsImpcLowAlarm": ("0.01 mOhm", "Alarm below this internal resistance; none while that limit is off."),
        "bacsImpcHighAlarm": ("0.01 mOhm", "Alarm above this internal resistance; none while that limit is off."),
        "bacsTemperatureLowAlarm": ("0.1 degC", "Alarm below this temperature of a battery."),
        "bacsTemperatureHighAlarm": ("0.1 degC", "Alarm above this temperature of a battery."),
    }
)
"""Unit and meaning of each public setting."""
MODULE_CELLS = (
    Cell(1, "bacsModuleIndex", "", 1.0, "", "Address of the module."),
    Cell(2, "bacsModuleVoltage", "module.voltage", 100.0, "0.01 V", "Voltage of the battery."),
    Cell(3, "bacsModuleTemperature", "module.temperature", 10.0, "0.1 degC", "Temperature of the battery."),
    Cell(5, "bacsModuleResistance", "module.internal_resistance", 100.0, "0.01 mOhm", "Internal resistance."),
    Cell(
        6, "bacsModuleState", "", 1.0, "",
        "ok(0), notice(1), warning(2), alarm(3), notInitialised(4), wrongRevision(5): the states are ours.",
    ),
    Cell(
        101, "bacsModuleEqualizing", "module.equalizing", 10.0, "0.1 %",
        "Bypass of the equalizer, share of its full current.", is_ours=True,
    ),
    Cell(
        102, "bacsModuleReference", "module.reference", 100.0, "0.01 V",
        "Voltage the equalizer leads the battery to; none while it is off.", is_ours=True,
    ),
    Cell(
        103, "bacsModuleAge", "module.age", 1.0, "s",
        "Time since the module's last answer; none if it never answered.", is_ours=True,
    ),
    Cell(104, "bacsModuleString", "module.string", 1.0, "", "String the battery belongs to.", is_ours=True),
    Cell(105, "bacsModuleCharges", "module.charges", 1.0, "", "Charges counted so far.", is_ours=True),
    Cell(106, "bacsModuleDischarges", "module.discharges", 1.0, "", "Discharges counted so far.", is_ours=True),
    Cell(
        107, "bacsModuleQuality", "module.quality", 1.0, "",
        "good(0), stale(1), silent(2), implausible(3): how good the values are.", is_ours=True,
    ),
)  # fmt: skip
STRING_CELLS = (
    Cell(1, "bacsStringIndex", "", 1.0, "", "Number of the string."),
    Cell(2, "bacsStringCurrent", "string.current", 100.0, "0.01 A", "Direct current; negative = discharge."),
    Cell(3, "bacsStringTotalVoltage", "string.voltage", 100.0, "0.01 V", "Sum of the batteries' voltages."),
    Cell(4, "bacsStringAverageVoltage", "string.average", 100.0, "0.01 V", "Mean voltage of a battery."),
    Cell(
        101, "bacsStringRipple", "string.ripple", 100.0, "0.01 A",
        "Alternating current, effective value.", is_ours=True,
    ),
    Cell(
        102, "bacsStringSpread", "string.spread", 100.0, "0.01 V",
        "Highest less lowest battery voltage.", is_ours=True,
    ),
    Cell(
        103, "bacsStringState", "string.state", 1.0, "",
        "unknown(0), float(1), charging(2), discharging(3), rest(4).", is_ours=True,
    ),
)  # fmt: skip
MODULE_STATES: Mapping[int, int] = MappingProxyType({0: 0, Severity.NOTICE: 1, Severity.WARNING: 2, Severity.ALARM: 3})
NOT_INITIALISED, WRONG_REVISION = 4, 5


def _scalars(objects: Sequence[Scalar]) -> Callable[[MibState], Iterator[tuple[Oid, Value]]]:
    def rows(state: MibState) -> Iterator[tuple[Oid, Value]]:
        for item in objects:
            value = item.get(state)
            if value is not None:
                yield item.oid, value

    return rows


def _phases(
    entry: Oid, columns: Sequence[tuple[int, float]], lines: Callable[[MibState], list[tuple[int, list[float]]]]
) -> Callable[[MibState], Iterator[tuple[Oid, Value]]]:
    """A table of phases: `columns` are number and scale, in the order of the values."""

    def rows(state: MibState) -> Iterator[tuple[Oid, Value]]:
        phases = lines(state)
        for place, (column, scale) in enumerate(columns):
            for line, values in phases:
                if not math.isnan(values[place]):
                    yield (*entry, column, line), integer(values[place] * scale)

    return rows


def _alarms(state: MibState) -> Iterator[tuple[Oid, Value]]:
    """The alarm table: id, well-known OID, and sysUpTime when it began (0 if that was before this agent)."""
    alarms = sorted(state.alarms, key=lambda alarm: alarm.id)
    for alarm in alarms:
        yield (*ALARM_ENTRY, 1, alarm.id), integer(alarm.id)
    for alarm in alarms:
        yield (*ALARM_ENTRY, 2, alarm.id), Value(Kind.OID, alarm_oid(alarm.kind, alarm.severity))
    for alarm in alarms:
        age_s = state.picture.now_at - alarm.since_at
        yield (*ALARM_ENTRY, 3, alarm.id), ticks(state.uptime_s - age_s)


def _modules(state: MibState) -> Iterator[tuple[Oid, Value]]:
    """Public columns of the modules that are wholly known, then ours of all."""
    size = state.picture.installation.modules
    columns = {cell.number: _scaled(cell, state) for cell in MODULE_CELLS if cell.point}
    columns[1] = np.arange(1.0, size + 1.0)
    columns[6] = _module_states(state)
    whole = np.isfinite(columns[2]) & np.isfinite(columns[3]) & np.isfinite(columns[5])
    for cell in MODULE_CELLS:
        values = columns[cell.number]
        yield from _column((*MODULE_ENTRY, cell.number), values, np.isfinite(values) if cell.is_ours else whole)


def _strings(state: MibState) -> Iterator[tuple[Oid, Value]]:
    """Every known value of each string; no index without a value."""
    size = state.picture.installation.strings
    columns = {cell.number: _scaled(cell, state) for cell in STRING_CELLS if cell.point}
    columns[1] = np.arange(1.0, size + 1.0)
    some = np.isfinite(columns[2]) | np.isfinite(columns[3]) | np.isfinite(columns[4])
    for cell in STRING_CELLS:
        values = columns[cell.number]
        yield from _column((*STRING_ENTRY, cell.number), values, some if cell.number == 1 else np.isfinite(values))


def _scaled(cell: Cell, state: MibState) -> Column:
    return read(POINTS[cell.point], state.picture).values * cell.scale


def _module_states(state: MibState) -> Column:
    picture = state.picture
    size = picture.installation.modules
    given = np.zeros(size, np.int8) if state.severities is None else state.severities
    states = np.zeros(size)
    for severity, number in MODULE_STATES.items():
        states[given == severity] = number
    states[picture.never_answered] = NOT_INITIALISED
    states[[address - 1 for address in picture.odd_revisions if address <= size]] = WRONG_REVISION
    return states


def _column(prefix: Oid, values: Column, shown: npt.NDArray[np.bool_]) -> Iterator[tuple[Oid, Value]]:
    rows = np.flatnonzero(shown)
    figures = np.clip(np.rint(values[rows]), -(2**31), 2**31 - 1).astype(np.int64)
    for row, figure in zip((rows + 1).tolist(), figures.tolist(), strict=True):
        yield (*prefix, row), Value(Kind.INTEGER, figure)


_PARTS = (
    _scalars(_SYSTEM),
    _scalars(_UPS_FIRST),
    _phases((*UPS, 1, 3, 3, 1), ((2, 10.0), (3, 1.0)), _INPUT),
    _scalars(_UPS_OUTPUT),
    _phases((*UPS, 1, 4, 4, 1), ((2, 1.0), (5, 1.0)), _OUTPUT),
    _scalars(_UPS_BYPASS),
    _alarms,
    _scalars(_UPS_LAST),
    _scalars(BACS_SETTINGS),
    _modules,
    _strings,
)
