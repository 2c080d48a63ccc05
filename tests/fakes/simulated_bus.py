"""The product's own room behind a real pseudo terminal, without its process: the third room of the bus contract."""

import math
from pathlib import Path

import numpy as np

from webmanager.domain.installation import BlockType
from webmanager.engine.ports import ModuleBus
from webmanager.room.config import RoomConfig
from webmanager.room.line import Line
from webmanager.room.simulation import Room
from webmanager.room.wire import PseudoPort, Wire


class SimulatedBus:
    """A room in which time stands still and every measurement is exact, on a line that is not paced."""

    def __init__(self, modules: int, strings: int, link: Path) -> None:
        self.room = Room(RoomConfig(modules=modules, strings=strings, block=BlockType(), revision="1.4"), 1000.0)
        room = self.room
        room.batteries.sense_offset_v = 0.0
        room.modules.temperature_offset_k[:] = 0.0
        room.modules.noise_v = 0.0
        room.modules.ri_uohm[:] = 4200.0
        room.sensors.offset_a[:] = 0.0
        room.sensors.noise_a = 0.0
        line = Line(lambda frame: room.responder.answer(frame, room.now_s), room.cable, 0.0, np.random.default_rng(1))
        self.wire = Wire(PseudoPort(link), line)
        self.wire.plug()


class SimulatedRoom:
    """The hands of the contract in that room."""

    def __init__(self, bus: ModuleBus, simulated: SimulatedBus) -> None:
        self.bus = bus
        self._simulated = simulated
        self._room = simulated.room

    def set_voltage(self, address: int, volts: float) -> None:
        self._room.batteries.voltage_v[address - 1] = volts
        self._room.modules.follow(60.0, self._room.now_s)

    def set_current(self, string: int, amperes: float) -> None:
        self._room.batteries.current_a[string - 1] = amperes
        self._room.sensors.follow()

    def set_revision(self, address: int, revision: tuple[int, int]) -> None:
        self._room.modules.odd_revisions[address - 1] = revision

    def silence(self, *addresses: int) -> None:
        self._room.cable.silent[[address - 1 for address in addresses]] = True

    def restore(self, *addresses: int) -> None:
        self._room.cable.silent[[address - 1 for address in addresses]] = False

    def offer_ri(self, address: int, ri_mohm: float) -> None:
        self._room.modules.ri_uohm[address - 1] = ri_mohm * 1000.0
        self._room.modules.ri_new[address - 1] = True
        self._room.modules.follow(1.0, self._room.now_s)

    def reference_of(self, address: int) -> float | None:
        told = float(self._room.modules.reference_v[address - 1])
        return None if math.isnan(told) else told

    def pull(self) -> None:
        self._simulated.wire.unplug()

    def plug(self) -> None:
        self._simulated.wire.plug()
