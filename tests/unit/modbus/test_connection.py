import asyncio
import socket

import pytest

from fakes.modbus_client import ModbusClient, frame, greedy_client, settled
from webmanager.modbus.connection import RECEIVE_BYTES
from webmanager.modbus.server import ModbusTcp

READ, GOOD = "03 03E8 0002", "03 04 03 e8 03 e9"


async def test_one_request_one_answer(server: ModbusTcp) -> None:
    async with ModbusClient(server.port) as client:
        assert await client.ask(READ, transaction=0xABCD) == GOOD
        assert await client.ask("04 07D0 0001", transaction=0) == "04 02 07 d0"


async def test_three_requests_in_one_segment_are_all_answered_in_order(server: ModbusTcp) -> None:
    async with ModbusClient(server.port) as client:
        await client.send(b"".join(frame(READ, transaction=number) for number in (7, 8, 9)))
        assert [await client.answer() for _ in range(3)] == [(number, 1, GOOD) for number in (7, 8, 9)]


async def test_good_and_bad_requests_in_one_segment_each_get_their_own_answer(server: ModbusTcp) -> None:
    requests = [(1, 1, "03 07D0 0000"), (2, 1, READ), (3, 1, "41"), (4, 9, READ), (5, 255, "03 0000 0001")]
    async with ModbusClient(server.port) as client:
        await client.send(b"".join(frame(pdu, transaction=number, unit=unit) for number, unit, pdu in requests))
        answers = [await client.answer() for _ in requests]
    assert answers == [(1, 1, "83 03"), (2, 1, GOOD), (3, 1, "c1 01"), (4, 9, "83 0b"), (5, 255, "83 02")]


async def test_one_byte_at_a_time(server: ModbusTcp) -> None:
    async with ModbusClient(server.port) as client:
        client.writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in frame(READ, transaction=5) + frame("41", transaction=6):
            await client.send(bytes((byte,)))
            await asyncio.sleep(0)
        assert await client.answer() == (5, 1, GOOD)
        assert await client.answer() == (6, 1, "c1 01")


@pytest.mark.parametrize("cut", range(1, 12))
async def test_a_request_cut_anywhere_is_put_together_with_what_was_before_and_after(
    server: ModbusTcp, cut: int
) -> None:
    whole = frame(READ, transaction=1) + frame(READ, transaction=2) + frame(READ, transaction=3)
    async with ModbusClient(server.port) as client:
        await client.send(whole[: 12 + cut])
        assert await client.answer() == (1, 1, GOOD)
        await client.send(whole[12 + cut :])
        assert await client.answer() == (2, 1, GOOD)
        assert await client.answer() == (3, 1, GOOD)


@pytest.mark.parametrize(
    "garbage",
    [
        bytes(range(1, 41)),
        b"\xff" * 40,
        b"GET / HTTP/1.1\r\nHost: battery\r\n\r\n      ",
        b"\x00\x01\x00\x00\x00\x01\x01" + b"\x03" * 33,  # length 1: no function
        b"\x00\x01\x00\x00\x00\x00\x01" + b"\x03" * 33,  # length 0
        b"\x00\x01\x00\x00\x00\xff\x01" + b"\x03" * 33,  # length 255: longer than any frame
        b"\x00\x01\x00\x00\xff\xff\x01" + b"\x03" * 33,
        b"\x00\x01\x00\x01\x00\x06\x01" + b"\x03" * 33,  # another protocol
    ],
)
async def test_garbage_ends_the_connection_and_only_that(server: ModbusTcp, garbage: bytes) -> None:
    async with ModbusClient(server.port) as other, ModbusClient(server.port) as client:
        await client.send(garbage)
        assert await client.is_closed()
        assert await other.ask(READ) == GOOD
        async with ModbusClient(server.port) as after:
            assert await after.ask(READ) == GOOD
    assert server.counts.garbled == 1


async def test_requests_before_the_garbage_are_still_answered(server: ModbusTcp) -> None:
    async with ModbusClient(server.port) as client:
        await client.send(frame(READ, transaction=3) + b"\xff" * 40)
        assert await client.answer() == (3, 1, GOOD)
        assert await client.is_closed()


async def test_a_request_that_fits_no_function_does_not_end_the_connection(server: ModbusTcp) -> None:
    async with ModbusClient(server.port) as client:
        assert await client.ask(b"\x03" + b"\xee" * 252) == "83 03"
        assert await client.ask(b"\x64" + b"\xee" * 252) == "e4 01"
        assert await client.ask(READ) == GOOD


async def test_more_than_a_buffer_full_at_once(server: ModbusTcp) -> None:
    count = 20 * RECEIVE_BYTES // 12
    async with ModbusClient(server.port) as client:
        await client.send(b"".join(frame("03 07D0 007D", transaction=number) for number in range(count)))
        answers = [await client.answer() for _ in range(count)]
    assert [number for number, _, _ in answers] == list(range(count))
    assert server.device.counts.requests == count


async def test_a_client_that_does_not_read_is_not_read_from_and_disturbs_nobody(server: ModbusTcp) -> None:
    """Its requests pile up on its own side: once the sockets' buffers are full, the server takes no more of them."""
    async with greedy_client(server.port) as sending, ModbusClient(server.port) as other:
        await settled(other, lambda: server.device.counts.requests)
        assert not sending.done()
        assert await other.ask(READ) == GOOD


async def test_reading_goes_on_when_a_slow_client_has_caught_up(server: ModbusTcp) -> None:
    count = 40_000
    requests = b"".join(frame("03 07D0 007D", transaction=number & 0xFFFF) for number in range(count))
    with socket.create_connection(("127.0.0.1", server.port)) as slow:
        slow.setblocking(False)
        loop = asyncio.get_running_loop()
        sending = loop.create_task(loop.sock_sendall(slow, requests))
        async with ModbusClient(server.port) as other:
            await settled(other, lambda: server.device.counts.requests)
        assert server.device.counts.requests < count
        received = 0
        while received < count * 259:
            received += len(await asyncio.wait_for(loop.sock_recv(slow, 65_536), 5.0))
        await sending
    assert received == count * 259


async def test_half_a_request_and_then_the_end_leaves_nothing_behind(server: ModbusTcp) -> None:
    async with ModbusClient(server.port) as client:
        await client.send(frame(READ)[:7])
    async with ModbusClient(server.port) as client:
        assert await client.ask(READ) == GOOD
    assert server.device.counts.requests == 1


async def test_a_client_that_ends_its_sending_side_is_let_go(server: ModbusTcp) -> None:
    async with ModbusClient(server.port) as client:
        assert await client.ask(READ) == GOOD
        client.writer.write_eof()
        assert await client.is_closed()


async def test_a_reset_connection_is_forgotten(server: ModbusTcp) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as rude:
        rude.sendall(frame(READ))
        rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    async with ModbusClient(server.port) as client:
        assert await client.ask(READ) == GOOD
        while server.counts.open > 1:
            await asyncio.sleep(0.001)
