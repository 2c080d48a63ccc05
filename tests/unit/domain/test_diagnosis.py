"""What needs hours to show: equalizers in vain, hidden leaks, batteries that heat themselves."""

import json
from typing import Any

import numpy as np
import pytest

from fakes.observations import room_of, seen_of
from webmanager.domain.conditions import StringConditions
from webmanager.domain.diagnosis import Diagnosis, Findings
from webmanager.domain.snapshot import StringState

ROOM = room_of(16, 2)
ZERO = np.zeros(16)


class Doctor:
    """Looks every three minutes at strings that have been on float for a day."""

    def __init__(self) -> None:
        self.strings = StringConditions(ROOM)
        self.strings.float_s[:] = 86_400.0
        self.diagnosis = Diagnosis(ROOM)

    def look(self, hours: float, *, warmer_k: Any = ZERO, step_s: float = 180.0, **changes: Any) -> Findings:
        findings = None
        for _ in range(round(hours * 3600 / step_s)):
            seen = seen_of(ROOM, elapsed_s=step_s, **changes)
            self.strings.update(seen)
            findings = self.diagnosis.update(seen, self.strings, warmer_k)
        assert findings is not None
        return findings


def test_a_healthy_string_shows_nothing() -> None:
    effort = np.tile(np.linspace(0.0, 12.0, 8), 2)
    effort[[1, 9]] = 0.5
    found = Doctor().look(30, equalizing_percent=effort)
    assert not found.saturated_h.any()
    assert not found.failed_h.any()
    assert not found.leak_ma_ah.any()
    assert (found.runaway < 0.1).all()


def test_hours_at_the_limit_are_counted_through_short_pauses() -> None:
    doctor = Doctor()
    saturated = np.arange(16) == 4
    doctor.look(10, saturated=saturated, equalizing_percent={5: 100.0})
    doctor.look(0.2, equalizing=False)
    doctor.look(0.1, saturated=False)
    found = doctor.look(10, saturated=saturated, equalizing_percent={5: 100.0})
    assert found.saturated_h[4] == pytest.approx(20.0, abs=0.1)
    assert np.count_nonzero(found.saturated_h) == 1


def test_a_limiter_that_rests_while_it_may_work_is_no_longer_at_its_limit() -> None:
    doctor = Doctor()
    doctor.look(10, saturated=np.arange(16) == 4)
    assert doctor.look(0.3).saturated_h[4] == 0.0


def test_a_silent_module_neither_counts_nor_rests() -> None:
    doctor = Doctor()
    doctor.look(10, saturated=np.arange(16) == 4)
    found = doctor.look(5, equalizing_percent={5: np.nan})
    assert found.saturated_h[4] == pytest.approx(10.0, abs=0.1)


def test_where_a_string_waits_for_one_battery_that_one_is_named() -> None:
    doctor = Doctor()
    saturated = np.isin(np.arange(16), [0, 1, 3, 4, 5])
    found = doctor.look(26, saturated=saturated, voltage_v={3: 13.1})
    assert not found.saturated_h.any()
    assert np.flatnonzero(found.failed_h).tolist() == [2]
    assert found.failed_h[2] == pytest.approx(26.0, abs=0.2)


def test_a_hidden_leak_shows_in_the_effort_of_all_others() -> None:
    effort = np.tile(np.linspace(20.0, 34.0, 8), 2)
    effort[8:] /= 10.0
    effort[2] = 0.0
    found = Doctor().look(4, equalizing_percent=effort)
    assert np.flatnonzero(found.leak_ma_ah).tolist() == [2]
    assert found.leak_ma_ah[2] == pytest.approx(0.20 * 150.0 / 100.0, rel=0.05)


def test_float_current_is_compared_with_what_is_usual_whatever_the_sensor_adds() -> None:
    for offset_a in (-0.02, 0.04):
        doctor = Doctor()
        doctor.look(24, current_a=0.05 + offset_a)
        found = doctor.look(4, current_a=0.20 + offset_a, warmer_k=np.where(np.arange(16) == 4, 6.0, 0.0))
        assert found.current_ratio[4] > 2.5
        assert found.runaway[4] == pytest.approx(min(6.0 / 5.0, found.current_ratio[4] / 2.0))
        assert np.count_nonzero(found.runaway > 0.5) == 1


def test_warmth_alone_or_current_alone_is_no_runaway() -> None:
    warm = Doctor()
    warm.look(24)
    assert (warm.look(4, warmer_k=np.where(np.arange(16) == 4, 9.0, 0.0)).runaway < 0.6).all()
    current = Doctor()
    current.look(24)
    assert (current.look(4, current_a=0.5).runaway == 0.0).all()


def test_a_warmer_room_and_a_higher_voltage_explain_a_higher_current() -> None:
    doctor = Doctor()
    doctor.look(24, current_a=0.05)
    found = doctor.look(4, current_a=0.10, temperature_c=35.0)
    assert found.current_ratio[0] == pytest.approx(1.0, abs=0.1)


def test_a_runaway_does_not_become_the_usual_current() -> None:
    doctor = Doctor()
    doctor.look(24, current_a=0.05)
    found = doctor.look(20 * 24, current_a=0.25, step_s=1800.0)
    assert found.current_ratio[0] > 4.0


def test_current_is_not_compared_before_something_was_learned() -> None:
    doctor = Doctor()
    doctor.strings.float_s[:] = 0.0
    assert np.isnan(doctor.look(1).runaway).all()


def test_nothing_is_learned_in_discharge() -> None:
    doctor = Doctor()
    doctor.look(24, current_a=0.05)
    doctor.look(1, state=StringState.DISCHARGING, current_a=-40.0)
    assert doctor.look(0.1, current_a=0.05).current_ratio[0] == pytest.approx(1.0, abs=0.05)


def test_an_exchanged_battery_has_no_past() -> None:
    doctor = Doctor()
    doctor.look(10, saturated=np.arange(16) == 4)
    doctor.diagnosis.renew(5)
    assert doctor.look(0.1).saturated_h[4] == 0.0


def test_a_restart_keeps_the_hours() -> None:
    doctor = Doctor()
    doctor.look(10, saturated=np.arange(16) == 4, current_a=0.05)
    again = Doctor()
    again.diagnosis.restore(json.loads(json.dumps(doctor.diagnosis.document())))
    found = again.look(0.1, saturated=np.arange(16) == 4, current_a=0.05)
    assert found.saturated_h[4] == pytest.approx(10.1, abs=0.1)
    assert found.current_ratio[0] == pytest.approx(1.0, abs=0.1)


def test_a_document_of_another_installation_is_left_out() -> None:
    doctor = Doctor()
    doctor.diagnosis.restore({"saturated_s": [1.0], "effort": None})
    assert not doctor.look(0.1).saturated_h.any()
