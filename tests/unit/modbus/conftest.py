"""A real server on loopback, with an image in which each register holds its own address."""

from collections.abc import AsyncIterator

import pytest

from webmanager.modbus.device import ModbusDevice
from webmanager.modbus.registers import REGISTERS
from webmanager.modbus.server import ModbusTcp, TcpOptions

ADDRESSES = b"".join(address.to_bytes(2, "big") for address in range(REGISTERS))


@pytest.fixture
async def server() -> AsyncIterator[ModbusTcp]:
    """A server with room for four, closed at the end."""
    served = ModbusTcp(ModbusDevice(lambda: ADDRESSES), TcpOptions(port=0, most_connections=4))
    await served.start()
    yield served
    await served.close()
