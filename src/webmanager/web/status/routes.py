"""The rows of the API about the device and its batteries as they are."""

from pydantic import BaseModel

from webmanager.web.accounts.roles import Role
from webmanager.web.guard.auth import Handler
from webmanager.web.guard.route import V1, ApiRoute
from webmanager.web.status import answers as said
from webmanager.web.status import api


def _get(path: str, handler: Handler, summary: str, says: type[BaseModel]) -> ApiRoute:
    return ApiRoute("GET", f"{V1}{path}", handler, Role.VIEWER, summary, says)


STATUS_ROUTES: tuple[ApiRoute, ...] = (
    ApiRoute("GET", "/healthz", api.healthz, None, "The process lives", said.Health),
    ApiRoute("GET", "/readyz", api.readyz, None, "The first scan is complete", said.Health),
    _get("/system", api.system, "The device itself", said.System),
    _get("/modules", api.modules, "All modules", said.Modules),
    _get("/modules/{address}", api.module, "One module", said.Modules),
    _get("/modules/{address}/recent", api.recent, "Its last hour", said.Recent),
    _get("/strings", api.strings, "All strings", said.Strings),
)
