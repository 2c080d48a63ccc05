"""The SNMP agent of this device: what its table is made from, and where it listens."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from webmanager import __version__
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
    """The agent over a board; made anew when its settings change."""

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
        self._sources = sources or SnmpSources()
        self._facts = DeviceFacts(
            name=settings.installation.name,
            location=settings.installation.location,
            contact=settings.snmp.contact,
            version=__version__,
            serial=serial,
        )
        self._ri_interval_min = round(settings.scan.ri_interval_h * 60)
        self._agent = SnmpAgent(make_engine(identity), settings.snmp, self.state, self._sources.setters)

    @property
    def port(self) -> int:
        """Where it listens, UDP."""
        return self._agent.port

    def uptime_s(self) -> float:
        """sysUpTime, which traps carry as well, s."""
        return self._agent.uptime_s

    async def open(self, bind: str, port: int) -> None:
        """Starts to answer; ConfigError if the port cannot be used."""
        await self._agent.open(bind, port)

    async def close(self) -> None:
        """Ends answering; the port is free on return."""
        await self._agent.close()

    def state(self) -> MibState:
        """What the table is made from, now."""
        sources = self._sources
        return MibState(
            picture=picture_of(self._board, self._clock.monotonic(), self._clock.now()),
            uptime_s=self._agent.uptime_s,
            facts=self._facts,
            alarms=sources.alarms(),
            power=sources.power(),
            outputs=sources.outputs(),
            settings=self._limits(),
            module_type=self._module_type(),
            severities=sources.severities(),
        )

    def _limits(self) -> BacsSettings:
        told = self._sources.limits()
        return told if told.ri_interval_min is not None else replace(told, ri_interval_min=self._ri_interval_min)

    def _module_type(self) -> str:
        """The type most modules have; empty before any is known."""
        types = Counter(identity.type for identity in self._board.identities.values())
        return types.most_common(1)[0][0] if types else ""
