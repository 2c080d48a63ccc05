"""In which language a request is answered, and how a browser chooses another."""

from aiohttp import web

from webmanager.language.negotiation import best_of
from webmanager.language.spoken import speaking
from webmanager.language.tongue import NAMES, Tongue, tongue
from webmanager.settings.locale_model import LocaleSettings
from webmanager.web.frame.shell import local_path
from webmanager.web.guard.auth import Handler, require_same_origin
from webmanager.web.guard.bodies import read_form
from webmanager.web.http.problem import Problem
from webmanager.web.site.site import SITE

COOKIE = "language"
_YEAR_S = 365 * 86400


@web.middleware
async def spoken_to(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answers a request in its language; API and live stream included, where a page's script says which."""
    with speaking(tongue_of(request)):
        return await handler(request)


def tongue_of(request: web.Request) -> Tongue:
    """The user's choice, else what the browser prefers, else the setting; programs get English unless they ask."""
    desk = request.app[SITE].parts.settings
    locale = desk.applied.locale if desk else LocaleSettings()
    asked = best_of(request.headers.get("Accept-Language", ""), NAMES)
    if request.path.startswith("/api/"):
        return tongue(request.query.get("language") or asked or "en").with_sign(locale.decimal_sign)
    chosen = request.cookies.get(COOKIE, "")
    return tongue(chosen if chosen in NAMES else asked or locale.language).with_sign(locale.decimal_sign)


async def set_language(request: web.Request) -> web.Response:
    """Keeps the language in a cookie and goes back to the page."""
    require_same_origin(request)
    fields = await read_form(request)
    code = fields.get("language", "")
    if code not in NAMES:
        raise Problem(422, f"language {code[:32]!r} is not known: {', '.join(NAMES)}")
    response = web.Response(status=303, headers={"Location": local_path(fields.get("next", "/"))})
    response.set_cookie(COOKIE, code, path="/", max_age=_YEAR_S, httponly=True, samesite="Lax")
    return response
