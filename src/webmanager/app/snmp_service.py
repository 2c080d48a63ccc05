"""The SNMP agent of this device: what its table is made from, and where it listens."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from webmanager import __version__
from webmanager.domain.errors import ConfigError
from webmanager.domain.jobs import Power
from webmanager.domain.picture import picture_of
from webmanager.engine.board import Board
from webmanager.engine.clock import Clock
from webmanager.engine.notify_ports import Output
from webmanager.settings.model import Settings
from webmanager.snmp.agent import Setter, SnmpAgent
from webmanager.snmp.asn1 import Oid
from webmanager.snmp.engine import EngineIdentity, make_engine
from webmanager.snmp.state import BacsSettings, DeviceFacts, MibState, OpenAlarm

log = logging.getLogger(__name__)


def _nothing() -> tuple[OpenAlarm, ...]:
    return ()


def _nobody_judges() -> npt.NDArray[np.int8] | None:
    return None


@dataclass(frozen=True)
class SnmpSources:
    """What the table takes from the rest of the device; the defaults are those of a device that has nothing else.

    `severities` is the gravest open alarm of each module, shape (modules,), 0 = none.
    """

    alarms: Callable[[], tuple[OpenAlarm, ...]] = _nothing
    severities: Callable[[], npt.NDArray[np.int8] | None] = _nobody_judges
    power: Callable[[], Power] = Power
    outputs: Callable[[], Mapping[Output, bool]] = dict
    limits: Callable[[], BacsSettings] = BacsSettings
    setters: Mapping[Oid, Setter] = field(default_factory=dict)


class SnmpService:
    """The agent over a board; it is made anew when its settings change, and the device does not depend on it."""

    def __init__(
        self,
        settings: Settings,
        board: Board,
        clock: Clock,
        identity: EngineIdentity,
        serial: str = "",
        sources: SnmpSources | None = None,
    ) -> None:
        self._board = board
        self._clock = clock
        self._identity = identity
        self._serial = serial
        self._sources = sources or SnmpSources()
        self._settings = settings
        self._changed = asyncio.Event()
        self._where: tuple[str, int] | None = None
        self._is_open = False
        self._agent = self._made()

    @property
    def port(self) -> int:
        """Where it listens, UDP; 0 while it does not."""
        return self._agent.port if self._is_open else 0

    @property
    def refused(self) -> int:
        """Requests refused since the agent was made."""
        return self._agent.refused

    @property
    def images(self) -> int:
        """How often its table was made anew."""
        return self._agent.images

    def uptime_s(self) -> float:
        """sysUpTime, which traps carry as well, s."""
        return self._agent.uptime_s

    async def open(self, bind: str, port: int | None) -> None:
        """Starts to answer if it is wanted; without a usable port the device runs without SNMP, and says so."""
        self._where = None if port is None else (bind, port)
        await self._listen()

    async def run(self) -> None:
        """Makes the agent anew after each change that concerns it, until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            await self.close()
            self._agent = self._made()
            await self._listen()

    def change(self, settings: Settings) -> None:
        """Other settings from now on; whoever may ask is told anew by `run`."""
        before, self._settings = self._settings, settings
        if (before.snmp, before.installation) != (settings.snmp, settings.installation):
            self._changed.set()

    async def close(self) -> None:
        """Ends answering; the port is free on return."""
        if self._is_open:
            self._is_open = False
            await self._agent.close()

    async def _listen(self) -> None:
        if self._where is None or not self._settings.snmp.enabled:
            return
        try:
            await self._agent.open(*self._where)
        except ConfigError as error:
            log.error("The device runs without SNMP: %s", error)
        else:
            self._is_open = True

    def _made(self) -> SnmpAgent:
        return SnmpAgent(make_engine(self._identity), self._settings.snmp, self.state, self._sources.setters)

    def _facts(self) -> DeviceFacts:
        place = self._settings.installation
        return DeviceFacts(
            name=place.name,
            location=place.location,
            contact=self._settings.snmp.contact,
            version=__version__,
            serial=self._serial,
        )

    def state(self) -> MibState:
        """What the table is made from, now."""
        sources = self._sources
        return MibState(
            picture=picture_of(self._board, self._clock.monotonic(), self._clock.now()),
            uptime_s=self._agent.uptime_s,
            facts=self._facts(),
            alarms=sources.alarms(),
            power=sources.power(),
            outputs=sources.outputs(),
            settings=self._limits(),
            module_type=self._module_type(),
            severities=sources.severities(),
        )

    def _limits(self) -> BacsSettings:
        told = self._sources.limits()
        interval_min = round(self._settings.scan.ri_interval_h * 60)
        return told if told.ri_interval_min is not None else replace(told, ri_interval_min=interval_min)

    def _module_type(self) -> str:
        """The type most modules have; empty before any is known."""
        types = Counter(identity.type for identity in self._board.identities.values())
        return types.most_common(1)[0][0] if types else ""
