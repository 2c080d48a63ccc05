"""DIP switches: fixed by the hardware file, or operated on the page of an emulator; read at a cold boot."""

from dataclasses import asdict
from typing import Protocol

from webmanager.domain.errors import ConfigError
from webmanager.domain.panel import Dips
from webmanager.engine.ports import StateKeeper

DOCUMENT = "dip"


class DipSwitches(Protocol):
    """Where the positions come from; `fixed_by` says in words why nobody can move them here, empty if one can."""

    fixed_by: str

    def read(self) -> Dips:
        """The positions now."""

    def move(self, dips: Dips) -> None:
        """Sets the positions; ConfigError where that is not possible."""


class FixedDips:
    """Positions somebody else has set."""

    def __init__(self, dips: Dips, fixed_by: str) -> None:
        self._dips = dips
        self.fixed_by = fixed_by

    def read(self) -> Dips:
        """The positions given."""
        return self._dips

    def move(self, dips: Dips) -> None:
        """Refuses."""
        raise ConfigError(f"the DIP switches cannot be moved here: {self.fixed_by}")


class EmulatedDips:
    """Switches that are there only as a picture: kept through restarts, normal mode until somebody moves them."""

    fixed_by = ""

    def __init__(self, keeper: StateKeeper) -> None:
        self._keeper = keeper

    def read(self) -> Dips:
        """The positions last set; what cannot be understood is normal mode, so that nobody is locked out."""
        kept = self._keeper.load(DOCUMENT) or {}
        one, two = kept.get("one"), kept.get("two")
        return Dips(one, two) if isinstance(one, bool) and isinstance(two, bool) else Dips()

    def move(self, dips: Dips) -> None:
        """Keeps the positions for the next cold boot."""
        self._keeper.save(DOCUMENT, dict(asdict(dips)))
