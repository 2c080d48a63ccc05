"""The table of the API; a part of the device with its own rows keeps them in a file of its own."""

from aiohttp import web
from pydantic import BaseModel

from webmanager.web import answers, api, history_api, room_api
from webmanager.web.alarm_routes import ALARM_ROUTES
from webmanager.web.auth import Handler
from webmanager.web.battery_api import BATTERY_ROUTES
from webmanager.web.certificate_routes import CERTIFICATE_ROUTES
from webmanager.web.limits_routes import LIMIT_ROUTES
from webmanager.web.login_routes import LOGIN_ROUTES
from webmanager.web.panel_routes import PANEL_ROUTES
from webmanager.web.roles import Role
from webmanager.web.route import V1 as _V1
from webmanager.web.route import ApiRoute
from webmanager.web.settings_routes import SETTINGS_ROUTES
from webmanager.web.stream import live
from webmanager.web.update_pages import UPDATE_ROUTES

VIEWER, OPERATOR = Role.VIEWER, Role.OPERATOR


_CURVE = {
    "address": "a battery, 1 to 256; either this or string",
    "string": "a string, for its current",
    "quantity": "voltage, temperature, ri or equalizing of a battery, current of a string",
    "from": "ISO 8601 or seconds since 1970; without it from the beginning of what is stored",
    "to": "ISO 8601 or seconds since 1970; without it up to now",
    "points": "at most so many steps, 1 to 100000 (1000)",
}
_ROOM = f"{_V1}/room"


def _get(path: str, handler: Handler, summary: str, said: type[BaseModel]) -> ApiRoute:
    return ApiRoute("GET", path, handler, VIEWER, summary, said)


def _order(
    method: str, path: str, handler: Handler, summary: str, body: type[BaseModel] | None = None, created: bool = False
) -> ApiRoute:
    return ApiRoute(method, f"{_ROOM}{path}", handler, OPERATOR, summary, answers.RoomAnswer, body, created=created)


API_ROUTES: tuple[ApiRoute, ...] = (
    ApiRoute("GET", "/healthz", api.healthz, None, "The process lives", answers.Health),
    ApiRoute("GET", "/readyz", api.readyz, None, "The first scan is complete", answers.Health),
    _get(f"{_V1}/system", api.system, "The device itself", answers.System),
    _get(f"{_V1}/modules", api.modules, "All modules", answers.Modules),
    _get(f"{_V1}/modules/{{address}}", api.module, "One module", answers.Modules),
    _get(f"{_V1}/modules/{{address}}/recent", api.recent, "Its last hour", answers.Recent),
    _get(f"{_V1}/strings", api.strings, "All strings", answers.Strings),
    *ALARM_ROUTES,
    *LIMIT_ROUTES,
    *SETTINGS_ROUTES,
    ApiRoute("GET", f"{_V1}/history", history_api.history, VIEWER, "One curve", answers.Curve, query=_CURVE),
    _get(f"{_V1}/storage", history_api.storage, "The store itself", answers.Storage),
    _get(f"{_V1}/files", history_api.files, "All files", answers.Files),
    ApiRoute(
        "GET",
        f"{_V1}/files/{{name}}",
        history_api.file,
        VIEWER,
        "One file",
        query={"decimal": "point or comma"},
        sends="application/octet-stream",
    ),
    ApiRoute(
        "POST",
        f"{_V1}/files/archive",
        history_api.archive,
        VIEWER,
        "Files as one ZIP",
        body=answers.ArchiveBody,
        sends="application/zip",
    ),
    ApiRoute("GET", f"{_V1}/live", live, VIEWER, "Live stream", is_stream=True),
    ApiRoute("GET", f"{_V1}/session", api.session_info, VIEWER, "Who is logged in", answers.SessionInfo, None, True),
    ApiRoute("POST", f"{_V1}/session", api.open_session, None, "Log in", None, answers.LoginBody),
    ApiRoute("DELETE", f"{_V1}/session", api.close_session, None, "Log out"),
    ApiRoute(
        "PUT",
        f"{_V1}/password",
        api.change_password,
        VIEWER,
        "My password",
        None,
        answers.PasswordBody,
        before_change=True,
        by_token=False,
    ),
    *LOGIN_ROUTES,
    *BATTERY_ROUTES,
    *PANEL_ROUTES,
    *CERTIFICATE_ROUTES,
    *UPDATE_ROUTES,
    _get(_ROOM, room_api.room, "The simulated room", answers.RoomAnswer),
    _get(f"{_ROOM}/faults", room_api.faults, "Faults in the room", answers.RoomAnswer),
    _order("POST", "/faults", room_api.new_fault, "Break something", answers.FaultBody, created=True),
    _order("DELETE", "/faults/{id}", room_api.repair, "Repair a fault"),
    _order("POST", "/mains", room_api.mains, "Mains on or off", answers.MainsBody),
    _order("POST", "/load", room_api.load, "The load", answers.LoadBody),
    _order("POST", "/speed", room_api.speed, "The speed of time", answers.SpeedBody),
    _order("POST", "/ambient", room_api.ambient, "Room temperature", answers.AmbientBody),
    ApiRoute(
        "GET", f"{_ROOM}/inbox", room_api.inbox, VIEWER, "What arrived", answers.RoomAnswer, query={"after": "a number"}
    ),
    _order("DELETE", "/inbox", room_api.empty_inbox, "Forget what arrived"),
    _get(f"{_ROOM}/scenarios", room_api.scenarios, "Scenarios", answers.RoomAnswer),
    _order("POST", "/scenarios/{name}/play", room_api.play, "Play a scenario"),
    _order("DELETE", "/scenario", room_api.stop, "Stop the scenario"),
)


def add_api(app: web.Application) -> None:
    """Puts the table into an application; GET answers HEAD too, but for the stream."""
    for route in API_ROUTES:
        if route.method == "GET":
            app.router.add_get(route.path, route.serve(), allow_head=not route.is_stream)
        else:
            app.router.add_route(route.method, route.path, route.serve())
