"""The clock of the running device without a room: 1970 without a source, and a time server that knows better."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from e2e.demo_process import WebProcess, free_port
from fakes.ntp import FakeTimeServer, time_server

AHEAD_S = 7200.0


@contextmanager
def serving(ahead_s: float) -> Iterator[FakeTimeServer]:
    """A time server in a thread of its own."""
    started, ended = threading.Event(), threading.Event()
    found: list[FakeTimeServer] = []

    async def serve() -> None:
        async with time_server(lambda: time.time() + ahead_s) as server:
            found.append(server)
            started.set()
            while not ended.is_set():
                await asyncio.sleep(0.02)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield found[0]
    finally:
        ended.set()
        thread.join(10)


def device(tmp_path: Path, timeserver: str) -> WebProcess:
    """A device whose battery bus is not there: its clock is."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "settings.toml").write_text(f"[timeserver]\n{timeserver}\n")
    port, hardware = free_port(), tmp_path / "hardware.toml"
    hardware.write_text(
        f'[com3]\nport = "{tmp_path}/nothing"\n[flash]\ndata = "{data}"\n'
        f"[lan]\nhttp_port = {port}\nmodbus_port = 0\nsnmp_port = 0\n"
    )
    return WebProcess(port, ["run", "--hardware", str(hardware)])


def clock_of(running: WebProcess) -> float:
    return datetime.fromisoformat(running.get("/api/v1/system")["time"]).timestamp()


def test_without_a_source_of_time_it_is_1970_and_the_clock_says_so(tmp_path: Path) -> None:
    with device(tmp_path, 'source = "none"') as running:
        running.until("alive", lambda: running.request("GET", "/healthz")[0] == 200)
        system = running.get("/api/v1/system")
        assert system["time_source"] == "none"
        assert system["time"].startswith("1970-01-01T00:0")
        assert system["clock"]["synchronised"] is False


def test_a_time_server_sets_the_clock_and_the_log_says_so(tmp_path: Path) -> None:
    with serving(AHEAD_S) as server:
        settings = f'source = "ntp"\nserver_1 = "127.0.0.1"\nport = {server.port}\ntime_zone = "Europe/Berlin"'
        with device(tmp_path, settings) as running:
            running.until(
                "synchronised",
                lambda: (
                    running.request("GET", "/healthz")[0] == 200
                    and running.get("/api/v1/system")["clock"]["steps"] == 1
                ),
            )
            before = time.time()
            told = clock_of(running)
            assert before - 1.0 <= told - AHEAD_S <= time.time() + 1.0
            clock = running.get("/api/v1/system")["clock"]
            assert (clock["synchronised"], clock["text"]) == (True, "it follows 127.0.0.1")
            assert clock["servers"][0]["stratum"] == 2

            def logged() -> bool:
                events = running.get("/api/v1/events?kind=clock_set")["events"]
                return [event["text"] for event in events] == ["The clock was set on by 7200.0 s, as 127.0.0.1 says."]

            running.until("the step is in the log", logged)
            assert 'data-zone="Europe/Berlin"' in running.request("GET", "/panel")[1]
