import asyncio
import contextlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fakes.state import MemoryStateKeeper
from webmanager.app import reached_time
from webmanager.app.reached_time import keep, keep_on, not_before
from webmanager.engine.clock import ManualClock
from webmanager.settings.state import FileStateKeeper


def test_the_minute_after_what_was_reached(tmp_path: Path) -> None:
    keeper = FileStateKeeper(tmp_path)
    keep(keeper, ManualClock(1_700_000_000.75))
    keeper.close()
    assert not_before(tmp_path) == datetime(2023, 11, 14, 22, 14, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "{}", '{"at": null}', '{"at": "soon"}', '{"at": 1e300}', '{"at": "nan"}', "[1]"])
def test_what_makes_no_sense_is_no_time(tmp_path: Path, text: str) -> None:
    (tmp_path / "reached_time.json").write_text(text)
    assert not_before(tmp_path) is None


def test_nothing_kept_is_no_time(tmp_path: Path) -> None:
    assert not_before(tmp_path / "none") is None


async def test_it_is_kept_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reached_time, "KEEP_EVERY_S", 0.0)
    keeper, clock = MemoryStateKeeper(), ManualClock()
    task = asyncio.create_task(keep_on(keeper, clock))
    try:
        async with asyncio.timeout(5):
            for expected in (clock.now(), clock.now() + 7.0):
                clock.advance(expected - clock.now())
                while keeper.documents.get("reached_time") != {"at": expected}:
                    await asyncio.sleep(0)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
