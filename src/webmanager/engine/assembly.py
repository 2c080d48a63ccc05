"""Makes one frozen snapshot and one reference plan out of a scan's raw answers; synchronous, no I/O, no clock."""

from dataclasses import dataclass

import numpy as np

from webmanager.domain import equalizing
from webmanager.domain.equalizing import EqualizingRules
from webmanager.domain.installation import Installation
from webmanager.domain.reading import SILENT_AFTER, Bools, Floats, Ints, Quality, RiReading, ScanReading
from webmanager.domain.snapshot import (
    ModuleValues,
    Snapshot,
    StringQuality,
    StringValues,
    freeze,
)
from webmanager.domain.string_state import ProcessCounter, StringStates

LOWEST_V_CELL, HIGHEST_V_CELL = 0.3, 3.34
"""A module lives on its battery: below it could not answer, above its input is at its end. V per cell."""
COLDEST_C, HOTTEST_C = -20.0, 100.0
HIGHEST_RI_MOHM = 200.0
_WHOLE, _PART, _NOTHING = (
    np.int8(quality) for quality in (StringQuality.GOOD, StringQuality.INCOMPLETE, StringQuality.SILENT)
)
_GOOD, _STALE, _SILENT, _IMPLAUSIBLE = (
    np.int8(quality) for quality in (Quality.GOOD, Quality.STALE, Quality.SILENT, Quality.IMPLAUSIBLE)
)


@dataclass(frozen=True, slots=True)
class Moment:
    """When a scan ended: device monotonic seconds, UTC seconds, and the scan period that was reached."""

    at_s: float
    utc_s: float
    period_s: float


class SnapshotAssembly:
    """Keeps what a snapshot needs from the scans before it: last values, misses, string states, counters."""

    def __init__(
        self,
        installation: Installation,
        rules: EqualizingRules,
        *,
        charges: Ints | None = None,
        discharges: Ints | None = None,
        resume_s: float = 60.0,
    ) -> None:
        size = installation.modules
        self._installation = installation
        self.rules = rules
        self._resume_s = resume_s
        self._number = 0
        self._last_at_s: float | None = None
        self._missed = np.full(size, SILENT_AFTER, np.int64)
        self._implausible = np.zeros(size, np.bool_)
        self._voltage_v = np.full(size, np.nan)
        self._temperature_c = np.full(size, np.nan)
        self._equalizing = np.full(size, np.nan)
        self._status = np.zeros(size, np.uint8)
        self._measured_s = np.full(size, np.nan)
        self._currents = _LastCurrents(installation.strings)
        self._ri_mohm = np.full(size, np.nan)
        self._ri_measured_at = np.full(size, np.nan)
        self._states = StringStates(installation)
        zeros = np.zeros(size, np.int64)
        self.counter = ProcessCounter(
            installation, zeros if charges is None else charges, zeros if discharges is None else discharges
        )
        self.counters_moved = False

    def note_ri(self, reading: RiReading, utc_s: float) -> None:
        """Keeps an internal resistance; one that no lead-acid block can have becomes unknown, not a number."""
        plausible = 0.0 < reading.ri_mohm <= HIGHEST_RI_MOHM
        self._ri_mohm[reading.address - 1] = reading.ri_mohm if plausible else np.nan
        self._ri_measured_at[reading.address - 1] = utc_s - reading.age_s

    def take(self, scan: ScanReading, moment: Moment, measuring_ri: Bools) -> Snapshot:
        """The next snapshot; `measuring_ri` marks strings, shape (strings,), whose limiters must rest."""
        elapsed_s = 0.0 if self._last_at_s is None else moment.at_s - self._last_at_s
        self._last_at_s = moment.at_s
        self._number += 1
        current_a, ripple_a = self._currents.merge(scan)
        for reading in scan.ri:
            self.note_ri(reading, moment.utc_s)
        quality = self._merge(scan, moment.at_s)
        known = quality <= _STALE
        voltage = np.where(known, self._voltage_v, np.nan)
        temperature = np.where(known, self._temperature_c, np.nan)
        strings = _StringFigures(self._installation, voltage, quality)
        states = self._states.update(moment.at_s, elapsed_s, current_a, strings.average_v)
        self.counters_moved = self.counter.update(elapsed_s, states, current_a, quality == _GOOD)
        returned = moment.at_s - self._states.discharge_ended_s < self._resume_s
        plan = equalizing.plan(
            self.rules, self._installation, self._fresh(voltage), temperature, states, measuring_ri | returned
        )
        mean = np.repeat(plan.mean_v, self._installation.per_string)
        modules = ModuleValues(
            voltage_v=voltage,
            temperature_c=temperature,
            ri_mohm=np.where(known, self._ri_mohm, np.nan),
            ri_measured_at=self._ri_measured_at.copy(),
            equalizing_percent=np.where(known, self._equalizing, np.nan),
            deviation_percent=(voltage / mean - 1.0) * 100.0,
            reference_v=np.repeat(plan.reference_v, self._installation.per_string),
            quality=quality,
            measured_s=self._measured_s.copy(),
            status=self._status.copy(),
            excluded=plan.excluded,
            charges=self.counter.charges.copy(),
            discharges=self.counter.discharges.copy(),
        )
        figures = StringValues(
            current_a=current_a,
            ripple_a=ripple_a,
            voltage_v=strings.total_v,
            average_v=strings.average_v,
            spread_v=strings.spread_v,
            reference_v=plan.reference_v,
            state=states,
            quality=strings.quality,
            answering=strings.answering,
        )
        freeze(modules)
        freeze(figures)
        return Snapshot(
            number=self._number,
            at_s=moment.at_s,
            taken_at=moment.utc_s,
            duration_s=scan.duration_s,
            period_s=moment.period_s,
            errors=scan.errors,
            installation=self._installation,
            modules=modules,
            strings=figures,
        )

    def _merge(self, scan: ScanReading, at_s: float) -> np.typing.NDArray[np.int8]:
        """Takes over what answered, counts what did not; returns the quality of each module."""
        heard = scan.answered
        cells = self._installation.block.cells
        self._missed = np.where(heard, 0, np.minimum(self._missed + 1, 1_000_000))
        self._voltage_v = np.where(heard, scan.voltage_v, self._voltage_v)
        temperature = np.where(
            (scan.temperature_c >= COLDEST_C) & (scan.temperature_c <= HOTTEST_C), scan.temperature_c, np.nan
        )
        self._temperature_c = np.where(heard, temperature, self._temperature_c)
        self._equalizing = np.where(heard, scan.equalizing_percent, self._equalizing)
        self._status = np.where(heard, scan.status, self._status)
        self._measured_s = np.where(heard, at_s, self._measured_s)
        plausible = (scan.voltage_v >= cells * LOWEST_V_CELL) & (scan.voltage_v <= cells * HIGHEST_V_CELL)
        self._implausible = np.where(heard, ~plausible, self._implausible)
        kept = self._missed < SILENT_AFTER
        quality = np.where(heard, _GOOD, np.where(kept, _STALE, _SILENT))
        quality[self._implausible & kept] = _IMPLAUSIBLE
        return quality

    def _fresh(self, voltage_v: Floats) -> Floats:
        """Voltages that may shape a reference: measured in this scan or the one before."""
        return np.where(self._missed <= 1, voltage_v, np.nan)


class _LastCurrents:
    """What the current sensors said last, kept for as many missed scans as the values of modules are."""

    def __init__(self, strings: int) -> None:
        self._missed = np.full(strings, SILENT_AFTER, np.int64)
        self._current_a = np.full(strings, np.nan)
        self._ripple_a = np.full(strings, np.nan)

    def merge(self, scan: ScanReading) -> tuple[Floats, Floats]:
        """Current and ripple, A, shape (strings,); NaN once a sensor has missed three scans."""
        heard = ~np.isnan(scan.current_a)
        self._missed = np.where(heard, 0, np.minimum(self._missed + 1, SILENT_AFTER))
        known = self._missed < SILENT_AFTER
        self._current_a = np.where(heard, scan.current_a, self._current_a)
        self._ripple_a = np.where(heard, scan.ripple_a, self._ripple_a)
        return np.where(known, self._current_a, np.nan), np.where(known, self._ripple_a, np.nan)


class _StringFigures:
    """Totals of each string, made of the batteries that have a value; a total with holes is no total."""

    def __init__(self, installation: Installation, voltage_v: Floats, quality: np.typing.NDArray[np.int8]) -> None:
        volts = installation.by_string(voltage_v)
        known = ~np.isnan(volts)
        count = known.sum(axis=1)
        total = np.where(known, volts, 0.0).sum(axis=1)
        some = count > 0
        self.total_v = np.where(count == installation.per_string, total, np.nan)
        self.average_v = np.where(some, total / np.maximum(count, 1), np.nan)
        highest = np.where(known, volts, -np.inf).max(axis=1)
        lowest = np.where(known, volts, np.inf).min(axis=1)
        self.spread_v = np.full(installation.strings, np.nan)
        np.subtract(highest, lowest, out=self.spread_v, where=some)
        good = (quality.reshape(installation.strings, -1) == _GOOD).sum(axis=1)
        self.answering = good.astype(np.int64)
        self.quality = np.where(
            good == installation.per_string,
            _WHOLE,
            np.where(some, _PART, _NOTHING),
        )
