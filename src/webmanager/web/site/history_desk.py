"""Reading the store for pages and programs: in a thread, few at a time, with an end to waiting."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from webmanager.domain.errors import StoreError
from webmanager.engine.history_ports import FileShelf, HistoryReader, Stored, StoreStatus
from webmanager.web.http.problem import Problem

T = TypeVar("T")

MOST_READERS = 3
MOST_ARCHIVES = 1
LONGEST_WAIT_S = 10.0
STATUS_LASTS_S = 2.0
BUSY = {"Retry-After": "5"}


class HistoryDesk:
    """The store behind the web door; `stored` is None in a device without one. `monotonic` is host time."""

    def __init__(self, stored: Stored | None, monotonic: Callable[[], float]) -> None:
        self._stored = stored
        self._monotonic = monotonic
        self._readers = asyncio.Semaphore(MOST_READERS)
        self._archives = asyncio.Semaphore(MOST_ARCHIVES)
        self._status: StoreStatus | None = None
        self._status_at_s = 0.0

    @property
    def reader(self) -> HistoryReader:
        """Curves and events; Problem 503 where nothing can be read."""
        if self._stored is None or self._stored.shelf is None:
            raise self._absent()
        return self._stored.reader

    @property
    def shelf(self) -> FileShelf:
        """Files; Problem 503 where nothing can be read."""
        if self._stored is None or self._stored.shelf is None:
            raise self._absent()
        return self._stored.shelf

    async def status(self) -> StoreStatus | None:
        """How the store is, at most two seconds old; None in a device without one."""
        if self._stored is None:
            return None
        now_s = self._monotonic()
        if self._status is None or now_s - self._status_at_s >= STATUS_LASTS_S:
            self._status = await self.read(self._stored.status)
            self._status_at_s = now_s
        return self._status

    async def read(self, what: Callable[[], T]) -> T:
        """Reads in a thread; Problem 503 when too many others do, or the flash cannot be read."""
        async with _place(self._readers):
            try:
                return await asyncio.to_thread(what)
            except StoreError as error:
                raise Problem(503, f"the store cannot be read: {error}") from None

    @asynccontextmanager
    async def archiving(self) -> AsyncIterator[None]:
        """A place for one archive; Problem 503 when another one is being made."""
        async with _place(self._archives):
            yield

    def _absent(self) -> Problem:
        why = self._stored.status().text if self._stored is not None else ""
        return Problem(503, f"nothing is stored on this device{f': {why}' if why else ''}")


@asynccontextmanager
async def _place(places: asyncio.Semaphore) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(LONGEST_WAIT_S):
            await places.acquire()
    except TimeoutError:
        raise Problem(503, "others are reading the store: try again", headers=BUSY) from None
    try:
        yield
    finally:
        places.release()
