"""The API about users, tokens and sessions; for admins, and not by an API token."""

from typing import Any

from aiohttp import web
from pydantic import BaseModel

from webmanager.web.accounts.roles import Role, User
from webmanager.web.accounts.tokens import Token
from webmanager.web.guard.auth import CALLER, Handler
from webmanager.web.guard.bodies import read_json
from webmanager.web.guard.route import V1, ApiRoute
from webmanager.web.http.answer import answer
from webmanager.web.site.site import SITE, Site
from webmanager.web.texts.figures import iso
from webmanager.web.users import answers as said
from webmanager.web.users import logins


async def users(request: web.Request) -> web.Response:
    """Everybody who may log in."""
    return answer({"users": [_user(user) for user in request.app[SITE].users.listed]})


async def new_user(request: web.Request) -> web.Response:
    """Adds a user."""
    body = await read_json(request, said.NewUserBody)
    return answer(_user(await logins.add_user(request, body.name, logins.role_of(body.role), body.password)), 201)


async def change_user(request: web.Request) -> web.Response:
    """Another role or password for somebody else."""
    body = await read_json(request, said.UserBody)
    role = None if body.role is None else logins.role_of(body.role)
    return answer(_user(await logins.change_user(request, request.match_info["name"], role, body.password)))


async def delete_user(request: web.Request) -> web.Response:
    """Ends a user."""
    await logins.delete_user(request, request.match_info["name"])
    return web.Response(status=204)


async def tokens(request: web.Request) -> web.Response:
    """All tokens."""
    site = request.app[SITE]
    return answer({"tokens": [_token(site, token) for token in site.tokens.listed]})


async def new_token(request: web.Request) -> web.Response:
    """A token of the caller."""
    body = await read_json(request, said.NewTokenBody)
    secret, token = await logins.make_token(request, body.name, logins.role_of(body.role), body.days)
    return answer(_token(request.app[SITE], token) | {"token": secret}, 201)


async def revoke_token(request: web.Request) -> web.Response:
    """Ends a token."""
    await logins.revoke_token(request, request.match_info["id"])
    return web.Response(status=204)


async def sessions(request: web.Request) -> web.Response:
    """Browsers that are logged in."""
    site, own = request.app[SITE], request[CALLER].session
    now_s, now = site.monotonic(), site.clock.now()
    listed = [
        {
            "id": session.id,
            "user": session.user.name,
            "source": session.source,
            "started_at": iso(now - (now_s - session.started_s)),
            "idle_s": round(now_s - session.seen_s, 1),
            "own": session is own,
        }
        for session in site.sessions.listed
    ]
    return answer({"sessions": listed})


async def end_session(request: web.Request) -> web.Response:
    """Ends a session."""
    logins.end_session(request, request.match_info["id"])
    return web.Response(status=204)


def _user(user: User) -> dict[str, str]:
    return {"name": user.name, "role": user.role.word}


def _token(site: Site, token: Token) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "owner": token.owner,
        "role": token.role.word,
        "created_at": iso(token.created_at),
        "expires_at": iso(token.expires_at),
        "used_at": None if token.used_at is None else iso(token.used_at),
        "valid": token.is_valid(site.clock.now()),
    }


def _row(
    method: str,
    path: str,
    handler: Handler,
    summary: str,
    says: type[BaseModel] | None = None,
    body: type[BaseModel] | None = None,
) -> ApiRoute:
    created = method == "POST"
    return ApiRoute(
        method, f"{V1}{path}", handler, Role.ADMIN, summary, says, body, by_token=method == "GET", created=created
    )


USER_ROUTES: tuple[ApiRoute, ...] = (
    _row("GET", "/users", users, "All users", said.UsersAnswer),
    _row("POST", "/users", new_user, "Add a user", said.UserAnswer, said.NewUserBody),
    _row("PUT", "/users/{name}", change_user, "Another role or password", said.UserAnswer, said.UserBody),
    _row("DELETE", "/users/{name}", delete_user, "Delete a user"),
    _row("GET", "/tokens", tokens, "All API tokens", said.TokensAnswer),
    _row("POST", "/tokens", new_token, "Make an API token", said.NewTokenAnswer, said.NewTokenBody),
    _row("DELETE", "/tokens/{id}", revoke_token, "Revoke an API token"),
    _row("GET", "/sessions", sessions, "All sessions", said.SessionsAnswer),
    _row("DELETE", "/sessions/{id}", end_session, "End a session"),
)
