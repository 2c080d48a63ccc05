"""The running room: simulation, clock and bus line held together. Host time is an argument; nothing here waits."""

import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from webmanager.bus.commands import Command
from webmanager.bus.frame import Frame
from webmanager.domain.errors import ConfigError
from webmanager.room.clock import RoomClock
from webmanager.room.config import RoomConfig
from webmanager.room.line import Line
from webmanager.room.responder import Answers
from webmanager.room.scenario import built_in, parse, read
from webmanager.room.simulation import Room
from webmanager.room.state_file import load

UNPACED_FROM = 64.0
"""From this factor on the line is not paced: its bytes would follow each other faster than a host can hand them on."""
STEPS_AT_ONCE = 100
LONGEST_STEP_S = 60.0


class RoomService:
    """One room in running time. `busy_s` tells how much processor time was used, for the share physics may take."""

    def __init__(
        self, config: RoomConfig, wall_s: float, host_s: float, busy_s: Callable[[], float] = time.thread_time
    ) -> None:
        begin_s = wall_s if config.not_before is None else max(wall_s, config.not_before.timestamp())
        self.config = config
        self.room = Room(config, begin_s)
        if config.state is not None:
            load(self.room, Path(config.state))
        self.clock = RoomClock(begin_s, host_s, config.speed)
        self.line = Line(self._respond, self.room.cable, 0.0, np.random.default_rng([config.seed, 2]))
        self._busy_s = busy_s
        self._ticked_s = host_s
        self._heard_s = host_s
        self._pace()
        if config.play is not None:
            path = Path(config.play)
            if path.suffix == ".toml":
                self.room.player.play(read(path))
            else:
                self.play(config.play)

    @property
    def tick_s(self) -> float:
        """Host seconds until the next tick."""
        return max(0.05, min(0.5, 1.0 / self.clock.factor_reached))

    def tick(self, host_s: float) -> None:
        """Brings the simulation up to the clock."""
        started = self._busy_s()
        lag_s = self.clock.now_s(host_s) - self.room.now_s
        if lag_s > 0.0:
            usual_s = min(max(self.clock.factor_reached / 60.0, 1.0), LONGEST_STEP_S)
            self.room.advance(lag_s, min(max(usual_s, lag_s / STEPS_AT_ONCE), LONGEST_STEP_S))
        if host_s > self._ticked_s:
            self.clock.physics_took(self._busy_s() - started, host_s - self._ticked_s, host_s)
        self._ticked_s = host_s
        self._pace()

    def hears(self, host_s: float) -> None:
        """The controller begins to send: whatever it is, it is activity on the bus."""
        self._heard_s = host_s
        self.room.responder.notice(self.clock.now_s(host_s))

    def set_speed(self, factor: float, host_s: float) -> None:
        """What the operator wants; device seconds in a host second."""
        self.clock.set_factor(factor, host_s)
        self._pace()

    def play_text(self, name: str, text: str) -> None:
        """Begins a scenario that somebody has written; ConfigError says what is wrong with it."""
        self.room.player.play(parse(name, text))

    def play(self, name: str) -> None:
        """Begins a built-in scenario; ConfigError names the known ones."""
        known = built_in()
        if name not in known:
            raise ConfigError(f"scenario {name!r} is not known: {', '.join(known)}")
        self.room.player.play(known[name])

    def _respond(self, request: Frame) -> Answers:
        if request.command == Command.READ_VALUES and request.address == 1:
            self.clock.scan_begins(self._heard_s)
            self._pace()
        return self.room.responder.answer(request, self.clock.now_s(self._heard_s))

    def _pace(self) -> None:
        factor = self.clock.factor_reached
        self.line.bit_s = 0.0 if factor >= UNPACED_FROM else 1.0 / (self.config.baud * factor)


def minutes_left(room: Room) -> float | None:
    """How long the battery would carry the load from now, minutes; None without a load.

    Peukert's law through the ten-hour capacity with the exponent of a published catalogue (1.26 from 20 h to 1 h),
    for the weakest block: an estimate for people, within about a tenth of the simulation's own result.
    """
    batteries, load_w = room.batteries, room.charger.load_w
    if load_w <= 0.0:
        return None
    usual_v = 1.95 * batteries.nominal_cells
    string_a = load_w / usual_v / batteries.strings
    ten_hour_ah = batteries.q_ah / batteries.chemistry.q_ah * 100.0
    weakest_ah = float((np.clip(batteries.soc, 0.0, 1.0) * ten_hour_ah).min())
    return 600.0 * math.pow(weakest_ah / (10.0 * string_a), 1.26)
