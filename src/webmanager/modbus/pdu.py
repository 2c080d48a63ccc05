"""From a request PDU to its answer (MODBUS Application Protocol V1.1b3); the same on TCP and on RTU. No I/O.

Functions 1 and 2 read the relays, 3 and 4 are not distinguished and read the register image. Function 5 and every
other one is not there: exception 1. The relays do not exist yet, so that their addresses are unassigned.
"""

from enum import IntEnum
from struct import Struct

from webmanager.modbus.image import RUN_ENDS, Image

READ_COILS, READ_DISCRETE_INPUTS = 1, 2
READ_HOLDING_REGISTERS, READ_INPUT_REGISTERS = 3, 4
MOST_REGISTERS = 125
MOST_BITS = 2000
LONGEST_PDU = 253
EXCEPTION = 0x80


class ExceptionCode(IntEnum):
    """Why a request gets no data."""

    ILLEGAL_FUNCTION = 1
    ILLEGAL_DATA_ADDRESS = 2
    ILLEGAL_DATA_VALUE = 3
    DEVICE_FAILURE = 4
    GATEWAY_TARGET_FAILED = 11


def answer(request: bytes, image: Image, relays: tuple[bool, ...] = ()) -> bytes:
    """The answer to a request PDU of 1 to 253 bytes, always one; an exception answer where it cannot be served.

    `relays` are the states of relays 1.., coils and discrete inputs 0..; empty where there are none.
    """
    function = request[0]
    if function in {READ_HOLDING_REGISTERS, READ_INPUT_REGISTERS}:
        return _read_registers(request, image)
    if function in {READ_COILS, READ_DISCRETE_INPUTS}:
        return _read_bits(request, relays)
    return refusal(function, ExceptionCode.ILLEGAL_FUNCTION)


def refusal(function: int, code: ExceptionCode) -> bytes:
    """An exception answer."""
    return bytes((function | EXCEPTION, code))


_READ = Struct(">BHH")


def _read_registers(request: bytes, image: Image) -> bytes:
    function = request[0]
    if len(request) != _READ.size:
        return refusal(function, ExceptionCode.ILLEGAL_DATA_VALUE)
    _, first, count = _READ.unpack(request)
    if not 1 <= count <= MOST_REGISTERS:
        return refusal(function, ExceptionCode.ILLEGAL_DATA_VALUE)
    end = first + count
    if first >= len(RUN_ENDS) or end > RUN_ENDS[first]:
        return refusal(function, ExceptionCode.ILLEGAL_DATA_ADDRESS)
    return bytes((function, 2 * count)) + image[2 * first : 2 * end]


def _read_bits(request: bytes, relays: tuple[bool, ...]) -> bytes:
    function = request[0]
    if len(request) != _READ.size:
        return refusal(function, ExceptionCode.ILLEGAL_DATA_VALUE)
    _, first, count = _READ.unpack(request)
    if not 1 <= count <= MOST_BITS:
        return refusal(function, ExceptionCode.ILLEGAL_DATA_VALUE)
    if first + count > len(relays):
        return refusal(function, ExceptionCode.ILLEGAL_DATA_ADDRESS)
    word = sum(state << place for place, state in enumerate(relays[first : first + count]))
    packed = word.to_bytes((count + 7) // 8, "little")
    return bytes((function, len(packed))) + packed
