"""From a request PDU to its answer (MODBUS Application Protocol V1.1b3); the same on TCP and on RTU. No I/O.

Functions 1 and 2 read the relays, 3 and 4 are not distinguished and read the register image. Function 5 switches a
relay where that is allowed; every other one is not there: exception 1. A relay this host does not have is unassigned.
"""

from collections.abc import Sequence
from enum import IntEnum
from struct import Struct

from webmanager.modbus.coils import Coils
from webmanager.modbus.image import RUN_ENDS, Image

READ_COILS, READ_DISCRETE_INPUTS = 1, 2
READ_HOLDING_REGISTERS, READ_INPUT_REGISTERS = 3, 4
WRITE_COIL = 5
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


def answer(request: bytes, image: Image, coils: Coils | None = None) -> bytes:
    """The answer to a request PDU of 1 to 253 bytes, always one; an exception answer where it cannot be served.

    DeliveryError if a relay does not follow.
    """
    function = request[0]
    if function in {READ_HOLDING_REGISTERS, READ_INPUT_REGISTERS}:
        return _read_registers(request, image)
    if function in {READ_COILS, READ_DISCRETE_INPUTS}:
        return _read_bits(request, coils.states() if coils else ())
    if function == WRITE_COIL and coils and coils.is_writable:
        return _write_bit(request, coils)
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


def _read_bits(request: bytes, relays: Sequence[bool | None]) -> bytes:
    function = request[0]
    if len(request) != _READ.size:
        return refusal(function, ExceptionCode.ILLEGAL_DATA_VALUE)
    _, first, count = _READ.unpack(request)
    if not 1 <= count <= MOST_BITS:
        return refusal(function, ExceptionCode.ILLEGAL_DATA_VALUE)
    asked = relays[first : first + count]
    if len(asked) < count or None in asked:
        return refusal(function, ExceptionCode.ILLEGAL_DATA_ADDRESS)
    word = sum(bool(state) << place for place, state in enumerate(asked))
    packed = word.to_bytes((count + 7) // 8, "little")
    return bytes((function, len(packed))) + packed


_ON, _OFF = 0xFF00, 0x0000


def _write_bit(request: bytes, coils: Coils) -> bytes:
    function = request[0]
    if len(request) != _READ.size:
        return refusal(function, ExceptionCode.ILLEGAL_DATA_VALUE)
    _, coil, wanted = _READ.unpack(request)
    if wanted not in {_ON, _OFF}:
        return refusal(function, ExceptionCode.ILLEGAL_DATA_VALUE)
    states = coils.states()
    if coil >= len(states) or states[coil] is None:
        return refusal(function, ExceptionCode.ILLEGAL_DATA_ADDRESS)
    coils.switch(coil, wanted == _ON)
    return request
