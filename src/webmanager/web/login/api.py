"""The JSON API about one's own login: who one is, in, out, and a new password."""

from aiohttp import web

from webmanager.web.accounts import audit
from webmanager.web.accounts.sessions import Session
from webmanager.web.guard.auth import CALLER, CSRF_HEADER, log_in, require_same_origin
from webmanager.web.guard.bodies import read_json
from webmanager.web.guard.session_cookie import end_session, set_session_cookie, start_session
from webmanager.web.http.answer import answer
from webmanager.web.http.problem import Problem, refused
from webmanager.web.login.answers import LoginBody, PasswordBody
from webmanager.web.site.site import SITE, Site


async def session_info(request: web.Request) -> web.Response:
    """Who is logged in, and the token for requests that change something."""
    site, caller = request.app[SITE], request[CALLER]
    return answer(
        {
            "username": caller.user.name,
            "role": caller.user.role.word,
            "csrf_token": caller.session.csrf if caller.session else None,
            "default_password": site.users.default_in_force,
        }
    )


async def open_session(request: web.Request) -> web.Response:
    """Logs a browser or a script in: the cookie, and the token in the header X-CSRF-Token."""
    site = request.app[SITE]
    require_same_origin(request)
    body = await read_json(request, LoginBody)
    user = await log_in(site, request, body.username, body.password)
    secret, session = start_session(site, request, user)
    response = web.Response(status=204, headers={CSRF_HEADER: session.csrf})
    set_session_cookie(request, response, secret)
    return response


async def close_session(request: web.Request) -> web.Response:
    """Logs out; the token is not asked for, the origin is."""
    site = request.app[SITE]
    require_same_origin(request)
    end_session(site, request)
    response = web.Response(status=204)
    response.del_cookie(site.config.session_cookie, path="/")
    return response


async def change_password(request: web.Request) -> web.Response:
    """Changes the caller's own password; every other login of this user ends."""
    site, caller = request.app[SITE], request[CALLER]
    body = await read_json(request, PasswordBody)
    session = await replace_password(site, request, body.old, body.new)
    response = web.Response(status=204)
    if caller.session is not None:
        response.headers[CSRF_HEADER] = session[1].csrf
        set_session_cookie(request, response, session[0])
    return response


async def replace_password(site: Site, request: web.Request, old: str, new: str) -> tuple[str, Session]:
    """Checks the old password (slowed down as any login), sets the new one and opens a fresh session for the caller."""
    user = request[CALLER].user
    try:
        await log_in(site, request, user.name, old)
    except Problem as problem:
        if problem.status != 401:
            raise
        raise refused("old", "the password in force is another one", problem.extra) from None
    objection = site.users.objection(user.name, new)
    if objection is not None:
        raise refused("new", objection)
    await site.users.change(user.name, new)
    site.sessions.close_all_of(user.name)
    site.audit.note(audit.USERS, f"{user.name} has a new password.", user.name)
    return site.sessions.open(user, request.remote or "unknown")
