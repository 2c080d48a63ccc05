"""Commands of the module bus and the layout of their payloads. Specified in `docs/bus-protocol.md`; pure."""

import struct
from dataclasses import dataclass
from enum import IntEnum

from webmanager.bus.frame import OVERHEAD

TRAIN_MAX = 32
"""Modules that may answer one group request; a module's clock is within 0.5 %."""
DEFAULT_GAP_BITS = 10
"""Pause between two answers of a train, bit times."""
REFERENCE_OFF = 0
"""Reference voltage that switches the limiter off."""
NO_VALUE_U16 = 0xFFFF
NO_VALUE_I16 = -0x8000
NO_VALUE_U32 = 0xFFFFFFFF
FULL_LIMITER = 255


class Command(IntEnum):
    """Command numbers, 5 bits."""

    IDENTIFY = 1
    READ_VALUES = 2
    READ_RI = 3
    START_RI = 4
    SET_REFERENCE = 5
    SET_ADDRESS = 6
    BLINK = 7
    READ_CURRENT = 8
    REFUSED = 31


class ModuleType(IntEnum):
    """Type code in an identity."""

    C20 = 20
    C30 = 30
    C40 = 40
    C41 = 41
    C42 = 42
    CS300 = 200


class Refusal(IntEnum):
    """Why a module answers REFUSED."""

    UNKNOWN_COMMAND = 1
    BAD_PAYLOAD = 2
    BUSY = 3


_IDENTITY = struct.Struct(">BBBBBIB")
_VALUES = struct.Struct(">HhBB")
_RI = struct.Struct(">IhH")
_CURRENT = struct.Struct(">hHB")
_GROUP = struct.Struct(">BB")
_REFERENCE = struct.Struct(">HBH")
_ADDRESS = struct.Struct(">IH")
_BLINK = struct.Struct(">B")
_REFUSED = struct.Struct(">BB")


@dataclass(frozen=True, slots=True)
class Identity:
    """Answer to IDENTIFY: type, hardware and firmware revision (major, minor), serial number, nominal voltage V."""

    type: int
    revision: tuple[int, int]
    firmware: tuple[int, int]
    serial: int
    nominal_v: int

    def encode(self) -> bytes:
        """Payload, 10 bytes."""
        return _IDENTITY.pack(self.type, *self.revision, *self.firmware, self.serial, self.nominal_v)

    @classmethod
    def decode(cls, payload: bytes) -> "Identity":
        """From a payload; ValueError if it is not one."""
        kind, major, minor, fw_major, fw_minor, serial, nominal = _unpack(_IDENTITY, payload)
        return cls(kind, (major, minor), (fw_major, fw_minor), serial, nominal)


@dataclass(frozen=True, slots=True)
class Values:
    """Answer to READ_VALUES: mV, 0.1 degC, equalizing in 1/255 of the full limiter, status bits; None = no value."""

    voltage_mv: int | None
    temperature_dc: int | None
    equalizing: int
    status: int

    def encode(self) -> bytes:
        """Payload, 6 bytes."""
        voltage = NO_VALUE_U16 if self.voltage_mv is None else self.voltage_mv
        temperature = NO_VALUE_I16 if self.temperature_dc is None else self.temperature_dc
        return _VALUES.pack(voltage, temperature, self.equalizing, self.status)

    @classmethod
    def decode(cls, payload: bytes) -> "Values":
        """From a payload; ValueError if it is not one."""
        voltage, temperature, equalizing, status = _unpack(_VALUES, payload)
        return cls(
            None if voltage == NO_VALUE_U16 else voltage,
            None if temperature == NO_VALUE_I16 else temperature,
            equalizing,
            status,
        )


@dataclass(frozen=True, slots=True)
class Ri:
    """Answer to READ_RI: uOhm, block temperature then in 0.1 degC, minutes since; None = never measured."""

    ri_uohm: int | None
    temperature_dc: int | None
    age_min: int

    def encode(self) -> bytes:
        """Payload, 8 bytes; the age stops at 65535 min."""
        ri = NO_VALUE_U32 if self.ri_uohm is None else self.ri_uohm
        temperature = NO_VALUE_I16 if self.temperature_dc is None else self.temperature_dc
        return _RI.pack(ri, temperature, min(self.age_min, 0xFFFF))

    @classmethod
    def decode(cls, payload: bytes) -> "Ri":
        """From a payload; ValueError if it is not one."""
        ri, temperature, age = _unpack(_RI, payload)
        return cls(None if ri == NO_VALUE_U32 else ri, None if temperature == NO_VALUE_I16 else temperature, age)


@dataclass(frozen=True, slots=True)
class Current:
    """Answer to READ_CURRENT: 10 mA signed (charge positive), ripple 10 mA rms, status; None = no value."""

    current_ca: int | None
    ripple_ca: int | None
    status: int = 0

    def encode(self) -> bytes:
        """Payload, 5 bytes."""
        current = NO_VALUE_I16 if self.current_ca is None else self.current_ca
        ripple = NO_VALUE_U16 if self.ripple_ca is None else self.ripple_ca
        return _CURRENT.pack(current, ripple, self.status)

    @classmethod
    def decode(cls, payload: bytes) -> "Current":
        """From a payload; ValueError if it is not one."""
        current, ripple, status = _unpack(_CURRENT, payload)
        return cls(None if current == NO_VALUE_I16 else current, None if ripple == NO_VALUE_U16 else ripple, status)


@dataclass(frozen=True, slots=True)
class Group:
    """Payload of a read request to several devices: `count` answer in turn, `gap_bits` after one another."""

    count: int
    gap_bits: int = DEFAULT_GAP_BITS

    def encode(self) -> bytes:
        """Payload, 2 bytes; ValueError if the train is longer than allowed."""
        if not 1 <= self.count <= TRAIN_MAX:
            raise ValueError(f"train of {self.count}: 1 to {TRAIN_MAX}")
        return _GROUP.pack(self.count, self.gap_bits)

    @classmethod
    def decode(cls, payload: bytes) -> "Group":
        """From a payload; ValueError if it is not one."""
        count, gap = _unpack(_GROUP, payload)
        if not 1 <= count <= TRAIN_MAX:
            raise ValueError(f"train of {count}")
        return cls(count, gap)


@dataclass(frozen=True, slots=True)
class Reference:
    """Payload of the broadcast SET_REFERENCE: for `count` modules from address `first`, mV; 0 = limiter off."""

    first: int
    count: int
    reference_mv: int

    def encode(self) -> bytes:
        """Payload, 5 bytes; a count of 256 travels as 0."""
        return _REFERENCE.pack(self.first, self.count & 0xFF, self.reference_mv)

    @classmethod
    def decode(cls, payload: bytes) -> "Reference":
        """From a payload; ValueError if it is not one."""
        first, count, reference = _unpack(_REFERENCE, payload)
        return cls(first, count or 256, reference)


@dataclass(frozen=True, slots=True)
class NewAddress:
    """Payload of SET_ADDRESS: only the module with this serial number takes the address."""

    serial: int
    address: int

    def encode(self) -> bytes:
        """Payload, 6 bytes."""
        return _ADDRESS.pack(self.serial, self.address)

    @classmethod
    def decode(cls, payload: bytes) -> "NewAddress":
        """From a payload; ValueError if it is not one."""
        serial, address = _unpack(_ADDRESS, payload)
        return cls(serial, address)


@dataclass(frozen=True, slots=True)
class Blink:
    """Payload of BLINK: how long the LED blinks, s; 0 ends it."""

    seconds: int

    def encode(self) -> bytes:
        """Payload, 1 byte."""
        return _BLINK.pack(self.seconds)

    @classmethod
    def decode(cls, payload: bytes) -> "Blink":
        """From a payload; ValueError if it is not one."""
        return cls(*_unpack(_BLINK, payload))


@dataclass(frozen=True, slots=True)
class Refused:
    """Payload of a REFUSED answer: the command that is refused, and the `Refusal` reason."""

    command: int
    reason: int

    def encode(self) -> bytes:
        """Payload, 2 bytes."""
        return _REFUSED.pack(self.command, self.reason)

    @classmethod
    def decode(cls, payload: bytes) -> "Refused":
        """From a payload; ValueError if it is not one."""
        return cls(*_unpack(_REFUSED, payload))


REPLY_BYTES = {
    Command.IDENTIFY: OVERHEAD + _IDENTITY.size,
    Command.READ_VALUES: OVERHEAD + _VALUES.size,
    Command.READ_RI: OVERHEAD + _RI.size,
    Command.START_RI: OVERHEAD,
    Command.SET_ADDRESS: OVERHEAD + _IDENTITY.size,
    Command.BLINK: OVERHEAD,
    Command.READ_CURRENT: OVERHEAD + _CURRENT.size,
}
"""Length of a good reply on the wire; SET_REFERENCE is a broadcast and has none."""

GROUP_COMMANDS = frozenset({Command.IDENTIFY, Command.READ_VALUES, Command.READ_RI, Command.READ_CURRENT})
"""Read commands that take a `Group` payload and are then answered by a train."""


def _unpack(layout: struct.Struct, payload: bytes) -> tuple[int, ...]:
    if len(payload) != layout.size:
        raise ValueError(f"payload of {len(payload)} bytes: {layout.size} expected")
    return layout.unpack(payload)
