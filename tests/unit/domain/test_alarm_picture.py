"""What readers see: a level for every battery and quantity, pending breaches, published bits."""

from typing import Any

import numpy as np
import pytest

from fakes.observations import room_of, seen_of
from webmanager.domain.alarm_picture import Level, flags_of, pending_in, states_of
from webmanager.domain.flags import BatteryFlag, GeneralFlag
from webmanager.domain.judge import Judge
from webmanager.domain.limits import limits_of

ROOM = room_of(32, 4)


def judged(seconds: float = 100, **changes: Any) -> Judge:
    judge = Judge(ROOM, limits_of())
    judge.strings.float_s[:] = 86_400.0
    for step in range(round(seconds / 2)):
        judge.judge(seen_of(ROOM, at_s=2.0 * step, **changes))
    return judge


def test_a_healthy_room_is_ok_throughout() -> None:
    states = states_of(judged())
    for levels in (states.voltage, states.temperature, states.ri, states.equalizing, states.module, states.overall):
        assert levels.tolist() == [Level.OK] * 32
    assert states.words(1) == dict.fromkeys(("voltage", "temperature", "ri", "equalizing"), "ok")


def test_each_quantity_has_its_own_level_and_the_worst_speaks_for_the_battery() -> None:
    states = states_of(judged(400, voltage_v={3: 13.3}, temperature_c={3: 46.0, 4: 31.0}))
    assert states.words(3) == {"voltage": "warning", "temperature": "alarm", "ri": "ok", "equalizing": "ok"}
    assert Level(int(states.overall[2])).word == "alarm"
    assert states.words(4)["temperature"] == "warning"
    assert not states.overall.flags.writeable


def test_a_running_hold_is_pending() -> None:
    judge = judged(20, voltage_v={3: 11.3})
    assert states_of(judge).words(3)["voltage"] == "pending"
    pending = {(one.kind, one.severity.word): one for one in pending_in(judge)}
    one = pending["voltage_low", "alarm"]
    assert (one.name, one.place, one.hold, one.held) == ("S1-3", 2, 60.0, 18.0)
    assert len(pending_in(judge, most=2)) == 2


def test_what_a_cause_explains_is_not_pending_beside_it() -> None:
    judge = judged(100, silent=dict.fromkeys((5, 6, 7, 8), True))
    assert pending_in(judge) == ()
    assert not states_of(judge).module.any()


def test_what_all_batteries_share_marks_every_one_of_them() -> None:
    states = states_of(judged(voltage_v=14.7))
    assert states.voltage.tolist() == [Level.ALARM] * 32
    hot = states_of(judged(400, temperature_c=37.0))
    assert hot.temperature.tolist() == [Level.WARNING] * 32


def test_a_silent_module_shows_in_its_own_state() -> None:
    states = states_of(judged(silent={3: True}))
    assert (states.module[2], states.overall[2], states.voltage[2]) == (Level.ALARM, Level.ALARM, Level.OK)


@pytest.mark.parametrize(
    ("changes", "flags"),
    [
        ({}, set()),
        ({"voltage_v": {3: 11.3}}, {"VOLTAGE_OUTOFRANGE"}),
        ({"temperature_c": 50.0}, {"TEMPERATURE_OUTOFRANGE"}),
        ({"silent": {3: True}}, {"MODULE_LOST"}),
        ({"silent": True}, {"SYSTEM_FAILURE"}),
        ({"voltage_v": 9.0}, {"DEEP_DISCHARGE", "VOLTAGE_OUTOFRANGE"}),
    ],
)
def test_published_bits_follow_what_is_raised(changes: dict[str, Any], flags: set[str]) -> None:
    found = flags_of(judged(400, **changes))
    assert found == flags
    assert all(name in BatteryFlag.__members__ or name in GeneralFlag.__members__ for name in found)


def test_the_first_sign_of_a_runaway_has_a_bit_of_its_own() -> None:
    judge = judged(10)
    block = judge.layout.blocks["thermal_runaway"]
    judge.cycle.phase[block.start] = 2
    assert "THERMAL_RUNAWAY_WARNING" in flags_of(judge)
    judge.cycle.phase[block.start + block.places] = 2
    assert {"THERMAL_RUNAWAY_WARNING", "THERMAL_RUNAWAY"} <= flags_of(judge)


def test_levels_are_small_numbers_for_every_door() -> None:
    assert [level.word for level in Level] == ["ok", "pending", "notice", "warning", "alarm"]
    assert states_of(judged()).voltage.dtype == np.int8
