"""Readers of the store take turns, and nobody waits for ever."""

import asyncio
import threading

import pytest

from fakes.stored import FakeStore
from webmanager.domain.errors import StoreError
from webmanager.web.http.problem import Problem
from webmanager.web.site import history_desk
from webmanager.web.site.history_desk import MOST_READERS, HistoryDesk


def desk(store: FakeStore | None = None, now: list[float] | None = None) -> HistoryDesk:
    time = now or [0.0]
    return HistoryDesk((store or FakeStore()).stored(), lambda: time[0])


async def test_reading_happens_in_a_thread() -> None:
    assert await desk().read(threading.get_ident) != threading.get_ident()


async def test_only_a_few_read_at_a_time() -> None:
    at_once, most, lock, hold = 0, 0, threading.Lock(), threading.Event()

    def slow() -> None:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
            if at_once == MOST_READERS:
                hold.set()
        hold.wait(5.0)
        with lock:
            at_once -= 1

    reading = desk()
    await asyncio.gather(*(reading.read(slow) for _ in range(10)))
    assert most == MOST_READERS


async def test_who_waits_too_long_hears_that_it_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_desk, "LONGEST_WAIT_S", 0.05)
    reading, release = desk(), threading.Event()
    held = [asyncio.create_task(reading.read(lambda: release.wait(5.0))) for _ in range(MOST_READERS)]
    await asyncio.sleep(0)
    with pytest.raises(Problem) as refused:
        await reading.read(lambda: None)
    release.set()
    await asyncio.gather(*held)
    assert refused.value.status == 503
    assert refused.value.headers["Retry-After"] == "5"
    await reading.read(lambda: None)


async def test_one_archive_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_desk, "LONGEST_WAIT_S", 0.02)
    reading = desk()
    async with reading.archiving():
        with pytest.raises(Problem):
            async with reading.archiving():
                pytest.fail("two at once")
    async with reading.archiving():
        pass


async def test_a_failing_store_becomes_a_problem() -> None:
    def fail() -> None:
        raise StoreError("bad block")

    with pytest.raises(Problem, match="bad block") as refused:
        await desk().read(fail)
    assert refused.value.status == 503


async def test_the_status_is_asked_for_once_in_two_seconds() -> None:
    store, now = FakeStore(), [100.0]
    reading = desk(store, now)
    first = await reading.status()
    store.text = "changed"
    assert await reading.status() is first
    now[0] += 2.0
    again = await reading.status()
    assert again is not None
    assert again.text == "changed"


async def test_without_a_store_there_is_no_reader() -> None:
    without = HistoryDesk(None, lambda: 0.0)
    assert await without.status() is None
    for part in ("reader", "shelf"):
        with pytest.raises(Problem, match="nothing is stored"):
            getattr(without, part)
