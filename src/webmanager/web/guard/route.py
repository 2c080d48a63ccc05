"""One row of the API's table: what is there, who may, what goes in and what comes out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pydantic import BaseModel

from webmanager.web.accounts.roles import Role
from webmanager.web.guard.auth import Handler, guarded

V1 = "/api/v1"
_OF_PARTS = tuple(
    f"{V1}/{name}"
    for name in ("files/archive", "alarms", "limits", "jobs", "settings", "restart", "certificate", "update")
)
_OF_STORE = tuple(f"{V1}/{name}" for name in ("history", "storage", "files", "events", "alarms/load"))


@dataclass(frozen=True)
class ApiRoute:
    """One row; without a role anybody may, without an answer the status is 204.

    `query` are names and descriptions of parameters, `sends` is the type of an answer that is no JSON.
    """

    method: str
    path: str
    handler: Handler
    role: Role | None
    summary: str
    answer: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    before_change: bool = False
    by_token: bool = True
    is_stream: bool = False
    created: bool = False
    query: Mapping[str, str] = field(default_factory=dict)
    sends: str = ""

    @property
    def status(self) -> int:
        """The status of success."""
        if self.created:
            return 201
        return 200 if self.answer is not None or self.is_stream or self.sends else 204

    @cached_property
    def problems(self) -> set[int]:
        """The statuses of failure worth describing."""
        found = set() if self.role is None else {401, 403, 429}
        if self.body is not None:
            found |= {400, 413, 415, 422}
        if (self.method, self.path) == ("POST", f"{V1}/session"):
            found |= {401, 403, 429}
        if "{" in self.path or "/room" in self.path or self.path.startswith(_OF_PARTS):
            found.add(404)
        if self.path.startswith(f"{V1}/panel/"):
            found.add(409)
        if self.path.endswith("/limits/trial") and self.body is not None:
            found |= {409, 503}
        if "/room" in self.path:
            found |= {502, 504}
        if self.query:
            found.add(422)
        if self.path in {"/readyz", "/api/v1/live"} or self.path.startswith(_OF_STORE):
            found.add(503)
        return found

    def serve(self) -> Handler:
        """The handler with its guard."""
        if self.role is None:
            return self.handler
        return guarded(self.handler, self.role, before_change=self.before_change, by_token=self.by_token)
