"""The board: the newest snapshot and what else is true right now. Written by the cycle, read by everybody."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from webmanager.domain.installation import Installation
from webmanager.domain.reading import ModuleIdentity
from webmanager.domain.snapshot import Snapshot


class BusState(StrEnum):
    """What the module bus does."""

    STARTING = "starting"
    RUNNING = "running"
    REFUSED = "refused"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class BusReport:
    """State of the module bus with one line for people; `revision` is the one that all modules should have.

    `odd_revisions` maps address to revision where it differs; `unaddressed` counts factory-new modules that were
    heard: 0, 1, or 2 for several.
    """

    state: BusState = BusState.STARTING
    text: str = "The bus is being searched."
    revision: str | None = None
    odd_revisions: Mapping[int, str] = field(default_factory=lambda: MappingProxyType({}))
    unaddressed: int = 0


class Board:
    """Holds the current state; publishing never waits for a reader, and a slow reader misses snapshots, not time."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.snapshot: Snapshot | None = None
        self.bus = BusReport()
        self.identities: Mapping[int, ModuleIdentity] = MappingProxyType({})
        self._changed = asyncio.Event()

    @property
    def is_ready(self) -> bool:
        """The first scan is complete; what came of the bus since is told by the bus itself."""
        return self.snapshot is not None

    def publish(self, snapshot: Snapshot) -> None:
        """Makes a snapshot the newest one and wakes those who wait."""
        self.snapshot = snapshot
        self._wake()

    def report_bus(self, report: BusReport) -> None:
        """Says what the bus does and wakes those who wait."""
        self.bus = report
        self._wake()

    def identify(self, identities: Mapping[int, ModuleIdentity]) -> None:
        """Replaces what is known of the modules."""
        self.identities = MappingProxyType(dict(identities))

    async def newer_than(self, number: int, timeout_s: float) -> Snapshot | None:
        """The newest snapshot once its number differs from `number`; None if none came within `timeout_s`."""
        try:
            async with asyncio.timeout(timeout_s):
                while self.snapshot is None or self.snapshot.number == number:
                    await self._changed.wait()
        except TimeoutError:
            return None
        return self.snapshot

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
