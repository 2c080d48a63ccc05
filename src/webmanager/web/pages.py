"""The pages: each handler builds one view and renders one template."""

import functools
import urllib.parse

from aiohttp import web

from webmanager.language.spoken import gettext as _
from webmanager.language.spoken import sentence
from webmanager.web import views
from webmanager.web.api import end_session, replace_password, set_session_cookie
from webmanager.web.auth import (
    CALLER,
    CSRF_FIELD,
    Handler,
    guarded,
    identify,
    log_in,
    require_same_origin,
    require_token,
)
from webmanager.web.bodies import read_form
from webmanager.web.figures import moment
from webmanager.web.logins import start_session
from webmanager.web.problem import Problem, field_errors, title
from webmanager.web.roles import Role
from webmanager.web.room_page import room_view
from webmanager.web.shell import THEME_COOKIE, THEMES, local_path, shell
from webmanager.web.site import SITE
from webmanager.web.speech import set_language
from webmanager.web.status_page import status_view
from webmanager.web.users import SHORTEST

_YEAR_S = 365 * 86400


def render(request: web.Request, template: str, view: object, status: int = 200) -> web.Response:
    """A page from its template and its view; packed for browsers."""
    text = request.app[SITE].templates.get_template(template).render(view=view)
    response = web.Response(text=text, status=status, content_type="text/html")
    response.enable_compression()
    return response


async def status(request: web.Request) -> web.Response:
    """BACS status."""
    site = request.app[SITE]
    return render(request, "status.html", status_view(site, shell(request, "status"), request.query))


async def room(request: web.Request) -> web.Response:
    """The battery room, only with a simulation."""
    site = request.app[SITE]
    if site.room is None:
        raise Problem(404, "there is no simulated room: the batteries are real")
    return render(request, "room.html", await room_view(site, shell(request, "room")))


async def login_page(request: web.Request) -> web.Response:
    """The login form; who is logged in goes on."""
    onward = local_path(request.query.get("next", "/"))
    if await identify(request.app[SITE], request) is not None:
        raise web.HTTPSeeOther(onward)
    return _login(request, onward)


async def log_in_by_form(request: web.Request) -> web.Response:
    """Takes the login form: a fresh session and on to where one wanted to go, or the form again with what is wrong."""
    site = request.app[SITE]
    require_same_origin(request)
    fields = await read_form(request)
    onward, name = local_path(fields.get("next", "/")), fields.get("username", "")[:128]
    try:
        user = await log_in(site, request, name, fields.get("password", ""))
    except Problem as problem:
        wait = problem.extra.get("retry_after_s")
        wrong = _("User or password is wrong; this was written to the log.")
        note = wrong if problem.status == 401 else sentence(problem.detail)
        if problem.status == 401 and wait:
            note += _(" Next try in {seconds} s.").format(seconds=wait)
        response = _login(request, onward, name, note, problem.status)
        response.headers.update(problem.headers)
        return response
    secret, __ = start_session(site, request, user)
    response = web.Response(status=303, headers={"Location": onward})
    set_session_cookie(request, response, secret)
    return response


async def log_out(request: web.Request) -> web.Response:
    """Ends the session."""
    site = request.app[SITE]
    await own_form(request)
    end_session(site, request)
    response = web.Response(status=303, headers={"Location": "/login"})
    response.del_cookie(site.config.session_cookie, path="/")
    return response


async def password_page(request: web.Request) -> web.Response:
    """The form to change one's own password."""
    return _password(request, {})


async def change_password_by_form(request: web.Request) -> web.Response:
    """Takes the form: a fresh session and on to the start page, or the form again with what is wrong."""
    site = request.app[SITE]
    fields = await own_form(request)
    if fields.get("new", "") != fields.get("again", ""):
        return _password(request, {"again": _("The two new passwords differ.")}, 422)
    try:
        secret, __ = await replace_password(site, request, fields.get("old", ""), fields.get("new", ""))
    except Problem as problem:
        return _password(request, field_errors(problem, "old"), problem.status)
    response = web.Response(status=303, headers={"Location": "/"})
    set_session_cookie(request, response, secret)
    return response


async def set_theme(request: web.Request) -> web.Response:
    """Keeps the theme in a cookie, so that the next page is written in it and nothing flashes."""
    require_same_origin(request)
    fields = await read_form(request)
    theme = fields.get("theme", "")
    if theme not in THEMES:
        raise Problem(422, f"theme {theme[:32]!r} is not known: light, dark or nothing")
    response = web.Response(status=303, headers={"Location": local_path(fields.get("next", "/"))})
    if theme:
        response.set_cookie(THEME_COOKIE, theme, path="/", max_age=_YEAR_S, httponly=True, samesite="Lax")
    else:
        response.del_cookie(THEME_COOKIE, path="/")
    return response


async def static_file(request: web.Request) -> web.Response:
    """A static file; under its own hash it may be kept for ever."""
    static = request.app[SITE].static
    file = static.get(request.match_info["name"])
    if file is None:
        raise Problem(404, "there is no such file")
    current = request.match_info["version"] == static.version
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable" if current else "no-cache",
        "ETag": f'"{file.etag}"',
        "Vary": "Accept-Encoding",
        "Content-Type": file.content_type + ("; charset=utf-8" if file.content_type.startswith("text/") else ""),
    }
    if request.headers.get("If-None-Match") == headers["ETag"]:
        return web.Response(status=304, headers=headers)
    if file.packed is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
        return web.Response(body=file.packed, headers=headers | {"Content-Encoding": "gzip"})
    return web.Response(body=file.plain, headers=headers)


def error_page(request: web.Request, problem: Problem) -> web.Response:
    """What went wrong, as a page."""
    view = views.ErrorView(
        shell(request, "error"), problem.status, title(problem.status), _capital(sentence(problem.detail))
    )
    response = render(request, "error.html", view, problem.status)
    response.headers.update(problem.headers)
    return response


def for_people(
    handler: Handler, *, role: Role = Role.VIEWER, before_change: bool = False, by_token: bool = True
) -> Handler:
    """A page behind the login: who is not logged in is led there, and to a new password first where it must be."""
    inner = guarded(handler, role, before_change=before_change, by_token=by_token)

    @functools.wraps(handler)
    async def page(request: web.Request) -> web.StreamResponse:
        try:
            return await inner(request)
        except Problem as problem:
            if problem.status == 401:
                onward = local_path(request.path_qs) if request.method == "GET" else "/"
                query = "" if onward == "/" else f"?next={urllib.parse.quote(onward, safe='/')}"
                raise web.HTTPSeeOther(f"/login{query}") from None
            if "change_at" in problem.extra:
                raise web.HTTPSeeOther("/password") from None
            raise

    return page


def add_pages(app: web.Application) -> None:
    """Puts the pages into an application."""
    app.router.add_get("/", for_people(status))
    app.router.add_get("/room", for_people(room))
    app.router.add_get("/login", login_page)
    app.router.add_post("/login", log_in_by_form)
    app.router.add_post("/logout", for_people(log_out, before_change=True))
    app.router.add_get("/password", for_people(password_page, before_change=True))
    app.router.add_post("/password", for_people(change_password_by_form, before_change=True))
    app.router.add_post("/theme", set_theme)
    app.router.add_post("/language", set_language)
    app.router.add_get("/static/{version}/{name:.+}", static_file)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


async def own_form(request: web.Request) -> dict[str, str]:
    """The fields of a form that our own page has sent."""
    fields = await read_form(request)
    session = request[CALLER].session
    if session is not None:
        require_token(session, fields.get(CSRF_FIELD))
    return fields


def _login(request: web.Request, onward: str, name: str = "", note: str = "", status: int = 200) -> web.Response:
    site = request.app[SITE]
    view = views.LoginView(
        shell=shell(request, "login"),
        next=onward,
        name=name,
        note=note,
        version=site.config.software_version,
        serial=site.config.serial,
        time=moment(site.clock.now(), site.zone),
    )
    return render(request, "login.html", view, status)


def _password(request: web.Request, errors: dict[str, str], status: int = 200) -> web.Response:
    site = request.app[SITE]
    view = views.PasswordView(shell(request, "password"), site.must_change_password, SHORTEST, errors)
    return render(request, "password.html", view, status)
