"""The live stream: made once, at most two a second, nobody queues, slow ones are let go."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from fakes.alarm_site import AlarmSite
from fakes.board import FakeBatteries, running_board
from fakes.site import Bench, bench
from webmanager.engine.board import BusReport, BusState
from webmanager.engine.clock import ManualClock
from webmanager.web.alarms.news import MOST_KEPT
from webmanager.web.alarms.objects import counts_object
from webmanager.web.config import WebConfig
from webmanager.web.live import feed as module
from webmanager.web.live import stream as stream_module
from webmanager.web.live.feed import LiveFeed, document


@asynccontextmanager
async def stream(device: Bench, **more: Any) -> AsyncIterator[AsyncIterator[tuple[str, dict[str, Any]]]]:
    """Events of a live stream as (name, data)."""
    async with device.client.get(device.url + "/api/v1/live", **more) as answer:
        assert answer.status == 200
        yield events(answer)


@asynccontextmanager
async def stream_of(device: Bench, headers: dict[str, str]) -> AsyncIterator[aiohttp.ClientResponse]:
    """The answer itself."""
    async with device.client.get(device.url + "/api/v1/live", headers=headers) as answer:
        yield answer


async def events(answer: aiohttp.ClientResponse) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    block: dict[str, str] = {}
    async for raw in answer.content:
        line = raw.decode().rstrip("\n")
        if line:
            key, _, value = line.partition(": ")
            block[key] = value
        elif "event" in block:
            yield block["event"], json.loads(block["data"])
            block = {}
        else:
            block = {}


async def next_of(source: AsyncIterator[tuple[str, dict[str, Any]]]) -> tuple[str, dict[str, Any]]:
    async with asyncio.timeout(10):
        return await anext(source)


async def test_the_newest_snapshot_comes_at_once_and_then_every_one(device: Bench) -> None:
    async with stream(device) as source:
        name, data = await next_of(source)
        assert (name, data["snapshot"]) == ("snapshot", 1)
        assert len(data["modules"]["voltage_v"]) == 256
        assert data["verdict"]["look"] == "silent"
        device.batteries.silent = ()
        device.publish()
        _, data = await next_of(source)
        assert data["snapshot"] == 2
        assert data["answered"] == 254


async def test_before_the_first_scan_and_when_the_bus_changes() -> None:
    async with bench(scans=0) as device, stream(device) as source:
        _, data = await next_of(source)
        assert data["snapshot"] is data["modules"] is data["strings"] is None
        device.board.report_bus(BusReport(BusState.DOWN, "COM3 is gone"))
        _, data = await next_of(source)
        assert data["bus"]["state"] == "down"
        assert data["verdict"]["text"] == "COM3 is gone"


async def test_a_reader_is_told_when_the_scans_stop(device: Bench) -> None:
    async with stream(device) as source:
        await next_of(source)
        device.clock.advance(30.0)
        _, data = await next_of(source)
        assert (data["snapshot"], data["answered"], data["age_s"]) == (1, 0, 30.0)
        assert set(data["modules"]["quality"]) <= {"1", "2", "3"}
        device.clock.advance(60.0)
        _, data = await next_of(source)
        assert set(data["modules"]["voltage_v"]) == {None}
        assert data["verdict"]["look"] == "alarm"


async def test_headers_of_a_stream(device: Bench) -> None:
    async with device.client.get(device.url + "/api/v1/live") as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert await answer.content.readline() == b"retry: 2000\n"


@pytest.mark.parametrize(("accepted", "packs"), [("gzip, deflate, br", True), ("identity", False), ("", False)])
async def test_the_stream_is_packed_for_those_who_can_unpack(device: Bench, accepted: str, packs: bool) -> None:
    async with stream_of(device, {"Accept-Encoding": accepted}) as answer:
        assert (answer.headers.get("Content-Encoding") == "gzip") is packs
        source = events(answer)
        assert (await next_of(source))[1]["snapshot"] == 1
        device.publish()
        assert (await next_of(source))[1]["snapshot"] == 2
        device.server.feed.end()
        assert [name async for name, _ in source] == []


async def test_a_beat_says_that_the_stream_lives(device: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_module, "HEARTBEAT_S", 0.01)
    async with stream(device) as source:
        await next_of(source)
        assert await next_of(source) == ("beat", {})


async def test_the_text_is_made_once_for_all(device: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def counted(*args: Any) -> dict[str, Any]:
        made.append(args)
        return document(*args)

    monkeypatch.setattr(module, "document", counted)
    async with stream(device) as first, stream(device) as second, stream(device) as third:
        for source in (first, second, third):
            await next_of(source)
        before = len(made)
        device.publish()
        assert {(await next_of(source))[1]["snapshot"] for source in (first, second, third)} == {2}
        assert len(made) == before + 1


async def test_without_listeners_nothing_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    monkeypatch.setattr(module, "SHORTEST_S", 0.0)
    monkeypatch.setattr(module, "document", lambda *args: made.append(args) or {})
    async with followed() as (feed, publish):
        await publish(5)
        assert made == []
        feed.enter()
        assert feed.newest().number == 1
        await publish(3)
        assert len(made) == 4
        feed.leave()
        await publish(5)
        assert len(made) == 4
        assert feed.newest().number == 5, "what was made before is not shown as new"


async def test_a_fast_room_makes_no_more_events_than_people_can_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert module.SHORTEST_S == 0.5
    monkeypatch.setattr(module, "SHORTEST_S", 3600.0)
    async with followed() as (feed, publish):
        feed.enter()
        await publish(50)
        assert feed.newest().number == 1


@asynccontextmanager
async def followed() -> AsyncIterator[tuple[LiveFeed, Any]]:
    """A feed that runs, and a function that publishes so many snapshots, each one seen by the feed."""
    board, batteries = running_board()
    feed = LiveFeed(board, ManualClock(), most=1)
    task = asyncio.create_task(feed.run())

    async def publish(count: int) -> None:
        for _ in range(count):
            for _ in range(5):
                await asyncio.sleep(0)
            board.publish(batteries.snapshot(0.0, 0.0))
            for _ in range(5):
                await asyncio.sleep(0)

    yield feed, publish
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_only_so_many_may_listen() -> None:
    async with bench(WebConfig(most_streams=1)) as device, stream(device) as source:
        await next_of(source)
        status, problem, headers = await device.get("/api/v1/live")
        assert status == 503
        assert problem["detail"] == "1 live streams are open: close one"
        assert headers["Retry-After"] == "10"


async def test_a_place_is_free_again_when_somebody_leaves() -> None:
    async with bench(WebConfig(most_streams=1)) as device:
        async with stream(device) as source:
            await next_of(source)
        async with asyncio.timeout(10):
            while device.server.feed.listeners:
                device.publish()
                await asyncio.sleep(0.05)
        async with stream(device) as source:
            await next_of(source)


async def test_who_does_not_read_is_dropped_and_holds_nobody_up(device: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_module, "SLOW_CLIENT_S", 0.2)
    monkeypatch.setattr(module, "SHORTEST_S", 0.0)
    monkeypatch.setattr(module, "document", lambda *_: {"snapshot": device.batteries.number, "x": "x" * 400_000})
    reader, writer = await asyncio.open_connection("127.0.0.1", device.server.port, limit=1024)
    authorization = device.client.headers["Authorization"]
    fields = {"Host": "127.0.0.1", "Accept-Encoding": "identity", "Authorization": authorization}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    writer.write(f"GET /api/v1/live HTTP/1.1\r\n{head}\r\n".encode())
    async with stream(device, read_bufsize=2**22) as source:
        await next_of(source)
        async with asyncio.timeout(30):
            while device.server.feed.dropped == 0:
                device.publish()
                assert (await next_of(source))[0] == "snapshot"
    writer.close()
    assert device.server.feed.dropped == 1
    del reader


async def test_the_end_of_a_session_ends_its_stream(device: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_module, "HEARTBEAT_S", 0.01)
    login = {"username": "admin", "password": "cs121-snmp"}
    await device.ask("POST", "/api/v1/session", client=device.stranger, json=login)
    async with device.stranger.get(device.url + "/api/v1/live") as answer:
        source = events(answer)
        await next_of(source)
        device.server.site.sessions.close_all_of("admin")
        async with asyncio.timeout(10):
            rest = [name async for name, _ in source]
        assert set(rest) <= {"beat"}


async def test_a_new_password_ends_the_streams_of_programs(device: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_module, "HEARTBEAT_S", 0.01)
    async with stream(device) as source:
        await next_of(source)
        await device.ask("PUT", "/api/v1/password", json={"old": "cs121-snmp", "new": "a better one"})
        async with asyncio.timeout(10):
            assert {name async for name, _ in source} <= {"beat"}


async def test_an_open_stream_counts_as_use_of_its_session(device: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_module, "HEARTBEAT_S", 0.01)
    login = {"username": "admin", "password": "cs121-snmp"}
    await device.ask("POST", "/api/v1/session", client=device.stranger, json=login)
    async with device.stranger.get(device.url + "/api/v1/live") as answer:
        source = events(answer)
        for _ in range(10):
            await next_of(source)
            device.host.now_s += 1800
            await next_of(source)
        assert (await device.get("/api/v1/system", client=device.stranger))[0] == 200


async def test_closing_the_server_ends_every_stream() -> None:
    async with bench() as device, stream(device) as source:
        await next_of(source)
        async with asyncio.timeout(10):
            await device.server.close()
            with pytest.raises((StopAsyncIteration, aiohttp.ClientError)):
                await next_of(source)


def test_a_document_is_small() -> None:
    board, batteries = running_board(FakeBatteries())
    board.publish(batteries.snapshot(0.0, 1.7e9))
    assert len(json.dumps(document(board, ManualClock()), separators=(",", ":"))) < 13_000


async def test_each_change_of_an_alarm_comes_at_once_with_the_counts(alarmed: AlarmSite) -> None:
    device = alarmed.device
    async with stream(device) as source:
        _, data = await next_of(source)
        assert data["alarms"]["open"] == 0
        alarmed.desk.happened("login", "admin has logged in.", device.clock.now(), "admin")
        name, event = await next_of(source)
        assert (name, event["change"], event["by"], event["counts"]["open"]) == ("event", "happened", "admin", 0)
        alarmed.break_two()
        found = [await next_of(source) for _ in range(3)]
        raised = [data for name, data in found if name == "event"]
        assert {one["kind"] for one in raised} == {"voltage_low", "bus_open"}
        assert raised[-1]["counts"] == alarms_of(device)["counts"] | {"changes": raised[-1]["counts"]["changes"]}
        assert sum(name == "snapshot" for name, _ in found) == 1


def alarms_of(device: Bench) -> dict[str, Any]:
    picture = device.server.site.alarms
    assert picture is not None
    return {"counts": counts_object(picture)}


async def test_a_change_between_two_scans_makes_a_new_snapshot_event(alarmed: AlarmSite) -> None:
    alarmed.break_two()
    async with stream(alarmed.device) as source:
        await next_of(source)
        number = alarmed.number_of("bus_open")
        alarmed.desk.acknowledge(number, "kern", alarmed.device.clock.now())
        assert (await next_of(source))[0] == "event"
        name, data = await next_of(source)
        assert (name, data["alarms"]["unacknowledged"]) == ("snapshot", 1)


async def test_who_is_far_behind_misses_events_and_nothing_grows(alarmed: AlarmSite) -> None:
    news = alarmed.device.server.feed.news
    before = news.number
    for number in range(MOST_KEPT + 50):
        alarmed.desk.happened("test", f"event {number}", alarmed.device.clock.now())
    kept = news.since(before)
    assert (news.number - before, len(kept)) == (MOST_KEPT + 50, MOST_KEPT)
    assert b"event 249" in kept[-1]
    assert b"event 50" in kept[0]
    assert news.since(news.number) == []
    assert len(news.since(news.number - 3)) == 3


async def test_a_closed_server_listens_no_more(alarmed: AlarmSite) -> None:
    await alarmed.device.server.close()
    before = alarmed.device.server.feed.news.number
    alarmed.desk.happened("test", "nobody hears it", alarmed.device.clock.now())
    assert alarmed.device.server.feed.news.number == before
