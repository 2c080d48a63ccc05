"""When the settings of a life are called good."""

import asyncio
from pathlib import Path

from fakes.state import MemoryStateKeeper
from webmanager.app.trial import NetworkTrial
from webmanager.app.wiring import _judged
from webmanager.settings.desk import SettingsDesk


def on_trial(tmp_path: Path, port: int | None) -> SettingsDesk:
    """A device that ran well without a port of its own, and has one now or not."""
    desk = SettingsDesk.open(tmp_path)
    desk.confirm_good()
    desk.apply("network", {"http_port": port, "trial_min": 0.001}, "admin", 1.0)
    desk.save("admin", 2.0)
    desk.reload()
    return desk


async def test_a_way_in_that_nobody_takes_ends_the_life(tmp_path: Path) -> None:
    trial, ended = NetworkTrial(MemoryStateKeeper()), asyncio.Event()
    trial.begin()
    failed = await _judged(on_trial(tmp_path, 8081), trial, ended)
    assert "nobody logged in within 0.001 min" in str(failed)
    assert ended.is_set()


async def test_a_file_set_right_by_hand_meanwhile_is_on_trial_no_longer(tmp_path: Path) -> None:
    """Else the last good settings, which it equals, would be given up for the defaults."""
    trial, ended = NetworkTrial(MemoryStateKeeper()), asyncio.Event()
    trial.begin()
    assert await _judged(on_trial(tmp_path, None), trial, ended) is None
    assert not ended.is_set()
    assert not trial.is_on
