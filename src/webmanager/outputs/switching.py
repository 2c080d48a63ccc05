"""Jobs that switch: a relay or the buzzer follows an event."""

from webmanager.domain.errors import DeliveryError, RefusedError
from webmanager.domain.jobs import Verb
from webmanager.engine.notify_ports import Message, OutputBoard
from webmanager.outputs.board import SWITCHED_BY_JOBS

ALLOWED = ", ".join(output.value for output in SWITCHED_BY_JOBS)


class OutputsNotifier:
    """Switches on while an event lasts and off when it ends; the state read back is the proof."""

    def __init__(self, board: OutputBoard) -> None:
        self._board = board

    async def send(self, message: Message) -> str:
        """Switches what the message names; RefusedError for an output that jobs may not switch."""
        if message.verb is not Verb.SWITCH:
            raise RefusedError(f"outputs can only be switched, not told to {message.verb.value}")
        output = next((output for output in SWITCHED_BY_JOBS if output.value == message.argument), None)
        if output is None:
            raise RefusedError(f"{message.argument!r} is no output for jobs: {ALLOWED} are")
        wanted = not message.ended
        self._board.switch(output, wanted)
        if self._board.states().get(output) is not wanted:
            raise DeliveryError(f"{output.value} does not follow")
        return f"{output.value} is {'on' if wanted else 'off'}, read back"
