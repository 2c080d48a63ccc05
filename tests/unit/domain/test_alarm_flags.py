"""Bits that alarms and outputs set: from a real desk's picture to the words that Modbus publishes."""

from dataclasses import replace

import pytest

from fakes.alarm_bench import AlarmBench
from fakes.snapshots import FakeBoard
from webmanager.domain.flags import AlarmFlag, BatteryFlag, GeneralFlag, alarm_flags, battery_flags, general_flags
from webmanager.domain.flags import module_flags as flags_of_modules
from webmanager.domain.picture import Picture, Switched, picture_of
from webmanager.domain.points import POINTS, value


def seen(bench: AlarmBench, switched: Switched | None = None) -> Picture:
    assert bench.snapshot is not None
    picture = picture_of(FakeBoard.showing(bench.snapshot), bench.now_s, bench.at)
    return replace(picture, alarms=bench.desk.picture, switched=switched or Switched())


def settled() -> AlarmBench:
    bench = AlarmBench()
    bench.scan_for(7200.0, step_s=60.0)
    return bench


def module_flags(bench: AlarmBench) -> dict[int, int]:
    return {index + 1: int(word) for index, word in enumerate(flags_of_modules(seen(bench))) if word}


def test_a_healthy_room_sets_no_bit() -> None:
    bench = settled()
    assert module_flags(bench) == {}
    assert alarm_flags(seen(bench)) == 0
    assert battery_flags(seen(bench)) == 0
    assert general_flags(seen(bench)) == GeneralFlag.RUNNING | GeneralFlag.FLOAT_CHARGING | GeneralFlag.EQUALISATION


def test_a_warm_battery_warns_and_a_hot_one_alarms_with_the_graver_bit_alone() -> None:
    bench = settled()
    bench.celsius[4] = 36.0
    bench.scan_for(320.0)
    assert module_flags(bench)[5] & 0xC in {0x4, 0x8}
    bench.celsius[4] = 60.0
    bench.scan_for(320.0)
    assert module_flags(bench) == {5: 0x8}
    assert general_flags(seen(bench)) % 0x1000 == 0x400 | 0xC1


def test_a_low_voltage_is_shown_by_battery_and_device_and_goes_again() -> None:
    bench = settled()
    bench.volts[4] = 12.6
    bench.scan_for(80.0)
    assert module_flags(bench) == {5: 0x2}
    assert general_flags(seen(bench)) == 0x200 | 0xC1
    assert alarm_flags(seen(bench)) == AlarmFlag.GENERAL_ALARM | AlarmFlag.UNACKNOWLEDGED_ALARM
    bench.volts[4] = 13.62
    bench.scan_for(80.0)
    assert module_flags(bench) == {}
    assert alarm_flags(seen(bench)) == 0


def test_a_bit_stays_while_its_module_is_silent() -> None:
    bench = settled()
    bench.volts[4] = 12.6
    bench.scan_for(80.0)
    bench.silence(5)
    bench.scan_for(30.0)
    assert module_flags(bench)[5] == 0x2 | 0x40


def test_internal_resistance_and_the_words_of_the_batteries() -> None:
    bench = settled()
    for others_mohm in (4.2, 4.2, 9.0, 9.0, 9.0):
        bench.measure_ri(others_mohm, address=9)
        bench.scan(1, step_s=43_200.0)
    assert module_flags(bench) == {9: 0x20}
    assert battery_flags(seen(bench)) == BatteryFlag.REPLACE_BATTERY
    assert general_flags(seen(bench)) == 0x800 | 0xC1


def test_open_alarms_are_counted_until_somebody_takes_care() -> None:
    bench = settled()
    bench.volts[4] = 12.6
    bench.scan_for(80.0)
    counted = [POINTS["device.open_alarms"], POINTS["device.unacknowledged_alarms"]]
    assert [value(point, seen(bench)) for point in counted] == [1.0, 1.0]
    bench.desk.acknowledge(bench.desk.picture.alarms[0].id, "somebody", bench.at)
    assert [value(point, seen(bench)) for point in counted] == [1.0, 0.0]
    assert alarm_flags(seen(bench)) == 0


@pytest.mark.parametrize(
    ("kind", "flag"),
    [
        ("store_failed", AlarmFlag.STORE_FAILED),
        ("delivery_failed", AlarmFlag.DELIVERY_FAILED),
        ("clock_unsynchronised", AlarmFlag.CLOCK_NOT_SYNCHRONISED),
    ],
)
def test_what_the_device_itself_reports(kind: str, flag: AlarmFlag) -> None:
    bench = settled()
    bench.desk.report(kind, 1.0, "as a test says")
    bench.scan_for(70.0)
    assert int(alarm_flags(seen(bench))) & ~0x41 == flag
    for alarm in bench.desk.picture.alarms:
        bench.desk.acknowledge(alarm.id, "somebody", bench.at)
    assert int(alarm_flags(seen(bench))) == flag


def test_outputs_are_shown_with_or_without_alarms() -> None:
    bench = settled()
    switched = Switched((True, False, None, True), buzzer=True)
    expected = AlarmFlag.RELAY_1 | AlarmFlag.RELAY_4 | AlarmFlag.BUZZER_ON
    assert alarm_flags(seen(bench, switched)) == expected
    assert alarm_flags(replace(seen(bench, switched), alarms=None)) == expected


def test_every_module_lost_is_a_failure_of_the_system_while_the_port_is_there() -> None:
    bench = settled()
    bench.silence(*range(1, 33))
    bench.scan_for(60.0)
    assert int(general_flags(seen(bench))) & 0x105 == 0x105
