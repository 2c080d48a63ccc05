"""Answers and bodies of the calls about one's own login."""

from typing import Literal

from pydantic import Field

from webmanager.web.http.models import Answer, Body


class SessionInfo(Answer):
    """Who is logged in; `csrf_token` goes into the header X-CSRF-Token of requests that change something."""

    username: str
    role: Literal["viewer", "operator", "admin"]
    csrf_token: str | None
    default_password: bool


class LoginBody(Body):
    """User and password."""

    username: str = Field(max_length=128)
    password: str = Field(max_length=1024)


class PasswordBody(Body):
    """The password in force and the new one."""

    old: str = Field(max_length=1024)
    new: str = Field(max_length=1024)
