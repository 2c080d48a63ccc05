"""The room as a process of its own: ports, control interface and time until it is told to end or its parent is gone."""

import asyncio
import contextlib
import ctypes
import logging
import os
import signal
import time
from pathlib import Path

from webmanager.domain.errors import ConfigError
from webmanager.room.config import RoomConfig
from webmanager.room.control import ControlServer
from webmanager.room.modem import Modem, ModemPort
from webmanager.room.reception import Reception
from webmanager.room.service import RoomService
from webmanager.room.wire import IdlePort, PseudoPort, Wire

__all__ = ["RoomConfig", "run_room"]

log = logging.getLogger(__name__)
PR_SET_PDEATHSIG = 1
LOOK_FOR_PARENT_S = 0.5


async def run_room(config: RoomConfig, link_dir: Path, control: str, parent_pid: int | None) -> None:
    """Runs a room until SIGINT or SIGTERM, or until the process `parent_pid` is gone; ConfigError if it cannot start.

    Ports appear as `link_dir/com1` to `com3`; `control` is `unix:PATH` or `HOST:PORT`. All are removed at the end.
    """
    loop = asyncio.get_running_loop()
    ending = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ending.set)
    try:
        link_dir.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 -- before anything runs
    except OSError as error:
        raise ConfigError(f"{link_dir}: no directory for ports: {error.strerror}") from None
    service = RoomService(config, time.time(), loop.time())
    wire = Wire(PseudoPort(link_dir / "com3"), service.line)
    modem = Modem() if config.com2 == "modem" else None
    reception = Reception(service, loop.time, modem, f"{link_dir}/com2")
    server = ControlServer(service, loop.time, wire, reception)
    wire.on_bytes = lambda: service.hears(loop.time())
    com2 = PseudoPort(link_dir / "com2")
    ports: list[Wire | IdlePort | ModemPort] = [wire, IdlePort(PseudoPort(link_dir / "com1"))]
    ports.append(ModemPort(com2, modem) if modem else IdlePort(com2))
    try:
        for port in ports:
            port.plug()
        await reception.open()
        await server.start(control)
        log.info("room of %d batteries on %s", config.modules, link_dir)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(_run_time(service, server, reception))
            watching = tasks.create_task(_watch_parent(parent_pid, ending))
            await ending.wait()
            running.cancel()
            watching.cancel()
    finally:
        for port in ports:
            port.unplug()
        await server.stop()
        await reception.close()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


async def _run_time(service: RoomService, server: ControlServer, reception: Reception) -> None:
    loop = asyncio.get_running_loop()
    while True:
        service.tick(loop.time())
        server.clock_changed()
        await reception.follow()
        await asyncio.sleep(service.tick_s)


async def _watch_parent(parent_pid: int | None, ending: asyncio.Event) -> None:
    """Sets `ending` when the parent is gone: told by the kernel, and looked for all the same."""
    if parent_pid is None:
        return
    loop = asyncio.get_running_loop()
    is_child = os.getppid() == parent_pid
    if is_child:
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    handle = None
    with contextlib.suppress(OSError, AttributeError):
        handle = os.pidfd_open(parent_pid)
        loop.add_reader(handle, ending.set)
    try:
        while os.getppid() == parent_pid if is_child else _is_there(parent_pid):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_FOR_PARENT_S):
                    await ending.wait()
                    return
        ending.set()
    finally:
        if handle is not None:
            loop.remove_reader(handle)
            os.close(handle)


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
