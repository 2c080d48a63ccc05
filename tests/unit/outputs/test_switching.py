from collections.abc import Mapping

import pytest

from fakes.events import message
from webmanager.domain.errors import DeliveryError, RefusedError
from webmanager.domain.jobs import Verb
from webmanager.engine.notify_ports import Output
from webmanager.outputs.board import SimulatedOutputs
from webmanager.outputs.switching import OutputsNotifier


async def test_a_relay_follows_the_event() -> None:
    board = SimulatedOutputs()
    notifier = OutputsNotifier(board)
    assert await notifier.send(message(verb=Verb.SWITCH, argument="relay2")) == "relay2 is on, read back"
    assert board.states()[Output.RELAY_2]
    proof = await notifier.send(message(verb=Verb.SWITCH, argument="relay2", ended=True))
    assert proof == "relay2 is off, read back"
    assert not board.states()[Output.RELAY_2]


@pytest.mark.parametrize("argument", ["relay5", "alarm_relay", "", "RELAY1"])
async def test_other_outputs_are_refused_and_the_alarm_relay_too(argument: str) -> None:
    with pytest.raises(RefusedError, match="relay1, relay2, relay3, relay4, buzzer are"):
        await OutputsNotifier(SimulatedOutputs()).send(message(verb=Verb.SWITCH, argument=argument))


async def test_a_relay_cannot_be_told_a_story() -> None:
    with pytest.raises(RefusedError, match="not told to tell"):
        await OutputsNotifier(SimulatedOutputs()).send(message())


async def test_what_is_stuck_is_no_success() -> None:
    class Liar(SimulatedOutputs):
        def states(self) -> Mapping[Output, bool]:
            return {}

    board = SimulatedOutputs()
    board.stuck.add(Output.RELAY_1)
    for stuck in (board, Liar()):
        with pytest.raises(DeliveryError, match="relay1"):
            await OutputsNotifier(stuck).send(message(verb=Verb.SWITCH, argument="relay1"))
