"""The C-modules of the room as a struct of arrays: identity, accuracy, limiter, measurement of Ri.

Figures of accuracy: our choice, see `docs/battery-room.md`. Voltages are given for a 12 V block and scale with the
nominal voltage. Times are device seconds.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from webmanager.bus.commands import FULL_LIMITER, Identity, ModuleType, Ri, Values
from webmanager.domain.reading import Bools, Floats, Ints, ModuleStatus
from webmanager.room.attention import Attention
from webmanager.room.battery import Batteries
from webmanager.room.cell import DERATE_FROM_C
from webmanager.room.config import RoomConfig, parse_revision
from webmanager.room.population import LIMITER_MAX_A, OFFSET_SIGMA_V

TEMPERATURE_OFFSET_K, RI_ERROR = 0.3, 0.01
NOISE_V = {"low": 0.001, "high": 0.005}
TEMPERATURE_NOISE_K = 0.05
RI_NOISE = 0.015
FILTER_S = 1.0
CLOCK_ERROR = 0.005
RANGE_V = (0.0, 20.0)
RANGE_C = (-20.0, 100.0)
RANGE_RI_UOHM = (20.0, 200_000.0)
RI_TAKES_S = 5.0
PULSES = 250
"""Load pulses averaged by one measurement of Ri."""
PULSE_C = 0.046
"""Test current per ampere-hour, A: the 4.6 A that a maker's module puts on a 100 Ah block."""
REFERENCE_LASTS_S = 600.0
NEVER_MIN = 0xFFFF
_STATUS_BITS = np.array(
    (
        ModuleStatus.MEASURING_RI,
        ModuleStatus.RI_NEW,
        ModuleStatus.LIMITING,
        ModuleStatus.LIMITER_SATURATED,
        ModuleStatus.LIMITER_DERATED,
        ModuleStatus.NO_REFERENCE,
        ModuleStatus.RESTARTED,
        ModuleStatus.SENSOR_FAULT,
    ),
    np.int64,
)
"""As numbers: looking a flag up by name costs more than all the rest of a sample."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """What all modules would answer now; `voltage_mv` and `temperature_dc` are meaningless where not `*_known`."""

    voltage_mv: Ints
    voltage_known: Bools
    temperature_dc: Ints
    temperature_known: Bools
    equalizing: Ints
    status: Ints


class Modules:
    """One module on each battery. `address` may change; an index always means the place (first address - 1)."""

    def __init__(self, config: RoomConfig, batteries: Batteries, rng: np.random.Generator, now_s: float) -> None:
        size = batteries.size
        self._batteries = batteries
        self._rng = rng
        self._share = config.block.nominal_v / 12.0
        self.noise_v = NOISE_V[config.noise] * self._share
        self.temperature_noise_k = TEMPERATURE_NOISE_K
        self._pulse_a = PULSE_C * config.block.capacity_ah
        self.nominal_v = config.block.nominal_v
        self.type = ModuleType[config.type_name]
        self.revision = parse_revision(config.revision_text)
        self.firmware = parse_revision(config.firmware)
        self.odd_revisions: dict[int, tuple[int, int]] = {}
        self.attention = Attention(size, config.type_name, self.revision, rng)
        self.address: Ints = np.arange(1, size + 1)
        self.serial: Ints = 20_000_000 + np.cumsum(rng.integers(1, 9, size)) + config.seed % 1000 * 10_000
        self.temperature_offset_k = rng.normal(0.0, TEMPERATURE_OFFSET_K, size)
        self.ri_error = rng.normal(0.0, RI_ERROR, size)
        self.clock_error = rng.uniform(-CLOCK_ERROR, CLOCK_ERROR, size)
        self.blinks_until_s: Floats = np.full(size, -math.inf)
        # settled batteries have been under control until a moment ago, new ones never
        self.reference_v: Floats = batteries.reference_v.copy()
        self.referenced_s: Floats = np.where(np.isnan(self.reference_v), -math.inf, now_s)
        self.restarted: Bools = np.ones(size, dtype=np.bool_)
        self._voltage_v: Floats = batteries.voltage_v.copy()
        self._temperature_c: Floats = batteries.temperature_c.copy()
        self._ri_ends_s: Floats = np.full(size, np.inf)
        self.ri_new: Bools = np.zeros(size, dtype=np.bool_)
        self.ri_uohm: Floats = np.full(size, np.nan)
        self.ri_temperature_c: Floats = np.full(size, np.nan)
        self.ri_at_s: Floats = np.full(size, -math.inf)
        self._now_s = now_s
        self._sample: Sample | None = None
        self._places: dict[int, list[int]] | None = None
        self._measure_ri(np.ones(size, dtype=np.bool_))

    # -- what the bus asks

    def places(self, address: int) -> Sequence[int]:
        """Indices of the modules with this address: none, one, or several that collide."""
        if self._places is None:
            self._places = {}
            for index, held in enumerate(self.address.tolist()):
                self._places.setdefault(held, []).append(index)
        return self._places.get(address, ())

    def identity(self, index: int) -> Identity:
        """Answer to IDENTIFY."""
        revision = self.odd_revisions.get(index, self.revision)
        return Identity(self.type, revision, self.firmware, int(self.serial[index]), self.nominal_v)

    def values(self, index: int) -> Values:
        """Answer to READ_VALUES."""
        sample = self.sample()
        return Values(
            int(sample.voltage_mv[index]) if sample.voltage_known[index] else None,
            int(sample.temperature_dc[index]) if sample.temperature_known[index] else None,
            int(sample.equalizing[index]),
            int(sample.status[index]),
        )

    def ri(self, index: int) -> Ri:
        """Answer to READ_RI; a value outside the range is no value."""
        uohm = float(self.ri_uohm[index])
        celsius = float(self.ri_temperature_c[index])
        minutes = (self._now_s - float(self.ri_at_s[index])) / 60.0
        return Ri(
            round(uohm) if RANGE_RI_UOHM[0] <= uohm <= RANGE_RI_UOHM[1] else None,
            None if math.isnan(celsius) else round(celsius * 10.0),
            int(min(max(minutes, 0.0), NEVER_MIN)),
        )

    def known_ri_mohm(self) -> Floats:
        """What READ_RI of each module would answer, mOhm, shape (size,); NaN for no value."""
        in_range = (self.ri_uohm >= RANGE_RI_UOHM[0]) & (self.ri_uohm <= RANGE_RI_UOHM[1])
        return np.where(in_range, np.rint(self.ri_uohm) / 1000.0, np.nan)

    def take_ri(self, index: int) -> None:
        """The result was read."""
        self.ri_new[index] = False
        self._sample = None

    def start_ri(self, index: int, now_s: float) -> bool:
        """Starts a measurement; False while one runs."""
        if self._ri_ends_s[index] < math.inf:
            return False
        self._ri_ends_s[index] = now_s + RI_TAKES_S
        self._sample = None
        return True

    def set_reference(self, heard: Bools, reference_v: float | Floats, now_s: float) -> None:
        """Gives some modules a reference voltage, V, one for all or an array (size,); NaN switches the limiter off."""
        np.copyto(self.reference_v, reference_v, where=heard)
        self.referenced_s[heard] = now_s
        self._sample = None

    def readdress(self, index: int, address: int) -> None:
        """Gives the module in one place another address."""
        self.address[index] = address
        self._places = None

    def exchange(self, odd_revisions: Mapping[int, tuple[int, int]]) -> None:
        """Modules of other revisions in these places, by index; where that is new, or over, the module starts anew."""
        before, self.odd_revisions = self.odd_revisions, dict(odd_revisions)
        changed = [index for index in before.keys() | odd_revisions if before.get(index) != odd_revisions.get(index)]
        if changed:
            started = np.zeros(self.address.size, dtype=np.bool_)
            started[changed] = True
            self._restart(started)

    def identified(self, index: int) -> None:
        """IDENTIFY was answered."""
        self.restarted[index] = False
        self._sample = None

    def replace(self, index: int) -> None:
        """A factory-new module in one place: address 0, another serial number, other errors, nothing measured yet."""
        self.readdress(index, 0)
        self.serial[index] = int(self.serial.max()) + 1
        self._batteries.sense_offset_v[index] = self._rng.normal(0.0, OFFSET_SIGMA_V * self._share)
        self.temperature_offset_k[index] = self._rng.normal(0.0, TEMPERATURE_OFFSET_K)
        self.ri_error[index] = self._rng.normal(0.0, RI_ERROR)
        self.ri_uohm[index] = self.ri_temperature_c[index] = np.nan
        self.ri_at_s[index] = -math.inf
        self.ri_new[index] = False
        self.attention.unplug(index)
        started = np.zeros(self.address.size, dtype=np.bool_)
        started[index] = True
        self._restart(started)

    # -- what time does

    def follow(self, dt: float, now_s: float) -> None:
        """Lets `dt` seconds pass that end at `now_s`: filters, measurements, what the batteries feel of a module."""
        self._now_s = now_s
        batteries = self._batteries
        near = -math.expm1(-dt / FILTER_S)
        self._voltage_v += near * (batteries.voltage_v - self._voltage_v)
        self._temperature_c += near * (batteries.temperature_c - self._temperature_c)
        started = self.attention.follow(now_s, batteries.voltage_v / (self.nominal_v / 2.0))
        if started.any():
            self._restart(started)
        done = self._ri_ends_s <= now_s
        if done.any():
            self._measure_ri(done)
            self.ri_new |= done
            self._ri_ends_s[done] = np.inf
        batteries.reference_v = np.where(self._is_limiting_allowed(), self.reference_v, np.nan)
        batteries.supply_w = self.attention.supply_w(batteries.voltage_v)
        self._sample = None

    def sample(self) -> Sample:
        """What all modules would answer now; the same until time goes on."""
        if self._sample is None:
            self._sample = self._make_sample()
        return self._sample

    def _make_sample(self) -> Sample:
        batteries, rng, size = self._batteries, self._rng, self.address.size
        volts = self._voltage_v + batteries.sense_offset_v + rng.normal(0.0, self.noise_v, size)
        celsius = self._temperature_c + self.temperature_offset_k + rng.normal(0.0, self.temperature_noise_k, size)
        volts_known = (volts >= RANGE_V[0]) & (volts <= RANGE_V[1] * self._share)
        celsius_known = (celsius >= RANGE_C[0]) & (celsius <= RANGE_C[1])
        bypass, limit = batteries.bypass_a, batteries.limiter_limit_a
        limiting = bypass > 0.0
        told = (
            self._is_measuring(),
            self.ri_new,
            limiting,
            limiting & (bypass >= 0.999 * limit),
            batteries.temperature_c > DERATE_FROM_C,
            self._is_unreferenced(),
            self.restarted,
            ~(volts_known & celsius_known),
        )
        status = _STATUS_BITS @ np.array(told, np.int64)
        return Sample(
            np.rint(np.where(volts_known, volts, 0.0) * 1000.0).astype(np.int64),
            volts_known,
            np.rint(np.where(celsius_known, celsius, 0.0) * 10.0).astype(np.int64),
            celsius_known,
            np.rint(np.clip(bypass / LIMITER_MAX_A, 0.0, 1.0) * FULL_LIMITER).astype(np.int64),
            status,
        )

    def _is_unreferenced(self) -> Bools:
        return self._now_s - self.referenced_s > REFERENCE_LASTS_S

    def _is_limiting_allowed(self) -> Bools:
        listening = self.attention.powered & ~self.attention.asleep
        return listening & ~self._is_unreferenced() & ~self._is_measuring()

    def _is_measuring(self) -> Bools:
        return self._ri_ends_s < np.inf

    def _measure_ri(self, which: Bools) -> None:
        batteries, size = self._batteries, self.address.size
        # ripple is uncorrelated with the pulses: each of them sees it, the mean of all sees a part
        ripple = batteries.ripple_a / batteries.strings / self._pulse_a / math.sqrt(PULSES)
        noise = self._rng.normal(0.0, math.hypot(RI_NOISE, ripple), size)
        measured = batteries.ri_ohm() * 1e6 * (1.0 + self.ri_error) * (1.0 + noise)
        self.ri_uohm[which] = measured[which]
        self.ri_temperature_c[which] = (self._temperature_c + self.temperature_offset_k)[which]
        self.ri_at_s[which] = self._now_s

    def _restart(self, started: Bools) -> None:
        self.restarted |= started
        self.referenced_s[started] = -math.inf
        self.reference_v[started] = np.nan
        self._ri_ends_s[started] = np.inf
        self._sample = None
