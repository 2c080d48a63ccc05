"""A web server on a fake board and a fake room: `python tests/fakes/serve.py [PORT]` to look at the pages."""

import asyncio
import sys
import tempfile
from pathlib import Path

from aiohttp import web

from fakes.board import IMPLAUSIBLE, SILENT, STALE, FakeBatteries, running_board
from fakes.room import FakeRoom
from fakes.state import MemoryStateKeeper
from webmanager.engine.clock import HostClock
from webmanager.web.config import WebConfig
from webmanager.web.server import WebServer
from webmanager.web.site.room_link import RoomControl


async def serve(port: int) -> None:
    """Publishes a snapshot every two seconds until it is ended."""
    clock = HostClock()
    batteries = FakeBatteries(silent=SILENT, stale=STALE, implausible=IMPLAUSIBLE, low={81: 13.03})
    board, _ = running_board(batteries)
    with tempfile.TemporaryDirectory() as folder:
        socket = Path(folder) / "room"
        runner = web.AppRunner(FakeRoom().application())
        await runner.setup()
        await web.UnixSite(runner, str(socket)).start()
        room = RoomControl(f"unix:{socket}")
        server = WebServer(WebConfig(port=port, serial="004127"), board, clock, keeper=MemoryStateKeeper(), room=room)
        recent = server.site.recent
        for back in range(3600, 0, -10):
            if not 1500 < back < 1900:
                recent.add(batteries.snapshot(clock.monotonic() - back, clock.now() - back))
        await server.start()
        print(server.url)
        while True:
            board.publish(batteries.snapshot(clock.monotonic(), clock.now()))
            await asyncio.sleep(2)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]) if len(sys.argv) > 1 else 8080))
