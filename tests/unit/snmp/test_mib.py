from dataclasses import replace

import numpy as np
import pytest

from fakes.snapshots import TAKEN_AT, FakeBoard, installation_of, silenced, snapshot_of
from fakes.snmp import Device
from webmanager.domain.events import Severity
from webmanager.domain.jobs import Power
from webmanager.domain.snapshot import StringState
from webmanager.engine.notify_ports import Output
from webmanager.snmp.asn1 import Kind, Oid, Value, oid_of
from webmanager.snmp.mib import (
    ALARM_NUMBERS,
    BACS_HELP,
    BACS_SETTINGS,
    MODULE_CELLS,
    STRING_CELLS,
    UPS,
    alarm_oid,
    table,
)
from webmanager.snmp.state import BacsSettings, MibState, OpenAlarm

SMALL = installation_of(8, 2)
MODULE, STRING, SETTING = "33.5.2.5.1", "33.5.2.7.1", "33.5.1"


def rows(state: MibState) -> dict[Oid, Value]:
    return dict(table(state))


def at(found: dict[Oid, Value], dotted: str) -> int | bytes | Oid | None:
    """The content of one instance below mib-2."""
    value = found.get(oid_of(f"1.3.6.1.2.1.{dotted}"))
    return None if value is None else value.content


def column(found: dict[Oid, Value], table_: str, number: int) -> dict[int, int]:
    prefix = oid_of(f"1.3.6.1.2.1.{table_}.{number}")
    return {oid[-1]: int(value.content) for oid, value in found.items() if oid[:-1] == prefix}  # type: ignore[arg-type]


def small(**snapshot: object) -> Device:
    return Device(FakeBoard.showing(snapshot_of(SMALL, **snapshot)))  # type: ignore[arg-type]


def test_instances_stand_in_order_and_only_once() -> None:
    device = Device()
    device.points = {f"ups.{name}_l{line}": 230.0 for name in ("input_voltage", "output_voltage") for line in (1, 2, 3)}
    device.extra = {"alarms": tuple(OpenAlarm(n, "bus_down", Severity.ALARM, TAKEN_AT) for n in (9, 3, 7))}
    oids = [oid for oid, _ in table(device.state())]
    assert oids == sorted(set(oids))
    assert len(oids) > 3000


def test_who_this_is_as_existing_readers_demand_it() -> None:
    found = rows(small().state())
    assert at(found, "1.1.0") == b"CS121 v 0.1.0"
    assert at(found, "1.2.0") == UPS
    assert at(found, "1.5.0") == at(found, "33.1.1.5.0") == b"Cellar 1"
    assert at(found, "33.1.1.2.0")
    assert at(found, "33.1.1.7.0") == b"4711"
    assert at(found, "33.1.1.6.0") == b"8 batteries 12 V 100 Ah AGM, 2 strings"


def test_the_public_columns_have_their_public_scales() -> None:
    modules = {"voltage_v": 13.624, "temperature_c": 24.26, "ri_mohm": 4.237}
    found = rows(small(modules=modules).state())
    assert column(found, MODULE, 1) == {n: n for n in range(1, 9)}
    assert column(found, MODULE, 2)[8] == 1362
    assert column(found, MODULE, 3)[8] == 243
    assert column(found, MODULE, 4) == {}
    assert column(found, MODULE, 5)[8] == 424
    assert set(column(found, MODULE, 6).values()) == {0}


def test_our_columns() -> None:
    modules = {"equalizing_percent": 33.34, "reference_v": 13.607, "charges": 7, "discharges": 6}
    found = rows(small(modules=modules).state())
    values = [column(found, MODULE, number)[5] for number in range(101, 108)]
    assert values == [333, 1361, 1, 2, 7, 6, 0]
    strings = {"ripple_a": 0.424, "spread_v": 0.125, "state": StringState.CHARGING}
    found = rows(small(strings=strings).state())
    assert [column(found, STRING, number)[2] for number in (101, 102, 103)] == [42, 12, 2]


def test_a_string_in_its_public_scales_and_discharge_is_negative() -> None:
    found = rows(small(strings={"current_a": -12.345, "voltage_v": 54.321, "average_v": 13.58}).state())
    assert [column(found, STRING, number)[1] for number in (1, 2, 3, 4)] == [1, -1234, 5432, 1358]


def test_a_module_that_is_not_wholly_known_has_no_public_row_and_ours_says_why() -> None:
    device = Device(FakeBoard.showing(silenced(snapshot_of(SMALL), 3)))
    found = rows(device.state())
    for number in (1, 2, 3, 5, 6):
        assert sorted(column(found, MODULE, number)) == [1, 2, 4, 5, 6, 7, 8]
    assert column(found, MODULE, 107)[3] == 2
    assert column(found, MODULE, 103)[3] == 31
    assert column(found, MODULE, 104)[3] == 1
    assert 3 not in column(found, MODULE, 101)


@pytest.mark.parametrize("hole", ["voltage_v", "temperature_c", "ri_mohm"])
def test_one_hole_takes_the_whole_public_row(hole: str) -> None:
    values = np.full(8, 4.2)
    values[4] = np.nan
    found = rows(small(modules={hole: values}).state())
    assert all(5 not in column(found, MODULE, number) for number in (1, 2, 3, 5, 6))
    assert len(column(found, MODULE, 1)) == 7


def test_old_data_is_no_data() -> None:
    device = small()
    device.after_s = 1000.0
    found = rows(device.state())
    assert column(found, MODULE, 1) == column(found, MODULE, 2) == column(found, STRING, 3) == {}
    assert set(column(found, MODULE, 107).values()) == {2}
    assert at(found, "33.1.2.1.0") == 1
    assert at(found, "33.1.4.1.0") == 1
    for unknown in ("33.1.2.2.0", "33.1.2.5.0", "33.1.2.6.0", "33.1.2.7.0"):
        assert at(found, unknown) is None


def test_before_the_first_scan_the_device_still_says_who_it_is() -> None:
    found = rows(Device(FakeBoard(SMALL)).state())
    assert at(found, "1.1.0") == b"CS121 v 0.1.0"
    assert at(found, f"{SETTING}.3.0") == 8
    assert column(found, MODULE, 1) == {}


def test_the_state_of_a_module_is_its_gravest_alarm() -> None:
    severities = np.array([0, 1, 2, 3, 0, 0, 0, 0], np.int8)
    device = small()
    device.board.bus.odd_revisions = {6: "9.9"}
    device.extra = {"severities": severities}
    found = column(rows(device.state()), MODULE, 6)
    assert found == {1: 0, 2: 1, 3: 2, 4: 3, 5: 0, 6: 5, 7: 0, 8: 0}


def test_the_battery_as_a_whole() -> None:
    modules = {"temperature_c": np.array([20.0, 21.0, 22.0, 31.6, 20.0, 20.0, 20.0, 20.0])}
    strings = {"voltage_v": np.array([54.0, 54.5]), "current_a": np.array([-10.0, -11.26])}
    found = rows(small(modules=modules, strings=strings).state())
    assert at(found, "33.1.2.5.0") == 542
    assert at(found, "33.1.2.6.0") == -213
    assert at(found, "33.1.2.7.0") == 32


def test_what_is_known_only_in_part_is_not_summed_up() -> None:
    strings = {"voltage_v": np.array([54.0, np.nan]), "current_a": np.array([-10.0, np.nan])}
    found = rows(small(strings=strings).state())
    assert at(found, "33.1.2.5.0") == 540
    assert at(found, "33.1.2.6.0") is None
    assert 2 not in column(found, STRING, 2)
    assert column(found, STRING, 1) == {1: 1, 2: 2}


@pytest.mark.parametrize(
    ("states", "source"),
    [
        ([StringState.FLOAT, StringState.FLOAT], 3),
        ([StringState.FLOAT, StringState.DISCHARGING], 5),
        ([StringState.UNKNOWN, StringState.UNKNOWN], 1),
        ([StringState.UNKNOWN, StringState.REST], 3),
    ],
)
def test_the_output_source_as_the_batteries_show_it(states: list[StringState], source: int) -> None:
    assert at(rows(small(strings={"state": np.array(states)}).state()), "33.1.4.1.0") == source


@pytest.mark.parametrize(("status", "source"), [(4.0, 3), (12.0, 5), (5.0, 4), (68.0, 3)])
def test_the_output_source_as_the_ups_says_it(status: float, source: int) -> None:
    device = small()
    device.points["ups.status"] = status
    assert at(rows(device.state()), "33.1.4.1.0") == source


def test_without_a_ups_there_are_no_lines_and_with_one_only_those_it_delivers() -> None:
    device = small()
    found = rows(device.state())
    assert [at(found, f"33.1.{group}.0") for group in ("3.2", "4.3", "5.2")] == [0, 0, 0]
    assert at(found, "33.1.2.4.0") is None
    device.points = {
        "ups.input_voltage_l1": 229.6,
        "ups.input_frequency_l1": 50.03,
        "ups.output_voltage_l1": 230.0,
        "ups.output_load_l1": 42.0,
        "ups.battery_capacity": 98.0,
        "ups.autonomy_time": 125.0,
        "ups.power_fails": 4.0,
    }
    found = rows(device.state())
    assert at(found, "33.1.3.2.0") == 1
    assert at(found, "33.1.3.3.1.2.1") == 500
    assert at(found, "33.1.3.3.1.3.1") == 230
    assert at(found, "33.1.3.3.1.3.2") is None
    assert [at(found, "33.1.4.4.1.2.1"), at(found, "33.1.4.4.1.5.1")] == [230, 42]
    assert [at(found, "33.1.2.4.0"), at(found, "33.1.2.3.0")] == [98, 125]
    assert found[(*UPS, 1, 3, 1, 0)] == Value(Kind.COUNTER, 4)


def test_the_time_on_battery() -> None:
    device = small()
    assert at(rows(device.state()), "33.1.2.2.0") == 0
    device.extra = {"power": Power(123.4, 600.0)}
    found = rows(device.state())
    assert [at(found, "33.1.2.2.0"), at(found, "33.1.2.3.0")] == [123, 10]


def test_the_alarm_table_is_what_is_open() -> None:
    device = small()
    assert at(rows(device.state()), "33.1.6.1.0") == 0
    device.extra = {
        "alarms": (
            OpenAlarm(12, "voltage_high", Severity.WARNING, TAKEN_AT - 49.0),
            OpenAlarm(5, "bus_down", Severity.ALARM, TAKEN_AT - 9999.0),
        )
    }
    found = rows(device.state())
    assert found[(*UPS, 1, 6, 1, 0)] == Value(Kind.GAUGE, 2)
    assert [at(found, f"33.1.6.2.1.1.{n}") for n in (5, 12)] == [5, 12]
    assert at(found, "33.1.6.2.1.2.12") == (*UPS, 1, 6, 3, 175)
    assert at(found, "33.1.6.2.1.2.5") == (*UPS, 1, 6, 3, 20)
    # began 50 s before now, at an uptime of 1,000 s; the other before this agent
    assert found[(*UPS, 1, 6, 2, 1, 3, 12)] == Value(Kind.TICKS, 95_000)
    assert found[(*UPS, 1, 6, 2, 1, 3, 5)] == Value(Kind.TICKS, 0)


@pytest.mark.parametrize(
    ("kind", "status"), [("battery_low", 3), ("battery_deep_discharged", 4), ("deep_discharge", 4), ("room_hot", 2)]
)
def test_the_status_of_the_battery_follows_its_alarms(kind: str, status: int) -> None:
    device = small()
    device.extra = {"alarms": (OpenAlarm(1, kind, Severity.ALARM, TAKEN_AT),)}
    assert at(rows(device.state()), "33.1.2.1.0") == status


def test_every_alarm_has_a_well_known_oid() -> None:
    assert alarm_oid("nobody_knows", Severity.ALARM)[-1] == 174
    assert alarm_oid("nobody_knows", Severity.NOTICE)[-1] == 175
    assert all(1 <= number <= 180 for number in ALARM_NUMBERS.values())


def test_settings_that_are_not_set_are_not_published() -> None:
    device = small()
    found = rows(device.state())
    assert [at(found, f"{SETTING}.{n}.0") for n in range(1, 12)] == [None, 2, 8, 100] + [None] * 7
    device.extra = {
        "module_type": "C40",
        "settings": BacsSettings(1200, 10, 720, 1.1, 50.0, 5.0, 35.0, low_battery_min=3),
    }
    found = rows(device.state())
    assert [at(found, f"{SETTING}.{n}.0") for n in range(1, 12)] == [20, 2, 8, 100, 1200, 10, 720, 110, 5000, 50, 350]
    assert at(found, "33.1.9.7.0") == 3
    device.extra = {"module_type": "C99"}
    assert at(rows(device.state()), f"{SETTING}.1.0") is None


def test_relays_and_buzzer_of_this_host() -> None:
    device = small()
    assert at(rows(device.state()), "33.1.11.1.0") is None
    device.extra = {"outputs": {Output.RELAY_1: True, Output.RELAY_3: False, Output.BUZZER: False}}
    found = rows(device.state())
    assert [at(found, f"33.1.11.{n}.0") for n in (1, 2, 3, 4)] == [1, None, 0, None]
    assert at(found, "33.1.9.8.0") == 2
    device.extra = {**device.extra, "buzzer_muted": True}
    assert at(rows(device.state()), "33.1.9.8.0") == 3


def test_a_figure_out_of_range_stays_within_integer32() -> None:
    found = rows(small(modules={"ri_mohm": 1e12}).state())
    assert column(found, MODULE, 5)[1] == 2**31 - 1


def test_texts_are_ascii_and_cut() -> None:
    state = replace(small().state(), facts=replace(small().state().facts, name="Größe °" * 20))
    found = rows(state)
    assert at(found, "33.1.1.5.0") == (b"Groesse deg " * 20)[:63]


def test_every_setting_of_the_table_is_explained() -> None:
    assert BACS_HELP.keys() == {item.name for item in BACS_SETTINGS}
    names = [cell.name for cell in (*MODULE_CELLS, *STRING_CELLS)]
    assert len(set(names)) == len(names)
    assert all(cell.is_ours is (cell.number > 100) for cell in (*MODULE_CELLS, *STRING_CELLS))
