"""Keeps a part of the device at work: a fault in one part is logged and costs that part a pause, not the device."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 60.0
CALM_S = 300.0
"""Host seconds without a fault after which the pauses begin anew."""


async def supervised(
    name: str,
    work: Callable[[], Awaitable[None]],
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> None:
    """Runs `work` until cancelled, and again after a fault of this program, with growing pauses."""
    pause_s = FIRST_PAUSE_S
    while True:
        began_s = monotonic()
        try:
            await work()
        except Exception:
            log.exception("%s failed in a way it should not and begins again in %g s", name, pause_s)
        else:
            return
        if monotonic() - began_s >= CALM_S:
            pause_s = FIRST_PAUSE_S
        await sleep(pause_s)
        pause_s = min(2.0 * pause_s, LONGEST_PAUSE_S)
