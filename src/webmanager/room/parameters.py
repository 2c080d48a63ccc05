"""Parameter sets of the cell model, per cell and for a C10 of 100 Ah; sources and fit: docs/battery-model.md."""

import math
from dataclasses import dataclass, replace

import numpy as np

from webmanager.domain.errors import ConfigError
from webmanager.domain.reading import Floats
from webmanager.room import tables

WATER_V = 1.48
"""Heat-neutral voltage of water splitting."""
REFERENCE_AH = 100.0
"""C10 that all figures of a set are given for; `scale` carries them to another capacity."""


@dataclass(frozen=True, slots=True)
class CellSet:
    """One technology. Volts and seconds hold for any capacity; ohms, farads, amperes and joules are per 100 Ah."""

    name: str
    # equilibrium voltage over the fill of the fast well
    e0_v: float = 2.1216
    e_slope_v: float = 0.07319
    e_curve_v: float = -0.06584
    e_log_v: float = 0.03708
    e_log_offset: float = 0.09251
    e_floor: float = 0.747
    # two wells: charge, share of the fast well, exchange between them
    q_ah: float = 108.5
    well_share: float = 0.42766
    well_rate_per_s: float = 4.9445e-05
    # resistances
    r0_ohm: float = 0.70e-3
    discharge_ohm: float = 0.00011327
    discharge_rise: float = 3.514
    charge_ohm: float = 0.00145
    charge_rise: float = 0.4034
    charge_pole: float = 1.0001
    charge_exponent: float = 1.414
    full_cut: float = 0.0209
    # double layer, and the slow surface charge that outlives a charge
    layer_f: float = 315.0
    surface_v: float = 0.25
    surface_up_ah: float = 131.0
    surface_down_ah: float = 1.0
    surface_decay_s: float = 54400.0
    # coup de fouet
    dip_v: float = 0.060
    dip_half_a: float = 30.0
    # gassing at `gassing_ref_v` and 25 degC
    gassing_a: float = 0.010
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
GEL = replace(
    AGM,
    name="GEL",
    q_ah=106.5,
    well_share=0.3772,
    well_rate_per_s=7.064e-5,
    r0_ohm=0.80e-3,
    discharge_ohm=2.94e-4,
    gassing_ref_v=2.25,
    design_life_years=12.0,
    float_v_per_cell=2.25,
)
OPZV = replace(
    AGM,
    name="OPZV",
    e0_v=2.100,
    q_ah=119.4,
    well_share=0.5742,
    well_rate_per_s=2.452e-5,
    r0_ohm=3.0e-3,
    discharge_ohm=4.40e-4,
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


def constants(chemistry: CellSet, capacity_ah: float) -> Floats:
    """The vector `k` of the equations in `cell` (rows: `tables`), for blocks of this C10."""
    scale = capacity_ah / REFERENCE_AH
    k = np.zeros(tables.CONSTANTS)
    k[tables.E0], k[tables.E_SLOPE], k[tables.E_CURVE] = chemistry.e0_v, chemistry.e_slope_v, chemistry.e_curve_v
    k[tables.E_LOG], k[tables.E_OFFSET] = chemistry.e_log_v, chemistry.e_log_offset
    k[tables.E_FLOOR] = chemistry.e_floor
    k[tables.SHARE], k[tables.RATE] = chemistry.well_share, chemistry.well_rate_per_s
    k[tables.D_RISE], k[tables.C_RISE] = chemistry.discharge_rise, chemistry.charge_rise
    k[tables.C_POLE], k[tables.C_EXPONENT] = chemistry.charge_pole, chemistry.charge_exponent
    k[tables.FULL_CUT] = chemistry.full_cut
    k[tables.S_VOLT], k[tables.S_DECAY] = chemistry.surface_v, chemistry.surface_decay_s
    k[tables.S_UP] = chemistry.surface_up_ah * scale * 3600.0
    k[tables.S_DOWN] = chemistry.surface_down_ah * scale * 3600.0
    k[tables.DIP_VOLT], k[tables.DIP_HALF] = chemistry.dip_v, chemistry.dip_half_a * scale
    k[tables.DIP_CHARGE] = 0.01 * capacity_ah * 3600.0
    k[tables.G_REF], k[tables.G_WIDTH] = chemistry.gassing_ref_v, chemistry.gassing_decade_v / np.log(10.0)
    k[tables.G_PER_K] = chemistry.gassing_per_k
    k[tables.G_ESCAPE] = (1.0 - chemistry.recombination) * WATER_V
    return k
