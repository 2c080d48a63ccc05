"""The web door: one server for pages, API and live stream."""

import asyncio
import ipaddress
import logging
import re
import ssl
import time
from collections.abc import Callable, Sequence
from functools import cache

import jinja2
from aiohttp import web
from markupsafe import Markup

from webmanager.domain.errors import ConfigError
from webmanager.engine.battery_notes import BatteryNotes
from webmanager.engine.board import Board
from webmanager.engine.clock import Clock
from webmanager.engine.front_panel import FrontPanel
from webmanager.engine.history_ports import Stored
from webmanager.engine.ports import StateKeeper
from webmanager.engine.recent import RecentHour
from webmanager.language.tongue import NAMES, tongue
from webmanager.settings.changes import differences
from webmanager.settings.model import Settings
from webmanager.web import defence
from webmanager.web.accounts.audit import Audit
from webmanager.web.accounts.passwords import Passwords
from webmanager.web.accounts.sessions import Sessions, sessions_of
from webmanager.web.accounts.slowdown import Slowdown
from webmanager.web.accounts.tokens import Tokens
from webmanager.web.accounts.users import Users
from webmanager.web.alarms.pages import add_alarm_pages
from webmanager.web.batteries.pages import add_battery_pages
from webmanager.web.config import WebConfig
from webmanager.web.frame.speech import spoken_to
from webmanager.web.frame.theme_and_files import add_frame
from webmanager.web.guard import access
from webmanager.web.guard.access import keeps_the_door_open
from webmanager.web.history.pages import add_history_pages
from webmanager.web.http.answer import answer
from webmanager.web.http.assets import assets, shipped_files
from webmanager.web.limits.pages import add_limits_pages
from webmanager.web.listeners import Listeners
from webmanager.web.live.feed import LiveFeed
from webmanager.web.live.stream import FEED
from webmanager.web.login.pages import add_login_pages
from webmanager.web.metrics.metrics import add_metrics
from webmanager.web.openapi.document import openapi
from webmanager.web.panel.pages import add_panel_pages
from webmanager.web.room.page import add_room_page
from webmanager.web.routes import API_ROUTES, add_api
from webmanager.web.settings.pages import add_settings_pages
from webmanager.web.site.history_desk import HistoryDesk
from webmanager.web.site.parts import Parts
from webmanager.web.site.room_link import RoomControl
from webmanager.web.site.site import SITE, Site
from webmanager.web.status.page import add_status_page
from webmanager.web.system.certificate import add_certificate_pages
from webmanager.web.system.page import add_system_page
from webmanager.web.system.registers import RegisterMap, add_registers
from webmanager.web.system.update import add_update_pages
from webmanager.web.texts import figures
from webmanager.web.texts.template_words import speak_in
from webmanager.web.users.pages import add_users_page

log = logging.getLogger("webmanager.web")

CLOSING_S = 2.0
LINGERING_S = 1.0
"""Host seconds in which the rest of a refused body is still read, so that the client sees the answer."""


class WebServer:
    """Serves the board over HTTP from `start` to `close`; reads the board, and writes nothing but through the room.

    `keeper` keeps the users, `stored` is the store if there is one, `room` the control of a simulated room if there is
    one (its owner closes it), `parts` what else has pages, `sessions` those of the life
    before a restart, `monotonic` is host time.
    """

    def __init__(
        self,
        config: WebConfig,
        board: Board,
        clock: Clock,
        *,
        keeper: StateKeeper,
        room: RoomControl | None = None,
        recent: RecentHour | None = None,
        registers: RegisterMap | None = None,
        stored: Stored | None = None,
        parts: Parts | None = None,
        sessions: Sessions | None = None,
        passwords: Passwords | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config = config
        self._registers = registers
        self._passwords = passwords or Passwords()
        parts = parts or Parts()
        users = Users(keeper, self._passwords, monotonic)
        self._site = Site(
            config=config,
            board=board,
            clock=clock,
            recent=recent or RecentHour(board.installation.modules),
            history=HistoryDesk(stored, monotonic),
            notes=BatteryNotes(keeper),
            room=room,
            users=users,
            sessions=sessions if sessions is not None else sessions_of(config, monotonic),
            tokens=Tokens(keeper, users.find, clock.now),
            audit=Audit(parts.alarms, clock.now, monotonic),
            slowdown=Slowdown(monotonic),
            static=shipped_files(),
            templates=_templates(),
            panel=parts.panel or FrontPanel(board, clock, alarms=parts.alarms),
            monotonic=monotonic,
            started_s=monotonic(),
            parts=parts,
            https_port=lambda: self.https_port,
        )
        self._site.sessions.limit(idle_s=config.session_idle_s, limit_s=config.session_limit_s)
        self._site.templates.globals["static"] = self._site.static.url
        self._site.templates.globals["has_modbus"] = registers is not None
        self._feed = LiveFeed(board, clock, most=config.most_streams, desk=self._site.parts.alarms)
        self._tasks: list[asyncio.Task[None]] = []
        self._runner: web.AppRunner | None = None
        self._listeners: Listeners | None = None
        self._leave: Sequence[Callable[[], object]] = ()

    @property
    def site(self) -> Site:
        """The parts behind the pages."""
        return self._site

    @property
    def feed(self) -> LiveFeed:
        """The live stream, with its counters."""
        return self._feed

    @property
    def port(self) -> int:
        """The TCP port it listens on; 0 before `start`."""
        return self._listeners.port if self._listeners else 0

    @property
    def https_port(self) -> int:
        """The TCP port of HTTPS; 0 without it."""
        return self._listeners.https_port if self._listeners else 0

    @property
    def url(self) -> str:
        """Address for a browser on this host."""
        host, port = self._config.bind, self.https_port or self.port
        scheme = "https" if self.https_port else "http"
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return f"{scheme}://{host}:{port}/"
        if address.is_unspecified:
            return f"{scheme}://localhost:{port}/"
        return f"{scheme}://[{host}]:{port}/" if address.version == 6 else f"{scheme}://{host}:{port}/"

    async def start(self) -> None:
        """Reads the users and listens; ConfigError if the address cannot be had."""
        await self._site.users.load()
        await asyncio.to_thread(self._site.notes.load)
        await asyncio.to_thread(self._site.tokens.load)
        for code in NAMES:
            await asyncio.to_thread(tongue, code)
        self._runner = web.AppRunner(
            self._application(),
            access_log=None,
            handle_signals=False,
            keepalive_timeout=self._config.header_timeout_s,
            shutdown_timeout=CLOSING_S,
            lingering_time=LINGERING_S,
            max_line_size=8190,
            max_field_size=8190,
        )
        await self._runner.setup()
        server = self._runner.server
        if server is None:
            raise RuntimeError("the application has no server after its set-up")
        self._listeners = Listeners(server, self._config, await self._context())
        try:
            await self._listeners.open()
        except ConfigError:
            await self.close()
            raise
        if self._site.parts.settings:
            self._leave = (
                self._site.parts.settings.guard(keeps_the_door_open),
                self._site.parts.settings.subscribe(self._note_change),
            )
        self._feed.news.open()
        self._tasks = [
            asyncio.create_task(self._feed.run(), name="live feed"),
            asyncio.create_task(self._site.recent.follow(self._site.board), name="recent hour"),
        ]
        log.info("web listens on %s", self.url)

    async def _context(self) -> ssl.SSLContext | None:
        certificates = self._site.parts.certificates
        if certificates is None or not self._config.security.https:
            return None
        return await asyncio.to_thread(certificates.open)

    def _note_change(self, before: Settings, after: Settings) -> None:
        desk = self._site.parts.settings
        latest = desk.history()[0] if desk else None
        if latest is not None:
            self._site.audit.changed([field.path for field in differences(before, after)], latest.by)

    async def close(self) -> None:
        """Stops listening, ends streams and tasks; may be called twice."""
        self._feed.news.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        for leave in self._leave:
            leave()
        if self._listeners is not None:
            self._listeners.close()
            self._listeners = None
        if self._runner is not None:
            self._feed.end()
            await self._runner.cleanup()
            self._runner = None
        self._passwords.close()

    def _application(self) -> web.Application:
        app = web.Application(
            middlewares=[spoken_to, defence.errors, access.known_network, defence.known_host, access.only_https],
            client_max_size=self._config.body_limit,
        )
        app[SITE] = self._site
        app[FEED] = self._feed
        app.on_response_prepare.extend((defence.secure, access.strict_transport))
        add_api(app)
        add_status_page(app)
        add_room_page(app)
        add_login_pages(app)
        add_frame(app)
        add_history_pages(app)
        add_metrics(app)
        add_battery_pages(app)
        add_system_page(app)
        add_alarm_pages(app)
        add_limits_pages(app)
        add_settings_pages(app)
        add_users_page(app)
        add_panel_pages(app)
        add_certificate_pages(app)
        add_update_pages(app)
        if self._registers:
            add_registers(app, self._registers)
        described = cache(lambda: openapi(self._config, API_ROUTES))

        async def description(_: web.Request) -> web.Response:
            return answer(await asyncio.to_thread(described))

        app.router.add_get("/api/v1/openapi.json", description)
        return app


def _named(text: str) -> Markup:
    """A text in which the names of batteries do not break over two lines."""
    parts = re.split(r"(S\d+-\d+)", text)
    return Markup().join(
        Markup('<span class="name">{}</span>').format(part) if index % 2 else part for index, part in enumerate(parts)
    )


@cache
def _templates() -> jinja2.Environment:
    """The same for every life of the device: compiled once."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(assets("templates")),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
    )
    speak_in(environment)
    environment.globals["nbsp"] = figures.NBSP
    environment.filters["named"] = _named
    return environment
