"""The table of limits: every kind of alarm is one row here, with its thresholds, hold, words and advice.

A row has up to three tiers (notice, warning, alarm). A tier is breached beyond its raise value and left beyond its
clear value, which lies `gap` inside; both must last `hold`. Voltages stand per cell, so that one table serves blocks
of 2, 4, 6 and 12 V. Defaults: docs/limits.md; each can be changed per installation, at any time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType

from webmanager.domain.errors import ConfigError
from webmanager.domain.events import Severity

READINGS = "readings"
SECONDS = "s"
PER_CELL = "cell"
PER_AH = "Ah"


class Quantity(StrEnum):
    """What a row judges; the first four are what a map of batteries shows."""

    VOLTAGE = "voltage"
    TEMPERATURE = "temperature"
    RI = "ri"
    EQUALIZING = "equalizing"
    MODULE = "module"
    STRING = "string"
    BUS = "bus"
    DEVICE = "device"


class Scope(StrEnum):
    """What a row has one value of."""

    BATTERY = "battery"
    STRING = "string"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One kind of alarm.

    `text`, `advice` and `over` (the all-clear) are what people read; places: {where} {value} {limit} {detail}, and
    {where} {label} {lasted}. `slot` is what an alarm is
    about: all rows of one slot at one source are one alarm, so that a battery has one alarm, not one per symptom;
    `merged` slots are one for the whole device. Of several rows in a slot that of the highest `rank` gives the kind.
    An `urgent` row is told even if its slot has an alarm already, and in maintenance. `like` takes the thresholds of
    another row. Thresholds stand `per` cell or per Ah of C10 and are shown for a whole
    battery. `tunable` is the range a threshold may be set to.
    """

    kind: str
    label: str
    quantity: Quantity
    scope: Scope
    unit: str
    text: str
    advice: str
    over: str = "{where}: {label}, normal again after {lasted}."
    notice: float | None = None
    warning: float | None = None
    alarm: float | None = None
    gap: float = 0.5
    hold: float = 60.0
    hold_unit: str = SECONDS
    is_high: bool = True
    per: str = ""
    slot: str = "battery"
    merged: bool = False
    part: str = ""
    rank: int = 50
    urgent: bool = False
    like: str | None = None
    digits: int = 1
    tunable: tuple[float, float] = (0.0, 1e6)
    battery_flag: str | None = None
    general_flag: str | None = None

    @property
    def is_yes_or_no(self) -> bool:
        """The value only says whether something is so; it has no threshold anybody could change."""
        return self.unit == ""

    def tiers(self) -> dict[Severity, float]:
        """Default raise values of the tiers that are on."""
        given = ((Severity.NOTICE, self.notice), (Severity.WARNING, self.warning), (Severity.ALARM, self.alarm))
        return {severity: value for severity, value in given if value is not None}


_V, _T, _R, _E = Quantity.VOLTAGE, Quantity.TEMPERATURE, Quantity.RI, Quantity.EQUALIZING
_M, _S, _BUS, _D = Quantity.MODULE, Quantity.STRING, Quantity.BUS, Quantity.DEVICE
_BATTERY, _STRING, _DEVICE = Scope.BATTERY, Scope.STRING, Scope.DEVICE
_VOLTS = (0.5, 3.2)
BUS_HOLD_S = 20.0
"""Three missed scans come before it: a module that is silent now and then raises nothing."""

_BATTERY_ROWS = (
    LimitRow(
        "voltage_high", "Voltage high", _V, _BATTERY, "V",
        "{where} voltage {value}, over its limit of {limit}.",
        "Check the charger's voltage and the other batteries of the string; stop a boost charge.",
        warning=2.35, alarm=2.40, gap=0.02, per=PER_CELL, digits=2, tunable=_VOLTS, rank=40,
    ),
    LimitRow(
        "voltage_high_charge", "Voltage high while charging", _V, _BATTERY, "V",
        "{where} voltage {value} while charging, over its limit of {limit}.",
        "Stop the boost charge and check the charger's voltage; the battery gasses and heats up.",
        warning=2.45, alarm=2.50, gap=0.02, per=PER_CELL, digits=2, tunable=_VOLTS, rank=41,
    ),
    LimitRow(
        "voltage_low", "Voltage low on float", _V, _BATTERY, "V",
        "{where} voltage {value} on float, under its limit of {limit}.",
        "Likely a shorted cell or a battery that is not full: check it at the next visit.",
        warning=2.17, alarm=2.12, gap=0.02, is_high=False, per=PER_CELL, digits=2, tunable=_VOLTS, rank=42,
    ),
    LimitRow(
        "voltage_low_discharge", "Voltage low in discharge", _V, _BATTERY, "V",
        "{where} voltage {value} in discharge, under its limit of {limit}.",
        "The battery is empty before its string: end the discharge if you can, then measure its capacity.",
        warning=1.85, alarm=1.75, gap=0.10, is_high=False, per=PER_CELL, digits=2, tunable=_VOLTS, rank=46,
        battery_flag="WEAK_BATTERY",
    ),
    LimitRow(
        "deep_discharge", "Deep discharge", _V, _BATTERY, "V",
        "{where} voltage {value}, deeply discharged (limit {limit}).",
        "Recharge within hours and measure the capacity afterwards; exchange the battery if it stays low.",
        alarm=1.60, gap=0.15, is_high=False, per=PER_CELL, digits=2, tunable=_VOLTS, rank=48,
        battery_flag="DEEP_DISCHARGE",
    ),
    LimitRow(
        "battery_collapsed", "Battery empty before its string", _V, _BATTERY, "",
        "{where} is empty: it fell to {detail}, then its module had no supply any more.",
        "End the discharge if you can: the string drives current through the empty battery. Then exchange it.",
        alarm=1.0, hold=BUS_HOLD_S, rank=49, battery_flag="DEEP_DISCHARGE",
    ),
    LimitRow(
        "voltage_deviation", "Voltage off its string", _V, _BATTERY, "%",
        "{where} voltage {detail} its string (limit {limit}).",
        "Compare Ri, temperature and equalizing of the battery with its neighbours.",
        warning=2.0, alarm=4.0, gap=0.5, tunable=(0.2, 30.0), rank=45,
    ),
    LimitRow(
        "asymmetric_discharge", "Asymmetric discharge", _V, _BATTERY, "%",
        "{where} {detail} its string in discharge (limit {limit}).",
        "Likely a weak battery: measure its capacity and plan to exchange it.",
        warning=3.0, alarm=6.0, gap=1.0, tunable=(0.5, 50.0), rank=47, battery_flag="ASYMMETRIC_DISCHARGE",
    ),
    LimitRow(
        "temperature_high", "Temperature high", _T, _BATTERY, "°C",
        "{where} temperature {value}, over its limit of {limit}.",
        "Check the ventilation and the charge current; do not boost-charge.",
        warning=35.0, alarm=45.0, gap=2.0, hold=300.0, tunable=(-20.0, 90.0), rank=52,
    ),
    LimitRow(
        "temperature_low", "Temperature low", _T, _BATTERY, "°C",
        "{where} temperature {value}, under its limit of {limit}.",
        "Capacity is lower when cold: check the heating of the room.",
        warning=5.0, alarm=0.0, gap=2.0, hold=300.0, is_high=False, tunable=(-40.0, 30.0), rank=30,
    ),
    LimitRow(
        "temperature_above", "Warmer than its string", _T, _BATTERY, "K",
        "{where} temperature {detail} above its string (limit {limit}).",
        "Check the torque of the terminals, then the battery: an unusually warm module marks a damaged battery.",
        warning=5.0, alarm=10.0, gap=1.5, hold=300.0, tunable=(1.0, 50.0), rank=55,
    ),
    LimitRow(
        "ri_rise", "Internal resistance risen", _R, _BATTERY, "%",
        "{where} internal resistance {detail} above its baseline (limit {limit}).",
        "Check the torque of its terminals and links; if it stays, the battery ages or dries out: plan to exchange it.",
        notice=20.0, warning=30.0, alarm=50.0, gap=5.0, hold=3, hold_unit=READINGS, digits=0, tunable=(5.0, 1000.0),
        rank=49, battery_flag="REPLACE_BATTERY",
    ),
    LimitRow(
        "ri_high", "Internal resistance high", _R, _BATTERY, "mΩ",
        "{where} internal resistance {value}, over its limit of {limit}.",
        "Check the torque of its terminals and links; if it stays, plan to exchange the battery.",
        gap=0.1, hold=3, hold_unit=READINGS, digits=2, tunable=(0.02, 200.0), rank=44, battery_flag="REPLACE_BATTERY",
    ),
    LimitRow(
        "ri_low", "Internal resistance low", _R, _BATTERY, "mΩ",
        "{where} internal resistance {value}, under its limit of {limit}.",
        "No healthy battery has so little: check the module and its sense leads.",
        gap=0.1, hold=3, hold_unit=READINGS, is_high=False, digits=2, tunable=(0.02, 200.0), rank=32,
    ),
    LimitRow(
        "ri_unmeasurable", "Internal resistance without a value", _R, _BATTERY, "",
        "{where} internal resistance cannot be measured: it is out of the range of the module.",
        "Likely an open battery or link: check the links of the battery before the next discharge needs them.",
        alarm=1.0, hold=2, hold_unit=READINGS, rank=60, battery_flag="REPLACE_BATTERY",
    ),
    LimitRow(
        "equalizer_saturated", "Equalizer at its limit", _E, _BATTERY, "h",
        "{where} equalizing at its limit for {value} (limit {limit}).",
        "The battery stays above its string although it is limited: measure its capacity at the next visit.",
        notice=24.0, gap=12.0, hold=0.0, digits=0, tunable=(1.0, 1000.0), rank=20, battery_flag="EQUALIZER_SATURATED",
    ),
    LimitRow(
        "equalizing_failed", "Equalizing does not succeed", _E, _BATTERY, "h",
        "{where} holds its string back: equalizing has not succeeded for {value} (limit {limit}).",
        "Replace this single battery before it harms its neighbours.",
        warning=24.0, gap=12.0, hold=0.0, digits=0, tunable=(1.0, 1000.0), rank=43, battery_flag="REPLACE_BATTERY",
    ),
    LimitRow(
        "leak_current", "Takes more current than its string", _E, _BATTERY, "mA",
        "{where} takes {value} more float current than its string (limit {limit}).",
        "Likely a soft short or a dried-out battery: watch its temperature, and exchange it at the next visit.",
        warning=0.15, gap=0.05, hold=3600.0, per=PER_AH, digits=0, tunable=(0.05, 20.0), rank=35,
        battery_flag="WEAK_BATTERY",
    ),
    LimitRow(
        "thermal_runaway", "Thermal runaway", _T, _BATTERY, "x",
        "{where} heats itself: {detail}.",
        "Switch the charger of the string off now, ventilate, keep away; then exchange the battery.",
        warning=1.0, alarm=1.5, gap=0.2, hold=300.0, rank=90, urgent=True, tunable=(0.3, 10.0),
        battery_flag="THERMAL_RUNAWAY",
    ),
    LimitRow(
        "sulphation_suspected", "Sulphation suspected", _R, _BATTERY, "d",
        "{where} not discharged for {value} while its internal resistance rises (limit {limit}).",
        "Likely sulphation from disuse: make a controlled discharge, then compare the internal resistance.",
        notice=90.0, gap=60.0, hold=0.0, digits=0, tunable=(7.0, 1000.0), rank=50, battery_flag="SULPHATION_SUSPECTED",
    ),
)  # fmt: skip

_MODULE_ROWS = (
    LimitRow(
        "module_lost", "Module does not answer", _M, _BATTERY, "",
        "{where} does not answer: its battery is not watched.",
        "Check the plug and the cable of its module, then the module.",
        over="{where} answers again after {lasted}.",
        alarm=1.0, hold=BUS_HOLD_S, slot="module", rank=50, general_flag="MODULE_LOST",
    ),
    LimitRow(
        "duplicate_address", "Address used twice", _M, _BATTERY, "",
        "{where} answers in fragments: likely two modules have address {detail}.",
        "Take one of the two modules off the bus and give it its own address with the programmer.",
        over="{where} answers again after {lasted}.",
        alarm=1.0, hold=BUS_HOLD_S, slot="module", rank=60, general_flag="MODULE_LOST",
    ),
    LimitRow(
        "reading_implausible", "Reading implausible", _M, _BATTERY, "",
        "{where} measures values that no battery can have.",
        "Check the sense leads of its module; a battery that no longer conducts shows the same.",
        warning=1.0, hold=60.0, slot="module", rank=40,
    ),
)  # fmt: skip

_STRING_ROWS = (
    LimitRow(
        "charger_overvoltage", "Charger voltage high", _S, _STRING, "V",
        "{where} voltage {value} per battery, over the limit of {limit}.",
        "Likely the charger: check its voltage now, all batteries gas and heat up.",
        like="voltage_high", per=PER_CELL, slot="charger_high", merged=True, part="charger", digits=2, rank=50,
        general_flag="VOLTAGE_OUTOFRANGE",
    ),
    LimitRow(
        "charger_overvoltage_charge", "Charger voltage high while charging", _S, _STRING, "V",
        "{where} voltage {value} per battery while charging, over the limit of {limit}.",
        "Likely the charger: stop the boost charge and check its voltage.",
        like="voltage_high_charge", per=PER_CELL, slot="charger_high", merged=True, part="charger", digits=2, rank=51,
        general_flag="VOLTAGE_OUTOFRANGE",
    ),
    LimitRow(
        "charger_undervoltage", "Charger voltage low", _S, _STRING, "V",
        "{where} voltage {value} per battery on float, under the limit of {limit}.",
        "Likely the charger: check its voltage, the batteries do not stay full.",
        is_high=False, like="voltage_low", per=PER_CELL, slot="supply", merged=True, part="charger", digits=2, rank=50,
        general_flag="VOLTAGE_OUTOFRANGE",
    ),
    LimitRow(
        "charger_missing", "Batteries are not charged", _S, _STRING, "",
        "{where} not charged: the voltage has fallen to {detail} per battery.",
        "Check the charger, its fuses and the mains: the batteries discharge themselves.",
        over="The batteries are charged again after {lasted}.",
        alarm=1.0, hold=600.0, slot="supply", merged=True, part="charger", rank=55,
    ),
    LimitRow(
        "battery_low", "Battery nearly empty", _S, _STRING, "V",
        "{where} nearly empty: {value} per battery in discharge, under the limit of {limit}.",
        "Shut the load down in order, or bring the mains back.",
        over="The batteries are charged again after {lasted}.",
        is_high=False, like="voltage_low_discharge", per=PER_CELL, slot="supply", merged=True, part="battery", digits=2,
        rank=60,
    ),
    LimitRow(
        "battery_deep_discharged", "Battery deeply discharged", _S, _STRING, "V",
        "{where} deeply discharged: {value} per battery, under the limit of {limit}.",
        "Recharge within hours; every hour at this voltage costs capacity for good.",
        over="The batteries are charged again after {lasted}.",
        is_high=False, like="deep_discharge", per=PER_CELL, slot="supply", merged=True, part="battery", digits=2,
        rank=65, urgent=True, battery_flag="DEEP_DISCHARGE",
    ),
    LimitRow(
        "room_hot", "Batteries too warm", _S, _STRING, "°C",
        "{where} temperature {value}, over the limit of {limit}.",
        "All batteries are warm, so it is the room: check ventilation and cooling.",
        like="temperature_high", slot="room", merged=True, part="room", rank=50,
        general_flag="TEMPERATURE_OUTOFRANGE",
    ),
    LimitRow(
        "room_cold", "Batteries too cold", _S, _STRING, "°C",
        "{where} temperature {value}, under the limit of {limit}.",
        "All batteries are cold, so it is the room: check the heating.",
        is_high=False, like="temperature_low", slot="room", merged=True, part="room", rank=50,
        general_flag="TEMPERATURE_OUTOFRANGE",
    ),
    LimitRow(
        "string_open", "String carries no current", _S, _STRING, "",
        "{where} takes no part in charge and discharge: {detail}.",
        "Likely an open battery, link or fuse in this string: check it now, the other strings carry its load.",
        alarm=1.0, hold=60.0, slot="string_current", rank=60,
    ),
    LimitRow(
        "string_current_low", "String carries too little", _S, _STRING, "%",
        "{where} carries {value} of what the other strings carry (limit {limit}).",
        "Check the links and fuses of the string, and the internal resistance of its batteries.",
        warning=60.0, alarm=20.0, gap=10.0, hold=60.0, is_high=False, slot="string_current", digits=0,
        tunable=(1.0, 99.0), rank=50, battery_flag="ASYMMETRIC_DISCHARGE",
    ),
    LimitRow(
        "string_ripple", "Ripple current", _S, _STRING, "A",
        "{where} ripple {value} (limit {limit}).",
        "Check the filter capacitors of the charger: ripple heats the batteries.",
        warning=0.05, alarm=0.10, gap=0.01, hold=60.0, per=PER_AH, slot="ripple", merged=True, part="charger",
        tunable=(0.005, 1.0), rank=50,
    ),
    LimitRow(
        "current_sensor_lost", "Current sensor does not answer", _M, _STRING, "",
        "Current sensor of {where} does not answer.",
        "Check its plug and supply; charge and discharge are told by voltage alone meanwhile.",
        over="Current sensor of {where} answers again after {lasted}.",
        warning=1.0, hold=60.0, slot="current_sensor", rank=50,
    ),
    LimitRow(
        "bus_open", "Bus cable open", _BUS, _STRING, "",
        "Bus cable open {detail}.",
        "Check the cable at that place first; the batteries behind it are not watched until it is closed.",
        over="Bus cable of {where} closed again after {lasted}.",
        alarm=2.0, gap=1.0, hold=BUS_HOLD_S, slot="bus_open", part="bus", rank=50, general_flag="MODULE_LOST",
    ),
)  # fmt: skip

_DEVICE_ROWS = (
    LimitRow(
        "bus_down", "No module answers", _BUS, _DEVICE, "",
        "No module answers: {detail}.",
        "Check the bus converter, its supply and the cable to COM3.",
        over="The modules answer again after {lasted}.",
        alarm=1.0, hold=BUS_HOLD_S, slot="bus", part="bus", rank=70, urgent=True, general_flag="SYSTEM_FAILURE",
    ),
    LimitRow(
        "bus_branches_open", "Several branches of the bus silent", _BUS, _DEVICE, "",
        "No module of {detail} answers.",
        "Check the splitting boxes and the cable between them.",
        over="The modules answer again after {lasted}.",
        alarm=2.0, gap=1.5, hold=BUS_HOLD_S, slot="bus", part="bus", rank=60, general_flag="MODULE_LOST",
    ),
    LimitRow(
        "bus_disturbed", "Bus disturbed", _BUS, _DEVICE, "",
        "Bus disturbed: {detail} do not answer, here and there.",
        "Look for a damaged cable, a missing terminator, or a device that sends out of turn.",
        over="The modules answer again after {lasted}.",
        alarm=8.0, gap=5.0, hold=BUS_HOLD_S, slot="bus", part="bus", rank=55, general_flag="MODULE_LOST",
    ),
    LimitRow(
        "bus_errors", "Bus errors", _BUS, _DEVICE, "%",
        "Bus errors: {value} of the answers are missing or damaged (limit {limit}).",
        "Check plugs, shield and length of the bus cable; see the counters of each module.",
        warning=5.0, gap=2.0, hold=300.0, slot="bus_errors", part="bus", tunable=(0.1, 100.0), rank=50,
    ),
    LimitRow(
        "mixed_revision", "Mixed hardware revisions", _M, _DEVICE, "",
        "Mixed hardware revisions: {detail}.",
        "Exchange the odd modules: the bus runs only with modules of one revision.",
        alarm=1.0, hold=0.0, slot="revision", part="bus", rank=70, general_flag="SYSTEM_FAILURE",
    ),
    LimitRow(
        "scan_stopped", "Scan stopped", _BUS, _DEVICE, "s",
        "No scan for {value} (limit {limit}).",
        "Restart the device; if it comes back, export the log and report it.",
        over="The scan runs again after {lasted}.",
        alarm=120.0, gap=60.0, hold=0.0, slot="scan", part="device", digits=0, tunable=(30.0, 3600.0), rank=50,
        general_flag="SYSTEM_FAILURE",
    ),
    LimitRow(
        "on_battery", "On battery", _D, _DEVICE, "",
        "On battery: {detail}.",
        "Check the mains; shut the load down in order if they stay away.",
        over="Back on mains after {lasted}.",
        notice=1.0, hold=4.0, slot="on_battery", part="battery", rank=50, general_flag="DISCHARGING",
    ),
    LimitRow(
        "store_failed", "Store failed", _D, _DEVICE, "",
        "Store failed: {detail}.",
        "Alarms and messages go on, history does not: check the flash.",
        over="The store works again after {lasted}.",
        alarm=1.0, hold=0.0, slot="store", part="store", rank=50,
    ),
    LimitRow(
        "clock_unsynchronised", "Clock not synchronised", _D, _DEVICE, "",
        "Clock not synchronised: {detail}.",
        "Check the time server in the settings and the way to it.",
        over="The clock is synchronised again after {lasted}.",
        notice=1.0, hold=60.0, slot="clock", part="clock", rank=50,
    ),
    LimitRow(
        "delivery_failed", "Message not delivered", _D, _DEVICE, "",
        "Message not delivered: {detail}.",
        "Check the receiver and the way to it; the event log says which message.",
        over="Messages are delivered again after {lasted}.",
        warning=1.0, hold=0.0, slot="delivery", part="device", rank=50,
    ),
    LimitRow(
        "ups_silent", "UPS does not answer", _D, _DEVICE, "",
        "UPS does not answer: {detail}.",
        "Check the cable on COM1 and the model in the settings.",
        over="The UPS answers again after {lasted}.",
        alarm=1.0, hold=30.0, slot="ups", part="UPS", rank=50,
    ),
    LimitRow(
        "ups_fault", "UPS reports a fault", _D, _DEVICE, "",
        "UPS reports: {detail}.",
        "See the display of the UPS.",
        alarm=1.0, hold=5.0, slot="ups_fault", part="UPS", rank=50,
    ),
    LimitRow(
        "sensor_silent", "Sensor does not answer", _D, _DEVICE, "",
        "Sensor does not answer: {detail}.",
        "Check the cable on COM2.",
        over="The sensor answers again after {lasted}.",
        warning=1.0, hold=30.0, slot="sensor", part="sensors", rank=50,
    ),
    LimitRow(
        "room_temperature_high", "Room too warm", _D, _DEVICE, "°C",
        "Room temperature {value}, over the limit of {limit}.",
        "Check ventilation and cooling: ten degrees more halve the life of the batteries.",
        warning=30.0, alarm=40.0, gap=1.0, hold=300.0, slot="room_air", part="room", tunable=(-20.0, 80.0), rank=50,
    ),
    LimitRow(
        "room_temperature_low", "Room too cold", _D, _DEVICE, "°C",
        "Room temperature {value}, under the limit of {limit}.",
        "Check the heating of the room.",
        warning=0.0, gap=1.0, hold=300.0, is_high=False, slot="room_air", part="room", tunable=(-40.0, 30.0), rank=50,
    ),
    LimitRow(
        "humidity_high", "Humidity high", _D, _DEVICE, "%",
        "Humidity {value}, over the limit of {limit}.",
        "Check the ventilation: condensation corrodes terminals and modules.",
        warning=80.0, gap=5.0, hold=300.0, slot="humidity", part="room", digits=0, tunable=(10.0, 100.0), rank=50,
    ),
    LimitRow(
        "hydrogen_high", "Hydrogen", _D, _DEVICE, "%",
        "Hydrogen {value}, over the limit of {limit}.",
        "Ventilate, avoid sparks and switch the charger off: hydrogen burns from 4 %.",
        warning=0.4, alarm=1.0, gap=0.1, hold=10.0, slot="hydrogen", part="room", urgent=True, tunable=(0.05, 4.0),
        digits=2, rank=80,
    ),
)  # fmt: skip

ROWS: Mapping[str, LimitRow] = MappingProxyType(
    {row.kind: row for row in (*_BATTERY_ROWS, *_MODULE_ROWS, *_STRING_ROWS, *_DEVICE_ROWS)}
)
"""Every kind of alarm by its name."""

REPORTED = frozenset(
    {
        "store_failed", "clock_unsynchronised", "delivery_failed", "ups_silent", "ups_fault", "sensor_silent",
        "room_temperature_high", "room_temperature_low", "humidity_high", "hydrogen_high",
    }
)  # fmt: skip
"""Kinds that other parts of the device report; all others are judged from scans and the bus."""

IN_PACK: Mapping[str, str] = MappingProxyType({row.like: row.kind for row in ROWS.values() if row.like})
"""Kind of a battery to the kind of its string: what most batteries share is told once, for the string."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One tier in force: raised beyond `raise_at`, cleared beyond `clear_at`, both lasting `hold` (s or readings)."""

    row: LimitRow
    severity: Severity
    raise_at: float
    clear_at: float
    hold: float


@dataclass(frozen=True, slots=True)
class Change:
    """What an installation wants otherwise for one kind; None keeps the default. `off` names tiers to switch off."""

    notice: float | None = None
    warning: float | None = None
    alarm: float | None = None
    gap: float | None = None
    hold: float | None = None
    off: frozenset[Severity] = frozenset()


@dataclass(frozen=True)
class Limits:
    """All tiers in force, in the order of the table; made by `limits_of`."""

    tiers: tuple[Limit, ...]
    changes: Mapping[str, Change] = field(default_factory=dict)

    def of(self, kind: str) -> tuple[Limit, ...]:
        """The tiers of one kind, mildest first; none if it is off."""
        return tuple(limit for limit in self.tiers if limit.row.kind == kind)


def limits_of(changes: Mapping[str, Change] | None = None) -> Limits:
    """The table with the changes of an installation; ConfigError if they do not fit each other."""
    changes = changes or {}
    for kind in changes:
        if kind not in ROWS:
            raise ConfigError(f"limit {kind!r} is not known: {', '.join(ROWS)}")
        if ROWS[kind].like is not None:
            raise ConfigError(f"limit {kind}: follows {ROWS[kind].like}, change that one")
    tiers = [limit for row in ROWS.values() for limit in _tiers(row, changes)]
    limits = Limits(tuple(tiers), MappingProxyType(dict(changes)))
    _check_pairs(limits)
    return limits


def _tiers(row: LimitRow, changes: Mapping[str, Change]) -> list[Limit]:
    pattern = ROWS[row.like] if row.like else row
    change = changes.get(pattern.kind, Change())
    wanted = {Severity.NOTICE: change.notice, Severity.WARNING: change.warning, Severity.ALARM: change.alarm}
    values = pattern.tiers() | {severity: value for severity, value in wanted.items() if value is not None}
    values = {severity: value for severity, value in sorted(values.items()) if severity not in change.off}
    gap = pattern.gap if change.gap is None else change.gap
    hold = pattern.hold if change.hold is None else change.hold
    _check(pattern, change, values, gap, hold)
    inwards = -gap if pattern.is_high else gap
    return [Limit(row, severity, value, value + inwards, hold) for severity, value in values.items()]


def _check(row: LimitRow, change: Change, values: Mapping[Severity, float], gap: float, hold: float) -> None:
    name = f"limit {row.kind}"
    if row.is_yes_or_no and _has_thresholds(change):
        raise ConfigError(f"{name}: has no threshold to change, only hold and off")
    low, high = row.tunable
    for severity, value in values.items():
        if not row.is_yes_or_no and not low <= value <= high:
            raise ConfigError(f"{name}: {severity.word} of {value:g} {row.unit} is outside {low:g} to {high:g}")
    ordered = list(values.items())
    for (mild, inner), (grave, outer) in pairwise(ordered):
        if (outer <= inner) if row.is_high else (outer >= inner):
            side = "below" if row.is_high else "above"
            raise ConfigError(f"{name}: the {mild.word} ({inner:g}) must lie {side} the {grave.word} ({outer:g})")
    if not 0.0 < gap < 1e6:
        raise ConfigError(f"{name}: the gap between raise and clear is {gap:g}, it must be more than 0")
    most = 100 if row.hold_unit == READINGS else 86_400
    if not 0.0 <= hold <= most:
        raise ConfigError(f"{name}: hold of {hold:g} {row.hold_unit} is outside 0 to {most}")
    if row.hold_unit == READINGS and hold != int(hold):
        raise ConfigError(f"{name}: hold counts readings, {hold:g} is no whole number")


def _has_thresholds(change: Change) -> bool:
    return any(value is not None for value in (change.notice, change.warning, change.alarm, change.gap))


def _check_pairs(limits: Limits) -> None:
    for low, high in _PAIRS:
        lower, upper = limits.of(low), limits.of(high)
        if lower and upper and lower[0].raise_at >= upper[0].raise_at:
            raise ConfigError(
                f"limit {low} ({lower[0].raise_at:g}) must lie below limit {high} ({upper[0].raise_at:g})"
            )


_PAIRS = (  # the first must lie below the second: low against high, float against charge
    ("voltage_low", "voltage_high"),
    ("voltage_high", "voltage_high_charge"),
    ("voltage_low_discharge", "voltage_low"),
    ("deep_discharge", "voltage_low_discharge"),
    ("temperature_low", "temperature_high"),
    ("ri_low", "ri_high"),
    ("room_temperature_low", "room_temperature_high"),
)
