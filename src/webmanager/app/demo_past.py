"""The past of a demo: simulated before the start while a bar shows how far it is, and when time goes on after it."""

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from webmanager.app import reached_time
from webmanager.app.backfill import BackfillStoppedError, backfill, last_stored_s
from webmanager.app.plan import STATE_DIR
from webmanager.room.config import RoomConfig
from webmanager.settings.model import Settings
from webmanager.settings.state import FileStateKeeper


def time_begins(data_dir: Path) -> datetime | None:
    """A minute after the newest thing that is kept, be it stored or lived through; None if nothing is kept."""
    reached, last_s = reached_time.not_before(data_dir / STATE_DIR), last_stored_s(data_dir)
    if last_s is None:
        return reached
    stored = datetime.fromtimestamp(last_s, UTC) + reached_time.NEXT
    return stored if reached is None else max(stored, reached)


async def simulate_past(
    config: RoomConfig,
    settings: Settings,
    days: int,
    data_dir: Path,
    state: Path,
    stop: asyncio.Event,
    console: Console,
) -> bool:
    """Fills an empty store with the `days` before now; False if the operator would not wait for it.

    The batteries as they have become are kept in `state`.
    """
    keeper = FileStateKeeper(data_dir / STATE_DIR)
    columns = (TextColumn("Simulating the past"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    began_s = time.monotonic()
    try:
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task("", total=1.0)

            def progress(share: float) -> None:
                if stop.is_set():
                    raise BackfillStoppedError("the simulation of the past was stopped")
                bar.update(task, completed=share)

            done = await asyncio.to_thread(
                backfill,
                data_dir,
                config,
                settings,
                float(days),
                time.time(),
                state=state,
                keeper=keeper,
                progress=progress,
            )
    except BackfillStoppedError:
        return False
    finally:
        await asyncio.to_thread(keeper.close)
    if done.rows:
        took_s = time.monotonic() - began_s
        console.print(f"Simulated {days} days of history in {took_s:.0f} s: {done.rows} minutes.")
    else:
        console.print("The store is not empty: --history adds nothing to it.")
    return True
