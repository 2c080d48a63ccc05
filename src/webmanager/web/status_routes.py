"""The rows of the API about the device and its batteries as they are."""

from pydantic import BaseModel

from webmanager.web import status_answers as said
from webmanager.web import status_api
from webmanager.web.auth import Handler
from webmanager.web.roles import Role
from webmanager.web.route import V1, ApiRoute


def _get(path: str, handler: Handler, summary: str, says: type[BaseModel]) -> ApiRoute:
    return ApiRoute("GET", f"{V1}{path}", handler, Role.VIEWER, summary, says)


STATUS_ROUTES: tuple[ApiRoute, ...] = (
    ApiRoute("GET", "/healthz", status_api.healthz, None, "The process lives", said.Health),
    ApiRoute("GET", "/readyz", status_api.readyz, None, "The first scan is complete", said.Health),
    _get("/system", status_api.system, "The device itself", said.System),
    _get("/modules", status_api.modules, "All modules", said.Modules),
    _get("/modules/{address}", status_api.module, "One module", said.Modules),
    _get("/modules/{address}/recent", status_api.recent, "Its last hour", said.Recent),
    _get("/strings", status_api.strings, "All strings", said.Strings),
)
