"""The rows of the API about the simulated room."""

from pydantic import BaseModel

from webmanager.web.accounts.roles import Role
from webmanager.web.guard.auth import Handler
from webmanager.web.guard.route import V1, ApiRoute
from webmanager.web.room import answers as said
from webmanager.web.room import api

VIEWER, OPERATOR = Role.VIEWER, Role.OPERATOR
_ROOM = f"{V1}/room"


def _get(path: str, handler: Handler, summary: str) -> ApiRoute:
    return ApiRoute("GET", f"{_ROOM}{path}", handler, VIEWER, summary, said.RoomAnswer)


def _order(
    method: str, path: str, handler: Handler, summary: str, body: type[BaseModel] | None = None, created: bool = False
) -> ApiRoute:
    return ApiRoute(method, f"{_ROOM}{path}", handler, OPERATOR, summary, said.RoomAnswer, body, created=created)


ROOM_ROUTES: tuple[ApiRoute, ...] = (
    _get("", api.room, "The simulated room"),
    _get("/faults", api.faults, "Faults in the room"),
    _order("POST", "/faults", api.new_fault, "Break something", said.FaultBody, created=True),
    _order("DELETE", "/faults/{id}", api.repair, "Repair a fault"),
    _order("POST", "/mains", api.mains, "Mains on or off", said.MainsBody),
    _order("POST", "/load", api.load, "The load", said.LoadBody),
    _order("POST", "/speed", api.speed, "The speed of time", said.SpeedBody),
    _order("POST", "/ambient", api.ambient, "Room temperature", said.AmbientBody),
    ApiRoute("GET", f"{_ROOM}/inbox", api.inbox, VIEWER, "What arrived", said.RoomAnswer, query={"after": "a number"}),
    _order("DELETE", "/inbox", api.empty_inbox, "Forget what arrived"),
    _get("/scenarios", api.scenarios, "Scenarios"),
    _order("POST", "/scenarios/{name}/play", api.play, "Play a scenario"),
    _order("DELETE", "/scenario", api.stop, "Stop the scenario"),
)
