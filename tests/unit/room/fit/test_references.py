"""Acceptance: the parameter sets against every published and measured figure they rest on."""

from itertools import pairwise

import numpy as np
import pytest

from webmanager.room.fit.references import (
    CATALOGUE_AGM,
    CATALOGUE_GEL,
    CATALOGUE_OPZV,
    LOG_AGM,
    SHAPES,
    SMALL_AH,
    SMALL_BLOCK,
    Discharge,
)
from webmanager.room.fit.runs import CycleRun, discharge_hours, discharge_shape, play
from webmanager.room.parameters import AGM, GEL, OPZV, CellSet

ROWS = [(AGM, row) for row in CATALOGUE_AGM] + [(GEL, row) for row in CATALOGUE_GEL]
ROWS += [(OPZV, row) for row in CATALOGUE_OPZV]


def row_name(part: CellSet | Discharge) -> str:
    return part.name if isinstance(part, CellSet) else f"{part.current_a:g}A-{part.end_v_per_cell}V"


@pytest.fixture(scope="module")
def cycle() -> CycleRun:
    return play(AGM, LOG_AGM)


def measured(points: tuple[tuple[float, float], ...]) -> np.ndarray:
    return np.array([value for _, value in points])


@pytest.mark.parametrize(
    ("chemistry", "row"),
    ROWS,
    ids=lambda part: part.name if isinstance(part, CellSet) else f"{part.current_a:g}A-{part.end_v_per_cell}V",
)
def test_catalogue_within_four_percent(chemistry: CellSet, row: Discharge):
    assert discharge_hours(chemistry, row) == pytest.approx(row.hours, rel=0.04)


def test_measured_discharge_within_five_millivolts_a_cell(cycle):
    error_v = (cycle.discharge_v - measured(LOG_AGM.discharge_v)) / LOG_AGM.cells
    assert np.sqrt((error_v**2).mean()) < 0.005
    assert cycle.discharge_hours == pytest.approx(LOG_AGM.discharge_hours, rel=0.03)


def test_charging_current_at_constant_voltage_within_15_percent(cycle):
    assert cycle.charging_a == pytest.approx(measured(LOG_AGM.charging_a), rel=0.15)


def test_charging_voltage_at_constant_current_within_160_millivolts(cycle):
    assert cycle.charging_v == pytest.approx(measured(LOG_AGM.charging_v), abs=0.16)


def test_rest_after_charge_within_100_millivolts(cycle):
    assert cycle.rest_full_v == pytest.approx(measured(LOG_AGM.rest_full_v), abs=0.1)


def test_rest_after_discharge_within_200_millivolts(cycle):
    assert cycle.rest_empty_v == pytest.approx(measured(LOG_AGM.rest_empty_v), abs=0.2)


@pytest.mark.parametrize("row", SMALL_BLOCK, ids=row_name)
def test_another_makers_small_block_within_20_percent(row):
    assert discharge_hours(AGM, row, SMALL_AH) == pytest.approx(row.hours, rel=0.20)


@pytest.mark.parametrize("rate", SHAPES)
def test_shape_within_45_millivolts_of_an_electrochemical_model(rate):
    fractions = np.arange(0.1, 0.95, 0.1)
    assert discharge_shape(AGM, rate, fractions) == pytest.approx(np.array(SHAPES[rate]), abs=0.045)


@pytest.mark.parametrize("points", [LOG_AGM.discharge_v, LOG_AGM.charging_v, LOG_AGM.charging_a, LOG_AGM.rest_full_v])
def test_points_are_in_order_of_time(points):
    assert all(before[0] < after[0] for before, after in pairwise(points))


@pytest.mark.parametrize("catalogue", [CATALOGUE_AGM, CATALOGUE_GEL, CATALOGUE_OPZV])
def test_faster_discharge_brings_less_charge(catalogue):
    same_end = [row for row in catalogue if row.end_v_per_cell == 1.80]
    charges = [row.current_a * row.hours for row in same_end]
    assert charges == sorted(charges, reverse=True)
