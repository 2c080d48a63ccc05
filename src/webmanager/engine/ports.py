"""What the engine needs from the doors: protocols of one to four methods each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from webmanager.domain.reading import ModuleIdentity, RiReading, ScanReading


@dataclass(frozen=True, slots=True)
class StringReference:
    """Reference voltage for the modules of one string, V; None switches their limiters off."""

    first_address: int
    count: int
    reference_v: float | None


class ModuleBus(Protocol):
    """The battery modules, wherever they hang."""

    async def discover(self) -> Sequence[ModuleIdentity]:
        """Every module that answers; BusError if the port is dead, MixedRevisionsError if revisions differ."""

    async def scan(self) -> ScanReading:
        """One answer of each module and current sensor; a missing one is NaN. BusError only if the port is dead."""

    async def send_references(self, references: Sequence[StringReference]) -> None:
        """Broadcasts reference voltages; there is no answer."""

    async def start_ri(self, address: int) -> bool:
        """Starts a measurement of internal resistance; False if the module does not confirm."""

    async def read_ri(self, addresses: Iterable[int]) -> Sequence[RiReading]:
        """The last measured internal resistance of these modules; those that do not answer are missing."""


class StateKeeper(Protocol):
    """What must outlive a restart: one small document a name."""

    def load(self, name: str) -> dict[str, object] | None:
        """The document last saved, None if there is none or it cannot be read."""

    def save(self, name: str, document: dict[str, object]) -> None:
        """Keeps a document soon; replaces the former one in one step."""

    def save_now(self, name: str, document: dict[str, object]) -> None:
        """Returns when a power cut cannot take it back any more; blocks. StoreError if it cannot be kept."""
