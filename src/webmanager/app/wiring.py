"""Builds the device out of its parts and runs it; one task group owns every task."""

import asyncio
import logging
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from webmanager.app import reached_time
from webmanager.app.data_dir import claimed
from webmanager.app.hardware import Hardware
from webmanager.app.identity import device_serial
from webmanager.app.snmp_service import SnmpService
from webmanager.bus.link import SerialLink
from webmanager.bus.serial_bus import ScanRules, SerialModuleBus
from webmanager.bus.timing import LinkTiming
from webmanager.domain.device_time import ClockTuple
from webmanager.domain.errors import ConfigError, WebmanagerError
from webmanager.engine.board import Board
from webmanager.engine.clock import Clock, HostClock, TupleClock
from webmanager.engine.cycle import CycleSettings, ScanCycle
from webmanager.engine.history_ports import Stored
from webmanager.modbus.access import only_from
from webmanager.modbus.device import ModbusDevice
from webmanager.modbus.image import LiveImage
from webmanager.modbus.registers import map_csv, map_rows
from webmanager.modbus.server import ModbusTcp, TcpOptions
from webmanager.settings.file import read_settings
from webmanager.settings.model import Settings
from webmanager.settings.state import FileStateKeeper
from webmanager.snmp.engine import engine_identity
from webmanager.store.history import FlashHistory
from webmanager.store.shelf import FlashShelf
from webmanager.web.config import WebConfig
from webmanager.web.register_page import RegisterMap
from webmanager.web.room_link import RoomControl
from webmanager.web.server import WebServer
from webmanager.web.site import Site
from webmanager.web.users import DEFAULT_PASSWORD, DEFAULT_USER

log = logging.getLogger(__name__)

CLOSE_TIMEOUT_S = 8.0
ROOM_WAIT_S = 20.0
"""Host seconds a device waits for the room that its hardware file names."""
STATE_DIR = "state"
MODEL = "BACS II WEBMANAGER BUDGET (open implementation)"


@dataclass(frozen=True, slots=True)
class DevicePlan:
    """What a device is made of on this host: ports, addresses, directories; `room` only with a simulation.

    Of the network ports 0 is any free one; without `modbus_port` there is no Modbus, without `snmp_port` no SNMP.
    """

    settings: Settings
    data_dir: Path
    com3: str
    baud: int = 38400
    gap_bits: int = 10
    bind: str = "127.0.0.1"
    http_port: int = 8080
    modbus_port: int | None = None
    snmp_port: int | None = None
    room: str | None = None


@dataclass(frozen=True, slots=True)
class Served:
    """Where the services can be reached, None = not served; `login` says how, or what must be done first."""

    web: str
    modbus: str | None
    login: str
    snmp: str | None = None


async def run_on_hardware(hardware: Hardware) -> None:
    """`webmanager run`: the device as the hardware file says, until SIGINT or SIGTERM."""
    with claimed(hardware.flash.data) as data_dir:
        await serve(_plan(hardware, data_dir), stop_on_signals())


def _plan(hardware: Hardware, data_dir: Path) -> DevicePlan:
    return DevicePlan(
        settings=read_settings(data_dir),
        data_dir=data_dir,
        com3=hardware.com3.port,
        baud=hardware.com3.baud,
        gap_bits=hardware.com3.gap_bits,
        bind=hardware.lan.bind,
        http_port=hardware.lan.http_port,
        modbus_port=hardware.lan.modbus_port or None,
        snmp_port=hardware.lan.snmp_port or None,
        room=hardware.room.control if hardware.room else None,
    )


def stop_on_signals() -> asyncio.Event:
    """An event that SIGINT and SIGTERM set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


def log_served(served: Served) -> None:
    """Says in the log where the services are."""
    log.info("Web: %s, Modbus: %s, SNMP: %s", served.web, served.modbus or "off", served.snmp or "off")


async def serve(plan: DevicePlan, stop: asyncio.Event, announce: Callable[[Served], None] = log_served) -> None:
    """Runs the device until `stop` is set, then closes everything within 10 s; ConfigError if it cannot start."""
    installation = plan.settings.installation.to_domain()
    history = await asyncio.to_thread(FlashHistory, plan.data_dir, installation)
    keeper = FileStateKeeper(plan.data_dir / STATE_DIR)
    room = RoomControl(plan.room) if plan.room else None
    try:
        async with asyncio.TaskGroup() as tasks:
            clock, follower = await _clock(room, tasks, stop)
            board = Board(installation)
            link = SerialLink(plan.com3, LinkTiming(baud=plan.baud, gap_bits=plan.gap_bits))
            cycle = _cycle(plan, board, clock, link, keeper, history)
            stored = _stored(history, plan.data_dir)
            web = WebServer(
                _web_config(plan), board, clock, keeper=keeper, room=room, stored=stored, registers=_registers(plan)
            )
            await web.start()
            modbus = await _start_modbus(plan, board, clock)
            snmp = await _start_snmp(plan, board, clock, keeper)
            announce(
                Served(
                    web.url,
                    f"{plan.bind}:{modbus.port}" if modbus else None,
                    _login(web.site),
                    f"{plan.bind}:{snmp.port}" if snmp else None,
                )
            )
            running = tasks.create_task(cycle.run(), name="scan cycle")
            keeping = tasks.create_task(reached_time.keep_on(keeper, clock), name="reached time") if room else None
            await stop.wait()
            running.cancel()
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await web.close()
                if modbus:
                    await modbus.close()
                if snmp:
                    await snmp.close()
                link.close()
            if follower:
                follower.cancel()
            if keeping:
                keeping.cancel()
                reached_time.keep(keeper, clock)
    finally:
        if room:
            await room.close()
        keeper.close()
        await asyncio.to_thread(history.close)


def _login(site: Site) -> str:
    if not site.users.default_in_force:
        return "with your password"
    first = ", to be changed before anything is shown" if site.must_change_password else ""
    return f"{DEFAULT_USER} / {DEFAULT_PASSWORD}{first}"


def _stored(history: FlashHistory, data_dir: Path) -> Stored:
    """What the pages may read; files only where there is a flash."""
    shelf = FlashShelf(history.ledger, data_dir) if history.ledger is not None else None
    return Stored(history, history.status, shelf)


def _cycle(
    plan: DevicePlan, board: Board, clock: Clock, link: SerialLink, keeper: FileStateKeeper, history: FlashHistory
) -> ScanCycle:
    installation, scan = board.installation, plan.settings.scan
    rules = ScanRules(retry_budget_s=scan.retry_budget_ms / 1000.0)
    bus = SerialModuleBus(link, installation.modules, installation.strings, rules)
    settings = CycleSettings(
        period_s=scan.period_s,
        ri_interval_s=scan.ri_interval_h * 3600.0,
        rules=plan.settings.equalizing.to_domain(),
    )
    return ScanCycle(bus, board, clock, settings, keeper, history)


async def _start_snmp(plan: DevicePlan, board: Board, clock: Clock, keeper: FileStateKeeper) -> SnmpService | None:
    """The SNMP agent, if it is wanted and its port is free: the device does not depend on it."""
    if plan.snmp_port is None or not plan.settings.snmp.enabled:
        return None
    service = SnmpService(plan.settings, board, clock, engine_identity(keeper), device_serial(plan.data_dir))
    try:
        await service.open(plan.bind, plan.snmp_port)
    except ConfigError as error:
        log.error("The device runs without SNMP: %s", error)
        return None
    return service


async def _start_modbus(plan: DevicePlan, board: Board, clock: Clock) -> ModbusTcp | None:
    """Modbus TCP, if it is wanted and its address is free: the device does not depend on it."""
    settings = plan.settings.modbus
    if plan.modbus_port is None or not settings.enabled:
        return None
    options = TcpOptions(plan.bind, plan.modbus_port, settings.most_connections, settings.idle_s)
    server = ModbusTcp(ModbusDevice(LiveImage(board, clock), settings.unit), options, only_from(settings.clients))
    try:
        await server.start()
    except ConfigError as error:
        log.error("The device runs without Modbus: %s", error)
        return None
    return server


def _registers(plan: DevicePlan) -> RegisterMap | None:
    """The register map for the web, which knows nothing of Modbus."""
    if plan.modbus_port is None or not plan.settings.modbus.enabled:
        return None
    rows = [(row.addresses, row.name, row.meaning, row.type, row.scale, row.no_value, row.origin) for row in map_rows()]
    headings = ("Address", "Name", "Meaning", "Type", "Scale", "No value", "Origin")
    return RegisterMap(f"{plan.bind} port {plan.modbus_port}", plan.settings.modbus.unit, headings, rows, map_csv())


def _web_config(plan: DevicePlan) -> WebConfig:
    return WebConfig(
        bind=plan.bind,
        port=plan.http_port,
        model=MODEL,
        serial=device_serial(plan.data_dir),
        host_names=plan.settings.web.host_names,
    )


async def _clock(
    room: RoomControl | None, tasks: asyncio.TaskGroup, stop: asyncio.Event
) -> tuple[Clock, asyncio.Task[None] | None]:
    """The host's clock, or the room's and the task that follows it; a room that starts meanwhile is waited for."""
    if room is None or (told := await _first_clock(room, stop)) is None:
        return HostClock(), None
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
