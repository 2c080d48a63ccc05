"""What a string has been doing: the gates that keep limits from judging at the wrong moment."""

import json
from typing import Any

import numpy as np
import pytest

from fakes.observations import room_of, seen_of
from webmanager.domain.conditions import FULL_S, RI_RESTS_S, SETTLED_S, StringConditions
from webmanager.domain.snapshot import StringState

ROOM = room_of(8, 2)
FLOAT, CHARGING, DISCHARGING, REST, UNKNOWN = (
    StringState.FLOAT, StringState.CHARGING, StringState.DISCHARGING, StringState.REST, StringState.UNKNOWN,
)  # fmt: skip


def follow(strings: StringConditions, state: StringState, seconds: float, step_s: float = 60.0, **changes: Any) -> None:
    for _ in range(round(seconds / step_s)):
        strings.update(seen_of(ROOM, elapsed_s=step_s, state=state, **changes))


def test_strings_are_settled_an_hour_after_float_began() -> None:
    strings = StringConditions(ROOM)
    follow(strings, FLOAT, SETTLED_S - 60)
    assert not strings.is_settled.any()
    follow(strings, FLOAT, 60)
    assert strings.is_settled.all()
    follow(strings, CHARGING, 60, current_a=5.0)
    assert not strings.is_settled.any()


def test_an_unknown_state_stops_the_clock_but_does_not_turn_it_back() -> None:
    strings = StringConditions(ROOM)
    follow(strings, FLOAT, 1800)
    follow(strings, UNKNOWN, 86_400)
    follow(strings, FLOAT, 1800)
    assert strings.is_settled.all()


def test_full_takes_half_a_day() -> None:
    strings = StringConditions(ROOM)
    follow(strings, FLOAT, FULL_S)
    assert strings.is_full.all()


def test_a_real_discharge_makes_ri_incomparable_for_a_day_and_a_short_one_does_not() -> None:
    strings = StringConditions(ROOM)
    assert strings.is_ri_comparable.all()
    follow(strings, DISCHARGING, 120, current_a=-40.0)
    assert strings.is_ri_comparable.all()
    follow(strings, DISCHARGING, 120, current_a=-40.0)
    assert not strings.is_ri_comparable.any()
    follow(strings, FLOAT, RI_RESTS_S - 60)
    assert not strings.is_ri_comparable.any()
    follow(strings, FLOAT, 60)
    assert strings.is_ri_comparable.all()


def test_without_a_current_sensor_a_tenth_of_c10_is_assumed() -> None:
    strings = StringConditions(ROOM)
    follow(strings, DISCHARGING, 600, current_a=np.nan)
    assert strings.drawn_ah.tolist() == [pytest.approx(10.0 * 600 / 3600)] * 2


def test_days_of_disuse_begin_anew_with_a_real_discharge() -> None:
    strings = StringConditions(ROOM)
    follow(strings, FLOAT, 10 * 86_400, 3600.0)
    assert strings.unused_s.tolist() == [10 * 86_400.0] * 2
    follow(strings, DISCHARGING, 600, current_a=-40.0)
    assert strings.unused_s.tolist() == [0.0] * 2


def test_recharging_lasts_from_a_discharge_until_the_voltage_is_back_at_float() -> None:
    strings = StringConditions(ROOM)
    follow(strings, FLOAT, 600)
    assert not strings.is_recharging.any()
    follow(strings, DISCHARGING, 600, current_a=-40.0, voltage_v=12.3)
    follow(strings, CHARGING, 3600, current_a=10.0, voltage_v=14.2)
    follow(strings, FLOAT, 3600, voltage_v=14.4)
    assert strings.is_recharging.all()
    follow(strings, FLOAT, 600)
    assert not strings.is_recharging.any()


def test_recharging_does_not_last_for_ever_at_a_charger_that_stays_high() -> None:
    strings = StringConditions(ROOM)
    follow(strings, DISCHARGING, 600, current_a=-40.0)
    follow(strings, FLOAT, 24 * 3600 + 120, voltage_v=14.4)
    assert not strings.is_recharging.any()


def test_a_charge_that_runs_at_the_start_is_a_recharge_a_later_one_is_not() -> None:
    started = StringConditions(ROOM)
    follow(started, CHARGING, 60, current_a=10.0)
    assert started.is_recharging.all()
    later = StringConditions(ROOM)
    follow(later, FLOAT, 60)
    follow(later, CHARGING, 60, current_a=10.0)
    assert not later.is_recharging.any()


def test_a_restart_forgets_nothing() -> None:
    strings = StringConditions(ROOM)
    follow(strings, FLOAT, 7200)
    follow(strings, DISCHARGING, 600, current_a=-40.0)
    again = StringConditions(ROOM)
    again.restore(json.loads(json.dumps(strings.document())))
    for name in ("float_s", "drawn_ah", "rested_s", "unused_s", "recharge_s"):
        np.testing.assert_allclose(getattr(again, name), getattr(strings, name))
    assert again.is_recharging.all()
    assert not again.is_ri_comparable.any()


def test_a_document_of_another_installation_is_left_out() -> None:
    strings = StringConditions(ROOM)
    strings.restore({"float_s": [9999.0], "unused_s": "nonsense"})
    assert not strings.is_settled.any()
