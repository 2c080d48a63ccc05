import logging

import pytest

from webmanager.domain.errors import ConfigError
from webmanager.engine.notify_ports import Output
from webmanager.modbus.coils import RelayCoils
from webmanager.modbus.device import ModbusDevice
from webmanager.modbus.image import Image
from webmanager.modbus.registers import REGISTERS
from webmanager.outputs.board import SimulatedOutputs

READ = bytes.fromhex("03 03E8 0001")
GOOD = bytes.fromhex("03 02 5A5A")


def image() -> Image:
    return b"\x5a" * (2 * REGISTERS)


class MoodyImage:
    """An image that can be made only while it is told so."""

    def __init__(self) -> None:
        self.fails = False

    def __call__(self) -> Image:
        if self.fails:
            raise ZeroDivisionError("no image today")
        return image()


@pytest.mark.parametrize("unit", [17, 0, 255])
def test_the_own_unit_and_those_of_a_single_device_are_answered(unit: int) -> None:
    assert ModbusDevice(image, 17).answer_tcp(unit, READ) == GOOD


@pytest.mark.parametrize("unit", [1, 16, 18, 247, 254])
def test_any_other_unit_is_exception_11_whatever_it_asks(unit: int) -> None:
    device = ModbusDevice(image, 17)
    assert device.answer_tcp(unit, READ) == b"\x83\x0b"
    assert device.answer_tcp(unit, b"\x41") == b"\xc1\x0b"


@pytest.mark.parametrize("unit", [1, 16, 18, 255])
def test_on_a_serial_line_another_unit_is_not_even_counted(unit: int) -> None:
    device = ModbusDevice(image, 17)
    assert device.answer_serial(unit, READ) is None
    assert device.counts.requests == 0
    assert device.answer_serial(17, READ) == GOOD
    assert device.answer_serial(17, b"\x41") == b"\xc1\x01"


def test_what_is_told_everybody_on_a_serial_line_is_done_and_not_answered() -> None:
    board = SimulatedOutputs()
    device = ModbusDevice(image, 17, RelayCoils(board, writes=True))
    assert device.answer_serial(0, bytes.fromhex("05 0000 FF00")) is None
    assert board.states()[Output.RELAY_1]
    assert device.counts.requests == 1


@pytest.mark.parametrize("unit", [-1, 0, 248, 255])
def test_a_unit_id_that_cannot_be_is_refused(unit: int) -> None:
    with pytest.raises(ConfigError, match="1 to 247"):
        ModbusDevice(image, unit)


def test_requests_and_exceptions_are_counted() -> None:
    device = ModbusDevice(image)
    for request in (READ, READ, b"\x41", bytes.fromhex("03 0000 0001"), bytes.fromhex("03 03E8 0000")):
        device.answer_tcp(1, request)
    device.answer_tcp(9, READ)
    assert device.counts.requests == 6
    assert device.counts.exceptions == {1: 1, 2: 1, 3: 1, 11: 1}


def test_counts_are_a_picture_that_does_not_move() -> None:
    device = ModbusDevice(image)
    before = device.counts
    device.answer_tcp(9, READ)
    assert before.requests == 0
    assert before.exceptions == {}


def test_an_image_that_cannot_be_made_is_exception_4_and_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    source = MoodyImage()
    device = ModbusDevice(source)
    source.fails = True
    with caplog.at_level(logging.ERROR):
        assert [device.answer_tcp(1, READ) for _ in range(3)] == [b"\x83\x04"] * 3
    assert len(caplog.records) == 1
    source.fails = False
    assert device.answer_tcp(1, READ) == GOOD
    source.fails = True
    with caplog.at_level(logging.ERROR):
        device.answer_tcp(1, READ)
    assert len(caplog.records) == 2
