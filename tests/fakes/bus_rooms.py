"""Rooms that the contract of `ModuleBus` is tried in: each gives a bus and the same hands to break things with."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

from fakes.module_bus import FakeModuleBus
from fakes.paced_modules import RI_NEW, PacedModules
from fakes.simulated_bus import SimulatedBus, SimulatedRoom
from webmanager.bus.link import SerialLink
from webmanager.bus.serial_bus import ScanRules, SerialModuleBus
from webmanager.bus.timing import LinkTiming
from webmanager.domain.installation import BlockType, Installation
from webmanager.engine.ports import ModuleBus

MODULES, STRINGS = 40, 2


class BusRoom(Protocol):
    """Forty modules in two strings, and what may happen to them."""

    bus: ModuleBus

    def set_voltage(self, address: int, volts: float) -> None:
        """What the module measures."""

    def set_current(self, string: int, amperes: float) -> None:
        """What the string's sensor measures."""

    def set_revision(self, address: int, revision: tuple[int, int]) -> None:
        """What the module says about itself."""

    def silence(self, *addresses: int) -> None:
        """These modules do not answer."""

    def restore(self, *addresses: int) -> None:
        """They answer again."""

    def offer_ri(self, address: int, ri_mohm: float) -> None:
        """The module has measured."""

    def reference_of(self, address: int) -> float | None:
        """What the module was last told, V; None = never or off."""

    def pull(self) -> None:
        """The port is gone."""

    def plug(self) -> None:
        """The port is back."""


RoomFactory = type[AbstractAsyncContextManager[BusRoom]]


class WireRoom:
    """The real bus on a real pseudo terminal, modules by another hand behind it."""

    def __init__(self, bus: ModuleBus, modules: PacedModules) -> None:
        self.bus = bus
        self.modules = modules

    def set_voltage(self, address: int, volts: float) -> None:
        self.modules.modules[address].voltage_mv = round(volts * 1000)

    def set_current(self, string: int, amperes: float) -> None:
        self.modules.sensors[string].current_ca = round(amperes * 100)

    def set_revision(self, address: int, revision: tuple[int, int]) -> None:
        self.modules.modules[address].revision = revision

    def silence(self, *addresses: int) -> None:
        for address in addresses:
            self.modules.modules[address].silent = True

    def restore(self, *addresses: int) -> None:
        for address in addresses:
            self.modules.modules[address].silent = False

    def offer_ri(self, address: int, ri_mohm: float) -> None:
        self.modules.modules[address].ri_uohm = round(ri_mohm * 1000)
        self.modules.modules[address].status |= RI_NEW

    def reference_of(self, address: int) -> float | None:
        millivolts = self.modules.modules[address].reference_mv
        return millivolts / 1000 if millivolts else None

    def pull(self) -> None:
        self.modules.unplug(keep_link=False)

    def plug(self) -> None:
        self.modules.plug()


class MemoryRoom:
    """The fake that the engine's tests stand on."""

    def __init__(self) -> None:
        self.bus = self.fake = FakeModuleBus(Installation(MODULES, STRINGS, BlockType()))

    def set_voltage(self, address: int, volts: float) -> None:
        self.fake.voltage_v[address - 1] = volts

    def set_current(self, string: int, amperes: float) -> None:
        self.fake.current_a[string - 1] = amperes

    def set_revision(self, address: int, revision: tuple[int, int]) -> None:
        self.fake.revisions[address - 1] = "{}.{}".format(*revision)

    def silence(self, *addresses: int) -> None:
        self.fake.present[[address - 1 for address in addresses]] = False

    def restore(self, *addresses: int) -> None:
        self.fake.present[[address - 1 for address in addresses]] = True

    def offer_ri(self, address: int, ri_mohm: float) -> None:
        self.fake.finish_ri(address, ri_mohm)

    def reference_of(self, address: int) -> float | None:
        told = [each for each in self.fake.sent if 0 <= address - each.first_address < each.count]
        return told[-1].reference_v if told else None

    def pull(self) -> None:
        self.fake.dead = True

    def plug(self) -> None:
        self.fake.dead = False


@asynccontextmanager
async def wire_room() -> AsyncIterator[BusRoom]:
    """Modules that answer at once."""
    timing = LinkTiming(baud=115200, margin_s=0.1, margin_max_s=0.1, reopen_first_s=0.01, reopen_longest_s=0.02)
    rules = ScanRules(find_s=0.0, retry_budget_s=0.2)
    with tempfile.TemporaryDirectory() as folder, PacedModules(MODULES, STRINGS, link=Path(folder) / "com3") as room:
        link = SerialLink(room.path, timing)
        link.open()
        try:
            yield WireRoom(SerialModuleBus(link, MODULES, STRINGS, rules), room)
        finally:
            link.close()


@asynccontextmanager
async def memory_room() -> AsyncIterator[BusRoom]:
    """At once."""
    yield MemoryRoom()


@asynccontextmanager
async def simulated_room() -> AsyncIterator[BusRoom]:
    """The product's own room, on a pseudo terminal like any other."""
    timing = LinkTiming(baud=115200, margin_s=0.1, margin_max_s=0.1, reopen_first_s=0.01, reopen_longest_s=0.02)
    rules = ScanRules(find_s=0.0, retry_budget_s=0.2)
    with tempfile.TemporaryDirectory() as folder:
        simulated = SimulatedBus(MODULES, STRINGS, Path(folder) / "com3")
        link = SerialLink(f"{folder}/com3", timing)
        link.open()
        try:
            yield SimulatedRoom(SerialModuleBus(link, MODULES, STRINGS, rules), simulated)
        finally:
            link.close()
            simulated.wire.unplug()


ROOMS = {"wire": wire_room, "memory": memory_room, "room": simulated_room}
