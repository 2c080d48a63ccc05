"""What every handler may reach: one object, put into the application at start."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from aiohttp import web
from jinja2 import Environment

from webmanager.domain.alarm_picture import AlarmPicture
from webmanager.domain.picture import Picture, picture_of
from webmanager.engine.battery_notes import BatteryNotes
from webmanager.engine.board import Board
from webmanager.engine.clock import Clock
from webmanager.engine.front_panel import FrontPanel
from webmanager.engine.recent import RecentHour
from webmanager.web.accounts.audit import Audit
from webmanager.web.accounts.sessions import Sessions
from webmanager.web.accounts.slowdown import Slowdown
from webmanager.web.accounts.tokens import Tokens
from webmanager.web.accounts.users import Users
from webmanager.web.config import WebConfig
from webmanager.web.http.assets import StaticFiles
from webmanager.web.site.history_desk import HistoryDesk
from webmanager.web.site.parts import Parts
from webmanager.web.site.room_link import RoomControl


@dataclass(frozen=True, slots=True)
class Site:
    """The parts behind the pages and the API; `monotonic` is host time, `clock` is device time.

    `https_port` says where HTTPS is answered, 0 = nowhere.
    """

    config: WebConfig
    board: Board
    clock: Clock
    recent: RecentHour
    history: HistoryDesk
    notes: BatteryNotes
    room: RoomControl | None
    users: Users
    sessions: Sessions
    tokens: Tokens
    audit: Audit
    slowdown: Slowdown
    static: StaticFiles
    templates: Environment
    panel: FrontPanel
    monotonic: Callable[[], float] = time.monotonic
    started_s: float = 0.0
    parts: Parts = field(default_factory=Parts)
    https_port: Callable[[], int] = int

    def moment(self) -> Picture:
        """What counts now: old scans never look new."""
        return moment_of(self.board, self.clock)

    @property
    def zone(self) -> tzinfo:
        """The zone of the times on pages."""
        return self.parts.time.zone if self.parts.time else UTC

    @property
    def alarms(self) -> AlarmPicture | None:
        """What is open and pending; None where no limits are judged."""
        return self.parts.alarms.picture if self.parts.alarms is not None else None

    @property
    def place(self) -> tuple[str, str]:
        """Name and location of the device, as the settings say at this moment."""
        now = self.parts.settings.applied.installation if self.parts.settings else self.board.installation
        return now.name, now.location

    @property
    def is_simulated(self) -> bool:
        """There is a room behind the serial ports."""
        return self.room is not None

    @property
    def must_change_password(self) -> bool:
        """The manual's password is in force on a device that others can reach."""
        return self.users.default_in_force and not self.config.is_loopback


def moment_of(board: Board, clock: Clock) -> Picture:
    """What a board says at this moment of the device's time."""
    return picture_of(board, clock.monotonic(), clock.now(), clock.factor)


SITE: web.AppKey[Site] = web.AppKey("site", Site)
