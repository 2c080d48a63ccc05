"""Bodies and answers of the API about users, tokens and sessions."""

from typing import Literal

from pydantic import Field

from webmanager.web.accounts.tokens import LONGEST_DAYS
from webmanager.web.http.models import Answer, Body

RoleWord = Literal["viewer", "operator", "admin"]


class UserAnswer(Answer):
    """Somebody who may log in."""

    name: str
    role: RoleWord


class UsersAnswer(Answer):
    """Everybody who may log in."""

    users: list[UserAnswer]


class NewUserBody(Body):
    """A new user."""

    name: str = Field(max_length=32, examples=["kim"])
    role: RoleWord
    password: str = Field(max_length=1024, examples=["a long sentence"])


class UserBody(Body):
    """What changes of a user; what is left out stays."""

    role: RoleWord | None = None
    password: str | None = Field(None, max_length=1024)


class TokenAnswer(Answer):
    """An API token; `used_at` is null until it is used."""

    id: str
    name: str
    owner: str
    role: RoleWord
    created_at: str = Field(json_schema_extra={"format": "date-time"})
    expires_at: str = Field(json_schema_extra={"format": "date-time"})
    used_at: str | None = Field(json_schema_extra={"format": "date-time"})
    valid: bool


class TokensAnswer(Answer):
    """All tokens, the newest first."""

    tokens: list[TokenAnswer]


class NewTokenAnswer(TokenAnswer):
    """A new token with its secret, which is shown this once and kept nowhere."""

    token: str


class NewTokenBody(Body):
    """A token of the caller, who may not give it more than they have."""

    name: str = Field(max_length=40, examples=["grafana"])
    role: RoleWord
    days: int = Field(90, ge=1, le=LONGEST_DAYS)


class SessionAnswer(Answer):
    """A browser that is logged in."""

    id: str
    user: str
    source: str
    started_at: str = Field(json_schema_extra={"format": "date-time"})
    idle_s: float
    own: bool


class SessionsAnswer(Answer):
    """All sessions, the last used one first."""

    sessions: list[SessionAnswer]
