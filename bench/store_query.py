"""How long a curve over years takes at the API, on a store of three years; events; and what a storm of them costs.

A real server and a real client on loopback. The first row of each pair is asked of a device that has just started.
"""

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import aiohttp

from bench.store_past import ENDS_S, made
from bench.table import Row
from webmanager.domain.installation import BlockType, Installation
from webmanager.engine.history_ports import EventRecord, Stored
from webmanager.store.history import FlashHistory
from webmanager.store.ledger import Ledger
from webmanager.store.medium import IMAGE
from webmanager.store.shelf import FlashShelf
from webmanager.store.space import make_room

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from fakes.site import bench

INSTALLATION = Installation(256, 8, BlockType())
YEAR_S = 365 * 86_400.0
TIMES = 20
STORM = 10_000
WAIT_S = 120.0


class RealStore:
    """A store as the web door takes it."""

    def __init__(self, history: FlashHistory, directory: Path) -> None:
        self._history, self._directory = history, directory

    def stored(self) -> Stored:
        """Curves, state and files of it."""
        return Stored(self._history, self._history.status, FlashShelf(_ledger(self._history), self._directory))


def rows() -> Iterator[Row]:
    """Curves, then events."""
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        shutil.copy(made("low").directory / IMAGE, directory / IMAGE)
        began_s = time.perf_counter()
        history = FlashHistory(directory, INSTALLATION)
        yield Row("start of the store, 3 years", time.perf_counter() - began_s, "s")
        try:
            yield from asyncio.run(_curves(history, directory))
            yield from _events(history)
        finally:
            history.close()


async def _curves(history: FlashHistory, directory: Path) -> list[Row]:
    async with bench(store=RealStore(history, directory)) as device:  # type: ignore[arg-type]

        async def ask(*queries: str) -> tuple[float, float]:
            """Milliseconds by the clock and of this process, both ends of the wire included."""
            began_s, cpu_s = time.perf_counter(), time.process_time()
            await asyncio.gather(*(_ask(device.client, f"{device.url}/api/v1/history?{query}") for query in queries))
            return (time.perf_counter() - began_s) * 1e3, (time.process_time() - cpu_s) * 1e3

        await _ask(device.client, f"{device.url}/api/v1/storage")
        years = [f"address={81 + number}&quantity=voltage" for number in range(TIMES + 1)]
        strings = [f"string={string}&from={ENDS_S - YEAR_S:.0f}" for string in range(1, 9)]
        found = [("3 years of one battery", await ask(years[0]), [await ask(query) for query in years[1:]], "< 50")]
        found.append(("8 strings, 1 year", await ask(*strings), [await ask(*strings) for _ in range(TIMES)], "< 150"))
        month = f"address=17&from={ENDS_S - 30 * 86_400:.0f}&points=10000"
        found.append(("30 days of one battery, 10 000 points", await ask(month), [await ask(month)] * 2, ""))
    made_rows = []
    for what, first, later, limit in found:
        middle = sorted(later)[len(later) // 2]
        made_rows += [
            Row(f"{what}: first", first[0], "ms", limit),
            Row(f"{what}: first, processor", first[1], "ms"),
            Row(f"{what}: median of later ones", middle[0], "ms", limit),
            Row(f"{what}: later ones, processor", sorted(cpu for _, cpu in later)[len(later) // 2], "ms"),
        ]
    return made_rows


def _ledger(history: FlashHistory) -> Ledger:
    if history.ledger is None:
        raise SystemExit("the store cannot be opened")
    return history.ledger


async def _ask(client: aiohttp.ClientSession, url: str) -> None:
    async with client.get(url) as response:
        await response.read()
        response.raise_for_status()


def _events(history: FlashHistory) -> Iterator[Row]:
    """A storm into a flash that is full, and the pages of events after it."""
    ledger = _ledger(history)
    history.wait(WAIT_S)
    with ledger.lock:  # as any minute that is stored does; a store that is older than the share of events has none yet
        make_room(ledger.pool, ledger.volumes, 1)
    before = {volume.id for volume in ledger.view().minutes}
    began_s = time.perf_counter()
    for number in range(STORM):
        text = f"S{number % 8 + 1}-{number % 32 + 1} voltage {11 + number % 97 / 100:.2f} V, 14.9 % below its string"
        document = {"id": number, "severity": "alarm", "where": f"S{number % 8 + 1}", "text": text}
        history.append_event(EventRecord(ENDS_S + number / 100, "raised", document))
    history.wait(WAIT_S)
    took_s = time.perf_counter() - began_s
    status = history.status()
    yield Row(f"storm of {STORM:,} events: until all are on the flash", took_s, "s")
    yield Row("events lost in it", status.events_dropped, "", "0")
    lost = before - {volume.id for volume in ledger.view().minutes}
    yield Row("days of minutes given up for it", len(lost), "", "0")
    for what, to_s in (("newest", None), ("before the storm", ENDS_S - 30 * 86_400.0)):
        began_s = time.perf_counter()
        history.events(None, to_s, 200)
        yield Row(f"200 events, {what}", (time.perf_counter() - began_s) * 1e3, "ms")
