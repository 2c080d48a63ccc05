"""The rows of the API about what is stored."""

from webmanager.web.accounts.roles import Role
from webmanager.web.guard.route import V1, ApiRoute
from webmanager.web.history import answers as said
from webmanager.web.history import api

VIEWER = Role.VIEWER
_CURVE = {
    "address": "a battery, 1 to 256; either this or string",
    "string": "a string, for its current",
    "quantity": "voltage, temperature, ri or equalizing of a battery, current of a string",
    "from": "ISO 8601 or seconds since 1970; without it from the beginning of what is stored",
    "to": "ISO 8601 or seconds since 1970; without it up to now",
    "points": "at most so many steps, 1 to 100000 (1000)",
}

HISTORY_ROUTES: tuple[ApiRoute, ...] = (
    ApiRoute("GET", f"{V1}/history", api.history, VIEWER, "One curve", said.Curve, query=_CURVE),
    ApiRoute("GET", f"{V1}/storage", api.storage, VIEWER, "The store itself", said.Storage),
    ApiRoute("GET", f"{V1}/files", api.files, VIEWER, "All files", said.Files),
    ApiRoute(
        "GET",
        f"{V1}/files/{{name}}",
        api.file,
        VIEWER,
        "One file",
        query={"decimal": "point or comma"},
        sends="application/octet-stream",
    ),
    ApiRoute(
        "POST",
        f"{V1}/files/archive",
        api.archive,
        VIEWER,
        "Files as one ZIP",
        body=said.ArchiveBody,
        sends="application/zip",
    ),
)
