"""One broken cable is one alarm: the picture of the cable, and which cause explains which symptom."""

import numpy as np
import pytest

from fakes.observations import room_of, seen_of
from webmanager.domain.grouping import BusPattern, Grouping, bus_pattern, cable_order
from webmanager.domain.layout import Layout
from webmanager.domain.life_cycle import Phase
from webmanager.domain.limits import limits_of
from webmanager.domain.observation import BusCondition

ROOM = room_of(32, 4)
LAYOUT = Layout(ROOM, limits_of())


def pattern_of(*silent: int, state: str = "running", branches: tuple[tuple[int, ...], ...] = ()) -> BusPattern:
    seen = seen_of(ROOM, silent=dict.fromkeys(silent, True), bus=BusCondition(state))
    return bus_pattern(seen, cable_order(ROOM, branches))


def test_a_whole_bus_shows_nothing() -> None:
    pattern = pattern_of()
    assert not pattern.trailing.any()
    assert (pattern.whole_strings, pattern.scattered, pattern.all_silent) == (0.0, 0.0, False)


def test_silent_modules_up_to_the_end_are_an_open_cable() -> None:
    pattern = pattern_of(14, 15, 16)
    assert pattern.trailing.tolist() == [0, 3, 0, 0]
    assert pattern.scattered == 0
    assert pattern.behind(ROOM, cable_order(ROOM), 2) == (14, 15, 16)
    assert pattern.behind(ROOM, cable_order(ROOM), 1) == ()


def test_a_single_silent_module_at_the_end_may_be_the_module_itself() -> None:
    pattern = pattern_of(16)
    assert pattern.trailing.tolist() == [0, 1, 0, 0]
    assert pattern.scattered == 1


def test_a_gap_in_the_middle_is_no_open_cable() -> None:
    pattern = pattern_of(10, 11, 16)
    assert pattern.trailing.tolist() == [0, 1, 0, 0]
    assert pattern.scattered == 3


def test_a_silent_string_is_cut_off_before_its_first_module() -> None:
    pattern = pattern_of(*range(9, 17))
    assert pattern.trailing.tolist() == [0, 8, 0, 0]
    assert pattern.whole_strings == 0


def test_several_silent_strings_are_one_thing() -> None:
    assert pattern_of(*range(9, 33)).whole_strings == 3


def test_a_silent_bus_is_nothing_else() -> None:
    pattern = pattern_of(*range(1, 33))
    assert pattern.all_silent
    assert not pattern.trailing.any()
    assert (pattern.whole_strings, pattern.scattered) == (0.0, 0.0)


def test_the_cable_may_run_otherwise_than_the_addresses() -> None:
    backwards = tuple(range(16, 8, -1))
    order = cable_order(ROOM, (backwards,))
    pattern = pattern_of(9, 10, 11, branches=(backwards,))
    assert pattern.trailing.tolist() == [0, 3, 0, 0]
    assert pattern.behind(ROOM, order, 2) == (11, 10, 9)
    assert pattern_of(9, 10, 11).trailing.tolist() == [0, 0, 0, 0]


def test_branches_that_are_no_strings_leave_the_order_of_addresses() -> None:
    assert cable_order(ROOM, ((1, 9, 17), (2, 3))).tolist() == list(range(32))


@pytest.mark.parametrize(
    ("state", "known"), [("running", True), ("down", True), ("refused", True), ("starting", False)]
)
def test_a_bus_that_starts_is_not_judged(state: str, known: bool) -> None:
    assert pattern_of(5, state=state).is_known is known


def explained_by(kind: str, place: int, phase: Phase = Phase.PENDING) -> dict[str, list[int]]:
    """Kinds and places that are explained while one cell is in this phase."""
    phases = np.zeros(LAYOUT.size, np.int8)
    block = LAYOUT.blocks[kind]
    phases[block.start + place] = phase
    explained = Grouping(LAYOUT).explained(phases, frozenset({kind}))
    found = {name: np.flatnonzero(one.grid(explained).any(axis=0)).tolist() for name, one in LAYOUT.blocks.items()}
    return {name: places for name, places in found.items() if places}


def test_a_silent_bus_explains_every_silent_module() -> None:
    found = explained_by("bus_down", 0)
    assert found["module_lost"] == list(range(32))
    assert found["bus_open"] == found["current_sensor_lost"] == [0, 1, 2, 3]
    assert "voltage_low" not in found


def test_an_open_cable_explains_the_modules_of_its_string_alone() -> None:
    assert explained_by("bus_open", 1)["module_lost"] == list(range(8, 16))


def test_a_battery_explains_its_own_string() -> None:
    assert explained_by("asymmetric_discharge", 9) == {"string_current_low": [1]}


def test_a_battery_that_lags_explains_the_busy_equalizers_of_its_string() -> None:
    assert explained_by("voltage_low", 9) == {"equalizer_saturated": list(range(8, 16))}


@pytest.mark.parametrize("phase", [Phase.PENDING, Phase.ACTIVE, Phase.CLEARING])
def test_a_cause_explains_until_it_is_gone(phase: Phase) -> None:
    assert "module_lost" in explained_by("bus_down", 0, phase)


def test_of_two_faces_of_one_cause_the_first_that_was_told_explains_the_other() -> None:
    assert "string_open" not in explained_by("ri_unmeasurable", 9)
    assert explained_by("ri_unmeasurable", 9, Phase.ACTIVE)["string_open"] == [1]
    assert "ri_unmeasurable" not in explained_by("string_open", 1)
    assert explained_by("string_open", 1, Phase.ACTIVE)["ri_unmeasurable"] == list(range(8, 16))


def test_a_healthy_installation_has_nothing_to_explain() -> None:
    assert not Grouping(LAYOUT).explained(np.zeros(LAYOUT.size, np.int8), frozenset(LAYOUT.blocks)).any()
