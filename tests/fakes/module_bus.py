"""A module bus in memory: what each module would answer is an array that a test may change at any time."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from webmanager.domain.errors import BusError, MixedRevisionsError
from webmanager.domain.installation import Installation
from webmanager.domain.reading import ModuleIdentity, ModuleStatus, RiReading, ScanReading
from webmanager.engine.ports import StringReference


class FakeModuleBus:
    """Answers at once. `present` says who answers, `dead` makes the port fail, `revisions` may be mixed."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        size = installation.modules
        self.present = np.ones(size, np.bool_)
        self.voltage_v = np.full(size, 2.27 * installation.block.cells)
        self.temperature_c = np.full(size, 25.0)
        self.equalizing_percent = np.zeros(size)
        self.status = np.zeros(size, np.uint8)
        self.ri_mohm = np.full(size, 4.2)
        self.current_a = np.full(installation.strings, 0.03)
        self.revisions = ["1.4"] * size
        self.dead = False
        self.restarted: list[int] = []
        self.unaddressed = 0
        self.sent: list[StringReference] = []
        self.ri_started: list[int] = []
        self.scans = 0
        self.discoveries = 0

    async def discover(self) -> Sequence[ModuleIdentity]:
        self.discoveries += 1
        self._check()
        found = [self._identity(int(index) + 1) for index in np.flatnonzero(self.present)]
        odd = {identity.address: identity.revision for identity in found if identity.revision != found[0].revision}
        if odd:
            raise MixedRevisionsError(found[0].revision, odd)
        return found

    async def scan(self) -> ScanReading:
        self.scans += 1
        self._check()
        reading = ScanReading.silence(self.installation.modules, self.installation.strings, 0.0)
        done = np.flatnonzero(self.present & ((self.status & np.uint8(ModuleStatus.RI_NEW)) != 0))
        answer = replace(
            reading,
            answered=self.present.copy(),
            voltage_v=np.where(self.present, self.voltage_v, np.nan),
            temperature_c=np.where(self.present, self.temperature_c, np.nan),
            equalizing_percent=np.where(self.present, self.equalizing_percent, np.nan),
            status=self.status.copy(),
            current_a=self.current_a.copy(),
            ripple_a=np.zeros(self.installation.strings),
            ended_s=0.9,
            ri=tuple(self._ri(int(index) + 1) for index in done),
            identities=tuple(self._identity(address) for address in self.restarted),
            unaddressed=self.unaddressed,
        )
        self.restarted.clear()
        self.status[done] &= ~np.uint8(ModuleStatus.RI_NEW)
        return answer

    async def send_references(self, references: Sequence[StringReference]) -> None:
        self._check()
        self.sent.extend(references)

    async def start_ri(self, address: int) -> bool:
        self._check()
        self.ri_started.append(address)
        return bool(self.present[address - 1])

    async def read_ri(self, addresses: Iterable[int]) -> Sequence[RiReading]:
        return [self._ri(address) for address in addresses if self.present[address - 1]]

    def finish_ri(self, address: int, ri_mohm: float) -> None:
        """The module has measured: the next scan brings it."""
        self.ri_mohm[address - 1] = ri_mohm
        self.status[address - 1] |= ModuleStatus.RI_NEW

    def _ri(self, address: int) -> RiReading:
        return RiReading(address, float(self.ri_mohm[address - 1]), 25.0, 60.0)

    def _identity(self, address: int) -> ModuleIdentity:
        return ModuleIdentity(address, "C40", self.revisions[address - 1], "2.0", 40_000 + address, 12)

    def _check(self) -> None:
        if self.dead:
            raise BusError("COM3 is gone")
