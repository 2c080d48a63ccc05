"""Status words made of bits: what each bit means and when it is set.

Bits of judgements come from the alarms in the picture, and stay 0 where nobody judges. No data never clears: a bit
an alarm has set stays while its module is silent.
"""

from enum import IntFlag

import numpy as np
import numpy.typing as npt

from webmanager.domain.alarm_picture import AlarmPicture, Level
from webmanager.domain.picture import BUS_RUNNING, Freshness, Picture
from webmanager.domain.reading import ModuleStatus, Quality
from webmanager.domain.snapshot import StringState


class GeneralFlag(IntFlag):
    """General status, as published for this family of devices; no bit at all = internal communication interrupted."""

    RUNNING = 0x1
    CONNECTED = 0x2
    MODULE_LOST = 0x4
    DISCHARGING = 0x8
    CHARGING = 0x10
    DISCHARGING_STOPPED = 0x20
    FLOAT_CHARGING = 0x40
    EQUALISATION = 0x80
    SYSTEM_FAILURE = 0x100
    VOLTAGE_OUTOFRANGE = 0x200
    TEMPERATURE_OUTOFRANGE = 0x400
    RESISTOR_OUTOFRANGE = 0x800
    MODULE_ADDRESSING = 0x1000
    MODULE_SEARCHING = 0x2000


class BatteryFlag(IntFlag):
    """What is wrong with the batteries."""

    ASYMMETRIC_DISCHARGE = 0x1
    WEAK_BATTERY = 0x2
    REPLACE_BATTERY = 0x4
    SULPHATION_SUSPECTED = 0x8
    THERMAL_RUNAWAY_WARNING = 0x10
    THERMAL_RUNAWAY = 0x20
    DEEP_DISCHARGE = 0x40
    EQUALIZER_SATURATED = 0x80


class AlarmFlag(IntFlag):
    """What the device does about it."""

    GENERAL_ALARM = 0x1
    BUZZER_ON = 0x2
    RELAY_1 = 0x4
    RELAY_2 = 0x8
    RELAY_3 = 0x10
    RELAY_4 = 0x20
    UNACKNOWLEDGED_ALARM = 0x40
    STORE_FAILED = 0x80
    DELIVERY_FAILED = 0x100
    CLOCK_NOT_SYNCHRONISED = 0x200


class ModuleFlag(IntFlag):
    """What is wrong with one battery or its module."""

    VOLTAGE_WARNING = 0x1
    VOLTAGE_ALARM = 0x2
    TEMPERATURE_WARNING = 0x4
    TEMPERATURE_ALARM = 0x8
    RI_WARNING = 0x10
    RI_ALARM = 0x20
    SILENT = 0x40
    STALE = 0x80
    EQUALIZING_ERROR = 0x100
    NOT_INITIALISED = 0x200
    WRONG_REVISION = 0x400
    EXCLUDED = 0x800


_BY_KIND = {
    "store_failed": AlarmFlag.STORE_FAILED,
    "delivery_failed": AlarmFlag.DELIVERY_FAILED,
    "clock_unsynchronised": AlarmFlag.CLOCK_NOT_SYNCHRONISED,
}
_RELAYS = (AlarmFlag.RELAY_1, AlarmFlag.RELAY_2, AlarmFlag.RELAY_3, AlarmFlag.RELAY_4)

_BY_STRING_STATE = {
    StringState.DISCHARGING: GeneralFlag.DISCHARGING,
    StringState.CHARGING: GeneralFlag.CHARGING,
    StringState.REST: GeneralFlag.DISCHARGING_STOPPED,
    StringState.FLOAT: GeneralFlag.FLOAT_CHARGING,
}


def general_flags(picture: Picture) -> float:
    """The `GeneralFlag`s of the whole device."""
    if picture.bus_state == "starting":
        return float(GeneralFlag.CONNECTED)
    if picture.bus_state == "refused":
        return float(GeneralFlag.SYSTEM_FAILURE)
    if picture.bus_state != BUS_RUNNING:
        return 0.0
    snapshot = picture.snapshot
    if snapshot is None:
        return float(GeneralFlag.CONNECTED)
    if picture.freshness is Freshness.EXPIRED:
        return 0.0
    flags = GeneralFlag.RUNNING
    if (picture.module_quality == Quality.SILENT).any():
        flags |= GeneralFlag.MODULE_LOST
    for state, flag in _BY_STRING_STATE.items():
        if (snapshot.strings.state == state).any():
            flags |= flag
    if (snapshot.modules.equalizing_percent[picture.has_value] > 0).any():
        flags |= GeneralFlag.EQUALISATION
    return float(flags | _judged(picture.alarms, GeneralFlag))


def battery_flags(picture: Picture) -> float:
    """The `BatteryFlag`s of all batteries together."""
    flags = BatteryFlag(_judged(picture.alarms, BatteryFlag))
    if picture.snapshot is not None:
        saturated = picture.snapshot.modules.status & ModuleStatus.LIMITER_SATURATED != 0
        if (saturated & picture.has_value).any():
            flags |= BatteryFlag.EQUALIZER_SATURATED
    return float(flags)


def alarm_flags(picture: Picture) -> float:
    """The `AlarmFlag`s: what is open, and what the outputs do."""
    switched = picture.switched
    flags = AlarmFlag.BUZZER_ON if switched.buzzer else AlarmFlag(0)
    for relay, is_on in zip(_RELAYS, switched.relays, strict=False):
        flags |= relay if is_on else AlarmFlag(0)
    if alarms := picture.alarms:
        flags |= AlarmFlag.GENERAL_ALARM if alarms.is_general_alarm else AlarmFlag(0)
        flags |= AlarmFlag.UNACKNOWLEDGED_ALARM if alarms.unacknowledged else AlarmFlag(0)
        for alarm in alarms.alarms:
            flags |= _BY_KIND.get(alarm.kind, AlarmFlag(0))
    return float(flags)


def module_flags(picture: Picture) -> npt.NDArray[np.float64]:
    """The `ModuleFlag`s of each module, shape (modules,)."""
    quality = picture.module_quality
    flags = np.zeros(quality.size, dtype=np.int64)
    flags[quality == Quality.SILENT] |= ModuleFlag.SILENT
    flags[quality == Quality.STALE] |= ModuleFlag.STALE
    flags[picture.not_initialised] |= ModuleFlag.NOT_INITIALISED
    odd = [address - 1 for address in picture.odd_revisions if address <= quality.size]
    flags[odd] |= ModuleFlag.WRONG_REVISION
    if picture.snapshot is not None:
        flags[picture.snapshot.modules.excluded & picture.has_value] |= ModuleFlag.EXCLUDED
    if picture.alarms is not None:
        flags |= _levels(picture.alarms)
    return flags.astype(np.float64)


def _levels(alarms: AlarmPicture) -> npt.NDArray[np.int64]:
    """What the limits say of each battery: of warning and alarm the graver alone; a notice sets no bit."""
    states = alarms.states
    flags = np.zeros(states.overall.size, dtype=np.int64)
    for levels, warning, alarm in (
        (states.voltage, ModuleFlag.VOLTAGE_WARNING, ModuleFlag.VOLTAGE_ALARM),
        (states.temperature, ModuleFlag.TEMPERATURE_WARNING, ModuleFlag.TEMPERATURE_ALARM),
        (states.ri, ModuleFlag.RI_WARNING, ModuleFlag.RI_ALARM),
        (states.equalizing, ModuleFlag.EQUALIZING_ERROR, ModuleFlag.EQUALIZING_ERROR),
    ):
        flags[levels == Level.WARNING] |= warning
        flags[levels == Level.ALARM] |= alarm
    return flags


def _judged(alarms: AlarmPicture | None, word: type[IntFlag]) -> int:
    """The bits of a word that what is raised now sets."""
    names = alarms.flags if alarms else frozenset()
    return sum(flag.value for name, flag in word.__members__.items() if name in names)
