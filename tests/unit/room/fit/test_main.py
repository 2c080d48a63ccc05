"""The fit finds its way back, and its report says what stands."""

from dataclasses import replace

import numpy as np
import pytest

from webmanager.room.fit.__main__ import CHARGE, DISCHARGE, SHAPE, Free, catalogue_errors, fit, main
from webmanager.room.fit.references import CATALOGUE_OPZV
from webmanager.room.parameters import OPZV, SETS


@pytest.mark.parametrize("name", SETS)
def test_every_set_lies_within_the_bounds_of_its_fit(name):
    for free in DISCHARGE + CHARGE:
        assert free.low <= getattr(SETS[name], free.name) <= free.high, free.name


def test_comes_back_from_a_wrong_start():
    pytest.importorskip("scipy")
    wrong = replace(OPZV, q_ah=112.0, discharge_ohm=7e-4)
    rows = CATALOGUE_OPZV[-2:]

    def cost(chemistry):
        return float((catalogue_errors(chemistry, rows, False) ** 2).sum())

    found = fit(wrong, (SHAPE[0], SHAPE[-1]), lambda one: catalogue_errors(one, rows, False), 5)
    assert cost(wrong) > 100
    assert cost(found) < cost(wrong) / 20


def test_fits_a_parabola_exactly_and_within_bounds():
    pytest.importorskip("scipy")
    free = (Free("e0_v", 2.0, 2.2), Free("q_ah", 90.0, 100.0))
    found = fit(OPZV, free, lambda one: np.array([one.e0_v - 2.15, one.q_ah - 120.0]), 50)
    assert found.e0_v == pytest.approx(2.15, abs=1e-4)
    assert found.q_ah == pytest.approx(100.0, abs=0.1)


@pytest.mark.parametrize("name", ["OPZV", "AGM"])
def test_prints_what_stands(name, capsys):
    assert main([name, "--rounds", "0"]) == 0
    printed = capsys.readouterr().out
    assert f"well_share         {SETS[name].well_share:.6g}" in printed
    assert "10.0 A to 1.80 V:  10.000 h, model" in printed
    assert ("rest after charge" in printed) == (name == "AGM")


def test_an_unknown_set_is_a_usage_error(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["NICD"])
    assert stopped.value.code == 2
    assert "invalid choice" in capsys.readouterr().err
