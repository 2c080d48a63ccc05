"""What changes over hours and years: wear, sulphation, boiling dry; and the factors these and temperature bring.

All rates are assumptions held to the published checks named in docs/battery-model.md.
"""

import numpy as np

from webmanager.domain.reading import Floats
from webmanager.room import tables as t
from webmanager.room.cell import BOILING_C

DAY_S = 86_400.0
YEAR_S = 365.25 * DAY_S
BOILS_FROM_C = 80.0
BOILED_DRY_S = 2 * 3600.0
"""Time in which a block at `BOILING_C` dries out and opens."""
OPEN_FACTOR = 1e9


def age(state: Floats, out: Floats, dt: float, design_life_years: float) -> None:
    """Lets `dt` seconds of wear pass over every block (rows and columns of `kernel`'s tables)."""
    temperature, v, soc = state[t.TEMPERATURE], state[t.V], out[t.SOC]
    # life halves with 10 K above 20 degC and with 60 mV per cell above 2.27 V (0.20 V a decade)
    speed = np.exp(np.minimum((temperature - 20.0) * 0.0693147 + (v - 2.27) * 11.5129, 12.0))
    state[t.AGE] = np.minimum(state[t.AGE] + dt * speed / (design_life_years * YEAR_S), 3.0)

    # 0.2 % of the capacity a day at t.SOC 0.85; three tenths of it stay for good, the rest dissolves on full charge
    formed = dt / DAY_S * 0.02 * np.maximum(0.95 - soc, 0.0)
    healed = np.where((soc > 0.98) & (v > 2.2), dt / (10.0 * DAY_S), 0.0)
    state[t.SOFT_SULPHATE] = np.minimum((state[t.SOFT_SULPHATE] + 0.7 * formed) / (1.0 + healed), 0.4)
    state[t.HARD_SULPHATE] = np.minimum(state[t.HARD_SULPHATE] + 0.3 * formed, 0.4)

    heat = np.maximum(temperature - BOILS_FROM_C, 0.0) / (BOILING_C - BOILS_FROM_C)
    state[t.BOILED] = np.minimum(state[t.BOILED] + dt * heat / BOILED_DRY_S, 1.0)


def refresh_factors(state: Floats, factors: Floats) -> None:
    """Writes what wear, sulphation, dryness and temperature make of capacity, resistances and gassing."""
    warmer = np.minimum(np.maximum(state[t.TEMPERATURE] - 25.0, -45.0), 55.0)
    worn = state[t.AGE]
    sulphate = np.minimum(state[t.SOFT_SULPHATE] + state[t.HARD_SULPHATE], 0.4)
    boiled = state[t.BOILED]
    # together with the resistances a C10 discharge gives the data sheet's 103 % at 40 degC, 100 % at 25, 86 % at 0
    kelvin = np.minimum(warmer, 14.5)
    by_temperature = 1.0 + 0.002475 * kelvin - 8.5e-5 * kelvin * kelvin
    ohmic = (1.0 - 0.004 * warmer) * (1.0 + 0.4 * worn)
    dry = np.where(boiled >= 1.0, OPEN_FACTOR, 1.0 + 9.0 * boiled)

    factors[t.F_Q] = np.maximum((1.0 - 0.2 * worn * worn) * (1.0 - sulphate), 0.05) * by_temperature
    factors[t.F_R0] = ohmic * (1.0 + 1.25 * sulphate) * dry
    factors[t.F_RD] = ohmic
    factors[t.F_RC] = 1.0 + 5.0 * sulphate
    factors[t.F_IG] = (1.0 + 4.0 * worn) * (1.0 - boiled)
