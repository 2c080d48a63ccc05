"""The table of the API: the rows of all parts, each in a file of its own."""

from aiohttp import web

from webmanager.web.alarm_routes import ALARM_ROUTES
from webmanager.web.battery_api import BATTERY_ROUTES
from webmanager.web.certificate_routes import CERTIFICATE_ROUTES
from webmanager.web.history_routes import HISTORY_ROUTES
from webmanager.web.limits_routes import LIMIT_ROUTES
from webmanager.web.login_routes import LOGIN_ROUTES
from webmanager.web.panel_routes import PANEL_ROUTES
from webmanager.web.roles import Role
from webmanager.web.room_routes import ROOM_ROUTES
from webmanager.web.route import V1, ApiRoute
from webmanager.web.session_routes import SESSION_ROUTES
from webmanager.web.settings_routes import SETTINGS_ROUTES
from webmanager.web.status_routes import STATUS_ROUTES
from webmanager.web.stream import live
from webmanager.web.update_pages import UPDATE_ROUTES

API_ROUTES: tuple[ApiRoute, ...] = (
    *STATUS_ROUTES,
    *ALARM_ROUTES,
    *LIMIT_ROUTES,
    *SETTINGS_ROUTES,
    *HISTORY_ROUTES,
    ApiRoute("GET", f"{V1}/live", live, Role.VIEWER, "Live stream", is_stream=True),
    *SESSION_ROUTES,
    *LOGIN_ROUTES,
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
