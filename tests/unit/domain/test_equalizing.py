import numpy as np
import pytest

from webmanager.domain.equalizing import EqualizingRules, ReferencePlan, plan
from webmanager.domain.installation import BlockType, Installation
from webmanager.domain.reading import Floats
from webmanager.domain.snapshot import StringState

FLOAT = np.array([StringState.FLOAT], np.int8)
RUNNING = np.zeros(1, np.bool_)


def plan_of(
    voltages: Floats, *, state: StringState = StringState.FLOAT, temperature_c: float = 25.0, **rules: object
) -> ReferencePlan:
    installation = Installation(len(voltages), 1, BlockType())
    return plan(
        EqualizingRules(**rules),  # type: ignore[arg-type]
        installation,
        voltages,
        np.full(len(voltages), temperature_c),
        np.array([state], np.int8),
        RUNNING,
    )


def volts(*values: float) -> Floats:
    return np.array(values)


def test_the_reference_is_the_mean_of_the_string() -> None:
    found = plan_of(volts(13.60, 13.64, 13.62, 13.62))
    assert found.reference_v[0] == pytest.approx(13.62)
    assert not found.excluded.any()


def test_a_shorted_cell_is_left_out_and_does_not_pull_the_reference_down() -> None:
    found = plan_of(volts(13.62, 13.62, 11.35, 13.62, 13.62))
    assert found.reference_v[0] == pytest.approx(13.62)
    assert found.excluded.tolist() == [False, False, True, False, False]


def test_a_silent_module_is_neither_counted_nor_called_excluded() -> None:
    found = plan_of(volts(13.60, np.nan, 13.64, 13.62))
    assert found.reference_v[0] == pytest.approx(13.62)
    assert not found.excluded.any()


@pytest.mark.parametrize("valid", [2, 5])
def test_too_few_valid_batteries_switch_the_limiters_off(valid: int) -> None:
    voltages = np.full(10, np.nan)
    voltages[:valid] = 13.62
    found = plan_of(voltages)
    assert np.isnan(found.reference_v[0])
    assert found.mean_v[0] == pytest.approx(13.62)


def test_six_of_ten_are_enough() -> None:
    voltages = np.full(10, np.nan)
    voltages[:6] = 13.62
    assert plan_of(voltages).reference_v[0] == pytest.approx(13.62)


def test_the_reference_never_falls_under_its_lowest_value_and_that_follows_the_temperature() -> None:
    assert plan_of(np.full(4, 12.9)).reference_v[0] == pytest.approx(6 * 2.20)
    assert plan_of(np.full(4, 12.9), temperature_c=35.0).reference_v[0] == pytest.approx(6 * (2.20 - 0.033))


def test_the_reference_is_never_under_the_mean_even_far_above_float() -> None:
    assert plan_of(np.full(4, 14.7)).reference_v[0] == pytest.approx(14.7)


@pytest.mark.parametrize("state", [StringState.DISCHARGING, StringState.REST, StringState.UNKNOWN])
def test_no_equalizing_but_on_charge(state: StringState) -> None:
    assert np.isnan(plan_of(np.full(4, 13.62), state=state).reference_v[0])


def test_no_equalizing_in_a_hot_string_nor_when_switched_off() -> None:
    assert np.isnan(plan_of(np.full(4, 13.62), temperature_c=46.0).reference_v[0])
    assert np.isnan(plan_of(np.full(4, 13.62), enabled=False).reference_v[0])


def test_each_string_has_its_own_reference_and_its_own_pause() -> None:
    installation = Installation(8, 2, BlockType())
    voltages = np.array([13.5] * 4 + [13.7] * 4)
    states = np.full(2, StringState.FLOAT, np.int8)
    both = plan(EqualizingRules(), installation, voltages, np.full(8, 25.0), states, np.zeros(2, np.bool_))
    assert both.reference_v.tolist() == pytest.approx([13.5, 13.7])
    paused = plan(EqualizingRules(), installation, voltages, np.full(8, 25.0), states, np.array([True, False]))
    assert np.isnan(paused.reference_v[0])
    assert paused.reference_v[1] == pytest.approx(13.7)


def test_a_string_without_any_answer_has_no_reference() -> None:
    found = plan_of(np.full(4, np.nan))
    assert np.isnan(found.reference_v[0])
    assert np.isnan(found.mean_v[0])


def test_a_string_of_one_battery_can_be_equalized_against_nothing() -> None:
    assert plan_of(volts(13.62)).reference_v[0] == pytest.approx(13.62)


@pytest.mark.parametrize("silent", [0, 1, 2, 3])
def test_the_guard_stands_around_the_median_of_those_who_answer(silent: int) -> None:
    voltages = np.array([13.4, 13.5, 13.6, 13.7, 13.8, 13.9, 11.0, 11.0])
    voltages[:silent] = np.nan
    median = float(np.nanmedian(voltages))
    found = plan_of(voltages, fewest=1, share=0.1)
    inside = np.abs(voltages - median) <= 0.08 * median
    assert found.mean_v[0] == pytest.approx(voltages[inside].mean())
    assert found.excluded.tolist() == (~np.isnan(voltages) & ~inside).tolist()
