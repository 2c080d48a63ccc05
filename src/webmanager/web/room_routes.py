"""The rows of the API about the simulated room."""

from pydantic import BaseModel

from webmanager.web import room_answers as said
from webmanager.web import room_api
from webmanager.web.auth import Handler
from webmanager.web.roles import Role
from webmanager.web.route import V1, ApiRoute

VIEWER, OPERATOR = Role.VIEWER, Role.OPERATOR
_ROOM = f"{V1}/room"


def _get(path: str, handler: Handler, summary: str) -> ApiRoute:
    return ApiRoute("GET", f"{_ROOM}{path}", handler, VIEWER, summary, said.RoomAnswer)


def _order(
    method: str, path: str, handler: Handler, summary: str, body: type[BaseModel] | None = None, created: bool = False
) -> ApiRoute:
    return ApiRoute(method, f"{_ROOM}{path}", handler, OPERATOR, summary, said.RoomAnswer, body, created=created)


ROOM_ROUTES: tuple[ApiRoute, ...] = (
    _get("", room_api.room, "The simulated room"),
    _get("/faults", room_api.faults, "Faults in the room"),
    _order("POST", "/faults", room_api.new_fault, "Break something", said.FaultBody, created=True),
    _order("DELETE", "/faults/{id}", room_api.repair, "Repair a fault"),
    _order("POST", "/mains", room_api.mains, "Mains on or off", said.MainsBody),
    _order("POST", "/load", room_api.load, "The load", said.LoadBody),
    _order("POST", "/speed", room_api.speed, "The speed of time", said.SpeedBody),
    _order("POST", "/ambient", room_api.ambient, "Room temperature", said.AmbientBody),
    ApiRoute(
        "GET", f"{_ROOM}/inbox", room_api.inbox, VIEWER, "What arrived", said.RoomAnswer, query={"after": "a number"}
    ),
    _order("DELETE", "/inbox", room_api.empty_inbox, "Forget what arrived"),
    _get("/scenarios", room_api.scenarios, "Scenarios"),
    _order("POST", "/scenarios/{name}/play", room_api.play, "Play a scenario"),
    _order("DELETE", "/scenario", room_api.stop, "Stop the scenario"),
)
