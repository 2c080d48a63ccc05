"""Guessing passwords: one source is slowed down, many sources cannot flood the log, and the owner still gets in."""

import asyncio

import pytest
from aiohttp import web

from fakes.event_log import FakeEventLog
from fakes.site import PASSWORD, USER, Bench, basic, bench
from webmanager.web.accounts.audit import BURST, REFUSED
from webmanager.web.site.parts import Parts


@pytest.fixture
def remote(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    given = ["127.0.0.1"]
    monkeypatch.setattr(web.BaseRequest, "remote", property(lambda _: given[0]))
    return given


async def guess(device: Bench, number: int) -> int:
    header = basic(USER, f"guess {number}")
    return (await device.get("/api/v1/system", client=device.stranger, headers=header))[0]


async def test_ten_minutes_of_guessing_from_one_address_are_twenty_guesses(device: Bench, remote: list[str]) -> None:
    remote[0] = "192.0.2.7"
    looked_at = 0
    for number in range(600):
        looked_at += await guess(device, number) == 401
        device.host.now_s += 1.0
    assert 10 < looked_at <= 20


async def test_all_doors_count_together(device: Bench, remote: list[str]) -> None:
    remote[0] = "192.0.2.7"
    login = {"username": USER, "password": "wrong"}
    for ask in (
        device.ask("POST", "/login", client=device.stranger, data=login),
        device.ask("POST", "/api/v1/session", client=device.stranger, json=login | {"password": "wrong 2"}),
        device.get("/api/v1/system", client=device.stranger, headers=basic(USER, "wrong 3")),
    ):
        assert (await ask)[0] == 401
    right = {"username": USER, "password": PASSWORD}
    assert (await device.ask("POST", "/login", client=device.stranger, data=right))[0] == 429


async def test_a_whole_network_that_guesses_does_not_keep_the_owner_out(device: Bench, remote: list[str]) -> None:
    for number in range(64):
        remote[0] = f"192.0.2.{number}"
        await guess(device, number)
    remote[0] = "198.51.100.1"
    assert (await device.get("/api/v1/system"))[0] == 200


async def test_the_addresses_of_one_ipv6_user_are_one(device: Bench, remote: list[str]) -> None:
    statuses = []
    for number in range(5):
        remote[0] = f"2001:db8::{number + 1:x}"
        statuses.append(await guess(device, number))
    assert statuses[3:] == [429, 429]


async def test_the_event_log_is_not_flooded(remote: list[str]) -> None:
    events = FakeEventLog()
    async with bench(parts=Parts(alarms=events.desk())) as device:
        for number in range(60):
            remote[0] = f"192.0.2.{number}"
            await guess(device, number)
        assert [kind for kind, *_ in events.lines].count(REFUSED) == BURST
        assert "guess" not in str(events.lines)


async def test_an_unknown_name_says_no_more_than_a_wrong_password(device: Bench) -> None:
    answers = []
    for name in (USER, "nobody"):
        status, problem, _ = await device.get("/api/v1/system", client=device.stranger, headers=basic(name, "wrong"))
        answers.append((status, problem["detail"]))
        device.host.now_s += 1000
    assert answers[0] == answers[1]


async def test_guesses_at_the_same_time_are_no_way_around(device: Bench, remote: list[str]) -> None:
    remote[0] = "192.0.2.7"
    statuses = await asyncio.gather(*(guess(device, number) for number in range(40)))
    assert statuses.count(401) <= 3
