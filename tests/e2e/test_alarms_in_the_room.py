"""The simulated room, snapshots and the alarm desk on one injected clock: every fault is one alarm and one all-clear.

The table of `docs/reliability-alarms.md` is made here. `WRITE_DOCS=1` writes it anew.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from fakes.alarm_room import AlarmRoom, texts
from webmanager.domain.alarms import duration
from webmanager.domain.events import Change, Event, Severity
from webmanager.domain.limits import READINGS, ROWS, limits_of
from webmanager.domain.observation import BusCondition
from webmanager.room import battery

PAGE = Path(__file__).parents[2] / "docs" / "reliability-alarms.md"
RAISED, WORSENED, CLEARED = Change.RAISED, Change.WORSENED, Change.CLEARED
HOUR = 3600.0
NOTICE, WARNING, ALARM = Severity.NOTICE, Severity.WARNING, Severity.ALARM


@dataclass(frozen=True)
class Row:
    """One fault as it was told: kinds at first and in the end, seconds from fault to breach, to alarm, to all-clear."""

    fault: str
    first: str
    kind: str
    severity: Severity
    where: str
    breach_s: float
    raised_s: float
    cleared_s: float | None
    text: str


@dataclass(frozen=True)
class Expected:
    """What a fault must be told as; `first` is the kind of the first message, `value` what the fault is given."""

    fault: str
    kind: str
    severity: Severity
    first: str
    value: float | None = None


IN_STRINGS = (
    Expected("shorted_cell", "voltage_deviation", ALARM, "voltage_deviation"),
    Expected("high_resistance", "ri_rise", ALARM, "ri_rise"),
    Expected("loose_link", "ri_rise", ALARM, "ri_rise"),
    Expected("sulphation", "ri_rise", WARNING, "ri_rise", 1.0),
    Expected("soft_short", "leak_current", WARNING, "leak_current"),
    Expected("dry_out", "ri_rise", ALARM, "leak_current"),
    Expected("hot_spot", "temperature_above", WARNING, "temperature_above"),
    Expected("thermal_runaway", "thermal_runaway", ALARM, "voltage_deviation"),
    Expected("open_circuit", "ri_unmeasurable", ALARM, "ri_unmeasurable"),
)
PER_STRING, POSITION = 8, 3
BROKEN_FOR_S, STEP_S = 5.5 * HOUR, 60.0


def of_string(events: list[Event], string: int) -> list[Event]:
    return [event for event in events if event.source.string == string]


@pytest.fixture(scope="module")
def side_by_side() -> tuple[list[Row], list[Event]]:
    """Nine faults of batteries, each in a string of its own, for hours; then all repaired."""
    room = AlarmRoom(PER_STRING * len(IN_STRINGS), len(IN_STRINGS), ri_interval_s=HOUR)
    room.run(13 * HOUR, 300.0)
    assert texts(room.events) == []
    broken_at = room.room.now_s
    faults = []
    for string, expected in enumerate(IN_STRINGS):
        value = {} if expected.value is None else {"value": expected.value}
        faults.append(room.break_it(expected.fault, address=string * PER_STRING + POSITION, **value))
    since: dict[int, float] = {}
    for _ in range(round(BROKEN_FOR_S / STEP_S)):
        room.scan(STEP_S)
        since |= {alarm.id: alarm.found.since_at for alarm in room.desk.picture.alarms if alarm.id not in since}
    for fault in faults:
        room.repair(fault)
    repaired_at = room.room.now_s
    room.run(8 * HOUR, 180.0)
    room.run(4 * 24 * HOUR, 600.0)  # the battery that ran away is empty, and fills by what the others bypass
    rows = []
    for string, expected in enumerate(IN_STRINGS, start=1):
        events = of_string(room.events, string)
        assert events, expected.fault
        first, last = events[0], events[-1]
        assert first.alarm is not None
        told = [event for event in events if event.change is not CLEARED][-1]
        rows.append(
            Row(
                expected.fault,
                first.kind,
                told.kind,
                told.severity,
                told.source.name,
                since[first.alarm] - broken_at,
                first.at - broken_at,
                last.at - repaired_at if last.change is CLEARED else None,
                told.text,
            )
        )
    return rows, room.events


@pytest.mark.parametrize("string", range(1, len(IN_STRINGS) + 1), ids=[one.fault for one in IN_STRINGS])
def test_a_fault_of_a_battery_is_one_alarm_and_one_all_clear(
    string: int, side_by_side: tuple[list[Row], list[Event]]
) -> None:
    rows, all_events = side_by_side
    expected, row, events = IN_STRINGS[string - 1], rows[string - 1], of_string(all_events, string)
    changes = [event.change for event in events]
    assert (changes.count(RAISED), changes.count(CLEARED)) == (1, 1), texts(events)
    assert changes[0] is RAISED
    assert changes[-1] is CLEARED
    assert len({event.alarm for event in events}) == 1
    assert {event.source.name for event in events} == {f"S{string}-{POSITION}"}
    assert (events[0].kind, row.kind, row.severity) == (expected.first, expected.kind, expected.severity)
    assert row.text.startswith(f"S{string}-{POSITION} ")
    assert events[-1].text.startswith(f"S{string}-{POSITION}: ")
    limit = limits_of().of(expected.first)[0]
    hold_s = limit.hold * HOUR if limit.row.hold_unit == READINGS else limit.hold
    assert row.raised_s - row.breach_s <= hold_s + 2 * STEP_S
    assert row.breach_s > 0


def test_nothing_else_was_told(side_by_side: tuple[list[Row], list[Event]]) -> None:
    _, events = side_by_side
    assert [event.text for event in events if event.source.string is None] == []


@dataclass(frozen=True)
class Quick:
    """A fault that is told within minutes."""

    fault: str
    request: dict[str, object]
    kind: str
    severity: Severity
    where: str
    text: str
    settle_s: float = 40.0
    broken_s: float = 120.0
    repaired_s: float = 120.0
    step_s: float = 2.0


QUICK = (
    Quick("module_silent", {"address": 5}, "module_lost", ALARM, "S1-5", "S1-5 does not answer"),
    Quick("bus_break", {"address": 5}, "bus_open", ALARM, "string 1", "Bus cable open behind S1-5 (11 modules silent)"),
    Quick(
        "current_sensor_silent", {"string": 2}, "current_sensor_lost", WARNING, "string 2",
        "Current sensor of string 2 does not answer",
    ),
    Quick("ripple", {"value": 15.0}, "string_ripple", WARNING, "charger", "All strings ripple 7.5 A (limit 5.0 A)"),
    Quick(
        "charger_overvoltage", {}, "charger_overvoltage", ALARM, "charger", "All strings voltage 14.7",
        broken_s=200.0, repaired_s=1800.0, step_s=10.0,
    ),
    Quick(
        "charger_off", {}, "charger_missing", ALARM, "charger", "All strings not charged",
        broken_s=2 * HOUR, repaired_s=HOUR, step_s=60.0,
    ),
)  # fmt: skip


def quick_row(case: Quick) -> tuple[Row, list[Event]]:
    """Plays one fault; the row of the table and the events it made."""
    room = AlarmRoom(32, 2)
    room.run(70.0, 10.0)
    room.run(case.settle_s, case.step_s)
    assert texts(room.events) == []
    broken_at = room.room.now_s
    fault = room.break_it(case.fault, **case.request)
    breach_at = None
    for _ in range(round(case.broken_s / case.step_s)):
        room.scan(case.step_s)
        if breach_at is None and room.desk.picture.alarms:
            breach_at = room.desk.picture.alarms[0].found.since_at
    assert breach_at is not None, case.fault
    room.repair(fault)
    repaired_at = room.room.now_s
    room.run(case.repaired_s, case.step_s)
    events = room.events
    told = [event for event in events if event.change is not CLEARED][-1]
    cleared = events[-1].at - repaired_at if events[-1].change is CLEARED else None
    row = Row(
        case.fault,
        events[0].kind,
        told.kind,
        told.severity,
        told.source.name,
        breach_at - broken_at,
        events[0].at - broken_at,
        cleared,
        told.text,
    )
    return row, events


@pytest.fixture(scope="module")
def quick() -> dict[str, tuple[Row, list[Event]]]:
    return {case.fault: quick_row(case) for case in QUICK}


@pytest.mark.parametrize("case", QUICK, ids=lambda case: case.fault)
def test_a_fault_of_bus_or_charger_is_one_alarm_and_one_all_clear(
    case: Quick, quick: dict[str, tuple[Row, list[Event]]]
) -> None:
    row, events = quick[case.fault]
    changes = [event.change for event in events]
    assert (changes.count(RAISED), changes.count(CLEARED)) == (1, 1), texts(events)
    assert changes[-1] is CLEARED
    assert len({event.alarm for event in events}) == 1
    assert (row.kind, row.severity, row.where) == (case.kind, case.severity, case.where)
    assert row.text.startswith(case.text)
    hold_s = limits_of().of(events[0].kind)[0].hold
    assert row.raised_s - row.breach_s <= hold_s + 2 * case.step_s


def test_the_page_says_what_was_measured(
    side_by_side: tuple[list[Row], list[Event]], quick: dict[str, tuple[Row, list[Event]]]
) -> None:
    page = page_of([*side_by_side[0], *(row for row, _ in quick.values())])
    if os.environ.get("WRITE_DOCS") == "1":
        PAGE.write_text(page, encoding="utf-8")
    hint = "WRITE_DOCS=1 pytest tests/e2e/test_alarms_in_the_room.py"
    assert told_in(PAGE.read_text(encoding="utf-8")) == told_in(page), hint


def told_in(page: str) -> list[tuple[str, ...]]:
    """What a page says, without the figures: those move with the physics, and by a step from machine to machine."""
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines() if line.startswith("| ")]
    return [(*cells[:5], cells[7], re.sub(r"[\d.]+", "#", cells[9])) for cells in lines]


def page_of(rows: list[Row]) -> str:
    """The page, of all rows."""
    head = """\
<!-- Made by `WRITE_DOCS=1 pytest tests/e2e/test_alarms_in_the_room.py`: the test checks it. -->

# Alarms: what each fault of the room is told as

Measured in the simulated room on an injected clock: room, modules with their errors and noise, snapshots, alarm desk;
no wire. Each fault makes exactly one alarm and, after its repair, exactly one all-clear; in between it may worsen, from
what it is *first told as* to what it is *told as* in the end. *To breach* is from the fault until the first value
passes its limit, which is physics; *to alarm* from there until it is raised, which is the *hold* of that limit and at
most two scans. Internal resistance was measured every hour here (12 h by default), so that a hold of three readings
takes two hours. Batteries are scanned every 60 s here, what concerns bus and charger every 2 to 60 s.

| fault | first told as | told as | severity | where | to breach | to alarm | hold | all-clear after repair | text |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
"""
    return head + "".join(line_of(row) for row in rows)


def line_of(row: Row) -> str:
    limit = limits_of().of(row.first)[0]
    readings = limit.row.hold_unit == READINGS
    hold = f"{limit.hold:g} readings" if readings else duration(limit.hold)
    text = row.text.split(", since")[0]
    cleared = "not repaired by itself" if row.cleared_s is None else rough(row.cleared_s)
    cells = (
        row.fault, row.first, row.kind, row.severity.word, row.where, rough(row.breach_s),
        rough(row.raised_s - row.breach_s), hold, cleared, text,
    )  # fmt: skip
    return "| " + " | ".join(cells) + " |\n"


def rough(seconds: float) -> str:
    """A time as precise as it means something."""
    step = 2.0 if seconds < 100 else 60.0 if seconds < 3 * HOUR else 600.0
    return duration(round(seconds / step) * step)


# -- the bus


def test_a_break_behind_module_41_of_256_is_one_alarm_that_names_the_place() -> None:
    room = AlarmRoom(256, 8)
    room.run(70.0, 10.0)
    fault = room.break_it("bus_break", address=41)
    (event,) = room.run(60.0)
    assert (event.kind, event.change, event.severity) == ("bus_open", RAISED, ALARM)
    assert event.text.startswith("Bus cable open behind S2-9 (23 modules silent)")
    assert event.affected == tuple(range(42, 65))
    assert event.source.string == 2
    room.repair(fault)
    (cleared,) = room.run(60.0)
    assert (cleared.change, cleared.alarm, cleared.affected) == (CLEARED, event.alarm, event.affected)


def test_a_pulled_converter_cable_is_one_alarm() -> None:
    room = AlarmRoom(256, 8)
    room.run(70.0, 10.0)
    room.room.cable.cut_off[:] = True
    room.room.cable.sensor_silent[:] = True
    (event,) = room.run(80.0)
    assert (event.kind, len(event.affected)) == ("bus_down", 256)
    room.room.cable.mend()
    (cleared,) = room.run(60.0)
    assert (cleared.kind, cleared.change) == ("bus_down", CLEARED)


def test_two_modules_with_one_address_are_told_as_that() -> None:
    room = AlarmRoom(16, 2)
    room.run(70.0, 10.0)
    room.break_it("duplicate_address", address=5)
    room.bus = BusCondition(garbled=np.arange(16) == 4)
    (event,) = room.run(60.0)
    assert event.kind == "duplicate_address"
    assert event.text.startswith("S1-5 answers in fragments: likely two modules have address 5")


def test_a_few_bit_errors_raise_nothing() -> None:
    room = AlarmRoom(16, 2)
    room.break_it("bit_errors", address=5)
    assert room.run(300.0, 10.0) == []


# -- healthy rooms


@pytest.mark.parametrize(("step_s", "scans"), [(2.0, 150), (10.0, 100), (60.0, 100)])
def test_a_settled_room_raises_nothing_at_any_speed(step_s: float, scans: int) -> None:
    for noise in ("low", "high"):
        room = AlarmRoom(32, 2, noise=noise, seed=3)
        assert texts(room.run(step_s * scans, step_s)) == []
        assert room.desk.picture.pending == ()


def test_thirty_healthy_days_with_mains_failures_are_told_as_mains_failures_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    room = AlarmRoom(16, 2, seed=2)
    failures = (2, 10, 40, 5, 70, 20, 1, 30, 15, 60)
    for minutes in failures:
        with monkeypatch.context() as coarse:
            # On float nothing happens within five minutes, and a month is long.
            coarse.setattr(battery, "LONGEST_STEP_S", 300.0)
            room.run(3 * 86_400 - HOUR, 600.0)
        room.room.set_mains(False)
        room.run(minutes * 60.0, 30.0)
        room.room.set_mains(True)
        room.run(HOUR, 60.0)
    room.run(HOUR, 60.0)
    assert room.now_s > 30 * 86_400
    told = [(event.kind, event.change) for event in room.events]
    assert told == [("on_battery", RAISED), ("on_battery", CLEARED)] * len(failures)


# -- discharges


def test_a_battery_that_is_emptied_is_one_alarm_not_one_for_each() -> None:
    room = AlarmRoom(32, 2)
    room.run(HOUR, 120.0)
    room.room.set_mains(False)
    room.run(2.5 * HOUR, 15.0)
    room.room.set_mains(True)
    room.run(8 * HOUR, 120.0)
    raised = [(event.kind, event.change) for event in room.events if event.change in (RAISED, CLEARED)]
    assert sorted(raised) == sorted(
        [("on_battery", RAISED), ("battery_low", RAISED), ("on_battery", CLEARED), ("battery_deep_discharged", CLEARED)]
    )
    assert {event.alarm for event in room.events} == {1, 2}


def test_a_weak_battery_is_found_in_the_discharge_and_stays_until_the_next_one() -> None:
    room = AlarmRoom(32, 2)
    room.run(HOUR, 120.0)
    room.break_it("sulphation", address=5)
    room.room.set_mains(False)
    room.run(0.9 * HOUR, 15.0)
    room.room.set_mains(True)
    room.run(HOUR, 60.0)
    weak = [event for event in room.events if event.kind != "on_battery"]
    assert {event.kind for event in weak} == {"asymmetric_discharge"}
    assert weak[0].source.name == "S1-5"
    assert [event.change for event in weak] in ([RAISED], [RAISED, WORSENED])
    assert [alarm.kind for alarm in room.desk.picture.alarms] == ["asymmetric_discharge"]


def test_an_open_battery_is_told_in_the_discharge_with_its_place() -> None:
    room = AlarmRoom(32, 2)
    room.run(HOUR, 120.0)
    fault = room.break_it("open_circuit", address=5)
    room.run(HOUR, 120.0)
    assert room.events == []
    room.room.set_mains(False)
    room.run(300.0, 10.0)
    room.room.set_mains(True)
    room.run(HOUR, 60.0)
    opened = [event for event in room.events if event.kind != "on_battery"]
    assert [event.kind for event in opened] == ["string_open"]
    assert "String 1" in opened[0].text
    assert "likely open at S1-5" in opened[0].text
    room.repair(fault)
    room.run(HOUR, 60.0)
    room.room.set_mains(False)
    room.run(300.0, 10.0)
    assert [event.change for event in room.events if event.kind == "string_open"] == [RAISED, CLEARED]


def test_every_kind_that_was_told_is_in_the_table(quick: dict[str, tuple[Row, list[Event]]]) -> None:
    assert {row.kind for row, _ in quick.values()} <= set(ROWS)
