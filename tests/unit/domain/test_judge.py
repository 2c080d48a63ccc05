"""Limits against observations: what turns, where, and what stands there."""

from typing import Any

import numpy as np
import pytest

from fakes.observations import AT, room_of, seen_of
from webmanager.domain.events import Severity
from webmanager.domain.installation import Installation
from webmanager.domain.judge import Judge
from webmanager.domain.layout import SlotKey
from webmanager.domain.life_cycle import Phase
from webmanager.domain.limits import Change, Limits, limits_of
from webmanager.domain.measures import Reported
from webmanager.domain.observation import BusCondition

ROOM = room_of(32, 4)


class Court:
    """Feeds a judge with one observation every 2 s."""

    def __init__(self, room: Installation = ROOM, limits: Limits | None = None) -> None:
        self.room = room
        self.judge = Judge(room, limits or limits_of())
        self.at_s = 0.0

    def see(self, seconds: float, *, step_s: float = 2.0, judged: Any = None, **changes: Any) -> list[SlotKey]:
        turned: list[SlotKey] = []
        for _ in range(round(seconds / step_s)):
            self.at_s += step_s
            seen = seen_of(self.room, at_s=self.at_s, elapsed_s=step_s, **changes)
            turned += sorted(self.judge.judge(seen, **(judged or {})))
        return turned

    def kinds(self, slot: SlotKey) -> list[tuple[str, Severity]]:
        return [(standing.row.kind, standing.limit.severity) for standing in self.judge.standings(slot)]


def test_a_healthy_room_turns_nothing() -> None:
    court = Court()
    assert court.see(600) == []
    assert court.judge.raised_slots() == set()
    assert court.judge.stages() == frozenset()


def test_a_battery_is_raised_after_its_hold_and_cleared_after_it() -> None:
    court = Court()
    court.see(20)
    assert court.see(60, voltage_v={3: 12.8}) == []
    assert court.see(2, voltage_v={3: 12.8}) == [("battery", 3)]
    assert court.kinds(("battery", 3)) == [("voltage_low", Severity.WARNING)]
    standing = court.judge.standings(("battery", 3))[0]
    assert (standing.place, standing.value) == (2, pytest.approx(12.8 / 6))
    assert standing.since_at == AT + 22.0
    assert court.see(62) == [("battery", 3)]
    assert court.kinds(("battery", 3)) == []


def test_the_gravest_tier_speaks() -> None:
    court = Court()
    court.see(100, voltage_v={3: 11.4})
    assert court.kinds(("battery", 3)) == [("voltage_low", Severity.ALARM)]


def test_all_strings_are_one_alarm() -> None:
    court = Court()
    assert set(court.see(100, voltage_v=14.7)) == {("charger_high", 0)}
    assert len(court.judge.standings(("charger_high", 0))) == 4


def test_a_broken_cable_is_one_alarm_from_the_first_to_the_last_moment() -> None:
    court = Court()
    behind = dict.fromkeys((13, 14, 15, 16), True)
    assert set(court.see(300, silent=behind)) == {("bus_open", 2)}
    returning = dict.fromkeys((15, 16), True)
    assert court.see(10, silent=returning) == []
    assert court.see(60) == [("bus_open", 2)]
    assert court.judge.raised_slots() == set()


def test_what_a_cause_explained_begins_its_hold_when_the_cause_is_gone() -> None:
    court = Court()
    court.see(100, silent=dict.fromkeys((13, 14, 15, 16), True))
    turned = court.see(100, silent={14: True})
    assert turned == [("bus_open", 2), ("module", 14)]


def test_a_bus_that_falls_silent_bit_by_bit_is_still_one_alarm() -> None:
    court = Court()
    court.see(2, silent=dict.fromkeys(range(20, 33), True))
    assert set(court.see(100, silent=True)) == {("bus", 0)}
    court.see(4, silent=dict.fromkeys(range(9, 33), True))
    assert court.see(100) == [("bus", 0)]


def test_many_modules_here_and_there_are_a_disturbed_bus() -> None:
    court = Court()
    silent = dict.fromkeys(range(1, 32, 3), True)
    assert set(court.see(100, silent=silent)) == {("bus", 0)}
    assert court.kinds(("bus", 0)) == [("bus_disturbed", Severity.ALARM)]


def test_a_start_raises_nothing_and_forgets_nothing() -> None:
    court = Court()
    assert court.see(100, silent={3: True}, judged={"grace": True}) == []
    assert court.see(2, silent={3: True}) == [("module", 3)]


def test_in_maintenance_only_what_is_urgent_is_raised() -> None:
    court = Court()
    calm = {"calm": True}
    assert court.see(300, silent={3: True}, judged=calm) == []
    assert court.see(100, silent=True, judged=calm) == [("bus", 0)]
    court.see(100)
    assert court.see(18, silent={3: True}) == []
    assert court.see(10, silent={3: True}) == [("module", 3)]


def test_what_others_report_is_judged() -> None:
    court = Court()
    assert court.see(2, judged={"reported": {"store_failed": Reported(1.0, "read-only")}}) == [("store", 0)]
    assert court.see(2, judged={"reported": {"store_failed": Reported(0.0)}}) == [("store", 0)]


def test_mixed_revisions_explain_a_silent_bus() -> None:
    court = Court()
    bus = BusCondition("refused", "mixed", {5: "9.9"})
    assert court.see(200, silent=True, bus=bus) == [("revision", 0)]


def test_changed_limits_hold_from_the_next_moment_also_for_what_is_open() -> None:
    court = Court()
    court.see(100, voltage_v={3: 12.8})
    court.judge.change(limits_of({"voltage_low": Change(warning=2.10, alarm=2.05)}))
    assert court.judge.raised_slots() == {("battery", 3)}
    assert court.see(100, voltage_v={3: 12.8}) == [("battery", 3)]
    court.judge.change(limits_of({"voltage_low": Change(warning=2.20, alarm=2.05)}))
    assert court.see(100, voltage_v={3: 12.8}) == [("battery", 3)]


def test_a_tier_that_is_switched_off_leaves_no_cell() -> None:
    court = Court()
    court.see(100, voltage_v={3: 12.8})
    court.judge.change(limits_of({"voltage_low": Change(off=frozenset({Severity.WARNING, Severity.ALARM}))}))
    assert court.judge.raised_slots() == set()
    assert court.see(100, voltage_v={3: 12.8}) == []


def test_an_exchanged_battery_starts_anew() -> None:
    court = Court()
    court.see(100, voltage_v={3: 12.8})
    assert court.judge.renew(3) == ("battery", 3)
    assert court.judge.raised_slots() == set()
    assert court.see(100) == []


def test_a_value_that_is_gone_leaves_the_last_one_for_the_words() -> None:
    court = Court()
    court.see(100, voltage_v={3: 12.8})
    court.see(10, voltage_v={3: np.nan})
    assert court.judge.standings(("battery", 3))[0].value == pytest.approx(12.8 / 6)


def test_open_cells_are_listed_with_tier_and_place() -> None:
    court = Court()
    court.see(10, voltage_v={3: 12.8})
    found = [(limit.row.kind, limit.severity, place) for _, limit, place in court.judge.open_cells()]
    assert found == [("voltage_low", Severity.WARNING, 2)]
    assert {phase for _, phase in court.judge.stages()} == {Phase.PENDING}


@pytest.mark.parametrize(("modules", "strings"), [(1, 1), (2, 2), (10, 10), (256, 1), (255, 5)])
def test_every_size_of_installation_is_judged(modules: int, strings: int) -> None:
    court = Court(room_of(modules, strings))
    court.see(40)
    court.see(100, voltage_v={1: 11.0})
    court.see(100, silent={1: True})
    court.see(100, silent=True)
    assert court.judge.raised_slots()


@pytest.mark.parametrize("nominal_v", [2, 4, 6, 12])
def test_limits_per_cell_fit_every_block(nominal_v: int) -> None:
    room = room_of(32, 4, nominal_v)
    cells = room.block.cells
    court = Court(room)
    assert court.see(100, voltage_v=2.34 * cells) == []
    assert set(court.see(100, voltage_v=2.41 * cells)) == {("charger_high", 0)}
