"""A whole web door for tests: a real server on a free port of loopback, a board one can publish on, real clients."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import aiohttp

from fakes.board import FakeBatteries, running_board
from fakes.state import MemoryStateKeeper
from fakes.stored import FakeStore
from webmanager.engine.board import Board
from webmanager.engine.clock import ManualClock
from webmanager.web.accounts.passwords import Passwords
from webmanager.web.config import WebConfig
from webmanager.web.server import WebServer
from webmanager.web.site.parts import Parts
from webmanager.web.site.room_link import RoomControl
from webmanager.web.system.registers import RegisterMap

USER, PASSWORD = "admin", "cs121-snmp"


def basic(user: str, password: str) -> dict[str, str]:
    """The header of HTTP Basic."""
    return {"Authorization": aiohttp.encode_basic_auth(user, password)}


class HostTime:
    """Host monotonic seconds that only move when told."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@dataclass
class Bench:
    """What a test holds in hand: the server, what is behind it, and a client that is logged in."""

    server: WebServer
    board: Board
    batteries: FakeBatteries
    clock: ManualClock
    host: HostTime
    keeper: MemoryStateKeeper
    store: FakeStore
    client: aiohttp.ClientSession
    stranger: aiohttp.ClientSession

    @property
    def url(self) -> str:
        """Where the server listens, without a slash at the end."""
        return f"http://127.0.0.1:{self.server.port}"

    def publish(self) -> None:
        """One more scan, two device seconds later."""
        self.clock.advance(2.0)
        self.board.publish(self.batteries.snapshot(self.clock.monotonic(), self.clock.now()))

    async def get(self, path: str, **more: Any) -> tuple[int, Any, Mapping[str, str]]:
        """Status, JSON or text, headers of a GET by the logged-in client."""
        return await self.ask("GET", path, **more)

    async def ask(
        self, method: str, path: str, *, client: Any = None, **more: Any
    ) -> tuple[int, Any, Mapping[str, str]]:
        """Status, JSON or text, headers of any request; redirects are shown, not followed."""
        async with (client or self.client).request(method, self.url + path, allow_redirects=False, **more) as answer:
            is_json = "json" in answer.content_type
            return (
                answer.status,
                await answer.json(content_type=None) if is_json else await answer.text(),
                answer.headers,
            )


@asynccontextmanager
async def bench(
    config: WebConfig | None = None,
    *,
    batteries: FakeBatteries | None = None,
    room: RoomControl | None = None,
    keeper: MemoryStateKeeper | None = None,
    registers: RegisterMap | None = None,
    store: FakeStore | None = None,
    has_store: bool = True,
    parts: Parts | None = None,
    scans: int = 1,
) -> AsyncIterator[Bench]:
    """Starts a server; `scans` snapshots are published before."""
    board, batteries = running_board(batteries)
    clock, host, kept = ManualClock(), HostTime(), keeper or MemoryStateKeeper()
    config = replace(config or WebConfig(serial="004127"), port=0)
    cheap = Passwords(passes=1, memory_kib=64)
    store = store or FakeStore()
    server = WebServer(
        config,
        board,
        clock,
        keeper=kept,
        room=room,
        registers=registers,
        stored=store.stored() if has_store else None,
        parts=parts,
        passwords=cheap,
        monotonic=host,
    )
    await server.start()
    async with (
        aiohttp.ClientSession(headers=basic(USER, PASSWORD)) as client,
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as stranger,
    ):
        made = Bench(server, board, batteries, clock, host, kept, store, client, stranger)
        for _ in range(scans):
            made.publish()
        try:
            yield made
        finally:
            await server.close()
