"""The time of a device with a simulated room: the room owns it, the device follows."""

import asyncio
import logging
from typing import Any

from webmanager.domain.device_time import ClockTuple
from webmanager.domain.errors import WebmanagerError
from webmanager.engine.clock import Clock, TupleClock
from webmanager.web.site.room_link import RoomControl

log = logging.getLogger(__name__)

ROOM_WAIT_S = 20.0
"""Host seconds a device waits for the room that its hardware file names."""


async def clock_of(
    room: RoomControl | None, own: Clock, tasks: asyncio.TaskGroup, stop: asyncio.Event
) -> tuple[Clock, asyncio.Task[None] | None]:
    """Its own clock, or the room's and the task that follows it; a room that starts meanwhile is waited for."""
    if room is None or (told := await _first_clock(room, stop)) is None:
        return own, None
    clock = TupleClock(ClockTuple(told["s0"], told["m0"], told["factor"]))
    return clock, tasks.create_task(_follow(room, clock, int(told["version"])), name="room clock")


async def _first_clock(room: RoomControl, stop: asyncio.Event) -> dict[str, Any] | None:
    """What the room says of its clock; None if the device is stopped before, WebmanagerError if it never does."""
    latest_s = asyncio.get_running_loop().time() + ROOM_WAIT_S
    while not stop.is_set():
        try:
            return await room.clock(None, timeout_s=2.0)
        except Exception as error:
            if asyncio.get_running_loop().time() >= latest_s:
                raise WebmanagerError(f"the room's control interface cannot be reached: {error}") from None
            await asyncio.sleep(0.2)
    return None


async def _follow(room: RoomControl, clock: TupleClock, version: int) -> None:
    """Takes over each new clock tuple of the room; while the room is away, time runs on as it did."""
    known: int | None = version
    while True:
        try:
            told = await room.clock(known)
            clock.follow(ClockTuple(told["s0"], told["m0"], told["factor"]))
            known = int(told["version"])
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log.debug("The room does not tell its clock: %s", error)
            known = None  # the next one may be another room, which counts its versions anew
            await asyncio.sleep(1.0)
