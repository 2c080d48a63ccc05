from pathlib import Path

import pytest

from webmanager.domain.errors import DeliveryError
from webmanager.engine.notify_ports import Output
from webmanager.outputs.board import FileOutputs, SimulatedOutputs


def test_a_file_is_written_and_read_back(tmp_path: Path) -> None:
    relay = tmp_path / "value"
    relay.write_text("0\n")
    board = FileOutputs({Output.RELAY_1: relay})
    board.switch(Output.RELAY_1, True)
    assert relay.read_text() == "1"
    assert board.states() == {Output.RELAY_1: True}
    board.switch(Output.RELAY_1, False)
    assert board.states() == {Output.RELAY_1: False}


def test_a_brightness_of_255_is_on(tmp_path: Path) -> None:
    led = tmp_path / "brightness"
    led.write_text("255\n")
    assert FileOutputs({Output.BUZZER: led}).states() == {Output.BUZZER: True}


def test_an_output_this_host_does_not_have(tmp_path: Path) -> None:
    board = FileOutputs({Output.RELAY_2: tmp_path / "nowhere" / "value"})
    assert board.states() == {}
    with pytest.raises(DeliveryError, match="this host has no relay1"):
        board.switch(Output.RELAY_1, True)
    with pytest.raises(DeliveryError, match=r"relay2: .*No such file"):
        board.switch(Output.RELAY_2, True)


def test_hardware_that_does_not_follow_is_told(tmp_path: Path) -> None:
    board = FileOutputs({Output.RELAY_1: Path("/dev/null")})
    with pytest.raises(DeliveryError, match="stays off"):
        board.switch(Output.RELAY_1, True)


def test_the_simulated_board_remembers() -> None:
    board = SimulatedOutputs()
    board.switch(Output.RELAY_4, True)
    assert board.states()[Output.RELAY_4]
    assert not board.states()[Output.RELAY_3]
    assert board.history == [(Output.RELAY_4, True)]
    board.stuck.add(Output.RELAY_4)
    with pytest.raises(DeliveryError, match="does not follow"):
        board.switch(Output.RELAY_4, False)
