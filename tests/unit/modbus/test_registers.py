import csv
import io

import pytest

from webmanager.domain.points import POINTS, Scope
from webmanager.modbus.registers import CSV_HEADINGS, REGISTERS, ROWS, Kind, Row, map_csv, map_rows, run_ends

EVERY = [pytest.param(row, id=f"{row.address} {row.name}") for row in ROWS]


def row_at(address: int) -> Row:
    return next(row for row in ROWS if row.address == address)


def test_no_register_is_given_twice() -> None:
    addresses = [address for row in ROWS for address in row.addresses()]
    assert len(addresses) == len(set(addresses))


@pytest.mark.parametrize("row", EVERY)
def test_every_row_points_at_a_published_point_or_is_reserved(row: Row) -> None:
    assert (row.point in POINTS) is (row.name != "reserved")


@pytest.mark.parametrize("row", EVERY)
def test_every_row_can_be_encoded(row: Row) -> None:
    point = row.published
    if point is None:
        return
    assert (row.repeat == 1) is (point.scope is Scope.DEVICE)
    assert row.repeat <= {Scope.DEVICE: 1, Scope.STRING: 10, Scope.MODULE: 256}[point.scope]
    assert row.kind is not Kind.UNSIGNED_32 or row.repeat == 1
    assert not row.low_bits or row.repeat == 1
    assert (row.kind is Kind.FLAGS) is (point.flags is not None)
    assert row.resolution >= point.resolution * 0.999


def test_nothing_is_published_twice() -> None:
    names = [row.point for row in ROWS if row.point]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("address", "point", "resolution", "kind"),
    [
        (1000, "device.general_flags", 1, Kind.FLAGS),
        (1003, "device.strings", 1, Kind.UNSIGNED),
        (1004, "device.modules", 1, Kind.UNSIGNED),
        (1010, "string.current", 0.01, Kind.SIGNED),
        (1011, "string.voltage", 0.1, Kind.UNSIGNED),
        (1012, "string.average", 0.01, Kind.UNSIGNED),
        (1013, "string.ripple", 0.01, Kind.UNSIGNED),
        (97, "ups.output_voltage_l1", 1, Kind.UNSIGNED),
        (99, "ups.output_voltage_l3", 1, Kind.UNSIGNED),
        (100, "ups.output_load_l1", 1, Kind.UNSIGNED),
        (103, "ups.battery_capacity", 1, Kind.UNSIGNED),
        (104, "ups.input_voltage_l1", 1, Kind.SIGNED),
        (107, "ups.temperature", 1, Kind.SIGNED),
        (108, "ups.autonomy_time", 1, Kind.SIGNED),
        (109, "ups.status", 1, Kind.UNSIGNED),
        (110, "ups.battery_voltage", 1, Kind.SIGNED),
        (111, "ups.input_frequency_l1", 1, Kind.UNSIGNED),
        (114, "ups.power_fails", 1, Kind.UNSIGNED),
        (115, "ups.alarm_battery_bad", 1, Kind.UNSIGNED),
        (116, "ups.alarm_on_battery", 1, Kind.UNSIGNED),
        (134, "ups.alarm_communication_lost", 1, Kind.UNSIGNED),
        (138, "ups.alarm_test_in_progress", 1, Kind.UNSIGNED),
        (139, "aux.port_1", 1, Kind.UNSIGNED),
        (142, "aux.port_4", 1, Kind.UNSIGNED),
        (143, "sensor.input_1", 1, Kind.UNSIGNED),
        (150, "sensor.input_8", 1, Kind.UNSIGNED),
    ],
)
def test_the_public_map_stands_where_the_templates_look(
    address: int, point: str, resolution: float, kind: Kind
) -> None:
    row = row_at(address)
    assert (row.point, row.resolution, row.kind, row.is_public) == (point, resolution, kind, True)


@pytest.mark.parametrize(
    ("first", "last", "point", "resolution", "kind"),
    [
        (2000, 2255, "module.voltage", 0.001, Kind.UNSIGNED),
        (2300, 2555, "module.temperature", 0.1, Kind.SIGNED),
        (2600, 2855, "module.internal_resistance", 0.01, Kind.UNSIGNED),
        (2900, 3155, "module.equalizing", 0.1, Kind.UNSIGNED),
        (3200, 3455, "module.flags", 1, Kind.FLAGS),
        (3500, 3755, "module.age", 1, Kind.UNSIGNED),
        (3800, 4055, "module.string", 1, Kind.UNSIGNED),
        (4100, 4100, "device.snapshot_number", 1, Kind.UNSIGNED),
        (4101, 4102, "device.time", 1, Kind.UNSIGNED_32),
        (4103, 4103, "device.open_alarms", 1, Kind.UNSIGNED),
        (4104, 4104, "device.unacknowledged_alarms", 1, Kind.UNSIGNED),
        (4105, 4105, "device.scan_duration", 0.001, Kind.UNSIGNED),
    ],
)
def test_our_columns_stand_where_we_promised(first: int, last: int, point: str, resolution: float, kind: Kind) -> None:
    row = row_at(first)
    assert (row.last, row.point, row.resolution, row.kind, row.is_public) == (last, point, resolution, kind, False)


def test_the_blocks_of_the_strings_are_five_registers_apart() -> None:
    assert list(row_at(1012).addresses()) == [1012, 1017, 1022, 1027, 1032, 1037, 1042, 1047, 1052, 1057]
    assert row_at(1014).last == 1059


@pytest.mark.parametrize(
    ("first", "end"),
    [(97, 151), (1000, 1060), (2000, 2256), (2300, 2556), (2600, 2856), (2900, 3156), (3200, 3456), (4100, 4106)],
)
def test_a_block_is_readable_throughout_and_not_beyond(first: int, end: int) -> None:
    ends = run_ends()
    assert ends[first] == ends[end - 1] == end
    assert ends[first - 1] == 0
    assert end == REGISTERS or ends[end] == 0


def test_no_other_address_is_assigned() -> None:
    assigned = sum(end > 0 for end in run_ends())
    assert assigned == 54 + 60 + 7 * 256 + 6
    assert len(run_ends()) == REGISTERS == 4106


def test_runs_of_a_small_map() -> None:
    assert run_ends((Row(1, "a", None, repeat=2), Row(4, "b", None, kind=Kind.UNSIGNED_32))) == (0, 3, 3, 0, 6, 6)


def test_the_map_for_people_has_every_row_in_order() -> None:
    rows = map_rows()
    assert len(rows) == len(ROWS)
    assert [int(row.addresses.split("-")[0].split(" ")[0]) for row in rows] == sorted(row.address for row in ROWS)
    assert all(row.meaning and row.name and row.origin in {"public", "ours"} for row in rows)


@pytest.mark.parametrize(
    ("name", "addresses", "type_", "scale", "no_value"),
    [
        ("voltage", "2000-2255", "unsigned", "0.001 V", "0xFFFF"),
        ("temperature", "2300-2555", "signed", "0.1 degC", "0x8000"),
        ("STRING_CUR", "1010 + 5(n-1), n = 1..10", "signed", "0.01 A", "0x8000"),
        ("BACS_NUMSTRINGS", "1003", "unsigned", "", "0xFFFF"),
        ("device time", "4101-4102", "unsigned, high word first", "s", "0xFFFFFFFF"),
        ("BACS_ALARM general", "1000", "flags", "", ""),
        ("state", "3200-3455", "flags", "", "0xFFFF"),
    ],
)
def test_a_row_in_words(name: str, addresses: str, type_: str, scale: str, no_value: str) -> None:
    row = next(row for row in map_rows() if row.name == name)
    assert (row.addresses, row.type, row.scale, row.no_value) == (addresses, type_, scale, no_value)


def test_the_sheet_has_one_line_a_value_in_order_of_addresses() -> None:
    headings, *lines = csv.reader(io.StringIO(map_csv()))
    assert tuple(headings) == CSV_HEADINGS
    addresses = [int(line[0]) for line in lines]
    assert addresses == sorted(set(addresses))
    assert len(lines) == 54 + 60 + 7 * 256 + 5
    assert all(len(line) == len(CSV_HEADINGS) for line in lines)


def test_the_sheet_says_which_module_or_string_a_register_belongs_to() -> None:
    lines = {int(line["address"]): line for line in csv.DictReader(io.StringIO(map_csv()))}
    assert lines[2016]["element"] == "17"
    assert lines[2016]["point"] == "module.voltage"
    assert (lines[2016]["scale"], lines[2016]["unit"]) == ("0.001", "V")
    assert lines[1015]["element"] == "2"
    assert lines[1003]["element"] == ""
    assert lines[1014]["point"] == ""
    assert lines[1000]["origin"] == "public"
