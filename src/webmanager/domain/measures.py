"""The value each limit judges, for all batteries, strings and the device at once; NaN where it is not to be judged.

What most batteries of a string share is the string's, what sets one apart is its own: a battery counts for itself
where it stands apart from the median of its string, all others together give the string's value. So a charger that is
too high is one alarm, and the weak battery in an empty string still has its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from webmanager.domain.baseline import RiBaseline
from webmanager.domain.conditions import StringConditions
from webmanager.domain.diagnosis import Findings
from webmanager.domain.grouping import BusPattern
from webmanager.domain.installation import Installation
from webmanager.domain.observation import DOWN, RUNNING, Observation
from webmanager.domain.reading import Bools, Floats
from webmanager.domain.snapshot import StringState

_FLOAT, _CHARGING, _DISCHARGING = int(StringState.FLOAT), int(StringState.CHARGING), int(StringState.DISCHARGING)
_REST, _UNKNOWN = int(StringState.REST), int(StringState.UNKNOWN)

APART_V, APART_K = 0.05, 5.0
"""A battery stands apart from its string's median by that much per cell, or by so many kelvins."""
FEWEST_FOR_A_PACK = 3
DIP_S = 120.0
"""The voltage dips at the start of a discharge, every battery's a little differently."""
KNEE_V = 1.90
"""Below this per cell a string nears its end, and healthy batteries part by their capacity."""
EMPTY_V = 1.80
DARK_V = 1.75
"""A module lives on its battery: one that falls silent below this per cell has lost its supply."""
SHARE_FROM, NO_SHARE_PERCENT = 0.02, 5.0
"""Shares of strings are compared from this mean discharge current on, as a share of C10."""
ON_BATTERY_SHARE = 0.004
LEFT_OUT_V = 0.02
"""Strings that lose their charger together pass from float to rest within that much per cell."""
RI_RISES_PERCENT = 10.0
SHARED_FROM_PERCENT, SHARE_OF_OTHERS = 1.0, 1 / 3
"""So much of what one battery lacks can appear at another one of its string: at the one that takes least current."""


@dataclass(frozen=True, slots=True, eq=False)
class Reported:
    """What another part of the device reports for one kind: 1 or 0 where it is so or not, else a value; NaN unknown."""

    value: float
    detail: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Knowledge:
    """Everything the measures of one moment are made of.

    `last_cell_v` is the newest known voltage per cell, `is_cut` (strings,) where the bus cable is open already.
    """

    seen: Observation
    strings: StringConditions
    baseline: RiBaseline
    findings: Findings
    bus: BusPattern
    sensors_known: Bools
    last_cell_v: Floats
    is_cut: Bools
    reported: Mapping[str, Reported] = field(default_factory=dict)


class Pack:
    """Medians of each string, and which batteries stand apart from them; per cell and in degC.

    `apart_v` and `apart_c` mark batteries that have been told apart before.
    """

    def __init__(self, seen: Observation, apart_v: Bools, apart_c: Bools) -> None:
        installation = seen.installation
        self.installation = installation
        self.cell_v = seen.voltage_v / installation.block.cells
        self.median_v = median_of(installation, self.cell_v)
        self.median_c = median_of(installation, seen.temperature_c)
        single = installation.per_string < FEWEST_FOR_A_PACK
        self.below_v = self._spread(self.median_v) - self.cell_v
        self.warmer_k = seen.temperature_c - self._spread(self.median_c)
        # Half of it keeps a battery apart that already is: no change of sides by noise. At the end of a discharge
        # healthy batteries part by their capacity: only what was apart before is apart then.
        ending = np.repeat(self.median_v < KNEE_V, installation.per_string) & ~apart_v
        self.apart_v = ((np.abs(self.below_v) >= np.where(apart_v, APART_V / 2, APART_V)) & ~ending) | single
        self.apart_c = (np.abs(self.warmer_k) >= np.where(apart_c, APART_K / 2, APART_K)) | single

    def _spread(self, by_string: Floats) -> Floats:
        return np.repeat(by_string, self.installation.per_string)

    def own(self, values: Floats, apart: Bools, inside: float) -> Floats:
        """Values of batteries that stand apart; the others are `inside` the limit as far as they are concerned."""
        return np.where(apart | np.isnan(values), values, inside)

    def shared_v(self) -> tuple[Floats, Floats]:
        """Per string the highest and lowest voltage of the batteries that do not stand apart, per cell; NaN without.

        What those that stand apart lack or have too much, the others share: it is taken out of their voltage.
        """
        pack = np.where(self.apart_v, np.nan, self.cell_v)
        shift: Floats | float = 0.0
        if self.apart_v.any():
            by_string = self.installation.by_string
            shift = _mean_of(by_string(pack)) - _mean_of(by_string(self.cell_v))
        highest = self.shared(self.cell_v, self.apart_v, highest=True)
        return highest - shift, self.shared(self.cell_v, self.apart_v, highest=False) - shift

    def shared(self, values: Floats, apart: Bools, *, highest: bool) -> Floats:
        """Per string the highest or lowest value of the batteries that do not stand apart; NaN without any."""
        rows = self.installation.by_string(np.where(apart, np.nan, values))
        empty = np.isnan(rows)
        worst = -np.inf if highest else np.inf
        rows = np.where(empty, worst, rows)
        best = rows.max(axis=1) if highest else rows.min(axis=1)
        return np.where(empty.all(axis=1), np.nan, best)


def battery_measures(known: Knowledge, pack: Pack) -> dict[str, Floats]:
    """Kind to values of shape (modules,)."""
    seen, findings, baseline = known.seen, known.findings, known.baseline
    per = seen.installation.per_string
    state = np.repeat(seen.state, per)
    floating, discharging = state == _FLOAT, state == _DISCHARGING
    recharging = np.repeat(known.strings.is_recharging, per)
    settled = np.repeat(known.strings.is_settled, per)
    volts, apart = pack.cell_v, pack.apart_v
    drawn = _in_use(seen, volts)
    high = np.where(recharging, np.nan, volts)
    low = np.where(floating, volts, np.nan)
    past_dip = np.repeat((known.strings.discharge_s >= DIP_S) & (pack.median_v >= KNEE_V), per)
    with np.errstate(invalid="ignore"):
        behind = pack.below_v / np.repeat(pack.median_v, per) * 100.0
    rise, measured = ri_measures(known)
    answered, dark = known.bus.is_known, known.last_cell_v < DARK_V
    return {
        "voltage_high": pack.own(high, apart, -np.inf),
        "voltage_high_charge": pack.own(volts, apart, -np.inf),
        "voltage_low": pack.own(low, apart, np.inf),
        "voltage_low_discharge": pack.own(drawn, apart, np.inf),
        "deep_discharge": pack.own(drawn, apart, np.inf),
        "battery_collapsed": np.where(answered, (seen.silent & dark).astype(np.float64), np.nan),
        "voltage_deviation": np.where(settled & floating, _own_deviation(seen), np.nan),
        "asymmetric_discharge": np.where(discharging & past_dip, behind, np.nan),
        "temperature_high": pack.own(seen.temperature_c, pack.apart_c, -np.inf),
        "temperature_low": pack.own(seen.temperature_c, pack.apart_c, np.inf),
        "temperature_above": pack.warmer_k,
        "ri_rise": rise,
        "ri_high": measured,
        "ri_low": measured,
        "ri_unmeasurable": np.where(baseline.is_new, baseline.is_unmeasurable.astype(np.float64), np.nan),
        "equalizer_saturated": findings.saturated_h,
        "equalizing_failed": findings.failed_h,
        "leak_current": np.where(np.repeat(known.strings.is_full, per), findings.leak_ma_ah, np.nan),
        "thermal_runaway": findings.runaway,
        "sulphation_suspected": _disuse_days(known),
        "module_lost": np.where(answered, (seen.silent & ~dark).astype(np.float64), np.nan),
        "duplicate_address": np.where(answered, (seen.silent & _garbled(seen)).astype(np.float64), np.nan),
        "reading_implausible": np.where(seen.silent, np.nan, seen.implausible.astype(np.float64)),
    }


def string_measures(known: Knowledge, pack: Pack) -> dict[str, Floats]:
    """Kind to values of shape (strings,)."""
    seen = known.seen
    per = seen.installation.per_string
    recharging, floating = known.strings.is_recharging, seen.state == _FLOAT
    highest, lowest = pack.shared_v()
    lost = np.where(known.sensors_known & known.bus.is_known, np.isnan(seen.current_a).astype(np.float64), np.nan)
    resting = np.where(seen.state == _UNKNOWN, np.nan, (seen.state == _REST).astype(np.float64))
    share, is_open = _shares(seen)
    return {
        "charger_overvoltage": np.where(recharging, np.nan, highest),
        "charger_overvoltage_charge": highest,
        "charger_undervoltage": np.where(floating, lowest, np.nan),
        "charger_missing": resting,
        "battery_low": np.where((seen.state == _REST) & (lowest > EMPTY_V), np.nan, lowest),
        "battery_deep_discharged": np.where((seen.state == _REST) & (lowest > EMPTY_V), np.nan, lowest),
        "room_hot": pack.shared(seen.temperature_c, pack.apart_c, highest=True),
        "room_cold": pack.shared(seen.temperature_c, pack.apart_c, highest=False),
        "string_open": is_open,
        "string_current_low": share,
        "string_ripple": seen.ripple_a / seen.installation.block.capacity_ah,
        "current_sensor_lost": lost,
        "bus_open": _cut_off(known) if known.bus.is_known and per > 1 else np.full(seen.state.size, np.nan),
    }


def device_measures(known: Knowledge) -> dict[str, float]:
    """Kind to value; NaN where not known or not reported."""
    seen, bus = known.seen, known.bus
    asked = seen.installation.modules + seen.installation.strings
    running = seen.bus.state in (RUNNING, DOWN)
    down = seen.bus.state == DOWN or bus.all_silent
    measures = {
        "bus_down": float(down) if running else np.nan,
        "bus_branches_open": bus.whole_strings if running else np.nan,
        "bus_disturbed": bus.scattered if running else np.nan,
        "bus_errors": np.nan if bus.all_silent else seen.errors / asked * 100.0,
        "mixed_revision": float(bool(seen.bus.odd_revisions)),
        "scan_stopped": np.nan,
        "on_battery": _on_battery(seen),
    }
    return measures | {kind: report.value for kind, report in known.reported.items()}


def _cut_off(known: Knowledge) -> Floats:
    """Silent modules behind a break; once it is open, all that are missing: they come back one by one."""
    return np.where(known.is_cut, np.maximum(known.bus.trailing, known.bus.missing), known.bus.trailing)


def _on_battery(seen: Observation) -> float:
    """1 while the batteries feed the load, 0 while they are charged; NaN in between: an empty one rests as well."""
    if (seen.state == _DISCHARGING).any():
        # A string that feeds another one does not feed the load.
        least_a = ON_BATTERY_SHARE * seen.installation.block.capacity_ah * seen.installation.strings
        is_blind = bool(np.isnan(seen.current_a).all())
        return float(is_blind or -float(np.nansum(seen.current_a)) > least_a)
    return 0.0 if ((seen.state == _FLOAT) | (seen.state == _CHARGING)).any() else np.nan


def _in_use(seen: Observation, cell_v: Floats) -> Floats:
    """Voltages that say how empty a battery is: one that only rests recovers without being any fuller."""
    resting = np.repeat(seen.state == _REST, seen.installation.per_string)
    return np.where(resting & (cell_v > EMPTY_V), np.nan, cell_v)


def ri_measures(known: Knowledge) -> tuple[Floats, Floats]:
    """Rise over the baseline, %, and the plain value, mOhm; only where a new reading may be judged, else NaN."""
    comparable = np.repeat(known.strings.is_ri_comparable, known.seen.installation.per_string)
    judged = known.baseline.is_new & comparable
    rise = np.where(judged, known.baseline.rise_percent, np.nan)
    return rise, np.where(judged, known.seen.ri_mohm, np.nan)


def median_of(installation: Installation, values: Floats) -> Floats:
    """Median of each string, shape (strings,), of the batteries that have a value; NaN without any."""
    ordered = np.sort(installation.by_string(values), axis=1)
    count = (~np.isnan(ordered)).sum(axis=1)
    rows = np.arange(ordered.shape[0])
    low = ordered[rows, np.maximum(count - 1, 0) // 2]
    high = ordered[rows, np.minimum(count // 2, ordered.shape[1] - 1)]
    return np.asarray((low + high) / 2.0)


def _mean_of(rows: Floats) -> Floats:
    known = ~np.isnan(rows)
    count = known.sum(axis=1)
    return np.asarray(np.where(known, rows, 0.0).sum(axis=1) / np.where(count > 0, count, np.nan))


def _own_deviation(seen: Observation) -> Floats:
    """How far each battery is off its string, %, without what it is off because another one is: they share that."""
    deviation = seen.deviation_percent
    if not (np.abs(deviation) >= SHARED_FROM_PERCENT).any():
        return np.asarray(np.abs(deviation))
    rows = seen.installation.by_string(np.where(np.isnan(deviation), 0.0, deviation))
    others = np.where(rows > 0, -rows.min(axis=1)[:, None], rows.max(axis=1)[:, None]).reshape(-1)
    own = np.abs(deviation)
    return np.asarray(np.where(others > own, np.maximum(own - SHARE_OF_OTHERS * others, 0.0), own))


def _disuse_days(known: Knowledge) -> Floats:
    days = np.repeat(known.strings.unused_s / 86_400.0, known.seen.installation.per_string)
    rise = known.baseline.rise_percent
    return np.where(np.isnan(rise), np.nan, np.where(rise >= RI_RISES_PERCENT, days, 0.0))


def _garbled(seen: Observation) -> Bools:
    return np.zeros(seen.silent.size, np.bool_) if seen.bus.garbled is None else seen.bus.garbled


def _shares(seen: Observation) -> tuple[Floats, Floats]:
    """What each string carries of the mean of the others, %, and 1 or 0 where it takes no part or does.

    Unknown while nothing flows: an open string looks well on float, its module carries the little current.
    """
    share = np.full(seen.state.size, np.nan)
    if seen.state.size < 2:
        return share, share
    moving = (seen.state == _DISCHARGING) | (seen.state == _CHARGING)
    if moving.any():
        known = ~np.isnan(seen.current_a)
        amperes = np.where(known, seen.current_a, 0.0)
        others = known.sum() - known
        mean = (amperes.sum() - amperes) / np.maximum(others, 1)
        loaded = known & (others > 0) & (np.abs(mean) > SHARE_FROM * seen.installation.block.capacity_ah)
        share = np.where(loaded, amperes / np.where(loaded, mean, 1.0) * 100.0, np.nan)
    takes_none = np.where(np.isnan(share), np.nan, (share < NO_SHARE_PERCENT).astype(np.float64))
    discharging = (-seen.current_a > SHARE_FROM * seen.installation.block.capacity_ah).any()
    return np.where(discharging, share, np.nan), np.where(_is_left_out(seen), 1.0, takes_none)


def _is_left_out(seen: Observation) -> Bools:
    """A string that rests well below others that are charged: on one charger only an open string does that."""
    resting = seen.state == _REST
    charged = (seen.state == _FLOAT) | (seen.state == _CHARGING)
    if not (resting.any() and charged.any()):
        return np.zeros(resting.size, np.bool_)
    highest = np.where(charged, seen.average_v, -np.inf).max()
    below = (highest - seen.average_v) / seen.installation.block.cells >= LEFT_OUT_V
    return np.asarray(resting & below)
