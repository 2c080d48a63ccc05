import pytest

from webmanager.domain.errors import DeliveryError
from webmanager.domain.picture import Switched
from webmanager.engine.notify_ports import Output
from webmanager.modbus.coils import RelayCoils
from webmanager.modbus.device import ModbusDevice
from webmanager.modbus.registers import REGISTERS
from webmanager.outputs.board import FileOutputs, SimulatedOutputs

READ_ALL = bytes.fromhex("01 0000 0004")


def device(board: SimulatedOutputs, *, writes: bool = True) -> ModbusDevice:
    return ModbusDevice(lambda: bytes(2 * REGISTERS), coils=RelayCoils(board, writes=writes))


def ask(device: ModbusDevice, request: str) -> str:
    return device.answer_tcp(1, bytes.fromhex(request)).hex(" ")


@pytest.mark.parametrize("function", ["01", "02"])
def test_relays_are_read_as_coils_and_as_inputs(function: str) -> None:
    board = SimulatedOutputs()
    board.switch(Output.RELAY_2, True)
    board.switch(Output.BUZZER, True)
    assert ask(device(board, writes=False), f"{function} 0000 0004") == f"{function} 01 02"
    assert ask(device(board), f"{function} 0001 0001") == f"{function} 01 01"
    assert ask(device(board), f"{function} 0003 0002") == f"8{function[1]} 02"


def test_nothing_is_written_unless_the_settings_allow_it() -> None:
    board = SimulatedOutputs()
    assert ask(device(board, writes=False), "05 0000 FF00") == "85 01"
    assert board.history == []


def test_a_relay_is_switched_on_and_off_and_the_request_comes_back() -> None:
    board = SimulatedOutputs()
    asked = device(board)
    assert ask(asked, "05 0002 FF00") == "05 00 02 ff 00"
    assert board.states()[Output.RELAY_3]
    assert ask(asked, "01 0000 0004") == "01 01 04"
    assert ask(asked, "05 0002 0000") == "05 00 02 00 00"
    assert board.history == [(Output.RELAY_3, True), (Output.RELAY_3, False)]


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        ("05 0004 FF00", "85 02"),
        ("05 FFFF FF00", "85 02"),
        ("05 0000 FF01", "85 03"),
        ("05 0000 0001", "85 03"),
        ("05 0000 FF", "85 03"),
        ("05 0000 FF00 00", "85 03"),
        ("0F 0000 0004 01 0F", "8f 01"),
        ("06 0000 0001", "86 01"),
    ],
)
def test_what_is_no_order_for_a_relay_switches_nothing(request_: str, answer: str) -> None:
    board = SimulatedOutputs()
    assert ask(device(board), request_) == answer
    assert board.history == []


def test_a_relay_that_does_not_follow_is_a_failure_of_the_device() -> None:
    board = SimulatedOutputs()
    board.stuck.add(Output.RELAY_1)
    asked = device(board)
    assert ask(asked, "05 0000 FF00") == "85 04"
    assert asked.counts.exceptions == {4: 1}


def test_relays_this_host_does_not_have_are_unassigned_and_never_off() -> None:
    coils = RelayCoils(FileOutputs({}), writes=True)
    asked = ModbusDevice(lambda: bytes(2 * REGISTERS), coils=coils)
    assert coils.states() == (None,) * 4
    assert asked.answer_tcp(1, READ_ALL).hex(" ") == "81 02"
    assert asked.answer_tcp(1, bytes.fromhex("05 0000 FF00")).hex(" ") == "85 02"
    with pytest.raises(DeliveryError, match="no relay1"):
        coils.switch(0, True)


def test_a_change_is_told_and_the_same_order_again_is_not() -> None:
    told: list[str] = []
    coils = RelayCoils(SimulatedOutputs(), writes=True, told=told.append)
    coils.switch(3, True)
    coils.switch(3, True)
    coils.switch(3, False)
    assert told == ["Relay 4 switched on by Modbus.", "Relay 4 switched off by Modbus."]


def test_the_registers_say_the_same_of_the_outputs() -> None:
    board = SimulatedOutputs()
    board.switch(Output.RELAY_1, True)
    board.switch(Output.BUZZER, True)
    assert RelayCoils(board).switched() == Switched((True, False, False, False), buzzer=True)
    assert RelayCoils(FileOutputs({})).switched() == Switched((None,) * 4, buzzer=False)
