"""The rows of the API about the configuration; all of them are for admins."""

from pydantic import BaseModel

from webmanager.web.accounts.roles import Role
from webmanager.web.guard.auth import Handler
from webmanager.web.guard.route import V1, ApiRoute
from webmanager.web.settings import answers as said
from webmanager.web.settings import api

_SETTINGS = f"{V1}/settings"


def _row(
    method: str, path: str, handler: Handler, summary: str, answer: type[BaseModel], body: type[BaseModel] | None = None
) -> ApiRoute:
    return ApiRoute(method, f"{_SETTINGS}{path}", handler, Role.ADMIN, summary, answer, body)


SETTINGS_ROUTES: tuple[ApiRoute, ...] = (
    _row("GET", "", api.overview, "The configuration", said.SettingsOverview),
    _row("GET", "/history", api.history, "Its last changes", said.SettingsHistory),
    ApiRoute(
        "GET", f"{_SETTINGS}/export", api.export, Role.ADMIN, "It as one file, no secrets", sends="application/toml"
    ),
    _row("POST", "/import", api.import_, "Put such a file in force", said.AppliedAnswer, said.ImportBody),
    _row("POST", "/save", api.save, "Save what is in force", said.SavedAnswer),
    _row("POST", "/discard", api.discard, "Go back to what is saved", said.AppliedAnswer),
    _row("POST", "/undo", api.undo, "Take a change back", said.AppliedAnswer, said.UndoBody),
    _row("GET", "/{section}", api.section, "One section", said.SectionAnswer),
    _row("PUT", "/{section}", api.change_section, "Put a section in force", said.AppliedAnswer, said.SettingsBody),
    ApiRoute("POST", f"{V1}/restart", api.restart, Role.ADMIN, "Restart the device"),
)
