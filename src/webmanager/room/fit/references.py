"""Published and measured figures the parameter sets are fitted to. Where each comes from: docs/battery-model.md."""

from dataclasses import dataclass
from typing import NamedTuple


class Discharge(NamedTuple):
    """A row of a catalogue: constant current per 100 Ah of C10 to a voltage per cell takes so many hours."""

    current_a: float
    end_v_per_cell: float
    hours: float


CATALOGUE_AGM = (
    Discharge(5.2, 1.80, 20.0),
    Discharge(10.0, 1.80, 10.0),
    Discharge(17.6, 1.75, 5.0),
    Discharge(25.4, 1.75, 3.0),
    Discharge(33.1, 1.80, 2.0),
    Discharge(55.9, 1.80, 1.0),
    Discharge(65.1, 1.60, 1.0),
    Discharge(94.2, 1.80, 0.5),
    Discharge(150.8, 1.80, 0.25),
    Discharge(246.0, 1.80, 5 / 60),
)
"""A 12 V 100 Ah AGM block (Leoch type MA12-100), data sheet."""

CATALOGUE_GEL = (
    Discharge(5.3, 1.80, 20.0),
    Discharge(10.0, 1.80, 10.0),
    Discharge(17.4, 1.75, 5.0),
    Discharge(26.0, 1.75, 3.0),
    Discharge(58.0, 1.65, 1.0),
)
"""Usual shape of a 12 V gel block, from memory: no data sheet behind it."""

CATALOGUE_OPZV = (
    Discharge(5.6, 1.80, 20.0),
    Discharge(10.0, 1.80, 10.0),
    Discharge(17.4, 1.77, 5.0),
    Discharge(25.7, 1.75, 3.0),
    Discharge(56.0, 1.67, 1.0),
)
"""Usual shape of tubular gel cells, 112/100/87/77/56 % at 20/10/5/3/1 h, from memory."""


@dataclass(frozen=True, slots=True)
class CycleLog:
    """One measured cycle of a block: (hours, volts of the block) or (hours, amperes), each from the start of its part.

    `discharge_a` to `cutoff_v`, rest, then `charge_a` up to `charge_v`, held there until `charge_hours`, rest.
    `capacity_share` is the block's own capacity over that of the block in the catalogue.
    """

    cells: int
    capacity_share: float
    discharge_a: float
    cutoff_v: float
    discharge_v: tuple[tuple[float, float], ...]
    discharge_hours: float
    rest_empty_v: tuple[tuple[float, float], ...]
    charge_a: float
    charge_v: float
    charge_hours: float
    charging_v: tuple[tuple[float, float], ...]
    charging_a: tuple[tuple[float, float], ...]
    rest_full_v: tuple[tuple[float, float], ...]


LOG_AGM = CycleLog(
    cells=6,
    capacity_share=0.955,
    discharge_a=10.0,
    cutoff_v=10.45,
    discharge_v=(
        (0.5, 12.596),
        (1.0, 12.542),
        (2.0, 12.410),
        (3.0, 12.272),
        (4.0, 12.131),
        (5.0, 11.985),
        (6.0, 11.828),
        (7.0, 11.648),
        (8.0, 11.423),
        (9.0, 11.041),
        (9.35, 10.726),
    ),
    discharge_hours=9.478,
    rest_empty_v=((1.0, 11.475), (4.0, 11.539)),
    charge_a=31.2,
    charge_v=14.95,
    charge_hours=5.5,
    charging_v=((0.5, 12.908), (1.0, 13.203), (1.5, 13.559), (2.0, 14.085), (2.4, 14.774)),
    charging_a=((3.0, 11.6), (3.5, 5.46), (4.0, 3.14), (5.0, 1.40), (5.5, 1.05)),
    rest_full_v=((0.2, 13.40), (2.4, 13.24)),
)
"""A 12 V 100 Ah AGM block (UB121000), every 5 s over one cycle, 2016: 94.78 Ah out, 96.65 Ah in."""

SMALL_AH = 18.3
SMALL_BLOCK = (
    Discharge(3.04, 1.783, 6.49),
    Discharge(2.54, 1.783, 7.79),
    Discharge(2.04, 1.783, 9.65),
    Discharge(1.54, 1.783, 12.55),
    Discharge(1.03, 1.783, 18.36),
    Discharge(0.53, 1.783, 34.8),
)
"""Another maker's 12 V 17 Ah block, measured; not fitted to: a check of scaling and shape (amperes as they are)."""

SHAPES = {
    0.1: (2.132, 2.107, 2.082, 2.055, 2.028, 1.997, 1.963, 1.920, 1.860),
    0.2: (2.124, 2.099, 2.073, 2.046, 2.016, 1.984, 1.948, 1.903, 1.844),
}
"""Rate in C10 to volts per cell at 10, 20 .. 90 % of the time to 1.75 V: PyBaMM, `lead_acid.Full`, Sulzer 2019."""
