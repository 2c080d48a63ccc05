"""Since when an output is as it is, and who switched it."""

import pytest

from webmanager.domain.errors import DeliveryError
from webmanager.engine.clock import ManualClock
from webmanager.engine.notify_ports import Output
from webmanager.engine.output_notes import NotedOutputs, Switching
from webmanager.outputs.board import SimulatedOutputs


def test_each_switching_is_noted_with_who_and_when_and_a_repetition_is_none() -> None:
    clock, board = ManualClock(1000.0), SimulatedOutputs()
    notes = NotedOutputs(board, clock)
    jobs, modbus = notes.of("jobs"), notes.of("Modbus")
    assert notes.last(Output.RELAY_1) is None
    jobs.switch(Output.RELAY_1, True)
    clock.advance(5.0)
    modbus.switch(Output.RELAY_1, True)
    assert notes.last(Output.RELAY_1) == Switching(1000.0, "jobs")
    modbus.switch(Output.RELAY_1, False)
    assert notes.last(Output.RELAY_1) == Switching(1005.0, "Modbus")
    assert jobs.states() == board.states() == notes.states()


def test_what_does_not_follow_is_not_noted() -> None:
    board = SimulatedOutputs()
    board.stuck = {Output.BUZZER}
    notes = NotedOutputs(board, ManualClock())
    with pytest.raises(DeliveryError):
        notes.of("jobs").switch(Output.BUZZER, True)
    assert notes.last(Output.BUZZER) is None
