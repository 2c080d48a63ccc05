"""The table of the API: the rows of all parts, each in a file of its own."""

from aiohttp import web

from webmanager.web.accounts.roles import Role
from webmanager.web.alarms.routes import ALARM_ROUTES
from webmanager.web.batteries.api import BATTERY_ROUTES
from webmanager.web.guard.route import V1, ApiRoute
from webmanager.web.history.routes import HISTORY_ROUTES
from webmanager.web.limits.routes import LIMIT_ROUTES
from webmanager.web.live.stream import live
from webmanager.web.login.routes import LOGIN_ROUTES
from webmanager.web.panel.routes import PANEL_ROUTES
from webmanager.web.room.routes import ROOM_ROUTES
from webmanager.web.settings.routes import SETTINGS_ROUTES
from webmanager.web.status.routes import STATUS_ROUTES
from webmanager.web.system.certificate import CERTIFICATE_ROUTES
from webmanager.web.system.update import UPDATE_ROUTES
from webmanager.web.users.routes import USER_ROUTES

API_ROUTES: tuple[ApiRoute, ...] = (
    *STATUS_ROUTES,
    *ALARM_ROUTES,
    *LIMIT_ROUTES,
    *SETTINGS_ROUTES,
    *HISTORY_ROUTES,
    ApiRoute("GET", f"{V1}/live", live, Role.VIEWER, "Live stream", is_stream=True),
    *LOGIN_ROUTES,
    *USER_ROUTES,
    *BATTERY_ROUTES,
    *PANEL_ROUTES,
    *CERTIFICATE_ROUTES,
    *UPDATE_ROUTES,
    *ROOM_ROUTES,
)


def add_api(app: web.Application) -> None:
    """Puts the table into an application; GET answers HEAD too, but for the stream."""
    for route in API_ROUTES:
        if route.method == "GET":
            app.router.add_get(route.path, route.serve(), allow_head=not route.is_stream)
        else:
            app.router.add_route(route.method, route.path, route.serve())
