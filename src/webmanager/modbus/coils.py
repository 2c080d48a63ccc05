"""The relays of this host as coils 0-3, and as what the registers say of them."""

from collections.abc import Callable
from typing import Protocol

from webmanager.domain.picture import Switched
from webmanager.engine.notify_ports import Output, OutputBoard

RELAYS = (Output.RELAY_1, Output.RELAY_2, Output.RELAY_3, Output.RELAY_4)


class Coils(Protocol):
    """Relays 1.. as coils 0..; one that is not there is None."""

    @property
    def is_writable(self) -> bool:
        """Whether Modbus may switch them."""

    def states(self) -> tuple[bool | None, ...]:
        """What is energised now."""

    def switch(self, coil: int, on: bool) -> None:
        """Switches a relay that is there; DeliveryError if it does not follow."""


class RelayCoils:
    """Coils of an output board. `told` hears of each relay that Modbus has switched, in words."""

    def __init__(self, board: OutputBoard, *, writes: bool = False, told: Callable[[str], None] | None = None) -> None:
        self._board = board
        self._writes = writes
        self._told = told

    @property
    def is_writable(self) -> bool:
        """Whether the settings allow to write."""
        return self._writes

    def states(self) -> tuple[bool | None, ...]:
        """What is energised now, relays 1 to 4."""
        found = self._board.states()
        return tuple(found.get(relay) for relay in RELAYS)

    def switch(self, coil: int, on: bool) -> None:
        """Switches; whoever keeps the log hears of a change, not of the same order again."""
        relay = RELAYS[coil]
        was_on = self._board.states().get(relay)
        self._board.switch(relay, on)
        if self._told and was_on is not on:
            self._told(f"Relay {coil + 1} switched {'on' if on else 'off'} by Modbus.")

    def switched(self) -> Switched:
        """What the registers say of the outputs."""
        return Switched(self.states(), self._board.states().get(Output.BUZZER, False))
