import asyncio
import logging
from contextlib import AsyncExitStack

import pytest

from fakes.modbus_client import ModbusClient, frame, greedy_client, settled
from webmanager.domain.errors import ConfigError
from webmanager.modbus.device import ModbusDevice
from webmanager.modbus.registers import REGISTERS
from webmanager.modbus.server import ModbusTcp, TcpOptions

READ, GOOD = "03 03E8 0001", "03 02 00 00"


def device() -> ModbusDevice:
    return ModbusDevice(lambda: bytes(2 * REGISTERS))


async def test_counts_say_who_came(server: ModbusTcp) -> None:
    async with ModbusClient(server.port) as one, ModbusClient(server.port) as two:
        await one.ask(READ)
        await two.ask(READ)
        assert (server.counts.open, server.counts.accepted) == (2, 2)
    async with ModbusClient(server.port) as three:
        await three.ask(READ)
        assert server.counts.accepted == 3


async def test_when_all_places_are_taken_the_one_idle_longest_goes(server: ModbusTcp) -> None:
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(ModbusClient(server.port)) for _ in range(4)]
        for client in (*clients, clients[0]):
            await client.ask(READ)
        late = await stack.enter_async_context(ModbusClient(server.port))
        await late.ask(READ)
        assert await clients[1].is_closed()
        for client in (clients[0], clients[2], clients[3], late):
            await client.ask(READ)
        assert (server.counts.open, server.counts.evicted) == (4, 1)


async def test_connections_that_only_sit_there_do_not_cost_a_polling_client_its_place(server: ModbusTcp) -> None:
    async with AsyncExitStack() as stack:
        poller = await stack.enter_async_context(ModbusClient(server.port))
        await poller.ask(READ)
        for _ in range(200):
            await stack.enter_async_context(ModbusClient(server.port))
        new = await stack.enter_async_context(ModbusClient(server.port))
        await new.ask(READ)
        await poller.ask(READ)
        assert server.counts.open <= 4
        assert server.counts.evicted == 202 - 4


async def test_a_client_that_asks_nothing_is_closed_and_one_that_asks_is_not() -> None:
    server = ModbusTcp(device(), TcpOptions(port=0, idle_s=0.3))
    await server.start()
    async with ModbusClient(server.port) as silent, ModbusClient(server.port) as asking:
        closed = asyncio.get_running_loop().create_task(silent.is_closed())
        while not closed.done():
            await asking.ask(READ)
        assert await closed
        assert await asking.ask(READ) == GOOD
        assert (server.counts.open, server.counts.expired) == (1, 1)
    await server.close()


async def test_bytes_that_never_become_a_request_do_not_keep_a_place() -> None:
    server = ModbusTcp(device(), TcpOptions(port=0, idle_s=0.3))
    await server.start()
    async with ModbusClient(server.port) as dripping:
        closed = asyncio.get_running_loop().create_task(dripping.is_closed())
        for byte in frame(b"\x03" + bytes(200)):
            if closed.done():
                break
            dripping.writer.write(bytes((byte,)))
            await asyncio.sleep(0.02)
        assert await closed
    assert server.counts.expired == 1
    await server.close()


async def test_only_addresses_on_the_list_may_connect() -> None:
    seen: list[str] = []

    def nobody(address: str) -> bool:
        seen.append(address)
        return False

    server = ModbusTcp(device(), TcpOptions(port=0), nobody)
    await server.start()
    async with ModbusClient(server.port) as client:
        assert await client.is_closed()
    assert seen == ["127.0.0.1"]
    assert (server.counts.refused, server.counts.accepted, server.counts.open) == (1, 0, 0)
    await server.close()


async def test_a_port_that_is_taken_is_said_in_one_line(server: ModbusTcp) -> None:
    second = ModbusTcp(device(), TcpOptions(port=server.port))
    with pytest.raises(ConfigError, match=rf"modbus: 127\.0\.0\.1:{server.port} cannot be listened on"):
        await second.start()
    await second.close()


@pytest.mark.parametrize("options", [TcpOptions(host="192.0.2.1", port=0), TcpOptions(port=70_000)])
async def test_an_address_that_cannot_be_is_said_in_one_line(options: TcpOptions) -> None:
    with pytest.raises(ConfigError, match="cannot be listened on"):
        await ModbusTcp(device(), options).start()


async def test_the_port_is_not_known_before_the_start() -> None:
    with pytest.raises(RuntimeError, match="not started"):
        _ = ModbusTcp(device()).port


async def test_closing_ends_every_connection_and_frees_the_port() -> None:
    server = ModbusTcp(device(), TcpOptions(port=0))
    await server.start()
    port = server.port
    async with ModbusClient(port) as client, ModbusClient(port) as idle:
        await client.ask(READ)
        await server.close()
        assert await client.is_closed()
        assert await idle.is_closed()
    assert server.counts.open == 0
    await server.close()
    again = ModbusTcp(device(), TcpOptions(port=port))
    await again.start()
    async with ModbusClient(port) as client:
        assert await client.ask(READ) == GOOD
    await again.close()


async def test_closing_does_not_wait_for_a_client_that_does_not_read() -> None:
    server = ModbusTcp(device(), TcpOptions(port=0))
    await server.start()
    async with greedy_client(server.port), ModbusClient(server.port) as other:
        await settled(other, lambda: server.device.counts.requests)
        await server.close()
        assert server.counts.open == 0


async def test_it_says_where_it_listens(caplog: pytest.LogCaptureFixture) -> None:
    server = ModbusTcp(device(), TcpOptions(port=0))
    with caplog.at_level(logging.INFO):
        await server.start()
    assert f"127.0.0.1 port {server.port}" in caplog.text
    await server.close()
