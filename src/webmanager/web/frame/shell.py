"""The frame of every page: device, navigation, theme, user."""

import json
from functools import lru_cache
from urllib.parse import urlsplit

from aiohttp import web

from webmanager.domain.events import Severity
from webmanager.domain.local_time import zone_name
from webmanager.language.spoken import gettext as _
from webmanager.language.spoken import speaking, spoken
from webmanager.language.tongue import NAMES, Tongue
from webmanager.web.accounts.roles import Role
from webmanager.web.frame.views import CountView, NavItem, Shell
from webmanager.web.guard.auth import CALLER
from webmanager.web.site.site import SITE, Site
from webmanager.web.texts.words import catalogue

THEMES = ("", "light", "dark")
THEME_COOKIE = "theme"
_STATUS = "M3 4h4v7H3zM10 4h4v7h-4zM17 4h4v7h-4zM3 14h4v6H3zM10 14h4v6h-4zM17 14h4v6h-4z"
_ALARMS = "M12 3l9 17H3zM11 10v5h2v-5zM11 16.5v2h2v-2z"
_HISTORY = "M4 4v16h16v-2H6V4zM8 14l4-5 3 3 5-7v4l-5 7-3-3-4 5z"
_STORAGE = "M5 3h14v18H5zM8 6v3h8V6zM8 12v3h8v-3z"
_PANEL = "M2 6h20v12H2zM5 9v6h2V9zM9 9v6h2V9zM15 11v2h4v-2z"
_SETTINGS = (
    "M3 5h10v2H3zM17 5h4v2h-4zM14 3h2v6h-2zM3 11h4v2H3zM11 11h10v2H11zM8 9h2v6H8z"
    "M3 17h10v2H3zM17 17h4v2h-4zM14 15h2v6h-2z"
)
_ROOM = "M13 2 5 14h6l-1 8 8-12h-6z"


_NAV_OF = {"events": "alarms"}
"""Pages that are reached from another one."""


def shell(request: web.Request, page: str) -> Shell:
    """The frame for a request; without a known caller it names the device and nothing else."""
    site = request.app[SITE]
    caller = request.get(CALLER)
    theme = theme_of(request)
    name, location = site.place
    return Shell(
        page=page,
        path=local_path(request.path_qs),
        device=name,
        location=location,
        theme=theme,
        next_theme=THEMES[(THEMES.index(theme) + 1) % len(THEMES)],
        user=caller.user.name if caller else "",
        csrf=caller.session.csrf if caller and caller.session else "",
        nav=_nav(site, page, caller.user.role) if caller and not site.must_change_password else (),
        is_simulated=site.is_simulated,
        default_password=bool(caller) and site.users.default_in_force,
        may_operate=bool(caller and caller.user.role >= Role.OPERATOR),
        words=_words(spoken()),
        alarms=_counts(site) if caller and not site.must_change_password else None,
        language=spoken().code,
        languages=NAMES,
        zone=zone_name(site.zone),
    )


def _counts(site: Site) -> CountView | None:
    picture = site.alarms
    if picture is None:
        return None
    by = picture.by_severity
    return CountView(by.get(Severity.ALARM, 0), by.get(Severity.WARNING, 0))


def theme_of(request: web.Request) -> str:
    """The theme a browser asked for with its cookie; empty is the system's."""
    theme = request.cookies.get(THEME_COOKIE, "")
    return theme if theme in THEMES else ""


def local_path(path: str) -> str:
    """A path on this device to go on to, `/` for anything that could lead elsewhere."""
    if not path.startswith("/") or path.startswith("//") or "\\" in path or not path.isprintable() or len(path) > 512:
        return "/"
    parts = urlsplit(path)
    return "/" if parts.scheme or parts.netloc or parts.path in {"/login", "/logout", "/theme", "/language"} else path


@lru_cache(maxsize=2 * len(NAMES))
def _words(tongue: Tongue) -> str:
    """The catalogue of the scripts in one language, as JSON."""
    with speaking(tongue):
        return json.dumps(catalogue(), separators=(",", ":"), ensure_ascii=False)


def _nav(site: Site, page: str, role: Role) -> tuple[NavItem, ...]:
    items = [("status", "/", "Status", _STATUS)]
    if site.parts.alarms is not None:
        items.append(("alarms", "/alarms", _("Alarms"), _ALARMS))
    items += [("history", "/history", "History", _HISTORY), ("storage", "/storage", "Storage", _STORAGE)]
    items.append(("panel", "/panel", _("Panel"), _PANEL))
    if role >= Role.ADMIN and site.parts.settings is not None:
        items.append(("settings", "/settings/network", _("Settings"), _SETTINGS))
    if site.is_simulated:
        items.append(("room", "/room", "Room", _ROOM))
    return tuple(NavItem(href, label, icon, name == _NAV_OF.get(page, page)) for name, href, label, icon in items)
