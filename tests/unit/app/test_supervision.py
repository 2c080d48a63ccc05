import asyncio
import logging

import pytest

from webmanager.app.supervision import CALM_S, LONGEST_PAUSE_S, supervised


class Time:
    """Host time that moves while somebody pauses or works."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now_s += seconds


async def test_a_part_that_fails_begins_again_after_growing_pauses(caplog: pytest.LogCaptureFixture) -> None:
    time, lives = Time(), iter(range(9))

    async def work() -> None:
        if next(lives) < 8:
            raise ZeroDivisionError

    with caplog.at_level(logging.ERROR):
        await supervised("alarms", work, sleep=time.sleep, monotonic=time.monotonic)
    assert time.pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, LONGEST_PAUSE_S, LONGEST_PAUSE_S]
    assert "alarms failed" in caplog.text


async def test_after_a_calm_while_the_pauses_begin_anew() -> None:
    time, lives = Time(), iter((1.0, 1.0, CALM_S, 0.0))

    async def work() -> None:
        lasts_s = next(lives)
        time.now_s += lasts_s
        if lasts_s:
            raise ZeroDivisionError

    await supervised("alarms", work, sleep=time.sleep, monotonic=time.monotonic)
    assert time.pauses == [1.0, 2.0, 1.0]


async def test_cancelling_it_ends_it() -> None:
    began = asyncio.Event()

    async def work() -> None:
        began.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(supervised("alarms", work))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
