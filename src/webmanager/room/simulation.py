"""The whole room on a clock of its own: batteries, charger, modules, sensors, cable, faults. Needs no wire."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from webmanager.domain.errors import ConfigError
from webmanager.domain.reading import Bools, Floats
from webmanager.room.battery import Batteries
from webmanager.room.cable import Cable
from webmanager.room.charger import Charger
from webmanager.room.config import RoomConfig
from webmanager.room.current_sensor import CurrentSensors
from webmanager.room.fault_kinds import Parts
from webmanager.room.faults import Faults
from webmanager.room.inbox.arrivals import Conduct
from webmanager.room.module import Modules
from webmanager.room.player import Player
from webmanager.room.population import Spread, populate
from webmanager.room.responder import Responder

AMBIENT_C = (-20.0, 60.0)
LOAD_W = (0.0, 1e7)


@dataclass(frozen=True, slots=True, eq=False)
class Measurement:
    """What a controller would have in hand after one scan: as it travels, resolution and errors included.

    Arrays of length modules (index = address - 1) or strings; NaN where nothing was answered or known.
    """

    answered: Bools
    voltage_v: Floats
    temperature_c: Floats
    equalizing_percent: Floats
    status: np.typing.NDArray[np.uint8]
    ri_mohm: Floats
    current_a: Floats
    ripple_a: Floats


class Room:
    """One battery room. `now_s` is device time, UTC seconds; only `advance` moves it."""

    def __init__(self, config: RoomConfig, now_s: float = 0.0) -> None:
        self.config = config
        self.installation = config.installation
        self.now_s = self.started_s = now_s
        modules_rng, sensors_rng, bus_rng = np.random.default_rng([config.seed, 1]).spawn(3)
        self.batteries = populate(
            block=config.block,
            strings=config.strings,
            per_string=self.installation.per_string,
            seed=config.seed,
            start=config.start,
            ambient_c=config.ambient_c,
            spread=Spread(rack_k=config.rack_k),
        )
        self.charger = _charger(config, self.batteries)
        self.modules = Modules(config, self.batteries, modules_rng, now_s)
        self.sensors = CurrentSensors(self.batteries, sensors_rng)
        self.cable = Cable(config.branches, config.strings)
        self.responder = Responder(self.modules, self.sensors, self.cable, bus_rng)
        self.receivers = {channel: Conduct() for channel in config.channels}
        parts = Parts(self.batteries, self.charger, self.modules, self.cable, receivers=self.receivers)
        self.faults = Faults(self.installation, parts)
        self.player = Player(self)

    def advance(self, dt: float, longest_step_s: float = 10.0) -> None:
        """Lets `dt` device seconds pass in steps of at most `longest_step_s`; a scenario's steps come to the second."""
        end_s = self.now_s + dt
        while (left_s := end_s - self.now_s) > 1e-6:
            self.player.follow()
            span_s = min(left_s, self.player.due_in_s)
            self._step(span_s / math.ceil(span_s / longest_step_s - 1e-9))

    def measure(self) -> Measurement:
        """What each module and sensor would answer now; asking wakes them like any poll."""
        self.responder.notice(self.now_s)
        sample = self.modules.sample()
        cable = self.cable
        answered = cable.reached & ~cable.silent & ~cable.doubled & self.modules.attention.listening(self.now_s)
        answered &= self.modules.address == np.arange(1, answered.size + 1)
        amperes = np.where(cable.sensor_silent, np.nan, self.sensors.current_a())
        return Measurement(
            answered=answered,
            voltage_v=np.where(answered & sample.voltage_known, sample.voltage_mv / 1000.0, np.nan),
            temperature_c=np.where(answered & sample.temperature_known, sample.temperature_dc / 10.0, np.nan),
            equalizing_percent=np.where(answered, sample.equalizing / 2.55, np.nan),
            status=np.where(answered, sample.status, 0).astype(np.uint8),
            ri_mohm=np.where(answered, self.modules.known_ri_mohm(), np.nan),
            current_a=amperes,
            ripple_a=np.where(np.isnan(amperes), np.nan, self.sensors.ripple_a()),
        )

    def set_references(self, reference_v: Floats | Sequence[float]) -> None:
        """Broadcasts a reference to each string, V per battery, shape (strings,); NaN switches limiters off."""
        hearing = self.cable.reached & ~self.cable.silent & self.modules.attention.listening(self.now_s)
        of_string = np.array([round(float(volts), 3) for volts in reference_v])
        self.modules.set_reference(hearing, np.repeat(of_string, self.installation.per_string), self.now_s)

    @property
    def mains(self) -> bool:
        """Whether the mains are there."""
        return self.charger.mains

    @property
    def load_w(self) -> float:
        """The load behind the charger, W."""
        return self.charger.load_w

    @property
    def ambient_c(self) -> float:
        """Temperature of the room, degC."""
        return self.batteries.ambient_c

    def set_mains(self, on: bool) -> None:
        """Switches the mains."""
        self.charger.mains = on

    def set_load(self, watts: float) -> None:
        """Changes the load, W; ConfigError out of range."""
        self.charger.load_w = _within("load", watts, LOAD_W, "W")

    def set_ambient(self, celsius: float) -> None:
        """Changes the temperature of the room, degC; ConfigError out of range."""
        self.batteries.ambient_c = _within("ambient temperature", celsius, AMBIENT_C, "degC")

    def _step(self, dt: float) -> None:
        self.faults.follow()
        self.batteries.step(dt, self.charger.feed(self.batteries))
        self.now_s += dt
        self.modules.follow(dt, self.now_s)
        self.sensors.follow()


def _charger(config: RoomConfig, batteries: Batteries) -> Charger:
    charger = Charger.for_batteries(batteries)
    charger.mains = config.mains
    charger.load_w = config.first_load_w
    if config.float_v_per_cell is not None:
        charger.float_v_per_cell = config.float_v_per_cell
    if config.current_limit_a is not None:
        charger.current_limit_a = config.current_limit_a
    return charger


def _within(name: str, value: float, allowed: tuple[float, float], unit: str) -> float:
    low, high = allowed
    if not low <= value <= high:
        raise ConfigError(f"{name} of {value:g} {unit}: {low:g} to {high:g} {unit} are possible")
    return value
