"""Register map: which address publishes which point, and how it is encoded. A table; nothing here does I/O.

Addresses marked public are those of the published templates for this family of devices and never change. The others
are ours, in space the public map leaves free.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from webmanager.domain.installation import MAX_MODULES, MAX_STRINGS
from webmanager.domain.points import POINTS, UPS_ALARMS, Point


class Kind(Enum):
    """How a value stands in its registers: the word for people and the pattern that says "no value".

    A flag word has no such pattern, because every pattern of it means something; it is no value only beyond the
    last module.
    """

    UNSIGNED = ("unsigned", 0xFFFF)
    SIGNED = ("signed", 0x8000)
    FLAGS = ("flags", 0xFFFF)
    UNSIGNED_32 = ("unsigned, high word first", 0xFFFF_FFFF)

    def __init__(self, word: str, no_value: int) -> None:
        self.word = word
        self.no_value = no_value

    @property
    def width(self) -> int:
        """Registers one value takes."""
        return 2 if self is Kind.UNSIGNED_32 else 1


@dataclass(frozen=True, slots=True)
class Row:
    """One quantity: element i of the point stands at `address + i * step`, for i in 0..`repeat` - 1.

    A register counts steps of `resolution` in the point's unit. A row without a point is reserved and reads as no
    value. `low_bits` publishes a counter modulo 65536; `clips` shows a value beyond the highest one as 65534.
    """

    address: int
    name: str
    point: str | None
    resolution: float = 1.0
    kind: Kind = Kind.UNSIGNED
    repeat: int = 1
    step: int = 1
    is_public: bool = False
    low_bits: bool = False
    clips: bool = False

    @property
    def last(self) -> int:
        """Last register of the row."""
        return self.address + (self.repeat - 1) * self.step + self.kind.width - 1

    @property
    def published(self) -> Point | None:
        """The point this row publishes."""
        return None if self.point is None else POINTS[self.point]

    def addresses(self) -> Iterator[int]:
        """Every register of the row."""
        for element in range(self.repeat):
            first = self.address + element * self.step
            yield from range(first, first + self.kind.width)


def _ups(address: int, point: str, name: str, kind: Kind = Kind.UNSIGNED) -> Row:
    return Row(address, name, point, 1.0, kind, is_public=True)


def _string(offset: int, name: str, point: str | None, resolution: float, kind: Kind = Kind.UNSIGNED) -> Row:
    return Row(1010 + offset, name, point, resolution, kind, repeat=MAX_STRINGS, step=5, is_public=True)


def _column(
    address: int, name: str, point: str, resolution: float = 1.0, kind: Kind = Kind.UNSIGNED, *, clips: bool = False
) -> Row:
    return Row(address, name, point, resolution, kind, repeat=MAX_MODULES, clips=clips)


_L = (1, 2, 3)

ROWS: tuple[Row, ...] = (
    *(_ups(96 + n, f"ups.output_voltage_l{n}", f"UPS_OUTPUT_VOLTAGE_L{n}") for n in _L),
    *(_ups(99 + n, f"ups.output_load_l{n}", f"UPS_OUTPUT_LOAD_L{n}") for n in _L),
    _ups(103, "ups.battery_capacity", "UPS_BATTERY_CAPACITY"),
    *(_ups(103 + n, f"ups.input_voltage_l{n}", f"UPS_INPUT_VOLTAGE_L{n}", Kind.SIGNED) for n in _L),
    _ups(107, "ups.temperature", "UPS_TEMPERATURE", Kind.SIGNED),
    _ups(108, "ups.autonomy_time", "UPS_AUTONOMY_TIME", Kind.SIGNED),
    _ups(109, "ups.status", "UPS_STATUS"),
    _ups(110, "ups.battery_voltage", "UPS_BATTERY_VOLTAGE", Kind.SIGNED),
    *(_ups(110 + n, f"ups.input_frequency_l{n}", f"UPS_INPUT_FREQUENCY_L{n}") for n in _L),
    _ups(114, "ups.power_fails", "UPS_POWER_FAILS"),
    *(_ups(115 + n, f"ups.alarm_{name}", f"UPS_ALARM_{name.upper()}") for n, name in enumerate(UPS_ALARMS)),
    *(_ups(138 + n, f"aux.port_{n}", f"AUX_{n}") for n in range(1, 5)),
    *(_ups(142 + n, f"sensor.input_{n}", f"SENSORMANAGER_{n}") for n in range(1, 9)),
    Row(1000, "BACS_ALARM general", "device.general_flags", kind=Kind.FLAGS, is_public=True),
    Row(1001, "BACS_ALARM battery", "device.battery_flags", kind=Kind.FLAGS, is_public=True),
    Row(1002, "BACS_ALARM alarm", "device.alarm_flags", kind=Kind.FLAGS, is_public=True),
    Row(1003, "BACS_NUMSTRINGS", "device.strings", is_public=True),
    Row(1004, "BACS_NUMMODULES", "device.modules", is_public=True),
    Row(1005, "reserved", None, repeat=5),
    _string(0, "STRING_CUR", "string.current", 0.01, Kind.SIGNED),
    _string(1, "BACS_StrSumVolt", "string.voltage", 0.1),
    _string(2, "BACS_StrAvgVolt", "string.average", 0.01),
    _string(3, "BACS_Str_CurrAC", "string.ripple", 0.01),
    _string(4, "reserved", None, 1.0),
    _column(2000, "voltage", "module.voltage", 0.001),
    _column(2300, "temperature", "module.temperature", 0.1, Kind.SIGNED),
    _column(2600, "internal resistance", "module.internal_resistance", 0.01),
    _column(2900, "equalizing", "module.equalizing", 0.1),
    _column(3200, "state", "module.flags", kind=Kind.FLAGS),
    _column(3500, "age of the reading", "module.age", clips=True),
    _column(3800, "string of the module", "module.string"),
    Row(4100, "snapshot number", "device.snapshot_number", low_bits=True),
    Row(4101, "device time", "device.time", kind=Kind.UNSIGNED_32),
    Row(4103, "open alarms", "device.open_alarms", clips=True),
    Row(4104, "unacknowledged alarms", "device.unacknowledged_alarms", clips=True),
    Row(4105, "scan duration", "device.scan_duration", 0.001, clips=True),
)
"""The whole map."""

REGISTERS = max(row.last for row in ROWS) + 1
"""Registers of the image, from address 0."""


def run_ends(rows: tuple[Row, ...] = ROWS) -> tuple[int, ...]:
    """For each address of the image, the end (exclusive) of the assigned run it lies in; 0 where none is assigned."""
    assigned = {address for row in rows for address in row.addresses()}
    ends = [0] * (max(assigned) + 1)
    for address in sorted(assigned, reverse=True):
        ends[address] = ends[address + 1] if address + 1 in assigned else address + 1
    return tuple(ends)


@dataclass(frozen=True, slots=True)
class MapRow:
    """One line of the map for people: addresses as text, everything else in words."""

    addresses: str
    name: str
    point: str
    meaning: str
    type: str
    scale: str
    no_value: str
    origin: str


def map_rows() -> tuple[MapRow, ...]:
    """The map, one line for each row of the table, in the order of the addresses."""
    return tuple(
        MapRow(
            addresses=_addresses(row),
            name=row.name,
            point=row.point or "",
            meaning=row.published.help if row.published else "Not used.",
            type=row.kind.word,
            scale=_scale(row),
            no_value=_no_value(row),
            origin="public" if row.is_public else "ours",
        )
        for row in sorted(ROWS, key=lambda row: row.address)
    )


CSV_HEADINGS = ("address", "name", "element", "point", "type", "scale", "unit", "no_value", "origin", "meaning")


def map_csv() -> str:
    """The map as CSV (RFC 4180, with headings): one line a register that begins a value, in order of addresses."""
    lines = sorted(
        ((row.address + element * row.step, element + 1, row) for row in ROWS for element in range(row.repeat)),
        key=lambda line: line[0],
    )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(CSV_HEADINGS)
    for address, element, row in lines:
        point = row.published
        writer.writerow(
            (
                address,
                row.name,
                element if row.repeat > 1 else "",
                row.point or "",
                row.kind.word,
                f"{row.resolution:g}",
                point.unit if point else "",
                _no_value(row),
                "public" if row.is_public else "ours",
                point.help if point else "Not used.",
            )
        )
    return text.getvalue()


def _addresses(row: Row) -> str:
    if row.repeat == 1 and row.kind.width == 1:
        return str(row.address)
    if row.step > 1:
        return f"{row.address} + {row.step}(n-1), n = 1..{row.repeat}"
    return f"{row.address}-{row.last}"


def _scale(row: Row) -> str:
    point = row.published
    if point is None or not point.unit:
        return "" if row.resolution == 1.0 else f"{row.resolution:g}"
    return f"{row.resolution:g} {point.unit}" if row.resolution != 1.0 else point.unit


def _no_value(row: Row) -> str:
    if row.kind is Kind.FLAGS and row.repeat == 1:
        return ""
    return f"0x{row.kind.no_value:0{4 * row.kind.width}X}"
