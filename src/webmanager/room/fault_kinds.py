"""Everything in the room that can be broken: one row a kind, with what it does to the parts."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from webmanager.domain.errors import ConfigError
from webmanager.room.battery import Batteries
from webmanager.room.cable import Cable
from webmanager.room.charger import Charger
from webmanager.room.config import parse_revision
from webmanager.room.inbox.arrivals import Channel, Conduct
from webmanager.room.module import Modules

FaultValue = float | str | None
OPEN_OHM = 1e6
LEAST_CELLS = 0.02
"""What a short leaves of the only cell of a block."""
FLOAT_V = 2.25
RUNAWAY = 3.0
"""Heat of the internal short at 25 degC, in multiples of what the block can just get rid of."""
RUNAWAY_FLAT_C = 100.0


class Target(StrEnum):
    """What a fault is done to."""

    ADDRESS = "address"
    STRING = "string"
    CHARGER = "charger"
    BUS = "bus"
    ADDRESS_OR_BUS = "address or bus"
    CHANNEL = "channel"


@dataclass(slots=True)
class Parts:
    """What faults act on.

    `ripple_a` is the charger's, A rms; it flows while the charger works. `odd_revisions` are of modules that were
    exchanged, by index. `receivers` are those who are told, in the order of their index.
    """

    batteries: Batteries
    charger: Charger
    modules: Modules
    cable: Cable
    ripple_a: float = 0.0
    odd_revisions: dict[int, tuple[int, int]] = field(default_factory=dict)
    receivers: dict[Channel, Conduct] = field(default_factory=dict)


Effect = Callable[[Parts, int, FaultValue], None]


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One row: `effect(parts, index, value)`, index = number of the target - 1, or -1 for the charger or the bus.

    `is_moving` means that the effect changes with the state of the battery and is renewed with every step.
    """

    kind: str
    title: str
    target: Target
    help: str
    effect: Effect
    default: FaultValue = None
    unit: str = ""
    lowest: float = 0.0
    highest: float = math.inf
    is_moving: bool = False

    def check(self, value: object) -> FaultValue:
        """The value to use; ConfigError says what is allowed."""
        if value is None or self.default is None:
            if value is not None:
                raise ConfigError(f"{self.kind} takes no value")
            return self.default
        if isinstance(self.default, str):
            if not isinstance(value, str):
                raise ConfigError(f"value of {self.kind}: text such as {self.default!r}")
            parse_revision(value, f"value of {self.kind}")
            return value
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not self.lowest <= float(value) <= self.highest:  # type: ignore[arg-type]
            raise ConfigError(f"value of {self.kind}: {self.lowest:g} to {self.highest:g} {self.unit}".rstrip())
        return float(value)  # type: ignore[arg-type]


def _open_circuit(parts: Parts, index: int, _: FaultValue) -> None:
    parts.batteries.link_ohm[index] += OPEN_OHM


def _shorted_cell(parts: Parts, index: int, value: FaultValue) -> None:
    cells = parts.batteries.cells
    cells[index] = max(cells[index] - _number(value), LEAST_CELLS)


def _soft_short(parts: Parts, index: int, value: FaultValue) -> None:
    parts.batteries.leak_s[index] += _number(value) / 1000.0 / FLOAT_V


def _high_resistance(parts: Parts, index: int, value: FaultValue) -> None:
    parts.batteries.r0_ohm[index] *= _number(value)


def _loose_link(parts: Parts, index: int, value: FaultValue) -> None:
    parts.batteries.link_ohm[index] += _number(value) / 1000.0


def _dry_out(parts: Parts, index: int, value: FaultValue) -> None:
    degree, batteries = _number(value), parts.batteries
    batteries.r0_ohm[index] *= 1.0 + degree
    batteries.ig0_a[index] *= 1.0 + 7.0 * degree
    batteries.heat_capacity_jk[index] *= 1.0 - 0.1 * degree
    batteries.q_ah[index] *= 1.0 - 0.3 * degree


def _sulphation(parts: Parts, index: int, value: FaultValue) -> None:
    degree, batteries = _number(value), parts.batteries
    batteries.q_ah[index] *= 1.0 - 0.4 * degree
    batteries.rc_ohm[index] *= 1.0 + 2.0 * degree
    batteries.r0_ohm[index] *= 1.0 + 0.5 * degree


def _hot_spot(parts: Parts, index: int, value: FaultValue) -> None:
    # On float a block makes some tenths of a watt: less cooling alone would take weeks. The air that no longer
    # leaves the block is warmer, and warms it within hours.
    parts.batteries.rack_k[index] += _number(value)


def _thermal_runaway(parts: Parts, index: int, _: FaultValue) -> None:
    # Gassing alone cannot run away in one block of a string: the others set the current. An internal short can, as
    # its heat comes out of the block: more than hA / (e cT) has no balance (docs/battery-model.md).
    batteries = parts.batteries
    batteries.ig0_a[index] *= 10.0
    batteries.cooling_w_k[index] *= 0.5
    per_k = batteries.chemistry.gassing_per_k
    heat_w = RUNAWAY * batteries.cooling_w_k[index] / (math.e * per_k)
    warmth = math.exp(per_k * (min(float(batteries.temperature_c[index]), RUNAWAY_FLAT_C) - 25.0))
    batteries.leak_s[index] += heat_w / (batteries.cells[index] * FLOAT_V**2) * warmth


def _module_silent(parts: Parts, index: int, _: FaultValue) -> None:
    parts.cable.silent[index] = True


def _module_destroyed(parts: Parts, index: int, _: FaultValue) -> None:
    parts.cable.silent[index] = True
    parts.modules.attention.dead[index] = True


def _bit_errors(parts: Parts, index: int, value: FaultValue) -> None:
    if index < 0:
        parts.cable.bus_error_rate += _number(value)
    else:
        parts.cable.error_rate[index] += _number(value)


def _bus_break(parts: Parts, index: int, _: FaultValue) -> None:
    parts.cable.cut_behind(index)


def _wrong_revision(parts: Parts, index: int, value: FaultValue) -> None:
    parts.odd_revisions[index] = parse_revision(str(value))


def _duplicate_address(parts: Parts, index: int, _: FaultValue) -> None:
    parts.cable.doubled[index] = True


def _current_sensor_silent(parts: Parts, index: int, _: FaultValue) -> None:
    parts.cable.sensor_silent[index] = True


def _charger_overvoltage(parts: Parts, _: int, value: FaultValue) -> None:
    parts.charger.overvoltage_v_per_cell = _number(value)


def _charger_off(parts: Parts, _: int, __: FaultValue) -> None:
    parts.charger.off = True


def _ripple(parts: Parts, _: int, value: FaultValue) -> None:
    parts.ripple_a += _number(value)


def _number(value: FaultValue) -> float:
    assert isinstance(value, float | int)  # noqa: S101 -- `FaultKind.check` has seen to it
    return float(value)


def _receiver(parts: Parts, index: int) -> Conduct:
    return list(parts.receivers.values())[index]


def _receiver_dead(parts: Parts, index: int, _: FaultValue) -> None:
    _receiver(parts, index).is_dead = True


def _receiver_slow(parts: Parts, index: int, value: FaultValue) -> None:
    _receiver(parts, index).slow_s += _number(value)


def _receiver_refuses(parts: Parts, index: int, _: FaultValue) -> None:
    _receiver(parts, index).refuses = True


_ROWS = (
    FaultKind(
        "open_circuit",
        "Open circuit",
        Target.ADDRESS,
        "The block no longer conducts: its string carries no current, all excess voltage lies over it.",
        _open_circuit,
    ),
    FaultKind(
        "shorted_cell",
        "Shorted cell",
        Target.ADDRESS,
        "One or more cells of the block are shorted: it has that many cells fewer.",
        _shorted_cell,
        default=1.0,
        unit="cells",
        lowest=1.0,
        highest=6.0,
    ),
    FaultKind(
        "soft_short",
        "Soft short",
        Target.ADDRESS,
        "A leak inside the block discharges it slowly.",
        _soft_short,
        default=50.0,
        unit="mA",
        highest=10_000.0,
    ),
    FaultKind(
        "high_resistance",
        "High resistance",
        Target.ADDRESS,
        "The ohmic resistance of the block is that many times higher: Ri and heat.",
        _high_resistance,
        default=3.0,
        unit="x",
        lowest=1.0,
        highest=1000.0,
    ),
    FaultKind(
        "loose_link",
        "Loose link",
        Target.ADDRESS,
        "A resistance in the link beside the block: heat there, and the Ri of this module.",
        _loose_link,
        default=20.0,
        unit="mOhm",
        highest=1e6,
    ),
    FaultKind(
        "dry_out",
        "Dry-out",
        Target.ADDRESS,
        "The block has lost water: double resistance, eight times the gassing, less capacity and mass at 1.",
        _dry_out,
        default=1.0,
        highest=1.0,
    ),
    FaultKind(
        "sulphation",
        "Sulphation",
        Target.ADDRESS,
        "0.6 times the capacity, three times the charge resistance, 1.5 times the ohmic resistance at 1.",
        _sulphation,
        default=1.0,
        highest=1.0,
    ),
    FaultKind(
        "hot_spot",
        "Hot spot",
        Target.ADDRESS,
        "The block is no longer cooled as its neighbours and gets that much warmer within hours.",
        _hot_spot,
        default=8.0,
        unit="K",
        highest=60.0,
    ),
    FaultKind(
        "thermal_runaway",
        "Thermal runaway",
        Target.ADDRESS,
        "Ten times the gassing, half the cooling and an internal short that grows with the heat it makes.",
        _thermal_runaway,
        is_moving=True,
    ),
    FaultKind("module_silent", "Module silent", Target.ADDRESS, "The module does not answer.", _module_silent),
    FaultKind(
        "module_destroyed",
        "Module destroyed",
        Target.ADDRESS,
        "The module is dead. To repair means to replace it: the new one is factory-new and has no address.",
        _module_destroyed,
    ),
    FaultKind(
        "bit_errors",
        "Bit errors",
        Target.ADDRESS_OR_BUS,
        "Bits turn over on the way, at one module or on the whole bus.",
        _bit_errors,
        default=1e-4,
        unit="per bit",
        highest=0.5,
    ),
    FaultKind(
        "bus_break",
        "Bus cable open",
        Target.ADDRESS,
        "The bus cable is open behind the module: all further along its branch are silent.",
        _bus_break,
    ),
    FaultKind(
        "wrong_revision",
        "Wrong revision",
        Target.ADDRESS,
        "The module reports another hardware revision; the bus does not start with it.",
        _wrong_revision,
        default="9.9",
    ),
    FaultKind(
        "duplicate_address",
        "Duplicate address",
        Target.ADDRESS,
        "A second module answers at the same address.",
        _duplicate_address,
    ),
    FaultKind(
        "current_sensor_silent",
        "Current sensor silent",
        Target.STRING,
        "The current sensor of the string does not answer.",
        _current_sensor_silent,
    ),
    FaultKind(
        "charger_overvoltage",
        "Charger overvoltage",
        Target.CHARGER,
        "The charger's set point is wrong.",
        _charger_overvoltage,
        default=2.45,
        unit="V per cell",
        lowest=2.0,
        highest=2.8,
    ),
    FaultKind("charger_off", "Charger off", Target.CHARGER, "No charge while the mains are on.", _charger_off),
    FaultKind(
        "ripple",
        "Ripple",
        Target.CHARGER,
        "Alternating current from the charger through all strings together: heat, and noise on Ri.",
        _ripple,
        default=10.0,
        unit="A rms",
        highest=1000.0,
    ),
    FaultKind(
        "receiver_dead",
        "Receiver dead",
        Target.CHANNEL,
        "The receiver on this channel is not there: its port is shut, its modem says nothing.",
        _receiver_dead,
    ),
    FaultKind(
        "receiver_slow",
        "Receiver slow",
        Target.CHANNEL,
        "The receiver answers that much later, in seconds of the host.",
        _receiver_slow,
        default=10.0,
        unit="s",
        highest=600.0,
    ),
    FaultKind(
        "receiver_refuses",
        "Receiver refuses",
        Target.CHANNEL,
        "The receiver says no to each message, in the way of its channel.",
        _receiver_refuses,
    ),
)
KINDS: Mapping[str, FaultKind] = {row.kind: row for row in _ROWS}
LATER = {"ups_silent": "COM1", "sensor_high": "COM2"}
"""Kinds that belong to ports the room does not have yet."""
