"""Catalogue of every value this device publishes: once, under a name that is never reused and never changes silently.

Modbus, SNMP, MQTT, metrics, the JSON interface and `docs/points.md` are built from this table. A point of scope
`string` or `module` has one value for each string or module (index = number - 1), one of scope `device` has one.
Unknown is NaN, never 0. Values are in the unit of the point, without any scale factor.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntFlag, StrEnum
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from webmanager.domain.flags import (
    AlarmFlag,
    BatteryFlag,
    GeneralFlag,
    ModuleFlag,
    alarm_flags,
    battery_flags,
    general_flags,
    module_flags,
)
from webmanager.domain.picture import Freshness, Picture
from webmanager.domain.reading import Floats, ModuleStatus, Quality
from webmanager.domain.snapshot import StringQuality, StringState

_BY_FRESHNESS = {Freshness.FRESH: Quality.GOOD, Freshness.STALE: Quality.STALE, Freshness.EXPIRED: Quality.SILENT}
BUS_STATES = ("starting", "running", "refused", "down")


class Scope(StrEnum):
    """What a point has one value of."""

    DEVICE = "device"
    STRING = "string"
    MODULE = "module"


Getter = Callable[[Picture], "Floats | float"]


@dataclass(frozen=True, slots=True)
class Point:
    """One published value.

    `unit` is empty for counts, codes and flags; `resolution` is the smallest step that means something, in that
    unit. A `measured` point comes from a scan and loses its value with it; others hold. `codes` are the words of an
    enumeration by its number, `flags` the bits of a status word.
    """

    name: str
    scope: Scope
    unit: str
    resolution: float
    help: str
    get: Getter
    measured: bool = True
    codes: tuple[str, ...] = ()
    flags: type[IntFlag] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PointValues:
    """Values of one point and the `Quality` of their source, both of the length of its scope; NaN = no value.

    A silent or implausible source has no value. A good one may have none either: an equalizer that is off has no
    reference.
    """

    values: Floats
    quality: npt.NDArray[np.int8]


def read(point: Point, picture: Picture) -> PointValues:
    """The values of a point in a picture, shape (modules,), (strings,) or (1,), each with its quality."""
    values = np.array(point.get(picture), dtype=np.float64, ndmin=1)
    quality = _quality(point, picture)
    values[quality > Quality.STALE] = np.nan
    return PointValues(values, quality)


def value(point: Point, picture: Picture) -> float:
    """The value of a point of scope `device`; NaN = no value. ValueError for another scope."""
    if point.scope is not Scope.DEVICE:
        raise ValueError(f"{point.name} has one value for each {point.scope}, not one for the device")
    if point.measured and picture.freshness is Freshness.EXPIRED:
        return math.nan
    return float(point.get(picture))


def _quality(point: Point, picture: Picture) -> npt.NDArray[np.int8]:
    if not point.measured:
        return np.zeros(_size(point.scope, picture), dtype=np.int8)
    if point.scope is Scope.MODULE:
        return picture.module_quality
    return np.full(_size(point.scope, picture), _BY_FRESHNESS[picture.freshness], dtype=np.int8)


def _size(scope: Scope, picture: Picture) -> int:
    installation = picture.installation
    return {Scope.DEVICE: 1, Scope.STRING: installation.strings, Scope.MODULE: installation.modules}[scope]


def _of_modules(attribute: str) -> Getter:
    """A column of the snapshot's modules."""

    def get(picture: Picture) -> Floats:
        if picture.snapshot is None:
            return np.full(picture.installation.modules, np.nan)
        return np.asarray(getattr(picture.snapshot.modules, attribute), dtype=np.float64)

    return get


def _of_strings(attribute: str) -> Getter:
    """A column of the snapshot's strings."""

    def get(picture: Picture) -> Floats:
        if picture.snapshot is None:
            return np.full(picture.installation.strings, np.nan)
        return np.asarray(getattr(picture.snapshot.strings, attribute), dtype=np.float64)

    return get


def _of_snapshot(attribute: str) -> Getter:
    """One figure of the snapshot itself."""

    def get(picture: Picture) -> float:
        return math.nan if picture.snapshot is None else float(getattr(picture.snapshot, attribute))

    return get


def _with_status(status: ModuleStatus) -> Getter:
    """1 where the module reports this status bit, else 0."""

    def get(picture: Picture) -> Floats:
        if picture.snapshot is None:
            return np.full(picture.installation.modules, np.nan)
        return np.asarray(picture.snapshot.modules.status & status != 0, dtype=np.float64)

    return get


def _counting(quality: Quality) -> Getter:
    """Number of modules of this quality now."""

    def get(picture: Picture) -> float:
        return float(np.count_nonzero(picture.module_quality == quality))

    return get


def _not_yet(_picture: Picture) -> float:
    return math.nan


def _open_alarms(picture: Picture) -> float:
    return math.nan if picture.alarms is None else float(len(picture.alarms.alarms))


def _unacknowledged_alarms(picture: Picture) -> float:
    return math.nan if picture.alarms is None else float(picture.alarms.unacknowledged)


def _string_of(picture: Picture) -> Floats:
    return picture.installation.string_of.astype(np.float64)


def _position_of(picture: Picture) -> Floats:
    installation = picture.installation
    return np.tile(np.arange(1.0, installation.per_string + 1.0), installation.strings)


def _module_quality(picture: Picture) -> Floats:
    return picture.module_quality.astype(np.float64)


def _module_age(picture: Picture) -> Floats:
    return picture.module_age_s


def _string_state(picture: Picture) -> Floats:
    if picture.snapshot is None or picture.freshness is Freshness.EXPIRED:
        return np.full(picture.installation.strings, float(StringState.UNKNOWN))
    return picture.snapshot.strings.state.astype(np.float64)


def _string_quality(picture: Picture) -> Floats:
    return picture.string_quality.astype(np.float64)


def _string_power(picture: Picture) -> Floats:
    if picture.snapshot is None:
        return np.full(picture.installation.strings, np.nan)
    return picture.snapshot.strings.current_a * picture.snapshot.strings.voltage_v


def _string_batteries(picture: Picture) -> Floats:
    return np.full(picture.installation.strings, float(picture.installation.per_string))


def _bus_state(picture: Picture) -> float:
    return float(BUS_STATES.index(picture.bus_state)) if picture.bus_state in BUS_STATES else math.nan


def _snapshot_age(picture: Picture) -> float:
    return math.nan if picture.snapshot is None else picture.snapshot_age_s


def _device_time(picture: Picture) -> float:
    return picture.now_at


def _modules(picture: Picture) -> float:
    return float(picture.installation.modules)


def _strings(picture: Picture) -> float:
    return float(picture.installation.strings)


_QUALITIES = tuple(quality.word for quality in Quality)
_M, _S, _D = Scope.MODULE, Scope.STRING, Scope.DEVICE

_MODULE_POINTS = (
    Point("module.voltage", _M, "V", 0.001, "Voltage of the battery.", _of_modules("voltage_v")),
    Point(
        "module.deviation", _M, "%", 0.01, "Deviation of the voltage from the string's mean.",
        _of_modules("deviation_percent"),
    ),
    Point("module.temperature", _M, "degC", 0.1, "Temperature of the battery.", _of_modules("temperature_c")),
    Point(
        "module.internal_resistance", _M, "mOhm", 0.01, "Internal resistance at the last measurement.",
        _of_modules("ri_mohm"),
    ),
    Point(
        "module.internal_resistance_at", _M, "s", 1.0, "When it was measured, seconds since 1970-01-01 UTC.",
        _of_modules("ri_measured_at"),
    ),
    Point(
        "module.equalizing", _M, "%", 0.1, "Bypass of the equalizer, share of its full current.",
        _of_modules("equalizing_percent"),
    ),
    Point(
        "module.reference", _M, "V", 0.001, "Voltage the equalizer leads the battery to; none while it is off.",
        _of_modules("reference_v"),
    ),
    Point(
        "module.excluded", _M, "", 1.0, "1 while the battery is left out of the reference, else 0.",
        _of_modules("excluded"),
    ),
    Point(
        "module.measuring_ri", _M, "", 1.0, "1 while the module measures internal resistance, else 0.",
        _with_status(ModuleStatus.MEASURING_RI),
    ),
    Point(
        "module.limiter_saturated", _M, "", 1.0, "1 while the equalizer is at its full current, else 0.",
        _with_status(ModuleStatus.LIMITER_SATURATED),
    ),
    Point(
        "module.limiter_derated", _M, "", 1.0, "1 while heat reduces the equalizer, else 0.",
        _with_status(ModuleStatus.LIMITER_DERATED),
    ),
    Point(
        "module.sensor_fault", _M, "", 1.0, "1 while the module reports a fault of its own sensors, else 0.",
        _with_status(ModuleStatus.SENSOR_FAULT),
    ),
    Point(
        "module.quality", _M, "", 1.0, "How good the measured values of this module are.",
        _module_quality, measured=False, codes=_QUALITIES,
    ),
    Point(
        "module.age", _M, "s", 1.0, "Time since the module's last answer; no value = it never answered.",
        _module_age, measured=False,
    ),
    Point(
        "module.flags", _M, "", 1.0, "What is wrong with the battery or its module, one bit each.",
        module_flags, measured=False, flags=ModuleFlag,
    ),
    Point("module.string", _M, "", 1.0, "Number of the string, from 1.", _string_of, measured=False),
    Point("module.position", _M, "", 1.0, "Place in the string, from 1.", _position_of, measured=False),
    Point("module.charges", _M, "", 1.0, "Charges counted so far.", _of_modules("charges"), measured=False),
    Point("module.discharges", _M, "", 1.0, "Discharges counted so far.", _of_modules("discharges"), measured=False),
)  # fmt: skip

_STRING_POINTS = (
    Point("string.current", _S, "A", 0.01, "Direct current; negative = discharge.", _of_strings("current_a")),
    Point("string.ripple", _S, "A", 0.01, "Alternating current, effective value.", _of_strings("ripple_a")),
    Point("string.voltage", _S, "V", 0.01, "Sum of the batteries' voltages.", _of_strings("voltage_v")),
    Point("string.average", _S, "V", 0.001, "Mean voltage of a battery.", _of_strings("average_v")),
    Point("string.spread", _S, "V", 0.001, "Highest less lowest battery voltage.", _of_strings("spread_v")),
    Point("string.reference", _S, "V", 0.001, "Reference voltage of the equalizers.", _of_strings("reference_v")),
    Point("string.power", _S, "W", 1.0, "Current times voltage; negative = discharge.", _string_power),
    Point("string.answering", _S, "", 1.0, "Batteries with a good value.", _of_strings("answering")),
    Point("string.batteries", _S, "", 1.0, "Batteries installed.", _string_batteries, measured=False),
    Point(
        "string.state", _S, "", 1.0, "What the string does.",
        _string_state, measured=False, codes=tuple(state.word for state in StringState),
    ),
    Point(
        "string.quality", _S, "", 1.0, "Whether the string's figures are made of all its batteries.",
        _string_quality, measured=False, codes=tuple(quality.word for quality in StringQuality),
    ),
)  # fmt: skip

_DEVICE_POINTS = (
    Point("device.strings", _D, "", 1.0, "Strings installed.", _strings, measured=False),
    Point("device.modules", _D, "", 1.0, "Modules installed.", _modules, measured=False),
    Point("device.time", _D, "s", 1.0, "The device's clock, since 1970-01-01 UTC.", _device_time, measured=False),
    Point(
        "device.snapshot_number", _D, "", 1.0, "Number of the newest scan.",
        _of_snapshot("number"), measured=False,
    ),
    Point(
        "device.snapshot_time", _D, "s", 1.0, "When it was taken, since 1970-01-01 UTC.",
        _of_snapshot("taken_at"), measured=False,
    ),
    Point("device.snapshot_age", _D, "s", 0.1, "Time since the newest scan.", _snapshot_age, measured=False),
    Point(
        "device.scan_duration", _D, "s", 0.001, "First request to last answer of the newest scan.",
        _of_snapshot("duration_s"), measured=False,
    ),
    Point(
        "device.scan_period", _D, "s", 0.1, "Time from scan to scan.",
        _of_snapshot("period_s"), measured=False,
    ),
    Point(
        "device.general_flags", _D, "", 1.0, "General status; 0 = internal communication interrupted.",
        general_flags, measured=False, flags=GeneralFlag,
    ),
    Point(
        "device.battery_flags", _D, "", 1.0, "What is wrong with the batteries, one bit each.",
        battery_flags, measured=False, flags=BatteryFlag,
    ),
    Point(
        "device.alarm_flags", _D, "", 1.0, "What the device does about it, one bit each.",
        alarm_flags, measured=False, flags=AlarmFlag,
    ),
    Point(
        "device.open_alarms", _D, "", 1.0, "Alarms that are open; no value where nobody judges.",
        _open_alarms, measured=False,
    ),
    Point(
        "device.unacknowledged_alarms", _D, "", 1.0, "Open alarms nobody has acknowledged or shelved; likewise.",
        _unacknowledged_alarms, measured=False,
    ),
    Point("bus.state", _D, "", 1.0, "What the module bus does.", _bus_state, measured=False, codes=BUS_STATES),
    Point(
        "bus.modules_answered", _D, "", 1.0, "Modules with a good value now.",
        _counting(Quality.GOOD), measured=False,
    ),
    Point(
        "bus.modules_stale", _D, "", 1.0, "Modules that missed the last scan or two.",
        _counting(Quality.STALE), measured=False,
    ),
    Point(
        "bus.modules_silent", _D, "", 1.0, "Modules that do not answer.",
        _counting(Quality.SILENT), measured=False,
    ),
    Point(
        "bus.errors", _D, "", 1.0, "Requests of the newest scan that failed or were repeated.",
        _of_snapshot("errors"),
    ),
)  # fmt: skip

UPS_ALARMS = (
    "battery_bad", "on_battery", "battery_low", "battery_depleted", "over_temperature", "input_bad", "output_bad",
    "output_overload", "on_bypass", "bypass_bad", "output_off_as_requested", "ups_off_as_requested", "charger_failed",
    "output_off", "system_off", "fan_failure", "fuse_failure", "general_fault", "diagnostic_test_failed",
    "communication_lost", "awaiting_power", "shutdown_pending", "shutdown_imminent", "test_in_progress",
)  # fmt: skip
"""The UPS alarms of this family of devices, in the order of their public numbers."""

_UPS_QUANTITIES = (
    *((f"ups.output_voltage_l{n}", "V", f"Output voltage of the UPS, L{n}.") for n in (1, 2, 3)),
    *((f"ups.output_load_l{n}", "%", f"Load of the UPS, L{n}.") for n in (1, 2, 3)),
    ("ups.battery_capacity", "%", "Charge left in the battery, as the UPS says."),
    *((f"ups.input_voltage_l{n}", "V", f"Input voltage of the UPS, L{n}.") for n in (1, 2, 3)),
    ("ups.temperature", "degC", "Temperature inside the UPS."),
    ("ups.autonomy_time", "min", "How long the battery lasts at this load, as the UPS says."),
    ("ups.status", "", "Status word of the UPS: 4 normal, 5 bypass, 12 power fail, 68 battery test."),
    ("ups.battery_voltage", "V", "Battery voltage, as the UPS says."),
    *((f"ups.input_frequency_l{n}", "Hz", f"Input frequency of the UPS, L{n}.") for n in (1, 2, 3)),
    ("ups.power_fails", "", "Power failures counted so far."),
    *((f"ups.alarm_{name}", "", f"1 while the UPS reports: {name.replace('_', ' ')}.") for name in UPS_ALARMS),
    *((f"aux.port_{n}", "", f"State of AUX port {n}, 0 or 1.") for n in (1, 2, 3, 4)),
    *((f"sensor.input_{n}", "", f"Sensor {n} of the SENSORMANAGER, in its own unit.") for n in range(1, 9)),
)
_UPS_POINTS = tuple(Point(name, _D, unit, 1.0, text, _not_yet, measured=False) for name, unit, text in _UPS_QUANTITIES)

POINTS: Mapping[str, Point] = MappingProxyType(
    {point.name: point for point in (*_DEVICE_POINTS, *_STRING_POINTS, *_MODULE_POINTS, *_UPS_POINTS)}
)
"""Every published point by its name."""
