"""How far the time of a simulated room has come, kept with its data: it never begins before it ended."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from webmanager.engine.clock import Clock
from webmanager.engine.ports import StateKeeper
from webmanager.settings.state import FileStateKeeper

DOCUMENT = "reached_time"
KEEP_EVERY_S = 10.0
"""Host seconds; what a killed device has lived through since is forgotten."""
NEXT = timedelta(minutes=1)


def not_before(state_dir: Path) -> datetime | None:
    """The beginning of the next minute; None if nothing is kept, or nothing that makes sense."""
    keeper = FileStateKeeper(state_dir)
    try:
        reached = (keeper.load(DOCUMENT) or {}).get("at")
    finally:
        keeper.close()
    try:
        return datetime.fromtimestamp(float(str(reached)), UTC).replace(second=0, microsecond=0) + NEXT
    except (ValueError, OverflowError, OSError):
        return None


def keep(keeper: StateKeeper, clock: Clock) -> None:
    """Keeps the present device time."""
    keeper.save(DOCUMENT, {"at": round(clock.now(), 3)})


async def keep_on(keeper: StateKeeper, clock: Clock) -> None:
    """Keeps it now and then, for ever; run it as a task and cancel it."""
    while True:
        keep(keeper, clock)
        await asyncio.sleep(KEEP_EVERY_S)
