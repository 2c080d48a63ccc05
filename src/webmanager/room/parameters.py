"""Parameter sets of the cell model, per cell and for a C10 of 100 Ah; sources and fit: docs/battery-model.md."""

import math
from dataclasses import dataclass, replace

from webmanager.domain.errors import ConfigError

REFERENCE_AH = 100.0
"""C10 that all figures of a set are given for; `scale` carries them to another capacity."""


@dataclass(frozen=True, slots=True)
class CellSet:
    """One technology. Volts and seconds hold for any capacity; ohms, farads, amperes and joules are per 100 Ah."""

    name: str
    # equilibrium voltage over the fill of the fast well
    e0_v: float = 2.130
    e_slope_v: float = 0.1099
    e_curve_v: float = -0.0323
    e_log_v: float = 0.0426
    e_log_offset: float = 0.0638
    # two wells: charge, share of the fast well, exchange between them
    q_ah: float = 110.8
    well_share: float = 0.394
    well_rate_per_s: float = 6.02e-5
    # resistances
    r0_ohm: float = 0.70e-3
    discharge_ohm: float = 0.297e-3
    discharge_rise: float = 0.151
    charge_ohm: float = 2.83e-3
    charge_rise: float = 0.317
    charge_pole: float = 1.0137
    charge_exponent: float = 1.277
    full_cut: float = 0.01
    # double layer, and the slow surface charge that outlives a charge
    layer_f: float = 2300.0
    surface_v: float = 0.0
    surface_up_ah: float = 50.0
    surface_down_ah: float = 1.0
    surface_decay_s: float = 30_000.0
    # coup de fouet
    dip_v: float = 0.145
    dip_half_a: float = 87.0
    # gassing at `gassing_ref_v` and 25 degC
    gassing_a: float = 0.0148
    gassing_ref_v: float = 2.27
    gassing_decade_v: float = 0.136
    gassing_per_k: float = math.log(2.0) / 10.0
    recombination: float = 0.98
    # heat
    mass_kg: float = 5.0
    specific_heat_j_kgk: float = 900.0
    cooling_w_k: float = 2.0 / 6.0
    # life
    design_life_years: float = 10.0
    float_v_per_cell: float = 2.27
    boost_v_per_cell: float = 2.40


AGM = CellSet("AGM")
GEL = replace(AGM, name="GEL", gassing_a=0.012, gassing_ref_v=2.25, float_v_per_cell=2.25, design_life_years=12.0)
OPZV = replace(
    AGM,
    name="OPZV",
    e0_v=2.100,
    q_ah=122.9,
    well_share=0.535,
    well_rate_per_s=2.69e-5,
    r0_ohm=3.0e-3,
    discharge_ohm=1.61e-3,
    gassing_a=0.020,
    gassing_ref_v=2.25,
    mass_kg=7.8,
    specific_heat_j_kgk=950.0,
    cooling_w_k=0.25,
    design_life_years=18.0,
    float_v_per_cell=2.25,
)

SETS = {"AGM": AGM, "GEL": GEL, "OPZV": OPZV}


def cell_set(technology: str) -> CellSet:
    """The set of a technology, upper or lower case; ConfigError names the known ones."""
    try:
        return SETS[technology.upper()]
    except KeyError:
        raise ConfigError(f"battery technology {technology!r} is not known: {', '.join(SETS)}") from None
