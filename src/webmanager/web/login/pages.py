"""The pages of one's own login: in, out, and a new password."""

from aiohttp import web

from webmanager.language.spoken import gettext as _
from webmanager.language.spoken import sentence
from webmanager.web.accounts.users import SHORTEST
from webmanager.web.frame.page import for_people, own_form, render
from webmanager.web.frame.shell import local_path, shell
from webmanager.web.guard.auth import identify, log_in, require_same_origin
from webmanager.web.guard.bodies import read_form
from webmanager.web.guard.session_cookie import end_session, set_session_cookie, start_session
from webmanager.web.http.problem import Problem, field_errors
from webmanager.web.login.api import replace_password
from webmanager.web.login.views import LoginView, PasswordView
from webmanager.web.site.site import SITE
from webmanager.web.texts.figures import moment


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


def add_login_pages(app: web.Application) -> None:
    """Puts the pages into an application."""
    app.router.add_get("/login", login_page)
    app.router.add_post("/login", log_in_by_form)
    app.router.add_post("/logout", for_people(log_out, before_change=True))
    app.router.add_get("/password", for_people(password_page, before_change=True))
    app.router.add_post("/password", for_people(change_password_by_form, before_change=True))


def _login(request: web.Request, onward: str, name: str = "", note: str = "", status: int = 200) -> web.Response:
    site = request.app[SITE]
    view = LoginView(
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
    view = PasswordView(shell(request, "password"), site.must_change_password, SHORTEST, errors)
    return render(request, "password.html", view, status)
