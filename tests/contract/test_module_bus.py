"""What the engine relies on, whatever hangs behind `ModuleBus`; a further room joins in `fakes.bus_rooms.ROOMS`."""

from collections.abc import AsyncIterator

import numpy as np
import pytest

from fakes.bus_rooms import MODULES, ROOMS, STRINGS, BusRoom
from webmanager.domain.errors import BusError, MixedRevisionsError
from webmanager.engine.ports import StringReference


@pytest.fixture(params=sorted(ROOMS))
async def room(request: pytest.FixtureRequest) -> AsyncIterator[BusRoom]:
    async with ROOMS[request.param]() as room:
        yield room


async def test_discovery_finds_every_module_in_order(room: BusRoom) -> None:
    identities = await room.bus.discover()
    assert [identity.address for identity in identities] == list(range(1, MODULES + 1))
    assert {identity.revision for identity in identities} == {"1.4"}
    assert len({identity.serial for identity in identities}) == MODULES


async def test_discovery_leaves_out_who_does_not_answer(room: BusRoom) -> None:
    room.silence(7)
    identities = await room.bus.discover()
    assert {identity.address for identity in identities} == set(range(1, MODULES + 1)) - {7}


async def test_mixed_revisions_refuse_to_start_and_name_the_odd_ones(room: BusRoom) -> None:
    room.set_revision(9, (9, 9))
    with pytest.raises(MixedRevisionsError) as refusal:
        await room.bus.discover()
    assert refusal.value.odd == {9: "9.9"}
    assert refusal.value.common == "1.4"
    room.set_revision(9, (1, 4))
    assert len(await room.bus.discover()) == MODULES


async def test_scan_brings_each_value_to_its_place(room: BusRoom) -> None:
    await room.bus.discover()
    for address in range(1, MODULES + 1):
        room.set_voltage(address, 13 + address / 1000)
    room.set_current(2, -42.5)
    scan = await room.bus.scan()
    assert scan.answered.all()
    assert scan.voltage_v == pytest.approx([13 + address / 1000 for address in range(1, MODULES + 1)])
    assert scan.current_a[1] == pytest.approx(-42.5)
    assert not np.isnan(scan.temperature_c).any()
    assert scan.errors == 0
    assert scan.duration_s > 0


async def test_arrays_have_the_lengths_of_the_installation(room: BusRoom) -> None:
    await room.bus.discover()
    scan = await room.bus.scan()
    modules = (scan.answered, scan.voltage_v, scan.temperature_c, scan.equalizing_percent, scan.status)
    assert {array.shape for array in modules} == {(MODULES,)}
    assert scan.current_a.shape == scan.ripple_a.shape == (STRINGS,)


async def test_silent_module_is_unknown_and_never_zero_or_old(room: BusRoom) -> None:
    await room.bus.discover()
    await room.bus.scan()
    room.silence(1, 20, MODULES)
    scan = await room.bus.scan()
    assert (~scan.answered).nonzero()[0].tolist() == [0, 19, MODULES - 1]
    for values in (scan.voltage_v, scan.temperature_c, scan.equalizing_percent):
        assert np.isnan(values).nonzero()[0].tolist() == [0, 19, MODULES - 1]


async def test_module_that_returns_is_there_again_by_itself(room: BusRoom) -> None:
    await room.bus.discover()
    room.silence(20)
    for _ in range(4):
        assert not (await room.bus.scan()).answered[19]
    room.restore(20)
    assert (await room.bus.scan()).answered.all()


async def test_all_silent_is_a_scan_of_nothing(room: BusRoom) -> None:
    await room.bus.discover()
    room.silence(*range(1, MODULES + 1))
    scan = await room.bus.scan()
    assert not scan.answered.any()
    assert np.isnan(scan.voltage_v).all()


async def test_references_reach_their_string_only(room: BusRoom) -> None:
    await room.bus.discover()
    await room.bus.send_references([StringReference(1, 20, 13.508), StringReference(21, 20, None)])
    await room.bus.scan()
    assert {room.reference_of(address) for address in range(1, 21)} == {13.508}
    assert {room.reference_of(address) for address in range(21, 41)} == {None}
    await room.bus.send_references([StringReference(1, 20, None)])
    await room.bus.scan()
    assert room.reference_of(1) is None


async def test_measurement_of_ri_is_confirmed_or_not(room: BusRoom) -> None:
    await room.bus.discover()
    assert await room.bus.start_ri(5) is True
    room.silence(6)
    assert await room.bus.start_ri(6) is False


async def test_new_ri_comes_with_a_scan_once(room: BusRoom) -> None:
    await room.bus.discover()
    await room.bus.scan()
    room.offer_ri(5, 4.213)
    scan = await room.bus.scan()
    assert [(reading.address, reading.ri_mohm) for reading in scan.ri] == [(5, pytest.approx(4.213))]
    assert (await room.bus.scan()).ri == ()


async def test_kept_ri_is_read_from_those_that_answer(room: BusRoom) -> None:
    await room.bus.discover()
    room.silence(2, 30)
    readings = await room.bus.read_ri([1, 2, 3, 30, 31])
    assert [reading.address for reading in readings] == [1, 3, 31]
    assert all(reading.ri_mohm == pytest.approx(4.2) for reading in readings)


async def test_dead_port_is_an_error_in_one_line_and_heals(room: BusRoom) -> None:
    await room.bus.discover()
    room.pull()
    for call in (room.bus.scan, room.bus.discover):
        with pytest.raises(BusError) as error:
            await call()
        assert "\n" not in str(error.value)
    room.plug()
    assert len(await room.bus.discover()) == MODULES
    assert (await room.bus.scan()).answered.all()
