"""What every page needs beside itself: its files, its theme and its language."""

from aiohttp import web

from webmanager.web.frame.shell import THEME_COOKIE, THEMES, local_path
from webmanager.web.frame.speech import set_language
from webmanager.web.guard.auth import require_same_origin
from webmanager.web.guard.bodies import read_form
from webmanager.web.http.problem import Problem
from webmanager.web.site.site import SITE

_YEAR_S = 365 * 86400


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


def add_frame(app: web.Application) -> None:
    """Puts what every page needs into an application."""
    app.router.add_post("/theme", set_theme)
    app.router.add_post("/language", set_language)
    app.router.add_get("/static/{version}/{name:.+}", static_file)
