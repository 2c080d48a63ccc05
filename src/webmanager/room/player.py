"""Plays a scenario in a room, on room time, and puts everything back when it ends."""

import math
from dataclasses import dataclass
from typing import Protocol

from webmanager.domain.errors import ConfigError
from webmanager.domain.installation import Installation
from webmanager.room.faults import Faults
from webmanager.room.scenario import Scenario, Step, fault_requests


class Stage(Protocol):
    """What a scenario needs of a room: its time and what a hand can change in it."""

    installation: Installation
    faults: Faults
    now_s: float

    @property
    def mains(self) -> bool: ...
    @property
    def load_w(self) -> float: ...
    @property
    def ambient_c(self) -> float: ...
    def set_mains(self, on: bool) -> None: ...
    def set_load(self, watts: float) -> None: ...
    def set_ambient(self, celsius: float) -> None: ...


@dataclass(frozen=True, slots=True)
class _Before:
    mains: bool
    load_w: float
    ambient_c: float


@dataclass(slots=True)
class _Ramp:
    """Load or ambient temperature on its way from one value to another."""

    begins_s: float
    over_s: float
    start: float
    goal: float

    def at(self, now_s: float) -> float:
        share = 1.0 if self.over_s <= 0.0 else min((now_s - self.begins_s) / self.over_s, 1.0)
        return self.start + share * (self.goal - self.start)

    def is_over(self, now_s: float) -> bool:
        return now_s >= self.begins_s + self.over_s


class Player:
    """At most one scenario at a time; `follow` is called before each step of the simulation."""

    def __init__(self, room: Stage) -> None:
        self._room = room
        self.scenario: Scenario | None = None
        self._begun_s = 0.0
        self._waiting: list[Step] = []
        self._ramps: dict[str, _Ramp] = {}
        self._faults: dict[int, str] = {}
        self._before = _Before(True, 0.0, 0.0)

    @property
    def progress(self) -> float:
        """Share of the scenario that is over, 0-1; 0 when none is played."""
        if self.scenario is None:
            return 0.0
        return min(max((self._room.now_s - self._begun_s) / max(self.scenario.lasts_s, 1.0), 0.0), 1.0)

    @property
    def due_in_s(self) -> float:
        """Seconds until `follow` has something new to do; infinite when nothing is played."""
        if self.scenario is None:
            return math.inf
        next_s = self._waiting[0].at_s if self._waiting else self.scenario.lasts_s
        return max(self._begun_s + next_s - self._room.now_s, 0.001)

    def play(self, scenario: Scenario) -> None:
        """Begins a scenario, after ending the one that is played; ConfigError if it does not suit the room."""
        room = self._room
        for step in scenario.steps:
            if step.fault is not None:
                for request in fault_requests(step.fault, room.installation):
                    room.faults.check(request)
        known = {str(step.fault.get("name")) for step in scenario.steps if step.fault is not None}
        for step in scenario.steps:
            if step.repair is not None and step.repair not in known:
                raise ConfigError(f"scenario {scenario.name}: repair of {step.repair!r}, which no fault is named")
        self.stop()
        self.scenario = scenario
        self._begun_s = room.now_s
        self._waiting = list(scenario.steps)
        self._before = _Before(room.mains, room.load_w, room.ambient_c)
        self.follow()

    def stop(self) -> None:
        """Ends the scenario, if one is played: its faults are repaired, mains, load and ambient are as before."""
        if self.scenario is None:
            return
        room = self._room
        self.scenario = None
        self._waiting.clear()
        self._ramps.clear()
        standing = {fault.id for fault in room.faults}
        for fault_id in self._faults:
            if fault_id in standing:
                room.faults.remove(fault_id)
        self._faults.clear()
        room.set_mains(self._before.mains)
        room.set_load(self._before.load_w)
        room.set_ambient(self._before.ambient_c)

    def follow(self) -> None:
        """Does what is due at the room's time."""
        if self.scenario is None:
            return
        now_s = self._room.now_s - self._begun_s
        while self._waiting and self._waiting[0].at_s <= now_s + 1e-6:
            self._do(self._waiting.pop(0))
        for name, ramp in tuple(self._ramps.items()):
            set_value = self._room.set_load if name == "load" else self._room.set_ambient
            set_value(ramp.at(now_s))
            if ramp.is_over(now_s):
                del self._ramps[name]
        if now_s >= self.scenario.lasts_s:
            self.stop()

    def _do(self, step: Step) -> None:
        room = self._room
        if step.mains is not None:
            room.set_mains(step.mains)
        load_w = step.load_w
        if step.load_c10 is not None:
            block = room.installation.block
            load_w = step.load_c10 * room.installation.modules * block.nominal_v * block.capacity_ah
        if load_w is not None:
            self._ramps["load"] = _Ramp(step.at_s, step.over_s, room.load_w, load_w)
        if step.ambient_c is not None:
            self._ramps["ambient"] = _Ramp(step.at_s, step.over_s, room.ambient_c, step.ambient_c)
        if step.fault is not None:
            for request in fault_requests(step.fault, room.installation):
                self._faults[room.faults.add(request, room.now_s).id] = str(step.fault.get("name"))
        if step.repair is not None:
            standing = {fault.id for fault in room.faults}
            for fault_id in [number for number, name in self._faults.items() if name == step.repair]:
                del self._faults[fault_id]
                if fault_id in standing:
                    room.faults.remove(fault_id)
