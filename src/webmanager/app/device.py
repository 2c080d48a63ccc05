"""One life of the device: every part of it, from the start to the next restart."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any

from webmanager import __version__
from webmanager.app import reached_time
from webmanager.app.alarm_service import AlarmService, device_values
from webmanager.app.device_counts import bus_counts, modbus_counts
from webmanager.app.event_log import EventLog
from webmanager.app.identity import device_serial
from webmanager.app.messaging import Surroundings
from webmanager.app.modbus_parts import modbus_device, register_map
from webmanager.app.modbus_service import ModbusService
from webmanager.app.panel_service import PanelService
from webmanager.app.plan import MODEL, DevicePlan, Served
from webmanager.app.snmp_service import SnmpService
from webmanager.app.snmp_setters import setters
from webmanager.app.supervision import supervised
from webmanager.app.trend import StoredTrend
from webmanager.app.trial import NetworkTrial
from webmanager.bus.link import SerialLink
from webmanager.bus.serial_bus import ScanRules, SerialModuleBus
from webmanager.bus.timing import LinkTiming
from webmanager.engine.board import Board
from webmanager.engine.clock import Clock
from webmanager.engine.counts import Count, Counting
from webmanager.engine.cycle import CycleSettings, ScanCycle
from webmanager.engine.history_ports import Stored
from webmanager.notify.message import Device as Speaker
from webmanager.settings.certificates import CertificateStore, host_names
from webmanager.settings.desk import SettingsDesk
from webmanager.settings.model import Settings
from webmanager.settings.state import FileStateKeeper
from webmanager.snmp.engine import EngineIdentity, engine_identity
from webmanager.store.history import FlashHistory
from webmanager.store.shelf import FlashShelf
from webmanager.timeserver.service import TimeService
from webmanager.update.service import UpdateService
from webmanager.web.accounts.sessions import Sessions
from webmanager.web.accounts.users import DEFAULT_PASSWORD, DEFAULT_USER
from webmanager.web.config import WebConfig
from webmanager.web.server import WebServer
from webmanager.web.site.parts import Parts
from webmanager.web.site.room_link import RoomControl

CLOSE_TIMEOUT_S = 8.0


class Device:
    """Every part, built but not started. `restart` asks whoever runs it for another life, and returns at once."""

    def __init__(
        self,
        plan: DevicePlan,
        desk: SettingsDesk,
        clock: Clock,
        keeper: FileStateKeeper,
        history: FlashHistory,
        room: RoomControl | None,
        sessions: Sessions,
        restart: Callable[[], None],
        trial: NetworkTrial,
    ) -> None:
        settings = desk.applied
        plan = plan.listening_as(settings.network)
        self._switches = PanelService(plan, keeper, clock)
        plan = self._switches.plan(plan)
        self._plan, self._desk, self._settings, self._clock, self._keeper = plan, desk, settings, clock, keeper
        self._follows_room = room is not None
        self._board = Board(settings.installation.to_domain())
        self._link = SerialLink(plan.com3, LinkTiming(baud=plan.baud, gap_bits=plan.gap_bits))
        self._bus = _bus(settings, self._link)
        self._cycle = ScanCycle(self._bus, self._board, clock, _cycle_settings(settings), keeper, history)
        identity = engine_identity(keeper)
        self._alarms = AlarmService(
            settings,
            self._board,
            clock,
            keeper,
            EventLog(history),
            history.status,
            self._surroundings(identity, history),
            lambda: self._bus.counters().modules,
        )
        self._time = TimeService(settings.timeserver, clock, report=self._alarms.desk.report, note=self._alarms.note)
        serial = device_serial(plan.data_dir)
        sources = replace(self._alarms.snmp_sources(), setters=setters(desk, clock.now))
        self._snmp = SnmpService(settings, self._board, clock, identity, serial, sources)
        self._modbus = ModbusService(
            settings.modbus,
            modbus_device(self._switches.for_modbus(), settings.modbus, self._board, clock, self._alarms),
        )
        self._update = UpdateService(
            plan.data_dir / "update", lambda: desk.applied.update, plan.update_key, __version__, clock.now
        )
        self._web = WebServer(
            _web_config(plan, settings, serial),
            self._board,
            clock,
            keeper=keeper,
            room=room,
            stored=_stored(history, plan),
            registers=register_map(plan, settings.modbus),
            sessions=sessions,
            parts=Parts(
                alarms=self._alarms.desk,
                settings=desk,
                update=self._update,
                certificates=_certificates(plan, settings, clock),
                jobs=self._alarms,
                time=self._time,
                panel=self._switches.panel(self._board, self._alarms),
                restart=self._switches.restarting(restart),
                counts=self._counts(),
                addresses=self._addresses,
                came_in=trial.came_in,
            ),
        )
        self._unsubscribe: Callable[[], None] = lambda: None

    async def open(self) -> Served:
        """Listens; ConfigError if the web cannot, while the device does without Modbus or SNMP."""
        await self._web.start()
        self._unsubscribe = self._desk.subscribe(self._change)
        if self._switches.boot.text:
            self._alarms.note("configuration_mode", self._switches.boot.text)
        if self._desk.trouble:
            self._alarms.note("settings_trouble", _sentence(self._desk.trouble))
        await self._modbus.open(self._plan.bind, self._plan.modbus_port)
        await self._snmp.open(self._plan.bind, self._plan.snmp_port)
        return Served(
            self._web.url,
            f"{self._plan.bind}:{self._modbus.port}" if self._modbus.port else None,
            self._login(),
            f"{self._plan.bind}:{self._snmp.port}" if self._snmp.port else None,
        )

    def work(self) -> dict[str, Coroutine[Any, Any, None]]:
        """What runs until it is cancelled, by name."""
        parts: dict[str, Callable[[], Awaitable[None]]] = {
            "scan cycle": self._cycle.run,
            "alarms": self._alarms.run,
            "time": self._time.run,
            "update": self._update.run,
            "SNMP": self._snmp.run,
        }
        if line := self._plan.modbus_line:
            parts["Modbus line"] = lambda: self._modbus.serve_line(line)
        if self._follows_room:
            parts["reached time"] = lambda: reached_time.keep_on(self._keeper, self._clock)
        return {name: supervised(name, work) for name, work in parts.items()}

    async def close(self) -> None:
        """Frees every port."""
        self._unsubscribe()
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await self._web.close()
            await self._modbus.close()
            await self._snmp.close()
            self._link.close()

    def _change(self, before: Settings, after: Settings) -> None:
        """Takes over at once what can be: the rest waits for a restart, as the settings say."""
        if after.limits != before.limits:
            self._alarms.change_limits(after.limits, self._desk.history()[0].by)
        if after.notify != before.notify:
            self._alarms.change_jobs(after.notify)
        if (after.scan, after.equalizing) != (before.scan, before.equalizing):
            self._cycle.configure(_cycle_settings(after))
        if after.timeserver != before.timeserver:
            self._time.change(after.timeserver)
        if after.security != before.security:
            security = after.security
            self._web.site.sessions.limit(
                idle_s=security.session_idle_min * 60.0, limit_s=security.session_limit_h * 3600.0
            )
        self._snmp.change(after)

    def _addresses(self) -> list[tuple[str, str]]:
        """Each way in that is open, and where it is."""
        bind = self._web.site.config.bind
        ports = {"Modbus TCP": self._modbus.port, "Modbus TLS": self._modbus.tls_port, "SNMP": self._snmp.port}
        return [("Web", self._web.url), *((name, f"{bind}:{port}") for name, port in ports.items() if port)]

    def _counts(self) -> tuple[Counting, ...]:
        return (
            lambda: bus_counts(self._bus.counters(), self._board.installation),
            lambda: modbus_counts(self._modbus),
            lambda: [Count("snmp_refused", self._snmp.refused), Count("snmp_images", self._snmp.images)],
        )

    def _surroundings(self, identity: EngineIdentity, history: FlashHistory) -> Surroundings:
        return Surroundings(
            device=self._speaker,
            device_values=lambda: device_values(self._board, self._settings, __version__),
            uptime_s=lambda: self._snmp.uptime_s(),  # noqa: PLW0108 -- the agent is made later
            identity=identity,
            outputs=self._plan.outputs,
            trend=StoredTrend(history),
        )

    def _speaker(self) -> Speaker:
        place = self._desk.applied.installation
        return Speaker(place.name, place.location, __version__, self._time.zone)

    def _login(self) -> str:
        site = self._web.site
        if not site.users.default_in_force:
            return "with your password"
        first = ", to be changed before anything is shown" if site.must_change_password else ""
        return f"{DEFAULT_USER} / {DEFAULT_PASSWORD}{first}"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _stored(history: FlashHistory, plan: DevicePlan) -> Stored:
    """What the pages may read; files only where there is a flash."""
    shelf = FlashShelf(history.ledger, plan.data_dir) if history.ledger is not None else None
    return Stored(history, history.status, shelf)


def _bus(settings: Settings, link: SerialLink) -> SerialModuleBus:
    installation = settings.installation.to_domain()
    rules = ScanRules(retry_budget_s=settings.scan.retry_budget_ms / 1000.0)
    return SerialModuleBus(link, installation.modules, installation.strings, rules)


def _cycle_settings(settings: Settings) -> CycleSettings:
    return CycleSettings(
        period_s=settings.scan.period_s,
        ri_interval_s=settings.scan.ri_interval_h * 3600.0,
        rules=settings.equalizing.to_domain(),
    )


def _web_config(plan: DevicePlan, settings: Settings, serial: str) -> WebConfig:
    security = settings.security
    return WebConfig(
        bind=plan.bind,
        port=plan.http_port,
        model=MODEL,
        serial=serial,
        host_names=settings.web.host_names,
        https_port=security.https_port,
        security=security,
        session_idle_s=security.session_idle_min * 60.0,
        session_limit_s=security.session_limit_h * 3600.0,
    )


def _certificates(plan: DevicePlan, settings: Settings, clock: Clock) -> CertificateStore:
    """The certificate of this device, for its addresses and the names in the settings."""
    return CertificateStore(
        plan.data_dir / "tls", lambda: host_names(plan.bind) | set(settings.web.host_names), clock.now
    )
