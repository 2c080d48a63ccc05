"""The alarm desk: one raised and one cleared a cause, kept over restarts, changed only through its methods."""

import logging
from typing import Any

import numpy as np
import pytest

from fakes.alarm_bench import AlarmBench, told
from fakes.state import MemoryStateKeeper
from webmanager.domain.errors import ConfigError
from webmanager.domain.events import Change, Event, Severity
from webmanager.domain.limits import Change as LimitChange
from webmanager.domain.limits import limits_of
from webmanager.domain.observation import BusCondition
from webmanager.engine.alarm_memory import MOST_UNSENT
from webmanager.engine.alarming import AlarmDesk, DeskSettings

RAISED, CLEARED, HAPPENED = Change.RAISED, Change.CLEARED, Change.HAPPENED


def low(bench: AlarmBench, address: int = 3) -> Event:
    """A battery that is raised as low."""
    bench.volts[address - 1] = 12.8
    (event,) = bench.scan_for(64)
    assert event.kind == "voltage_low"
    return event


def test_a_healthy_battery_raises_nothing() -> None:
    bench = AlarmBench()
    assert bench.scan_for(1200) == []
    assert bench.desk.picture.alarms == ()
    assert bench.desk.picture.number == 600


def test_an_alarm_comes_within_its_hold_and_two_scans_and_goes_likewise() -> None:
    bench = AlarmBench()
    bench.scan(10)
    bench.volts[2] = 12.8
    broken_at = bench.at
    event = low(bench)
    assert event.at - broken_at <= 60 + 2 * 2.0
    assert event.source.name == "S1-3"
    (alarm,) = bench.desk.picture.alarms
    assert (alarm.id, alarm.kind, alarm.state) == (event.alarm, "voltage_low", "active")
    bench.volts[2] = 13.62
    assert told(bench.scan_for(64)) == [("voltage_low", CLEARED)]
    assert bench.desk.picture.alarms == ()
    assert bench.scan_for(600) == []


def test_a_stale_value_decides_nothing() -> None:
    bench = AlarmBench()
    low(bench)
    bench.volts[2] = 13.62
    for _ in range(100):
        bench.scan(1)
        bench.silence(3)
        bench.scan(2)
        bench.silence(3, silent=False)
        if bench.events[-1].change is CLEARED:
            break
    assert told(bench.events) == [("voltage_low", RAISED), ("voltage_low", CLEARED)]
    assert bench.now_s - 64 > 150


def test_a_silent_module_keeps_its_alarms_and_gets_one_more() -> None:
    bench = AlarmBench()
    low(bench)
    bench.silence(3)
    assert told(bench.scan_for(600)) == [("module_lost", RAISED)]
    assert {alarm.kind for alarm in bench.desk.picture.alarms} == {"voltage_low", "module_lost"}
    bench.silence(3, silent=False)
    assert told(bench.scan_for(600)) == [("module_lost", CLEARED)]


@pytest.mark.parametrize("behind", [2, 5, 15])
def test_a_broken_cable_is_one_alarm(behind: int) -> None:
    bench = AlarmBench()
    bench.scan(10)
    bench.silence(*range(behind + 1, 17))
    (event,) = bench.scan_for(600)
    if behind == 15:
        assert event.text.startswith("S1-16 does not answer")
    else:
        assert event.text.startswith(f"Bus cable open behind S1-{behind} ({16 - behind} modules silent)")
        assert event.affected == tuple(range(behind + 1, 17))
    bench.answered[:] = True
    assert told(bench.scan_for(600)) == [(event.kind, CLEARED)]


def test_modules_that_come_back_one_by_one_make_no_further_alarm() -> None:
    bench = AlarmBench()
    bench.silence(*range(5, 17))
    bench.scan_for(60)
    for address in (16, 5, 9, 7, 6, 12, 8, 10, 11, 13, 14, 15):
        bench.silence(address, silent=False)
        bench.scan_for(8)
    bench.scan_for(60)
    assert told(bench.events) == [("bus_open", RAISED), ("bus_open", CLEARED)]


def test_a_silent_bus_is_one_alarm_although_sensors_are_silent_too() -> None:
    bench = AlarmBench()
    bench.scan(10)
    bench.answered[:] = False
    bench.amperes[:] = np.nan
    (event,) = bench.scan_for(600)
    assert (event.kind, event.severity, len(event.affected)) == ("bus_down", Severity.ALARM, 32)
    bench.answered[:] = True
    bench.amperes[:] = 0.03
    (cleared,) = bench.scan_for(600)
    assert cleared.text.startswith("The modules answer again after 10 min")


def test_a_dead_port_at_the_start_is_told_without_any_scan() -> None:
    bench = AlarmBench()
    down = BusCondition("down", "COM3 cannot be opened")
    for _ in range(20):
        bench.now_s += 2.0
        bench.desk.take(None, down, bench.now_s, bench.at)
    assert told(bench.events) == [("bus_down", RAISED)]
    assert "COM3 cannot be opened" in bench.events[0].text


def test_nothing_is_judged_before_the_bus_has_said_anything() -> None:
    bench = AlarmBench()
    for _ in range(100):
        bench.now_s += 2.0
        bench.desk.take(None, BusCondition("starting"), bench.now_s, bench.at)
    assert bench.events == []


def test_mixed_revisions_are_one_alarm_with_the_odd_ones() -> None:
    bench = AlarmBench()
    refused = BusCondition("refused", "mixed", {5: "9.9"})
    for _ in range(60):
        bench.now_s += 2.0
        bench.desk.take(None, refused, bench.now_s, bench.at)
    (event,) = bench.events
    assert (event.kind, event.affected) == ("mixed_revision", (5,))


def test_a_scan_that_stops_is_told_and_clears_nothing() -> None:
    bench = AlarmBench()
    low(bench)
    bench.scan(1)
    for _ in range(100):
        bench.now_s += 2.0
        bench.desk.take(bench.snapshot, BusCondition(), bench.now_s, bench.at)
    assert told(bench.events) == [("voltage_low", RAISED), ("scan_stopped", RAISED)]
    bench.scan_for(120)
    assert told(bench.events)[2:] == [("scan_stopped", CLEARED)]


def test_a_start_has_a_grace() -> None:
    bench = AlarmBench(settings=DeskSettings(grace_s=60.0))
    bench.silence(7)
    assert bench.scan_for(60) == []
    assert told(bench.scan_for(6)) == [("module_lost", RAISED)]


def test_unseen_time_does_not_count() -> None:
    bench = AlarmBench()
    bench.scan(5)
    bench.volts[2] = 12.8
    bench.scan(2)
    bench.now_s += 3600.0
    assert bench.scan(1) == []
    assert told(bench.scan_for(60)) == [("voltage_low", RAISED)]


def test_coarse_scans_hold_for_as_long_as_they_reach() -> None:
    bench = AlarmBench()
    bench.volts[2] = 12.8
    assert told(bench.scan(2, step_s=60.0)) == [("voltage_low", RAISED)]


def test_a_clock_that_is_set_changes_when_it_began_not_how_long_it_lasted() -> None:
    bench = AlarmBench()
    bench.start = 10.0
    event = low(bench)
    assert event.at < 1000.0
    bench.desk.shelve(event.alarm or 0, bench.at + 600, "kern", bench.at)
    bench.start += 1.7e9
    assert bench.scan_for(60) == []
    (alarm,) = bench.desk.picture.alarms
    assert alarm.found.since_at == pytest.approx(bench.start + 2.0)
    assert alarm.state == "shelved"
    assert alarm.shelved_until is not None
    assert bench.at < alarm.shelved_until < bench.at + 600
    bench.volts[:] = 13.62
    (cleared,) = bench.scan_for(70)
    assert "normal again after 3 min" in cleared.text


def test_what_a_right_clock_has_dated_is_not_moved() -> None:
    bench = AlarmBench(keeper=MemoryStateKeeper())
    since_at = low(bench).at
    bench.start = 10.0 - bench.now_s
    bench.restart()
    bench.scan(5)
    bench.start = since_at + 600.0 - bench.now_s
    bench.scan(5)
    (alarm,) = bench.desk.picture.alarms
    assert abs(alarm.found.since_at - since_at) < 100.0


# -- what people do


def test_people_answer_through_the_desk_and_everybody_sees_it() -> None:
    bench = AlarmBench()
    alarm = low(bench).alarm
    assert alarm is not None
    assert bench.desk.picture.unacknowledged == 1
    assert told(list(bench.desk.acknowledge(alarm, "kern", bench.at))) == [("voltage_low", Change.ACKNOWLEDGED)]
    assert bench.desk.picture.alarms[0].acknowledged_by == "kern"
    assert bench.desk.picture.unacknowledged == 0
    bench.desk.comment(alarm, "seen", "kern", bench.at)
    bench.desk.shelve(alarm, bench.at + 100, "kern", bench.at)
    assert bench.desk.picture.alarms[0].state == "shelved"
    bench.desk.unshelve(alarm, "kern", bench.at)
    bench.desk.shelve(alarm, bench.at + 100, "kern", bench.at)
    assert [event.change for event in bench.scan_for(102)] == [Change.UNSHELVED]
    with pytest.raises(ConfigError):
        bench.desk.acknowledge(99, "kern", bench.at)
    assert [event.id for event in bench.events] == list(range(1, len(bench.events) + 1))


def test_an_exchanged_battery_ends_its_alarm_and_learns_anew() -> None:
    bench = AlarmBench()
    for _ in range(2):
        bench.measure_ri()
        bench.scan(1, step_s=43_200.0)
    for _ in range(3):
        bench.measure_ri(9.0, address=3)
        bench.scan(1, step_s=43_200.0)
    assert told(bench.events) == [("ri_rise", RAISED)]
    assert bench.desk.ri_rise_percent[2] == pytest.approx(114.3, abs=0.1)
    events = bench.desk.exchanged(3, "kern", bench.at)
    assert told(list(events)) == [("battery_exchanged", HAPPENED), ("ri_rise", CLEARED)]
    assert events[0].text.startswith("S1-3 was exchanged")
    assert events[1].by == "kern"
    for _ in range(4):
        bench.measure_ri(9.0, address=3)
        assert bench.scan(1, step_s=43_200.0) == []
    assert bench.desk.baseline_mohm[2] == pytest.approx(9.0)
    with pytest.raises(ConfigError, match="1 to 32"):
        bench.desk.exchanged(33, "kern", bench.at)


def test_maintenance_is_quiet_ends_by_itself_and_then_tells_what_is_left() -> None:
    bench = AlarmBench()
    bench.scan(5)
    (began,) = bench.desk.maintain(600.0, "kern", bench.at)
    assert (began.kind, began.by) == ("maintenance", "kern")
    assert bench.desk.picture.maintenance_until == pytest.approx(bench.at + 600.0)
    bench.silence(3, 4, 9)
    bench.scan_for(300)
    bench.silence(9, silent=False)
    events = bench.scan_for(400)
    assert told(events) == [("maintenance", HAPPENED), ("module_lost", RAISED), ("module_lost", RAISED)]
    assert {event.source.name for event in events[1:]} == {"S1-3", "S1-4"}
    assert bench.desk.picture.maintenance_until is None


def test_maintenance_can_be_ended_by_hand_and_is_bounded() -> None:
    bench = AlarmBench()
    bench.desk.maintain(600.0, "kern", bench.at)
    (ended,) = bench.desk.maintain(0.0, "kern", bench.at)
    assert ended.text == "Maintenance has ended."
    for seconds in (-1.0, 9 * 3600.0, float("nan")):
        with pytest.raises(ConfigError):
            bench.desk.maintain(seconds, "kern", bench.at)


def test_an_urgent_alarm_is_told_in_maintenance() -> None:
    bench = AlarmBench()
    bench.scan(5)
    bench.desk.maintain(3600.0, "kern", bench.at)
    bench.answered[:] = False
    assert told(bench.scan_for(60)) == [("bus_down", RAISED)]


def test_limits_change_while_an_alarm_is_active() -> None:
    bench = AlarmBench()
    low(bench)
    wider = limits_of({"voltage_low": LimitChange(warning=2.05, alarm=2.0)})
    (changed,) = bench.desk.change_limits(wider, "kern", bench.at)
    assert (changed.text, changed.by) == ("Limits changed: voltage low on float.", "kern")
    assert bench.desk.limits is wider
    assert told(bench.scan_for(64)) == [("voltage_low", CLEARED)]
    bench.desk.change_limits(limits_of(), "kern", bench.at)
    assert told(bench.scan_for(64)) == [("voltage_low", RAISED)]


def test_a_limit_that_is_switched_off_ends_its_alarms_at_once() -> None:
    bench = AlarmBench()
    low(bench)
    off = LimitChange(off=frozenset({Severity.WARNING, Severity.ALARM}))
    events = bench.desk.change_limits(limits_of({"voltage_low": off}), "kern", bench.at)
    assert told(list(events)) == [("limits_changed", HAPPENED), ("voltage_low", CLEARED)]
    assert bench.scan_for(100) == []


def test_other_parts_report_through_the_desk() -> None:
    bench = AlarmBench()
    bench.desk.report("store_failed", 1.0, "the disk is read-only")
    assert [event.text.split(",")[0] for event in bench.scan(1)] == ["Store failed: the disk is read-only"]
    bench.desk.report("store_failed", 0.0)
    assert told(bench.scan(1)) == [("store_failed", CLEARED)]
    with pytest.raises(ConfigError, match="voltage_low is not reported"):
        bench.desk.report("voltage_low", 1.0)


def test_events_without_an_alarm_are_numbered_and_handed_on() -> None:
    bench = AlarmBench()
    event = low(bench)
    happened = bench.desk.happened("login", "kern logged in.", bench.at, "kern")
    escalated = bench.desk.escalated(event, "Nobody has answered.", bench.at)
    assert bench.events[-2:] == [happened, escalated]
    assert (escalated.change, escalated.alarm) == (Change.ESCALATED, event.alarm)


# -- restarts


def test_killed_and_started_again_nothing_is_forgotten_and_nothing_told_twice() -> None:
    bench = AlarmBench(keeper=MemoryStateKeeper(), settings=DeskSettings(grace_s=10.0))
    bench.scan(10)
    active = low(bench, 3)
    acknowledged = low(bench, 20)
    assert acknowledged.alarm is not None
    bench.desk.acknowledge(acknowledged.alarm, "kern", bench.at)
    bench.volts[8] = 12.8
    bench.scan_for(30)
    before = bench.desk.picture.alarms
    bench.events.clear()

    bench.restart(away_s=20.0)
    assert bench.desk.picture.alarms == before
    events = bench.scan_for(30)
    assert told(events) == [("voltage_low", RAISED)]
    assert events[0].source.name == "S1-9"
    assert events[0].id > acknowledged.id
    assert {alarm.state for alarm in bench.desk.picture.alarms} == {"active", "acknowledged"}
    assert bench.scan_for(600) == []
    bench.volts[:] = 13.62
    assert sorted(event.alarm or 0 for event in bench.scan_for(70)) == [1, 2, 3]
    assert active.alarm == 1


def test_what_was_repaired_while_the_device_was_off_is_cleared_once() -> None:
    bench = AlarmBench(keeper=MemoryStateKeeper())
    low(bench)
    bench.volts[:] = 13.62
    bench.restart(away_s=86_400.0)
    assert told(bench.scan_for(120)) == [("voltage_low", CLEARED)]


def test_shelves_and_maintenance_outlive_a_restart_and_still_end() -> None:
    bench = AlarmBench(keeper=MemoryStateKeeper())
    alarm = low(bench).alarm
    assert alarm is not None
    bench.desk.shelve(alarm, bench.at + 500, "kern", bench.at)
    bench.desk.maintain(300.0, "kern", bench.at)
    bench.restart(away_s=100.0)
    assert bench.desk.picture.alarms[0].state == "shelved"
    assert bench.desk.picture.maintenance_until == pytest.approx(bench.at + 200.0)
    events = bench.scan_for(500)
    assert [event.change for event in events] == [HAPPENED, Change.UNSHELVED]


def test_what_was_learned_outlives_a_restart() -> None:
    bench = AlarmBench(keeper=MemoryStateKeeper())
    for _ in range(5):
        bench.measure_ri(4.0, 4.0)
        bench.scan(1, step_s=43_200.0)
    bench.restart()
    assert bench.desk.baseline_mohm.tolist() == pytest.approx([4.0] * 32)
    for _ in range(3):
        bench.measure_ri(9.0, 4.0, address=3)
        bench.scan(1, step_s=43_200.0)
    assert told(bench.events) == [("ri_rise", RAISED)]


def test_events_nobody_confirmed_are_handed_on_again_and_only_those() -> None:
    bench = AlarmBench(keeper=MemoryStateKeeper())
    first, second = low(bench, 3), low(bench, 5)
    bench.desk.confirm(first.id)
    bench.desk.keep(bench.at)
    bench.restart()
    assert bench.desk.unsent() == (second,)


def test_unconfirmed_events_are_bounded_and_counted() -> None:
    bench = AlarmBench()
    for number in range(MOST_UNSENT + 10):
        bench.desk.happened("test", f"Event {number}.", bench.at)
    assert len(bench.desk.unsent()) == MOST_UNSENT
    assert bench.desk.dropped == 10


def test_an_event_is_kept_before_it_is_told() -> None:
    keeper = MemoryStateKeeper()
    bench = AlarmBench(keeper=keeper)
    kept: list[bool] = []

    def sink(event: Event) -> None:
        unsent: Any = keeper.documents["alarms"]["unsent"]
        kept.append(event.id in {one["id"] for one in unsent})

    bench.desk = AlarmDesk(
        bench.installation, bench.limits, at=bench.at, keeper=keeper, sink=sink, settings=bench.settings
    )
    bench.volts[2] = 12.8
    bench.scan_for(64)
    assert kept == [True]


@pytest.mark.parametrize(
    "document", [{}, {"version": 1}, {"alarms": "nonsense", "cells": 3}, {"next_alarm": None, "next_event": None}]
)
def test_a_damaged_document_starts_anew_and_says_so(
    document: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    keeper = MemoryStateKeeper()
    keeper.save("alarms", document)
    keeper.save("alarm_learning", {"strings": 5, "baseline": {"base_mohm": [1]}, "sensors": "x"})
    with caplog.at_level(logging.WARNING):
        bench = AlarmBench(keeper=keeper)
    assert "cannot be read" in caplog.text
    assert low(bench).change is RAISED


def test_quiet_scans_write_nothing() -> None:
    keeper = MemoryStateKeeper()
    bench = AlarmBench(keeper=keeper)
    bench.scan(2)
    keeper.documents.clear()  # what the first scan found out: there are current sensors
    bench.scan_for(596)
    assert keeper.documents == {}
    bench.scan_for(600)
    assert set(keeper.documents) == {"alarm_learning"}


# -- effort


def test_many_alarms_at_once_are_all_told_and_all_cleared() -> None:
    bench = AlarmBench(256, 8, limits=limits_of({"ri_high": LimitChange(alarm=5.0)}))
    for _ in range(3):
        bench.measure_ri(9.0, 9.0)
        bench.scan(1, step_s=43_200.0)
    assert len(bench.desk.picture.alarms) == 256
    for _ in range(3):
        bench.measure_ri()
        bench.scan(1, step_s=43_200.0)
    assert bench.desk.picture.alarms == ()
    assert len(bench.events) == 512


def test_figures_of_open_alarms_stay_fresh() -> None:
    bench = AlarmBench()
    low(bench)
    bench.volts[2] = 12.75
    bench.scan(4)
    assert bench.desk.picture.alarms[0].found.value == pytest.approx(12.75)
    assert bench.desk.picture.alarms[0].kind == "voltage_low"


def test_a_listener_hears_every_event_until_it_leaves() -> None:
    bench = AlarmBench()
    heard: list[Event] = []
    leave = bench.desk.listen(heard.append)
    event = low(bench)
    assert heard == [event]
    leave()
    bench.desk.acknowledge(event.alarm or 0, "kern", bench.at)
    assert heard == [event]
    assert bench.events[-1].change is Change.ACKNOWLEDGED
    (taken_back,) = bench.desk.unacknowledge(event.alarm or 0, "kern", bench.at)
    assert (taken_back.change, bench.desk.picture.unacknowledged) == (Change.UNACKNOWLEDGED, 1)


def test_a_current_sensor_that_was_seen_once_is_missed_after_a_kill() -> None:
    bench = AlarmBench(keeper=MemoryStateKeeper())
    bench.scan(2)
    bench.amperes[1] = np.nan
    bench.scan_for(30)
    bench.restart()
    assert told(bench.scan_for(60)) == [("current_sensor_lost", RAISED)]
    assert bench.events[0].source.string == 2
