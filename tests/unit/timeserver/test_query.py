"""Questions over a real socket to a time server whose bytes are made in the tests."""

import asyncio
import socket

import pytest

from fakes.ntp import answer_to, time_server
from webmanager.domain.errors import TimeServerError
from webmanager.timeserver.packet import KissError
from webmanager.timeserver.query import ask

NOW = 1_700_000_000.0


def standing() -> float:
    return NOW


async def test_the_offset_is_what_the_server_is_ahead() -> None:
    async with time_server(lambda: NOW + 90.25) as server:
        sample = await ask("127.0.0.1", standing, port=server.port)
    assert sample.offset_s == pytest.approx(90.25, abs=1e-6)
    assert (sample.delay_s, sample.stratum) == (0.0, 2)
    assert server.requests[0][:40] == b"\x23" + bytes(39)


async def test_each_question_has_a_stamp_of_its_own() -> None:
    async with time_server(standing) as server:
        for _ in range(3):
            await ask("localhost", standing, port=server.port)
    assert len({request[40:] for request in server.requests}) == 3


async def test_forged_answers_before_the_real_one_are_passed_over() -> None:
    def answers(request: bytes, at: float) -> list[bytes]:
        forged = answer_to(request, at + 5e6, at + 5e6, origin=b"forged!!")
        kiss = answer_to(request, at, at, stratum=0, reference=b"DENY", origin=bytes(8))
        return [b"", b"short", forged, kiss, answer_to(request, at, at)]

    async with time_server(standing, answers=answers) as server:
        sample = await ask("127.0.0.1", standing, port=server.port)
    assert sample.offset_s == pytest.approx(0.0, abs=1e-6)


async def test_a_flood_of_others_is_no_answer() -> None:
    async with time_server(standing, answers=lambda request, at: [b"noise" * 10] * 20) as server:
        with pytest.raises(TimeServerError, match="none of them answers"):
            await ask("127.0.0.1", standing, port=server.port)


async def test_a_kiss_of_death_comes_through() -> None:
    def answers(request: bytes, at: float) -> list[bytes]:
        return [answer_to(request, at, at, stratum=0, reference=b"RATE")]

    async with time_server(standing, answers=answers) as server:
        with pytest.raises(KissError, match="asked too often"):
            await ask("127.0.0.1", standing, port=server.port)


@pytest.mark.parametrize(("under_way_s", "fits"), [(0.9, True), (1.1, False)])
async def test_an_answer_that_was_long_under_way_is_not_used(under_way_s: float, fits: bool) -> None:
    clock = iter([NOW, NOW + under_way_s])
    async with time_server(standing) as server:
        if fits:
            sample = await ask("127.0.0.1", lambda: next(clock), port=server.port)
            assert sample.delay_s == pytest.approx(under_way_s)
        else:
            with pytest.raises(TimeServerError, match=r"1\.100 s under way"):
                await ask("127.0.0.1", lambda: next(clock), port=server.port)


async def test_a_server_that_claims_to_have_thought_longer_than_we_waited_is_not_used() -> None:
    async with time_server(standing, answers=lambda request, at: [answer_to(request, at, at + 3.0)]) as server:
        with pytest.raises(TimeServerError, match=r"-3\.000 s under way"):
            await ask("127.0.0.1", standing, port=server.port)


async def test_silence_ends_at_the_timeout() -> None:
    async with time_server(standing, answers=lambda request, at: []) as server:
        with pytest.raises(TimeServerError, match=r"no answer within 0\.05 s"):
            await ask("127.0.0.1", standing, port=server.port, timeout_s=0.05)


async def test_a_closed_port_is_told_at_once() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(TimeServerError, match="cannot be reached: Connection refused"):
        await ask("127.0.0.1", standing, port=port, timeout_s=5.0)


async def test_only_the_asked_host_is_heard() -> None:
    """The socket is connected: what another port sends never arrives."""
    async with time_server(standing, answers=lambda request, at: []) as server:
        question = asyncio.create_task(ask("127.0.0.1", standing, port=server.port, timeout_s=0.3))
        while not server.requests:
            await asyncio.sleep(0.001)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.sendto(answer_to(server.requests[0], NOW, NOW), server.askers[0])
        with pytest.raises(TimeServerError, match="no answer"):
            await question


@pytest.mark.parametrize("server", ["224.0.1.1", "255.255.255.255", "0.0.0.0", "ff02::101"])
async def test_time_is_asked_of_one_host_only(server: str) -> None:
    with pytest.raises(TimeServerError, match=r"not the address of one host|cannot be reached"):
        await ask(server, standing)
