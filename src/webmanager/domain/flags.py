"""Status words made of bits: what each bit means and when it is set.

Bits of judgements nobody makes yet (limits, diagnosis, deliveries) are named here, published as 0 and set by the
part that brings them.
"""

from enum import IntFlag

import numpy as np
import numpy.typing as npt

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
    return float(flags)


def battery_flags(picture: Picture) -> float:
    """The `BatteryFlag`s of all batteries together."""
    if picture.snapshot is None:
        return 0.0
    saturated = picture.snapshot.modules.status & ModuleStatus.LIMITER_SATURATED != 0
    return float(BatteryFlag.EQUALIZER_SATURATED) if (saturated & picture.has_value).any() else 0.0


def alarm_flags(_picture: Picture) -> float:
    """The `AlarmFlag`s: none before there are alarms, relays and deliveries."""
    return 0.0


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
    return flags.astype(np.float64)
