"""What the published page and the protocol's specification say, byte by byte."""

import pytest

from fakes.snapshots import TAKEN_AT, FakeBoard, snapshot_of
from webmanager.domain.picture import picture_of
from webmanager.modbus.device import ModbusDevice
from webmanager.modbus.image import Image, encode
from webmanager.modbus.registers import REGISTERS
from webmanager.modbus.serial_frames import AsciiFramer, RtuFramer


def image_with(address: int, value: int) -> Image:
    image = bytearray(2 * REGISTERS)
    image[2 * address : 2 * address + 2] = value.to_bytes(2, "big")
    return bytes(image)


def test_the_worked_example_without_its_checksum() -> None:
    """RTU query 01 04 00 63 00 01 C1 D4, answer 01 04 02 12 34 B4 47: address 99 holds 0x1234."""
    device = ModbusDevice(lambda: image_with(99, 0x1234), 1)
    assert device.answer_tcp(1, bytes.fromhex("04 0063 0001")).hex(" ") == "04 02 12 34"


def test_the_worked_example_on_a_serial_line() -> None:
    framer = RtuFramer(1, 9600)
    framer.feed(bytes.fromhex("01 04 00 63 00 01 C1 D4"), 1.0)
    request_ = framer.silent()
    assert request_ is not None
    found = ModbusDevice(lambda: image_with(99, 0x1234), 1).answer_serial(request_.unit, request_.pdu)
    assert found is not None
    assert framer.encode(1, found) == bytes.fromhex("01 04 02 12 34 B4 47")
    assert AsciiFramer().encode(1, found) == b":0104021234B3\r\n"


def test_running_and_float_charging_reads_0x0041() -> None:
    snapshot = snapshot_of(modules={"equalizing_percent": 0.0})
    image = encode(picture_of(FakeBoard.showing(snapshot), 100.0, TAKEN_AT))
    assert ModbusDevice(lambda: image).answer_tcp(1, bytes.fromhex("03 03E8 0001")).hex(" ") == "03 02 00 41"


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        ("03 07D0 0000", "83 03"),
        ("03 07D0 007E", "83 03"),
        ("41", "c1 01"),
        ("05 0000 FF00", "85 01"),
        ("03 0000 0001", "83 02"),
        ("04 0000 0001", "84 02"),
    ],
)
def test_refusals(request_: str, answer: str) -> None:
    device = ModbusDevice(lambda: image_with(0, 0))
    assert device.answer_tcp(1, bytes.fromhex(request_)).hex(" ") == answer
    assert device.answer_tcp(2, bytes.fromhex(request_)).hex(" ") == f"{answer[:2]} 0b"
