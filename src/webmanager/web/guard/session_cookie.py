"""The session of a browser: begun at a login, carried in a cookie, ended."""

from dataclasses import replace

from aiohttp import web

from webmanager.web.accounts import audit
from webmanager.web.accounts.roles import User
from webmanager.web.accounts.sessions import Session
from webmanager.web.site.site import SITE, Site


def start_session(site: Site, request: web.Request, user: User) -> tuple[str, Session]:
    """The secret and the session of a fresh login; the one the browser brought along ends."""
    site.sessions.close(request.cookies.get(site.config.session_cookie, ""))
    source = request.remote or "unknown"
    opened = site.sessions.open(user, source)
    site.audit.note(audit.LOGIN, f"{user.name} logged in from {source}.", user.name)
    return opened


def end_session(site: Site, request: web.Request) -> None:
    """Ends the session a request brought along, if any."""
    site.sessions.close(request.cookies.get(site.config.session_cookie, ""))


def set_session_cookie(request: web.Request, response: web.Response, secret: str, port: int | None = None) -> None:
    """The session cookie: not for scripts, not from other sites, gone with the browser; over HTTPS for HTTPS only.

    `port` is where the device will be after a restart, if that is elsewhere.
    """
    config = request.app[SITE].config
    secure = config.tls or request.secure
    if port is not None:
        config = replace(config, port=port)
    response.set_cookie(config.session_cookie, secret, path="/", httponly=True, samesite="Strict", secure=secure)
