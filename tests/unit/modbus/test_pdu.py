import pytest

from webmanager.modbus.image import Image
from webmanager.modbus.pdu import ExceptionCode, answer, refusal
from webmanager.modbus.registers import REGISTERS

IMAGE: Image = b"".join(address.to_bytes(2, "big") for address in range(REGISTERS))
"""Every register holds its own address."""


class FixedCoils:
    """Coils that stay as they are."""

    is_writable = False

    def __init__(self, *states: bool) -> None:
        self._states = states

    def states(self) -> tuple[bool | None, ...]:
        return self._states

    def switch(self, coil: int, on: bool) -> None:
        raise AssertionError("nothing may be switched")


def ask(request: str, relays: tuple[bool, ...] = ()) -> str:
    return answer(bytes.fromhex(request), IMAGE, FixedCoils(*relays)).hex(" ")


@pytest.mark.parametrize("function", ["03", "04"])
def test_registers_are_read_alike_by_both_functions(function: str) -> None:
    assert ask(f"{function} 03E8 0001") == f"{function} 02 03 e8"
    assert ask(f"{function} 07D0 0003") == f"{function} 06 07 d0 07 d1 07 d2"


def test_the_longest_read() -> None:
    found = answer(bytes.fromhex("03 07D0 007D"), IMAGE)
    assert found[:2] == bytes((3, 250))
    assert found[2:] == IMAGE[4000:4250]


@pytest.mark.parametrize("request_", ["03 07D0 0000", "03 07D0 007E", "03 07D0 FFFF", "03 0000 0000", "03 FFFF 0000"])
def test_a_count_that_cannot_be_is_exception_3(request_: str) -> None:
    assert ask(request_) == "83 03"


@pytest.mark.parametrize("request_", ["03", "03 07", "03 07D0", "03 07D0 00", "03 07D0 0001 00", "04 07D0 0001 FFFF"])
def test_a_request_of_the_wrong_length_is_exception_3(request_: str) -> None:
    assert ask(request_) == f"8{request_[1]} 03"


@pytest.mark.parametrize(
    "request_",
    [
        "03 0000 0001",  # nothing there
        "03 0060 0002",  # begins before the block
        "03 0096 0002",  # ends behind it
        "03 0424 0001",  # 1060
        "03 08D0 0001",  # 2256
        "03 08CF 0002",  # 2255 and 2256
        "03 1009 0002",  # 4105 and 4106
        "03 100A 0001",  # 4106
        "03 FFFF 007D",  # beyond all
        "03 FFFF 0001",
    ],
)
def test_an_unassigned_address_is_exception_2(request_: str) -> None:
    assert ask(request_) == "83 02"


@pytest.mark.parametrize(("first", "count"), [(97, 54), (1000, 60), (2000, 125), (2131, 125), (4100, 6)])
def test_blocks_are_readable_in_one_request(first: int, count: int) -> None:
    found = answer(bytes((4,)) + first.to_bytes(2, "big") + count.to_bytes(2, "big"), IMAGE)
    assert found == bytes((4, 2 * count)) + IMAGE[2 * first : 2 * (first + count)]


@pytest.mark.parametrize("function", [0x00, 0x05, 0x06, 0x07, 0x08, 0x0F, 0x10, 0x16, 0x17, 0x2B, 0x41, 0x7F])
def test_every_other_function_is_exception_1(function: int) -> None:
    assert answer(bytes((function, 0, 0, 0xFF, 0)), IMAGE) == bytes((function | 0x80, 1))
    assert answer(bytes((function,)), IMAGE) == bytes((function | 0x80, 1))


@pytest.mark.parametrize("function", [0x80, 0x83, 0xFF])
def test_an_exception_is_no_request(function: int) -> None:
    assert answer(bytes((function, 2)), IMAGE) == bytes((function, 1))


@pytest.mark.parametrize("function", ["01", "02"])
def test_without_relays_there_is_no_coil(function: str) -> None:
    assert ask(f"{function} 0000 0001") == f"8{function[1]} 02"
    assert ask(f"{function} 0000 0000") == f"8{function[1]} 03"
    assert ask(f"{function} 0000 07D1") == f"8{function[1]} 03"
    assert ask(f"{function} 0000") == f"8{function[1]} 03"


def test_relays_are_packed_from_the_lowest_bit() -> None:
    relays = (True, False, True, True)
    assert ask("01 0000 0004", relays) == "01 01 0d"
    assert ask("02 0001 0003", relays) == "02 01 06"
    assert ask("01 0003 0001", relays) == "01 01 01"
    assert ask("01 0003 0002", relays) == "81 02"
    assert ask("01 0000 0009", (True,) * 9) == "01 02 ff 01"


def test_a_refusal_keeps_the_function() -> None:
    assert refusal(0x03, ExceptionCode.GATEWAY_TARGET_FAILED) == b"\x83\x0b"
