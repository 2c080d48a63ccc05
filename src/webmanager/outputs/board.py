"""What can be switched: outputs behind kernel files (GPIO, LED class), in memory for a simulation, or none."""

from collections.abc import Mapping
from pathlib import Path

from webmanager.domain.errors import DeliveryError
from webmanager.engine.notify_ports import Output

SWITCHED_BY_JOBS = (Output.RELAY_1, Output.RELAY_2, Output.RELAY_3, Output.RELAY_4, Output.BUZZER)
"""The alarm relay belongs to the general alarm alone: what is fail-safe has one owner."""


class FileOutputs:
    """Outputs that are kernel files: `/sys/class/gpio/gpio17/value`, `/sys/class/leds/relay1/brightness`; or none."""

    def __init__(self, files: Mapping[Output, Path]) -> None:
        self._files = dict(files)

    def switch(self, output: Output, on: bool) -> None:
        """Writes and reads back; DeliveryError if the hardware is not there or does not follow."""
        path = self._files.get(output)
        if path is None:
            raise DeliveryError(f"this host has no {output.value}")
        try:
            path.write_text("1" if on else "0", encoding="ascii")
            followed = _is_on(path)
        except OSError as error:
            raise DeliveryError(f"{output.value}: {path}: {error.strerror}") from None
        if followed is not on:
            raise DeliveryError(f"{output.value}: {path} stays {'on' if followed else 'off'}")

    def states(self) -> Mapping[Output, bool]:
        """What the files say now; one that cannot be read is missing."""
        found: dict[Output, bool] = {}
        for output, path in self._files.items():
            try:
                found[output] = _is_on(path)
            except OSError:
                continue
        return found


class SimulatedOutputs:
    """All outputs, in memory, with everything that was ever switched; `stuck` ones do not follow."""

    def __init__(self) -> None:
        self._states = dict.fromkeys(Output, False)
        self.history: list[tuple[Output, bool]] = []
        self.stuck: set[Output] = set()

    def switch(self, output: Output, on: bool) -> None:
        """Switches, or says that the output is stuck."""
        if output in self.stuck:
            raise DeliveryError(f"{output.value}: the relay does not follow")
        self._states[output] = on
        self.history = [*self.history[-999:], (output, on)]

    def states(self) -> Mapping[Output, bool]:
        """What is on."""
        return dict(self._states)


def _is_on(path: Path) -> bool:
    """A kernel file says 0, or something else: the LED class answers with its brightness."""
    return path.read_text(encoding="ascii").strip() not in {"", "0"}
