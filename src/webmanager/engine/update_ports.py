"""What pages need from updates: protocols and the values that cross."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Release:
    """A version as an index tells it; nothing of it is trusted before the wheel is verified."""

    version: str
    wheel: str
    bytes: int
    signature: str
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One look at the index: `newer` is the newest release beyond ours, None if there is none; `at` in UTC seconds."""

    at: float
    newer: Release | None


@dataclass(frozen=True, slots=True)
class Staged:
    """A verified wheel that waits for its installation."""

    version: str
    path: Path
    sha256: str
    at: float


class UpdateDesk(Protocol):
    """Looks for, fetches and verifies new versions; installs nothing."""

    @property
    def obstacle(self) -> str:
        """Why no package can be verified, empty if it can."""

    @property
    def has_index(self) -> bool:
        """There is an index to ask."""

    @property
    def last(self) -> Check | None:
        """The last look at the index."""

    @property
    def staged(self) -> Staged | None:
        """What waits for its installation."""

    async def check(self) -> Check:
        """Asks the index; DeliveryError says why it cannot be asked."""

    async def fetch(self) -> Staged:
        """Downloads and verifies what the last check found; ConfigError for a package that is not accepted."""

    def incoming(self) -> Path:
        """A file of this process alone, to write an uploaded package to."""

    async def accept(self, package: Path, signature: str) -> Staged:
        """Verifies an uploaded package and lays it out; the incoming file is gone in any case."""

    async def discard(self) -> None:
        """Forgets what waits."""
