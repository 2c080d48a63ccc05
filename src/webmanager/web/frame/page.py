"""A page: behind the login, rendered from its view, its forms, and what is shown when it fails."""

import functools
import urllib.parse

from aiohttp import web

from webmanager.language.spoken import sentence
from webmanager.web.accounts.roles import Role
from webmanager.web.frame.shell import local_path, shell
from webmanager.web.frame.views import ErrorView
from webmanager.web.guard.auth import CALLER, CSRF_FIELD, Handler, guarded, require_token
from webmanager.web.guard.bodies import read_form
from webmanager.web.http.problem import Problem, title
from webmanager.web.site.site import SITE


def render(request: web.Request, template: str, view: object, status: int = 200) -> web.Response:
    """A page from its template and its view; packed for browsers."""
    text = request.app[SITE].templates.get_template(template).render(view=view)
    response = web.Response(text=text, status=status, content_type="text/html")
    response.enable_compression()
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


async def own_form(request: web.Request) -> dict[str, str]:
    """The fields of a form that our own page has sent."""
    fields = await read_form(request)
    session = request[CALLER].session
    if session is not None:
        require_token(session, fields.get(CSRF_FIELD))
    return fields


def error_page(request: web.Request, problem: Problem) -> web.Response:
    """What went wrong, as a page."""
    view = ErrorView(shell(request, "error"), problem.status, title(problem.status), _capital(sentence(problem.detail)))
    response = render(request, "error.html", view, problem.status)
    response.headers.update(problem.headers)
    return response


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
