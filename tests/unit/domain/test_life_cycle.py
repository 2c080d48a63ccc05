"""The life cycle of a tier: hold both ways, hysteresis, and no data that never decides anything."""

import numpy as np
import pytest

from webmanager.domain.life_cycle import LifeCycle, Phase, Thresholds, Turned

NAN = float("nan")


class Cell:
    """One cell: raise at 10, clear at 8, hold 6 s; or the same upside down."""

    def __init__(self, hold: float = 6.0, sign: float = 1.0, counted: bool = False) -> None:
        one = np.ones(1)
        self.cycle = LifeCycle(
            Thresholds(one * 10.0 * sign, one * 8.0 * sign, one * hold, one * sign, np.array([counted]))
        )
        self.sign = sign
        self.counted = counted
        self.at = 1000.0

    def see(self, *values: float, step_s: float = 2.0, blocked: bool = False, restart: bool = False) -> list[str]:
        """The phases after each value, `+` where it was raised and `-` where it was cleared."""
        words = []
        for value in values:
            self.at += step_s
            array = np.array([value * self.sign])
            breach = self.cycle.breaching(array)
            step = np.ones(1) if self.counted else np.array([step_s])
            flag = np.array([blocked or restart])
            turned = self.cycle.step(array, breach, step, self.at, flag, np.array([restart]))
            words.append(
                Phase(int(self.cycle.phase[0])).name.lower() + "+" * turned.active.size + "-" * turned.normal.size
            )
        return words


def test_a_breach_that_lasts_is_raised_once_and_cleared_once() -> None:
    cell = Cell()
    assert cell.see(5, 11, 11, 11, 11, 11) == ["normal", "pending", "pending", "pending", "active+", "active"]
    assert cell.see(7, 7, 7, 7, 7) == ["clearing", "clearing", "clearing", "normal-", "normal"]
    assert cell.cycle.since_at[0] == 1004.0


def test_low_limits_work_upside_down() -> None:
    cell = Cell(sign=-1.0)
    assert cell.see(5, 11, 11, 11, 11)[-1] == "active+"
    assert cell.see(7, 7, 7, 7)[-1] == "normal-"


def test_without_hold_it_is_raised_and_cleared_at_once() -> None:
    assert Cell(hold=0.0).see(11, 9, 7) == ["active+", "active", "normal-"]


def test_a_short_breach_raises_nothing() -> None:
    assert Cell().see(11, 11, 5, 11, 11, 5) == ["pending", "pending", "normal", "pending", "pending", "normal"]


def test_a_short_return_clears_nothing() -> None:
    cell = Cell()
    cell.see(11, 11, 11, 11)
    assert cell.see(7, 7, 11, 7, 7, 9, 7) == [
        "clearing", "clearing", "active", "clearing", "clearing", "active", "clearing",
    ]  # fmt: skip


def test_between_clear_and_raise_an_alarm_stays() -> None:
    cell = Cell()
    cell.see(11, 11, 11, 11)
    assert set(cell.see(*[9.0] * 100)) == {"active"}


def test_noise_around_the_limit_still_becomes_an_alarm_but_only_in_a_breach() -> None:
    assert Cell().see(10.1, 9.9, 10.1, 9.9, 9.9, 10.1) == ["pending"] * 5 + ["active+"]


def test_back_by_half_the_gap_it_is_no_longer_pending() -> None:
    assert Cell().see(10.1, 8.9) == ["pending", "normal"]


def test_no_data_never_clears_and_counts_for_no_hold() -> None:
    cell = Cell()
    cell.see(11, 11, 11, 11)
    assert set(cell.see(*[NAN] * 50)) == {"active"}
    assert cell.see(7, NAN, NAN, NAN, NAN, 7, 7, 7) == ["clearing"] * 7 + ["normal-"]


def test_no_data_never_raises() -> None:
    cell = Cell()
    assert cell.see(11, NAN, NAN, NAN, NAN, 11, 11, 11) == ["pending"] * 7 + ["active+"]


def test_a_pending_breach_nobody_sees_any_more_is_forgotten() -> None:
    phases = Cell().see(11, *[NAN] * 40)
    assert phases[30] == "pending"
    assert phases[-1] == "normal"


def test_readings_are_counted_not_timed() -> None:
    cell = Cell(hold=3, counted=True)
    assert cell.see(11, NAN, NAN, 11, NAN, 11, step_s=40_000.0) == ["pending"] * 5 + ["active+"]
    assert cell.see(7, NAN, 7, 7, step_s=40_000.0) == ["clearing"] * 3 + ["normal-"]


def test_what_is_blocked_waits_with_its_hold_running() -> None:
    cell = Cell()
    assert cell.see(*[11] * 10, blocked=True) == ["pending"] * 10
    assert cell.see(11) == ["active+"]


def test_what_is_explained_begins_its_hold_when_the_cause_is_gone() -> None:
    cell = Cell()
    assert cell.see(*[11] * 10, restart=True) == ["pending"] * 10
    assert cell.see(11, 11, 11) == ["pending", "pending", "active+"]


def test_what_is_raised_already_is_not_taken_back_by_a_cause() -> None:
    cell = Cell()
    cell.see(11, 11, 11, 11)
    assert cell.see(11, 11, restart=True) == ["active", "active"]
    assert cell.see(7, 7, 7, 7, restart=True)[-1] == "normal-"


def test_changed_thresholds_judge_what_is_open() -> None:
    cell = Cell()
    cell.see(11, 11, 11, 11)
    one = np.ones(1)
    cell.cycle.change(Thresholds(one * 20, one * 18, one * 6, one, np.array([False])))
    assert cell.see(11, 11, 11, 11)[-1] == "normal-"


def test_a_restored_cell_goes_on_where_it_stood() -> None:
    cell = Cell()
    cell.cycle.restore(0, Phase.PENDING, 4.0, 500.0)
    assert cell.see(11) == ["active+"]
    assert cell.cycle.since_at[0] == 500.0


def test_a_forgotten_cell_is_normal_without_a_word() -> None:
    cell = Cell()
    cell.see(11, 11, 11, 11)
    cell.cycle.forget(np.array([0]))
    assert cell.see(5) == ["normal"]


def test_many_cells_do_not_disturb_each_other() -> None:
    size = 500
    ones = np.ones(size)
    cycle = LifeCycle(Thresholds(ones * 10, ones * 8, ones * 6, ones, np.zeros(size, np.bool_)))
    none = np.zeros(size, np.bool_)
    values = np.full(size, 5.0)
    values[[3, 77, 499]] = 11.0
    turned = Turned(np.zeros(0, np.int64), np.zeros(0, np.int64))
    for step in range(4):
        turned = cycle.step(values, cycle.breaching(values), ones * 2.0, float(step), none, none)
    assert turned.active.tolist() == [3, 77, 499]
    assert cycle.is_raised.sum() == 3


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinite_values_are_far_inside_or_far_beyond(value: float) -> None:
    assert Cell(hold=0.0).see(value) == (["active+"] if value > 0 else ["normal"])
