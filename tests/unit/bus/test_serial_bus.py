"""Discovery and scan on a real pseudo terminal: what is asked, how often, and what is made of the answers."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fakes.paced_modules import (
    IDENTIFY,
    READ_CURRENT,
    READ_RI,
    READ_VALUES,
    RESTARTED,
    RI_NEW,
    SET_REFERENCE,
    PacedModules,
)
from webmanager.bus.link import SerialLink
from webmanager.bus.serial_bus import ScanRules, SerialModuleBus
from webmanager.bus.timing import LinkTiming
from webmanager.domain.errors import BusError, ConfigError, MixedRevisionsError
from webmanager.engine.ports import StringReference

TIMING = LinkTiming(baud=115200, margin_s=0.1, margin_max_s=0.1, reopen_first_s=0.01, reopen_longest_s=0.02)
RULES = ScanRules(find_s=0.0, retry_budget_s=0.2)


@pytest.fixture
async def room() -> AsyncIterator[PacedModules]:
    with tempfile.TemporaryDirectory() as folder, PacedModules(70, sensors=3, link=Path(folder) / "com3") as room:
        yield room


@asynccontextmanager
async def running(
    room: PacedModules, rules: ScanRules = RULES, strings: int = 7, timing: LinkTiming = TIMING
) -> AsyncIterator[SerialModuleBus]:
    link = SerialLink(room.path, timing)
    link.open()
    try:
        yield SerialModuleBus(link, len(room.modules), strings, rules)
    finally:
        link.close()


@pytest.fixture
async def bus(room: PacedModules) -> AsyncIterator[SerialModuleBus]:
    async with running(room) as bus:
        await bus.discover()
        room.seen.requests.clear()
        room.seen.by_command.clear()
        yield bus


def asked(room: PacedModules, command: int) -> list[tuple[int, int]]:
    """(first address, count) of each request of a command; a single request counts as 0."""
    return [(each[1], each[3][0] if each[3] else 0) for each in room.seen.requests if each[0] == command]


async def test_discovery_asks_in_trains_and_looks_for_sensors(room: PacedModules) -> None:
    async with running(room) as bus:
        identities = await bus.discover()
    assert len(identities) == 70
    assert (identities[16].type, identities[16].firmware, identities[16].serial) == ("C40", "2.7", 0x1000 + 17)
    assert asked(room, IDENTIFY) == [(1, 32), (33, 32), (65, 6)]
    assert asked(room, READ_CURRENT) == [(1, 7), (4, 4), (4, 4)]


async def test_sensor_that_misses_the_first_question_is_found_all_the_same(room: PacedModules) -> None:
    room.sensors[3].garble = 1
    room.sensors[3].current_ca = 700
    async with running(room) as bus:
        await bus.discover()
        room.seen.requests.clear()
        assert (await bus.scan()).current_a.tolist()[2] == pytest.approx(7.0)
    assert asked(room, READ_CURRENT) == [(1, 3)]


async def test_discovery_waits_for_modules_that_wake_up(room: PacedModules) -> None:
    for address in (3, 40):
        room.modules[address].wakes_after_s = 0.4
    async with running(room, replace(RULES, find_s=30.0)) as bus:
        assert len(await bus.discover()) == 70
    again = asked(room, IDENTIFY)[3:]
    assert again
    assert {first for first, _ in again} == {3, 40}


async def test_discovery_gives_up_after_its_time(room: PacedModules) -> None:
    room.modules[3].silent = True
    async with running(room, replace(RULES, find_s=0.3)) as bus:
        assert [identity.address for identity in await bus.discover()] == [1, 2, *range(4, 71)]
    assert set(asked(room, IDENTIFY)[3:]) <= {(3, 1)}


async def test_mixed_revisions_name_the_few_that_differ(room: PacedModules) -> None:
    for address in (5, 6):
        room.modules[address].revision = (1, 3)
    async with running(room) as bus:
        with pytest.raises(MixedRevisionsError, match=r"most modules have 1\.4, but module 5 has 1\.3, 6 has 1\.3"):
            await bus.discover()


async def test_scan_is_three_trains_and_one_of_sensors(room: PacedModules, bus: SerialModuleBus) -> None:
    await bus.scan()
    assert asked(room, READ_VALUES) == [(1, 32), (33, 32), (65, 6)]
    assert asked(room, READ_CURRENT) == [(1, 3)]
    assert len(room.seen.requests) == 4


async def test_missing_module_is_asked_again_alone_and_only_for_two_scans(
    room: PacedModules, bus: SerialModuleBus
) -> None:
    room.modules[17].silent = True
    slots = []
    for _ in range(4):
        room.seen.requests.clear()
        room.seen.slots = 0
        scan = await bus.scan()
        assert scan.answered.sum() == 69
        singles = [first for first, count in asked(room, READ_VALUES) if not count]
        slots.append((len(singles), scan.errors, room.seen.slots))
        assert set(singles) <= {17}
    # One retry fits the budget at this wide margin; a silent module then costs its slot in the train, nothing else.
    assert slots == [(1, 1, 73), (1, 1, 73), (0, 0, 73), (0, 0, 73)]


async def test_module_that_misses_once_is_there_after_all(room: PacedModules, bus: SerialModuleBus) -> None:
    room.modules[17].garble = 1
    scan = await bus.scan()
    assert scan.answered.all()
    assert scan.errors == 1
    counters = bus.counters().modules
    assert counters.crc_errors[16] == counters.retries[16] == 1


async def test_missing_neighbours_are_asked_again_in_one_train(room: PacedModules, bus: SerialModuleBus) -> None:
    for address in (10, 11, 13):
        room.modules[address].garble = 1
    assert (await bus.scan()).answered.all()
    assert asked(room, READ_VALUES)[3:] == [(10, 4)]


async def test_retries_end_with_their_budget(room: PacedModules) -> None:
    async with running(room, replace(RULES, retry_budget_s=0.0)) as bus:
        await bus.discover()
        room.modules[17].garble = 1
        room.seen.requests.clear()
        assert (await bus.scan()).answered.sum() == 69
    assert len(asked(room, READ_VALUES)) == 3


async def test_first_miss_is_asked_again_before_a_second_one(room: PacedModules, bus: SerialModuleBus) -> None:
    room.modules[5].silent = True
    await bus.scan()
    room.modules[50].silent = True
    room.seen.requests.clear()
    await bus.scan()
    assert asked(room, READ_VALUES)[3:] == [(50, 0)]


async def test_lost_request_is_made_good_within_the_scan(room: PacedModules, bus: SerialModuleBus) -> None:
    room.faults.lose_requests = 1
    scan = await bus.scan()
    assert scan.answered.all()
    assert scan.errors == 1
    assert bus.counters().lost_requests == 1


async def test_lost_requests_are_made_good_with_the_time_they_saved(room: PacedModules) -> None:
    timing = replace(TIMING, baud=9600, margin_s=0.01, margin_max_s=0.01)
    async with running(room, replace(RULES, retry_budget_s=0.08), timing=timing) as bus:
        await bus.discover()
        for lost in (1, 2, 3):
            room.faults.lose_requests = lost
            scan = await bus.scan()
            assert scan.answered.all()
            assert scan.errors == lost


async def test_a_whole_train_is_not_asked_again_without_the_time_for_it(room: PacedModules) -> None:
    timing = replace(TIMING, baud=9600, margin_s=0.01, margin_max_s=0.01, lost_after=40)
    async with running(room, replace(RULES, retry_budget_s=0.08), timing=timing) as bus:
        await bus.discover()
        room.faults.lose_requests = 1
        assert (~(await bus.scan()).answered).nonzero()[0].tolist() == list(range(32))


async def test_broken_cable_silences_only_what_lies_behind_it(room: PacedModules, bus: SerialModuleBus) -> None:
    room.faults.broken_behind = 40
    for _ in range(3):
        scan = await bus.scan()
        assert scan.answered[:40].all()
        assert not scan.answered[40:].any()
    room.faults.broken_behind = 0
    assert (await bus.scan()).answered.all()


async def test_missing_sensor_is_unknown_and_found_again(room: PacedModules, bus: SerialModuleBus) -> None:
    room.sensors[2].current_ca = -150
    room.sensors[2].silent = True
    assert (await bus.scan()).current_a.tolist()[:1] == [0.0]
    room.sensors[2].silent = False
    assert (await bus.scan()).current_a.tolist()[1] == pytest.approx(-1.5)


async def test_sensor_that_misses_once_is_asked_again_at_once_and_only_once(
    room: PacedModules, bus: SerialModuleBus
) -> None:
    room.sensors[3].garble = 1
    room.sensors[3].current_ca = 700
    assert (await bus.scan()).current_a.tolist()[2] == pytest.approx(7.0)
    assert asked(room, READ_CURRENT) == [(1, 3), (3, 1)]
    room.sensors[3].silent = True
    for _ in range(3):
        assert np.isnan((await bus.scan()).current_a[2])
    assert asked(room, READ_CURRENT)[2:] == [(1, 3), (3, 1), (1, 3), (1, 3)]


async def test_new_sensor_is_found_by_the_search_now_and_then(room: PacedModules) -> None:
    async with running(room, replace(RULES, sensor_search_every=3)) as bus:
        for sensor in room.sensors.values():
            sensor.silent = True
        await bus.discover()
        room.seen.requests.clear()
        await bus.scan()
        await bus.scan()
        assert asked(room, READ_CURRENT) == []
        for sensor in room.sensors.values():
            sensor.silent = False
        scan = await bus.scan()
    assert asked(room, READ_CURRENT) == [(1, 7)]
    assert scan.current_a.tolist()[:3] == [0.0, 0.0, 0.0]


async def test_new_ri_is_read_four_a_scan_and_nobody_waits_for_ever(room: PacedModules, bus: SerialModuleBus) -> None:
    for address in range(1, 7):
        room.modules[address].status |= RI_NEW
    first, second, third = [[reading.address for reading in (await bus.scan()).ri] for _ in range(3)]
    assert (first, second, third) == ([1, 2, 3, 4], [5, 6], [])
    for expected in ([1, 2, 3, 4], [5, 6, 1, 2]):
        for address in range(1, 7):
            room.modules[address].status |= RI_NEW
        assert [reading.address for reading in (await bus.scan()).ri] == expected


async def test_module_that_never_measured_has_no_ri(room: PacedModules, bus: SerialModuleBus) -> None:
    room.modules[2].ri_uohm, room.modules[2].ri_age_min = 0xFFFFFFFF, 0xFFFF
    assert [reading.address for reading in await bus.read_ri([1, 2, 3])] == [1, 3]


async def test_ri_out_of_the_range_of_the_module_is_a_reading_without_a_value(
    room: PacedModules, bus: SerialModuleBus
) -> None:
    room.modules[2].ri_uohm, room.modules[2].ri_age_min = 0xFFFFFFFF, 4
    reading = (await bus.read_ri([2]))[0]
    assert np.isnan(reading.ri_mohm)
    assert reading.age_s == 240.0


async def test_ri_of_neighbours_is_read_in_one_train(room: PacedModules, bus: SerialModuleBus) -> None:
    readings = await bus.read_ri([70, *range(1, 34)])
    assert [reading.address for reading in readings] == [*range(1, 34), 70]
    assert asked(room, READ_RI) == [(1, 32), (33, 0), (70, 0)]
    assert readings[0].age_s == 3600


async def test_restarted_module_is_asked_who_it_is(room: PacedModules, bus: SerialModuleBus) -> None:
    for address in (8, 9):
        room.modules[address].status |= RESTARTED
        room.modules[address].revision = (9, 9)
    found = [[each.address for each in (await bus.scan()).identities] for _ in range(3)]
    assert found == [[8], [9], []]
    assert asked(room, IDENTIFY) == [(8, 0), (9, 0)]


async def test_returning_module_is_asked_who_it_is(room: PacedModules, bus: SerialModuleBus) -> None:
    room.modules[8].silent = True
    for _ in range(3):
        assert (await bus.scan()).identities == ()
    room.modules[8].silent = False
    room.modules[8].revision = (9, 9)
    assert [each.revision for each in (await bus.scan()).identities] == ["9.9"]
    assert (await bus.scan()).identities == ()


async def test_module_silent_since_the_start_is_identified_when_it_comes(room: PacedModules) -> None:
    room.modules[8].silent = True
    async with running(room) as bus:
        await bus.discover()
        await bus.scan()
        room.modules[8].silent = False
        assert [each.address for each in (await bus.scan()).identities] == [8]


async def test_identity_that_does_not_come_is_asked_for_later(room: PacedModules, bus: SerialModuleBus) -> None:
    room.modules[8].silent = room.modules[9].silent = True
    for _ in range(3):
        await bus.scan()
    room.modules[8].silent = room.modules[9].silent = False
    room.modules[8].deaf_to = frozenset({IDENTIFY})
    assert (await bus.scan()).identities == ()
    assert [each.address for each in (await bus.scan()).identities] == [9]
    room.modules[8].deaf_to = frozenset()
    assert [each.address for each in (await bus.scan()).identities] == [8]


async def test_silent_module_is_not_asked_who_it_is(room: PacedModules, bus: SerialModuleBus) -> None:
    room.modules[8].status |= RESTARTED
    room.modules[8].deaf_to = frozenset({IDENTIFY})
    await bus.scan()
    room.modules[8].silent = True
    room.seen.requests.clear()
    await bus.scan()
    assert asked(room, IDENTIFY) == []


async def test_references_travel_as_millivolts(room: PacedModules, bus: SerialModuleBus) -> None:
    await bus.send_references([StringReference(11, 10, 13.5084), StringReference(21, 10, None)])
    await bus.scan()
    assert [each[3].hex(" ") for each in room.seen.requests if each[0] == SET_REFERENCE] == [
        "00 0b 0a 34 c4",
        "00 15 0a 00 00",
    ]
    assert room.modules[20].reference_mv == 13508
    assert room.modules[21].reference_mv == 0


async def test_busy_module_does_not_confirm_a_measurement(room: PacedModules, bus: SerialModuleBus) -> None:
    room.modules[4].busy = True
    assert await bus.start_ri(4) is False
    assert await bus.start_ri(5) is True


async def test_port_that_dies_in_a_scan_is_an_error(room: PacedModules, bus: SerialModuleBus) -> None:
    room.unplug(keep_link=False)
    with pytest.raises(BusError, match="com3"):
        await bus.scan()
    room.plug()
    assert (await bus.scan()).answered.all()


@pytest.mark.parametrize(
    ("wrong", "text"), [({"retry_budget_s": 0.3}, "retry budget"), ({"find_s": -1.0}, "search for modules")]
)
def test_rule_that_cannot_be_is_named(wrong: dict[str, float], text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        ScanRules(**wrong)  # type: ignore[arg-type]


async def test_factory_new_modules_are_looked_for_only_while_one_is_missing(
    room: PacedModules, bus: SerialModuleBus
) -> None:
    for _ in range(4):
        assert (await bus.scan()).unaddressed == 0
    assert asked(room, IDENTIFY) == []
    room.modules[0] = room.modules.pop(20)
    found = [(await bus.scan()).unaddressed for _ in range(6)]
    assert found[:2] == [0, 0]
    assert found[-1] == 1
    assert set(asked(room, IDENTIFY)) == {(0, 0)}
    room.modules[20] = room.modules.pop(0)
    assert (await bus.scan()).unaddressed == 0


async def test_several_factory_new_modules_garble_each_other(room: PacedModules, bus: SerialModuleBus) -> None:
    room.modules[0] = room.modules.pop(20)
    room.modules[0].garble = -1
    found = [(await bus.scan()).unaddressed for _ in range(6)]
    assert found[-1] == 2
