"""The page Users: add, change and delete users, make and revoke API tokens, end sessions. One form an action."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from webmanager.language.spoken import gettext as _
from webmanager.web.accounts.roles import Role
from webmanager.web.frame.page import for_people, own_form, render
from webmanager.web.frame.shell import shell
from webmanager.web.guard.auth import CALLER
from webmanager.web.http.problem import Problem, field_errors
from webmanager.web.site.site import SITE
from webmanager.web.texts.wordbook import Words
from webmanager.web.users import logins
from webmanager.web.users.views import users_view

PATH = "/settings/users"
_DONE = Words(
    {
        "added": "The user was added.",
        "changed": "The user was changed; every login of that user has ended.",
        "deleted": "The user was deleted, with every session and token.",
        "revoked": "The token was revoked.",
        "ended": "The session was ended.",
    }
)
Fields = Mapping[str, str]


async def users(request: web.Request) -> web.Response:
    """The page."""
    return _page(request, said=_DONE[done] if (done := request.query.get("done", "")) in _DONE else "")


async def act(request: web.Request) -> web.Response:
    """Takes one of its forms: back to the page, or the page with what is wrong and what was typed."""
    fields = await own_form(request)
    action = fields.get("action", "")
    if action not in _ACTIONS:
        raise Problem(422, f"action {action[:32]!r} is not known: {', '.join(_ACTIONS)}")
    form = f"{action}-{fields.get('name', '')[:64]}" if action in {"change", "delete"} else action
    try:
        done = await _ACTIONS[action](request, fields)
    except Problem as problem:
        if problem.status != 422:
            raise
        errors = {f"{form}.{field}": said for field, said in field_errors(problem).items()}
        typed = {f"{form}.{field}": value for field, value in fields.items() if field != "password"}
        return _page(request, errors=errors, typed=typed, status=422)
    if isinstance(done, web.Response):
        return done
    return web.Response(status=303, headers={"Location": f"{PATH}?done={done}"})


async def _add(request: web.Request, fields: Fields) -> str:
    role = logins.role_of(fields.get("role", ""))
    await logins.add_user(request, fields.get("name", "").strip(), role, fields.get("password", ""))
    return "added"


async def _change(request: web.Request, fields: Fields) -> str:
    role, password = logins.role_of(fields.get("role", "")), fields.get("password") or None
    await logins.change_user(request, fields.get("name", ""), role, password)
    return "changed"


async def _delete(request: web.Request, fields: Fields) -> str:
    await logins.delete_user(request, fields.get("name", ""))
    return "deleted"


async def _token(request: web.Request, fields: Fields) -> web.Response:
    days = fields.get("days", "").strip()
    number = int(days) if days.isascii() and days.isdigit() and len(days) < 6 else 0
    role = logins.role_of(fields.get("role", ""))
    secret, _token = await logins.make_token(request, fields.get("name", "").strip(), role, number)
    return _page(request, said=_("The token was made. Copy it now: it is shown this once."), secret=secret)


async def _revoke(request: web.Request, fields: Fields) -> str:
    await logins.revoke_token(request, fields.get("id", ""))
    return "revoked"


async def _end(request: web.Request, fields: Fields) -> str:
    logins.end_session(request, fields.get("id", ""))
    return "ended"


_ACTIONS: dict[str, Callable[[web.Request, Fields], Awaitable[str | web.Response]]] = {
    "add": _add,
    "change": _change,
    "delete": _delete,
    "token": _token,
    "revoke": _revoke,
    "end": _end,
}


def add_users_page(app: web.Application) -> None:
    """Puts the page into an application."""
    app.router.add_get(PATH, for_people(users, role=Role.ADMIN))
    app.router.add_post(PATH, for_people(act, role=Role.ADMIN, by_token=False))


def _page(
    request: web.Request,
    *,
    said: str = "",
    secret: str = "",
    errors: Fields | None = None,
    typed: Fields | None = None,
    status: int = 200,
) -> web.Response:
    site = request.app[SITE]
    frame = shell(request, "users")
    view = users_view(site, frame, request[CALLER], said=said, secret=secret, errors=errors, typed=typed)
    return render(request, "users.html", view, status)
