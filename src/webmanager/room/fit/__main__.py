"""`python -m webmanager.room.fit [AGM|GEL|OPZV] [--rounds N]`: fits a parameter set again and prints what it reaches.

Needs scipy (extra `dev`). A discharge fit, then a charge fit on top of it; each starts from the set as it stands.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from webmanager.domain.reading import Floats
from webmanager.room.compiled import can_compile
from webmanager.room.fit.references import CATALOGUE_AGM, CATALOGUE_GEL, CATALOGUE_OPZV, LOG_AGM, Discharge
from webmanager.room.fit.runs import discharge_hours, play
from webmanager.room.parameters import CellSet, cell_set

CATALOGUES = {"AGM": CATALOGUE_AGM, "GEL": CATALOGUE_GEL, "OPZV": CATALOGUE_OPZV}


class Free(NamedTuple):
    """A parameter the fit may move: between two bounds."""

    name: str
    low: float
    high: float


DISCHARGE = (
    Free("e0_v", 2.10, 2.16),
    Free("e_slope_v", 0.05, 0.25),
    Free("e_curve_v", -0.15, 0.05),
    Free("e_log_v", 0.005, 0.10),
    Free("e_log_offset", 0.005, 0.2),
    Free("e_floor", 0.70, 0.99),
    Free("q_ah", 100.0, 130.0),
    Free("well_share", 0.2, 0.7),
    Free("well_rate_per_s", 1e-5, 3e-4),
    Free("discharge_ohm", 5e-5, 2e-3),
    Free("discharge_rise", 0.0, 6.0),
)
SHAPE = tuple(free for free in DISCHARGE if free.name in ("q_ah", "well_share", "well_rate_per_s", "discharge_ohm"))
"""What a catalogue alone, without a voltage curve, can tell."""
CHARGE = (
    Free("charge_ohm", 5e-4, 1e-2),
    Free("charge_rise", 0.01, 3.0),
    Free("charge_pole", 1.0001, 1.1),
    Free("charge_exponent", 0.3, 3.0),
    Free("full_cut", 0.002, 0.05),
    Free("layer_f", 100.0, 4000.0),
    Free("surface_v", 0.02, 0.25),
    Free("surface_up_ah", 5.0, 300.0),
    Free("surface_decay_s", 5e3, 6e4),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Fits one set; prints its new figures and what they reach."""
    parser = argparse.ArgumentParser(prog="python -m webmanager.room.fit", description=__doc__)
    parser.add_argument("technology", nargs="?", default="AGM", choices=CATALOGUES)
    parser.add_argument("--rounds", type=int, default=30, help="evaluations of each fit; 0 only prints what stands")
    given = parser.parse_args(arguments)
    chemistry = cell_set(given.technology)
    compiled = given.rounds > 0 and can_compile()
    catalogue = CATALOGUES[given.technology]
    if given.rounds and given.technology == "AGM":
        chemistry = fit(chemistry, DISCHARGE, lambda one: discharge_errors(one, catalogue, compiled), given.rounds)
        chemistry = fit(chemistry, CHARGE, lambda one: charge_errors(one, compiled), given.rounds)
    elif given.rounds:
        chemistry = fit(chemistry, SHAPE, lambda one: catalogue_errors(one, catalogue, compiled), given.rounds)
    for free in DISCHARGE + CHARGE:
        print(f"{free.name:18} {getattr(chemistry, free.name):.6g}")
    report(chemistry, catalogue, compiled)
    return 0


def fit(chemistry: CellSet, free: Sequence[Free], errors: Callable[[CellSet], Floats], rounds: int) -> CellSet:
    """The set with its free parameters moved to the least sum of squared errors (trust region, bounded)."""
    low = np.array([one.low for one in free])
    span = np.array([one.high for one in free]) - low
    start = np.clip((np.array([getattr(chemistry, one.name) for one in free]) - low) / span, 0.001, 0.999)

    def at(point: Floats) -> CellSet:
        figures = low + span * point
        changes: dict[str, Any] = {one.name: float(value) for one, value in zip(free, figures, strict=True)}
        return replace(chemistry, **changes)

    optimize = import_module("scipy.optimize")
    found = optimize.least_squares(
        lambda point: errors(at(point)), start, bounds=(0.0, 1.0), max_nfev=rounds, diff_step=1e-4, x_scale="jac"
    )
    return at(found.x)


def catalogue_errors(chemistry: CellSet, catalogue: Sequence[Discharge], compiled: bool) -> Floats:
    """Logarithm of model over catalogue hours, in units of 1 %."""
    hours = [discharge_hours(chemistry, row, compiled=compiled) for row in catalogue]
    return np.asarray(np.log(np.array(hours) / np.array([row.hours for row in catalogue])) / 0.010)


def discharge_errors(chemistry: CellSet, catalogue: Sequence[Discharge], compiled: bool) -> Floats:
    """Catalogue in units of 1 %, logged volts in units of 4 mV a cell, rest after discharge 10 mV a cell."""
    run = play(chemistry, LOG_AGM, compiled=compiled)
    volts = (run.discharge_v - [volt for _, volt in LOG_AGM.discharge_v]) / LOG_AGM.cells / 0.004
    end = np.array([(run.discharge_hours - LOG_AGM.discharge_hours) / 0.30])
    rest = (run.rest_empty_v - [volt for _, volt in LOG_AGM.rest_empty_v]) / LOG_AGM.cells / 0.010
    return np.concatenate([catalogue_errors(chemistry, catalogue, compiled), volts, end, rest])


def charge_errors(chemistry: CellSet, compiled: bool) -> Floats:
    """Logged volts in units of 8 mV a cell, currents of 4 %, rest after charge 5 mV a cell."""
    run = play(chemistry, LOG_AGM, compiled=compiled)
    volts = (run.charging_v - [volt for _, volt in LOG_AGM.charging_v]) / LOG_AGM.cells / 0.008
    amperes = np.log(run.charging_a / np.array([ampere for _, ampere in LOG_AGM.charging_a])) / 0.04
    rest = (run.rest_full_v - [volt for _, volt in LOG_AGM.rest_full_v]) / LOG_AGM.cells / 0.005
    return np.concatenate([volts, amperes, rest])


def report(chemistry: CellSet, catalogue: Sequence[Discharge], compiled: bool) -> None:
    """Prints reference against model."""
    for row in catalogue:
        hours = discharge_hours(chemistry, row, compiled=compiled)
        print(
            f"{row.current_a:6.1f} A to {row.end_v_per_cell:.2f} V: {row.hours:7.3f} h, model {hours:7.3f}"
            f" ({100 * (hours / row.hours - 1):+.1f} %)"
        )
    if chemistry.name != "AGM":
        return
    run = play(chemistry, LOG_AGM, compiled=compiled)
    error_mv = 1000 * (run.discharge_v - [volt for _, volt in LOG_AGM.discharge_v]) / LOG_AGM.cells
    print(f"measured discharge: {np.sqrt((error_mv**2).mean()):.1f} mV a cell rms, worst {np.abs(error_mv).max():.1f}")
    print(f"discharge ends after {run.discharge_hours:.2f} h (measured {LOG_AGM.discharge_hours:.2f})")
    for name, points, values in (
        ("rest after discharge, V", LOG_AGM.rest_empty_v, run.rest_empty_v),
        ("charging, V", LOG_AGM.charging_v, run.charging_v),
        ("charging, A", LOG_AGM.charging_a, run.charging_a),
        ("rest after charge, V", LOG_AGM.rest_full_v, run.rest_full_v),
    ):
        pairs = ", ".join(
            f"{hour:g} h {value:g} -> {model:.4g}" for (hour, value), model in zip(points, values, strict=True)
        )
        print(f"{name}: {pairs}")


if __name__ == "__main__":
    sys.exit(main())
