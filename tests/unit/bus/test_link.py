"""The link against modules on a real pseudo terminal, undisturbed and disturbed in every way the wire knows."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from fakes.paced_modules import PacedModules, frame
from webmanager.bus.commands import Command, Refusal, Refused, Values
from webmanager.bus.frame import BROADCAST, Frame
from webmanager.bus.link import SerialLink
from webmanager.bus.timing import LinkTiming
from webmanager.domain.errors import BusError

TIMING = LinkTiming(baud=115200, margin_s=0.1, margin_max_s=0.1, reopen_first_s=0.01, reopen_longest_s=0.05)
HASTY = LinkTiming(baud=115200, margin_s=0.02, margin_max_s=0.3, attempts=1, train_attempts=1)
READ = Command.READ_VALUES


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[PacedModules]:
    with PacedModules(40, sensors=2, link=tmp_path / "com3") as room:
        yield room


@pytest.fixture
async def link(room: PacedModules) -> AsyncIterator[SerialLink]:
    link = SerialLink(room.path, TIMING)
    link.open()
    yield link
    link.close()


def ask(address: int, command: Command = READ) -> Frame:
    return Frame(command, address, 0)


async def deadline_of(link: SerialLink) -> float:
    """When the request just begun would time out."""
    while link._exchange is None:
        await asyncio.sleep(0)
    return link._exchange.deadline_s


async def test_one_module_answers(room: PacedModules, link: SerialLink) -> None:
    room.modules[17].voltage_mv = 13512
    reply = await link.request(ask(17))
    assert reply
    assert Values.decode(reply.payload).voltage_mv == 13512
    assert (reply.command, reply.address, reply.reply) == (READ, 17, True)
    counters = link.counters()
    assert counters.modules.answered[16] == counters.requests == 1
    assert counters.modules.rtt_last_s[16] > 0
    assert (counters.bytes_out, counters.bytes_in) == (6, 12)


async def test_each_request_has_another_sequence(room: PacedModules, link: SerialLink) -> None:
    for _ in range(5):
        await link.request(ask(1))
    assert [sequence for _, _, sequence, _ in room.seen.requests] == [1, 2, 3, 0, 1]


async def test_repetition_keeps_its_sequence_so_that_a_late_answer_counts(room: PacedModules) -> None:
    link = SerialLink(room.path, LinkTiming(baud=115200, margin_s=0.02, margin_max_s=0.3, attempts=50))
    link.open()
    room.modules[1].late_s = 0.1
    assert await link.request(ask(1)) is not None
    assert len(room.seen.requests) >= 2
    assert {sequence for _, _, sequence, _ in room.seen.requests} == {1}
    assert link.counters().margin_s > 0.02
    link.close()


async def test_train_brings_all_answers_with_one_request(room: PacedModules, link: SerialLink) -> None:
    answers = await link.train(READ, 1, 32)
    assert list(answers) == list(range(1, 33))
    assert len(room.seen.requests) == 1
    assert room.seen.slots == 32


async def test_dead_module_is_missing_and_everybody_else_is_there(room: PacedModules, link: SerialLink) -> None:
    room.modules[5].silent = room.modules[32].silent = True
    answers = await link.train(READ, 1, 32, expected=range(1, 33))
    assert set(answers) == set(range(1, 33)) - {5, 32}
    counters = link.counters()
    assert counters.modules.timeouts.nonzero()[0].tolist() == [4, 31]
    assert counters.lost_requests == 0


async def test_lost_train_request_is_repeated_after_three_slots(room: PacedModules, link: SerialLink) -> None:
    room.faults.lose_requests = 1
    answers = await link.train(READ, 1, 32, expected=range(1, 33))
    assert len(answers) == 32
    counters = link.counters()
    assert counters.lost_requests == 1
    assert counters.modules.timeouts.sum() == 0
    assert counters.modules.retries[:32].tolist() == [1] * 32
    assert room.seen.slots == 32


async def test_train_to_nobody_ends_and_counts_everybody(room: PacedModules, link: SerialLink) -> None:
    room.faults.lose_requests = 2
    assert await link.train(READ, 1, 32, expected=range(1, 33)) == {}
    counters = link.counters()
    assert counters.lost_requests == 2
    assert counters.modules.timeouts[:32].tolist() == [1] * 32


async def test_single_request_is_repeated_as_often_as_allowed(room: PacedModules, link: SerialLink) -> None:
    room.faults.lose_requests = 2
    assert await link.request(ask(3)) is not None
    counters = link.counters()
    assert counters.modules.retries[2] == counters.modules.timeouts[2] == 2
    room.modules[3].silent = True
    assert await link.request(ask(3), attempts=1) is None
    assert link.counters().modules.timeouts[2] == 3


async def test_sensors_have_an_address_space_of_their_own(room: PacedModules, link: SerialLink) -> None:
    room.sensors[2].silent = True
    assert list(await link.train(Command.READ_CURRENT, 1, 2)) == [1]
    counters = link.counters()
    assert counters.sensors.answered.tolist()[:2] == [1, 0]
    assert counters.sensors.timeouts.tolist()[:2] == [0, 1]
    assert counters.modules.answered.sum() == 0


async def test_refusal_is_an_answer(room: PacedModules, link: SerialLink) -> None:
    room.modules[4].busy = True
    reply = await link.request(ask(4, Command.START_RI))
    assert reply
    assert reply.command == Command.REFUSED
    assert Refused.decode(reply.payload) == Refused(Command.START_RI, Refusal.BUSY)
    assert link.counters().refused == 1
    assert len(room.seen.requests) == 1


async def test_answer_may_come_from_another_address(room: PacedModules, link: SerialLink) -> None:
    payload = (0x1000 + 9).to_bytes(4, "big") + (50).to_bytes(2, "big")
    reply = await link.request(Frame(Command.SET_ADDRESS, BROADCAST, 0, payload), answer_from=50)
    assert reply
    assert reply.address == 50


async def test_damaged_answer_is_counted_where_it_belongs_and_asked_again(room: PacedModules, link: SerialLink) -> None:
    room.modules[7].garble = 1
    assert await link.request(ask(7)) is not None
    counters = link.counters()
    assert counters.modules.crc_errors[6] == counters.modules.retries[6] == 1
    assert counters.crc_errors == 1


async def test_damaged_answer_in_a_train_costs_only_itself(room: PacedModules, link: SerialLink) -> None:
    room.modules[7].garble = 1
    answers = await link.train(READ, 1, 32, expected=range(1, 33))
    assert set(answers) == set(range(1, 33)) - {7}
    assert link.counters().modules.crc_errors.nonzero()[0].tolist() == [6]


@pytest.mark.parametrize("noise", [b"\x00", b"\x5a", b"\x5a\x06\x12", b"\xa5\x00\x12\x11", bytes(40)])
async def test_noise_around_answers_loses_none(room: PacedModules, link: SerialLink, noise: bytes) -> None:
    room.faults.noise_before, room.faults.noise_after = noise, noise
    assert len(await link.train(READ, 1, 8, expected=range(1, 9))) == 8
    assert await link.request(ask(9)) is not None
    assert link.counters().noise_bytes >= 16 * len(noise)


async def test_old_bytes_in_the_buffer_are_noise(room: PacedModules, link: SerialLink) -> None:
    room.say(b"somebody typed here")
    assert await link.request(ask(1)) is not None
    assert link.counters().noise_bytes == 19


async def test_old_answer_in_the_buffer_is_late_and_not_taken(room: PacedModules, link: SerialLink) -> None:
    stale = Values(9999, 0, 0, 0).encode()
    room.say(frame(READ, 1, 0, stale))
    reply = await link.request(ask(1))
    assert reply
    assert reply.payload != stale
    assert link.counters().modules.late[0] == link.counters().late == 1


async def test_late_answer_is_never_taken_for_the_next(room: PacedModules, link: SerialLink) -> None:
    room.modules[1].silent = True
    old, new = Values(1111, 0, 0, 0).encode(), Values(2222, 0, 0, 0).encode()
    assert await link.request(ask(1), attempts=1) is None
    asking = asyncio.create_task(link.request(ask(1), attempts=1))
    while len(room.seen.requests) < 2:
        await asyncio.sleep(0.001)
    room.say(frame(READ, 1, 1, old) + frame(READ, 1, 2, new))
    reply = await asking
    assert reply
    assert reply.payload == new
    assert link.counters().modules.late[0] == 1


async def test_train_that_begins_late_is_taken_although_it_was_asked_again(room: PacedModules) -> None:
    link = SerialLink(room.path, replace(HASTY, train_attempts=2))
    link.open()
    room.faults.late_train_s = 0.08
    assert len(await link.train(READ, 1, 32, expected=range(1, 33))) == 32
    assert link.counters().lost_requests == 1
    assert len(await link.train(READ, 1, 32, expected=range(1, 33))) == 32
    link.close()


async def test_margin_grows_with_late_answers_and_shrinks_again(room: PacedModules) -> None:
    link = SerialLink(room.path, HASTY)
    link.open()
    room.modules[1].late_s = 0.25
    async with asyncio.timeout(20):
        while await link.request(ask(1)) is None:
            pass
    assert link.counters().margin_s > HASTY.margin_s
    room.modules[1].late_s = 0.0
    async with asyncio.timeout(20):
        while room.seen.bytes_out > link.counters().bytes_in or len(room.seen.requests) * 12 > room.seen.bytes_out:
            await link.request(ask(2))
    grown = link.counters().margin_s
    for _ in range(20):
        await link.request(ask(2))
    assert HASTY.margin_s <= link.counters().margin_s < grown
    link.close()


async def test_busy_host_in_the_middle_of_a_train_loses_nothing(room: PacedModules, link: SerialLink) -> None:
    room.faults.stall_s = 0.1
    assert len(await link.train(READ, 1, 32, expected=range(1, 33))) == 32
    assert link.counters().late == 0


async def test_deadline_is_judged_only_after_hearing_what_has_come(room: PacedModules) -> None:
    """The answer comes while the loop is busy with something else, just before it looks at the clock."""
    link = SerialLink(room.path, HASTY)
    link.open()
    room.modules[1].silent = True
    data = frame(READ, 1, 1, Values(13500, 250, 0, 0).encode())
    asking = asyncio.create_task(link.request(ask(1)))
    asyncio.get_running_loop().call_at(await deadline_of(link) - 1e-6, room.say, data)
    assert await asking is not None
    link.close()


async def test_answer_that_has_begun_at_the_deadline_may_end(room: PacedModules) -> None:
    link = SerialLink(room.path, replace(HASTY, margin_s=0.3))
    link.open()
    room.modules[1].silent = True
    data = frame(READ, 1, 1, Values(13500, 250, 0, 0).encode())
    asking = asyncio.create_task(link.request(ask(1)))
    deadline_s = await deadline_of(link)
    asyncio.get_running_loop().call_at(deadline_s - 0.005, room.say, data[:5])
    asyncio.get_running_loop().call_at(deadline_s + 0.001, room.say, data[5:])
    assert await asking is not None
    link.close()


async def test_answer_behind_a_false_header_is_found_at_the_deadline(room: PacedModules, link: SerialLink) -> None:
    room.faults.noise_before = b"\x5a\x20"
    assert await link.request(ask(1), attempts=1) is not None


async def test_half_a_frame_from_before_does_not_hold_the_answer_up(room: PacedModules) -> None:
    link = SerialLink(room.path, LinkTiming(baud=115200, margin_s=1.0, margin_max_s=1.0))
    link.open()
    room.say(b"\x5a\x20 half a frame")
    assert await link.request(ask(1)) is not None
    assert link.counters().modules.rtt_last_s[0] < 1.0
    link.close()


async def test_adapter_that_hears_itself_is_neither_answer_nor_noise(room: PacedModules, link: SerialLink) -> None:
    room.faults.echo = True
    assert await link.request(ask(1)) is not None
    await link.send(Frame(Command.SET_REFERENCE, BROADCAST, 0, bytes.fromhex("00 01 00 34 C4")))
    assert len(await link.train(READ, 1, 32, expected=range(1, 33))) == 32
    room.faults.lose_requests = 1
    assert len(await link.train(READ, 1, 32, expected=range(1, 33))) == 32
    counters = link.counters()
    assert (counters.noise_bytes, counters.lost_requests) == (0, 1)


async def test_requests_of_many_tasks_do_not_mix(room: PacedModules, link: SerialLink) -> None:
    for address, module in room.modules.items():
        module.voltage_mv = 1000 + address
    replies = await asyncio.gather(*(link.request(ask(address)) for address in range(1, 41)))
    voltages = [Values.decode(reply.payload).voltage_mv for reply in replies if reply]
    assert voltages == [1000 + address for address in range(1, 41)]


async def test_broadcast_is_sent_and_nothing_is_waited_for(room: PacedModules, link: SerialLink) -> None:
    await link.send(Frame(Command.SET_REFERENCE, BROADCAST, 0, bytes.fromhex("00 01 00 34 C4")))
    assert await link.request(ask(1)) is not None
    assert room.modules[40].reference_mv == 13508


async def test_request_after_a_broadcast_waits_until_it_has_left_the_wire(
    room: PacedModules, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = SerialLink(room.path, LinkTiming(baud=9600, margin_s=0.1, margin_max_s=0.1))
    link.open()
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def noted_sleep(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(seconds)

    monkeypatch.setattr(asyncio, "sleep", noted_sleep)
    await link.request(ask(1))
    assert [pause for pause in pauses if pause] == []
    for _ in range(2):
        await link.send(Frame(Command.SET_REFERENCE, BROADCAST, 0, bytes.fromhex("00 01 00 34 C4")))
    await link.request(ask(1))
    out_s = link.timing.wire_s(11) + link.timing.gap_s
    assert len([pause for pause in pauses if 0 < pause <= out_s]) >= 2
    link.close()


async def test_cancelled_request_leaves_the_link_usable(room: PacedModules, link: SerialLink) -> None:
    room.modules[1].silent = True
    asking = asyncio.create_task(link.request(ask(1)))
    while not room.seen.requests:
        await asyncio.sleep(0.001)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert await link.request(ask(2)) is not None


async def test_port_pulled_while_waiting_is_an_error_and_plugged_in_again_goes_on(
    room: PacedModules, link: SerialLink
) -> None:
    room.modules[1].silent = True
    asking = asyncio.create_task(link.request(ask(1)))
    while not room.seen.requests:
        await asyncio.sleep(0.001)
    room.unplug(keep_link=False)
    with pytest.raises(BusError, match="com3"):
        await asking
    with pytest.raises(BusError, match="no such file"):
        await link.request(ask(2))
    room.plug()
    assert await link.request(ask(2)) is not None
    assert link.counters().reopenings == 1


async def test_port_replaced_behind_the_link_is_noticed(room: PacedModules, link: SerialLink) -> None:
    for module in room.modules.values():
        module.silent = True
    assert await link.request(ask(1), attempts=1) is None
    with PacedModules(4) as other:
        os.unlink(room.path)
        os.symlink(other.path, room.path)
        with pytest.raises(BusError, match="another device has taken its place"):
            await link.request(ask(1))
        assert await link.request(ask(1)) is not None


async def test_closing_ends_a_request_under_way(room: PacedModules, link: SerialLink) -> None:
    room.modules[1].silent = True
    asking = asyncio.create_task(link.request(ask(1)))
    while not room.seen.requests:
        await asyncio.sleep(0.001)
    link.close()
    with pytest.raises(BusError, match="closed"):
        await asking
    assert not link.is_open


async def test_babbling_line_is_spoken_into_and_ends(room: PacedModules) -> None:
    """Bytes that never cease: the request still ends, with no answer, in bounded time."""
    link = SerialLink(room.path, HASTY)
    link.open()
    room.modules[1].silent = True
    babbling = True

    async def babble() -> None:
        while babbling:
            room.say(b"\x5a\x20" + bytes(30))
            await asyncio.sleep(0.001)

    task = asyncio.create_task(babble())
    async with asyncio.timeout(20):
        assert await link.request(ask(1)) is None
        assert await link.request(ask(1)) is None
    babbling = False
    await task
    link.close()


async def test_impossible_train_is_refused(link: SerialLink) -> None:
    with pytest.raises(ValueError, match="train of 33"):
        await link.train(READ, 1, 33)
