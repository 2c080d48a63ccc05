"""Whatever arrives, the server stays up and answers the next good request; whatever is measured, it encodes."""

import asyncio
import struct
from collections.abc import Callable, Coroutine
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fakes.modbus_client import ModbusClient, frame
from fakes.snapshots import TAKEN_AT, FakeBoard, installation_of, snapshot_of
from webmanager.domain.picture import picture_of
from webmanager.domain.points import POINTS, read
from webmanager.modbus.device import ModbusDevice
from webmanager.modbus.image import RUN_ENDS, encode
from webmanager.modbus.pdu import answer
from webmanager.modbus.registers import REGISTERS, ROWS, Kind
from webmanager.modbus.server import ModbusTcp, TcpOptions

IMAGE = b"".join(address.to_bytes(2, "big") for address in range(REGISTERS))
READ, GOOD = "03 03E8 0001", "03 02 03 e8"
SMALL = installation_of(8, 2)

pdus = st.binary(min_size=1, max_size=253)
reads = st.builds(
    lambda function, first, count: struct.pack(">BHH", function, first, count),
    st.integers(0, 255),
    st.one_of(st.integers(0, 0xFFFF), st.integers(0, REGISTERS)),
    st.one_of(st.integers(0, 0xFFFF), st.integers(0, 130)),
)
numbers = st.floats(allow_nan=True, allow_infinity=True, width=64)


@given(st.one_of(pdus, reads))
def test_every_request_has_one_answer_of_a_possible_form(request: bytes) -> None:
    found = answer(request, IMAGE)
    assert 2 <= len(found) <= 253
    if found[0] & 0x80:
        assert found[0] == request[0] | 0x80
        assert len(found) == 2
        assert found[1] in {1, 2, 3}
    else:
        assert found[0] == request[0]
        assert found[1] == len(found) - 2


@given(reads)
def test_registers_come_from_where_they_were_asked_and_only_if_all_are_assigned(request: bytes) -> None:
    function, first, count = struct.unpack(">BHH", request)
    found = answer(request, IMAGE)
    if function not in {3, 4}:
        return
    if not 1 <= count <= 125:
        assert found[1] == 3
    elif all(address < REGISTERS and RUN_ENDS[address] for address in range(first, first + count)):
        assert found[2:] == b"".join(address.to_bytes(2, "big") for address in range(first, first + count))
    else:
        assert found == bytes((function | 0x80, 2))


def with_server(scenario: Callable[[ModbusTcp], Coroutine[Any, Any, None]]) -> None:
    async def run() -> None:
        server = ModbusTcp(ModbusDevice(lambda: IMAGE), TcpOptions(port=0))
        await server.start()
        try:
            await scenario(server)
        finally:
            await server.close()

    asyncio.run(run())


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=1, max_size=600))
def test_any_bytes_leave_the_server_able_to_answer(noise: bytes) -> None:
    async def scenario(server: ModbusTcp) -> None:
        async with ModbusClient(server.port) as noisy, ModbusClient(server.port) as other:
            await noisy.send(noise)
            assert await other.ask(READ) == GOOD
        async with ModbusClient(server.port) as after:
            assert await after.ask(READ) == GOOD

    with_server(scenario)


@settings(max_examples=60, deadline=None)
@given(st.lists(pdus, min_size=1, max_size=12), st.lists(st.integers(1, 900), max_size=8))
def test_however_requests_are_cut_each_gets_its_answer_in_order(requests: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(frame(pdu, transaction=number) for number, pdu in enumerate(requests))
    edges = [0, *sorted({cut for cut in cuts if cut < len(stream)}), len(stream)]

    async def scenario(server: ModbusTcp) -> None:
        async with ModbusClient(server.port) as client:
            for start, end in pairwise(edges):
                await client.send(stream[start:end])
                await asyncio.sleep(0)
            for number, pdu in enumerate(requests):
                assert await client.answer() == (number, 1, answer(pdu, IMAGE).hex(" "))

    with_server(scenario)


@settings(max_examples=40, deadline=None)
@given(arrays(np.float64, 8, elements=numbers), st.floats(0, 1e9), st.integers(0, 2**40))
def test_any_measurement_is_the_nearest_step_or_no_value(values: np.ndarray, age_s: float, number: int) -> None:
    quantities = ("voltage_v", "temperature_c", "ri_mohm", "equalizing_percent")
    with np.errstate(all="ignore"):
        snapshot = snapshot_of(SMALL, number=number, modules=dict.fromkeys(quantities, values))
    picture = picture_of(FakeBoard.showing(snapshot), 100.0 + age_s, TAKEN_AT)
    image = struct.unpack(f">{REGISTERS}H", encode(picture))
    for row in ROWS:
        if row.published is None or row.repeat == 1 or row.clips or row.kind is Kind.FLAGS:
            continue
        published = read(POINTS[row.published.name], picture).values
        for place, raw in enumerate(image[row.address : row.last + 1 : row.step][: published.size]):
            if raw != row.kind.no_value:
                signed = raw - 0x10000 if row.kind is Kind.SIGNED and raw & 0x8000 else raw
                assert abs(signed * row.resolution - published[place]) <= row.resolution * 0.501
            elif np.isfinite(published[place]):
                exact = float(published[place]) / row.resolution
                lowest, highest = (-0x7FFF, 0x7FFF) if row.kind is Kind.SIGNED else (0, 0xFFFE)
                assert not lowest <= exact <= highest
