"""Who asks: a session cookie from a browser, HTTP Basic or a token from a program; and whether they may."""

import base64
import binascii
import hmac
import logging
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import web

from webmanager.web.accounts.roles import Role, User
from webmanager.web.accounts.sessions import Session
from webmanager.web.http.problem import Problem
from webmanager.web.site.site import SITE, Site

log = logging.getLogger("webmanager.web.auth")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf"
_SAFE = {"GET", "HEAD", "OPTIONS"}
_LONGEST_SECRET = 4096


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request; `session` is there for browsers only, `token` is the name of an API token."""

    user: User
    session: Session | None
    token: str = ""

    @property
    def by(self) -> str:
        """As the event log names whoever did something."""
        return f"{self.user.name} (token {self.token})" if self.token else self.user.name


CALLER: web.RequestKey[Caller] = web.RequestKey("caller", Caller)


def guarded(handler: Handler, role: Role, *, before_change: bool = False, by_token: bool = True) -> Handler:
    """A handler for callers of at least this role; `before_change` lets them in with the manual's password too.

    Without `by_token` an API token does not suffice: whoever finds one must not make themselves a login with it.
    """

    async def guard(request: web.Request) -> web.StreamResponse:
        site = request.app[SITE]
        caller = await identify(site, request)
        if caller is None:
            raise unauthenticated(request)
        if site.must_change_password and not before_change:
            raise Problem(403, "change the default password first", extra={"change_at": "/password"})
        if caller.user.role < role:
            raise Problem(403, f"this needs the role {role.word}: {caller.user.name} has {caller.user.role.word}")
        if caller.token and not by_token:
            raise Problem(403, "an API token does not suffice for this: log in with user and password")
        if caller.user.role is Role.ADMIN and not caller.token:
            site.parts.came_in(request.remote)
        request[CALLER] = caller
        return await handler(request)

    return guard


async def identify(site: Site, request: web.Request) -> Caller | None:
    """Who asks, None if nobody we know; a wrong login is counted, logged and slowed down."""
    header = request.headers.get("Authorization")
    if request.method not in _SAFE:
        require_same_origin(request)
    if header is not None:
        return await _by_header(site, request, header)
    secret = request.cookies.get(site.config.session_cookie)
    session = site.sessions.find(secret) if secret and len(secret) < _LONGEST_SECRET else None
    if session is None:
        return None
    if request.method not in _SAFE and request.path.startswith("/api/"):
        require_token(session, request.headers.get(CSRF_HEADER))
    return Caller(session.user, session)


async def log_in(site: Site, request: web.Request, name: str, password: str) -> User:
    """The user of a right login; Problem 401 or, while the source has to wait, 429 with the seconds.

    An attempt counts as failed until it proves right, so that many at the same time are no way around the pause;
    the same attempt twice at the same time is one.
    """
    source = request.remote or "unknown"
    if not site.users.is_checking(name, password):
        _refuse_while_waiting(site, source)
        site.slowdown.failed(source)
    user = await site.users.check(name, password)
    if user is None:
        wait = math.ceil(site.slowdown.wait_s(source))
        log.warning("wrong login as %r from %s, next try in %d s", name[:64], source, wait)
        site.audit.refused(name, source)
        problem = unauthenticated(request, "user or password is wrong")
        problem.extra["retry_after_s"] = wait
        raise problem
    site.slowdown.succeeded(source)
    return user


def unauthenticated(request: web.Request, detail: str = "log in first") -> Problem:
    """A 401; browsers get a challenge that opens no dialog of their own."""
    browser = "Sec-Fetch-Mode" in request.headers
    scheme = "Session" if browser else "Basic"
    return Problem(401, detail, headers={"WWW-Authenticate": f'{scheme} realm="webmanager", charset="UTF-8"'})


def require_same_origin(request: web.Request) -> None:
    """Refuses what another site made the browser send (Origin and Sec-Fetch-Site, where the browser tells)."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin")
    foreign = origin is not None and urlsplit(origin).netloc.lower() != request.host.lower()
    if foreign or site not in {"same-origin", "none"}:
        raise Problem(403, "this request comes from another site")


def require_token(session: Session, token: str | None) -> None:
    """Refuses a request that does not carry the session's own token."""
    if token is None or not hmac.compare_digest(token.encode(), session.csrf.encode()):
        raise Problem(
            403, f"the header {CSRF_HEADER} or the field {CSRF_FIELD} is missing or out of date: reload the page"
        )


def _refuse_while_waiting(site: Site, source: str) -> None:
    wait = math.ceil(site.slowdown.wait_s(source))
    if wait > 0:
        raise Problem(
            429,
            f"too many wrong logins: next try in {wait} s",
            headers={"Retry-After": str(wait)},
            extra={"retry_after_s": wait},
        )


async def _by_header(site: Site, request: web.Request, header: str) -> Caller:
    scheme, _, rest = header.partition(" ")
    known = scheme.lower() if len(rest) <= _LONGEST_SECRET else ""
    if known == "bearer":
        return _by_token(site, request, rest.strip())
    if known != "basic":
        raise unauthenticated(request, "only the schemes Basic and Bearer and the session cookie are known")
    try:
        name, colon, password = base64.b64decode(rest.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        name, colon, password = "", "", ""
    if not colon:
        raise unauthenticated(request, "the Authorization header is not Basic base64(user:password)")
    user = site.users.remembered(name, password)
    if user is None:
        user = await log_in(site, request, name, password)
        site.audit.program(user.name, request.remote or "unknown")
    return Caller(user, None)


def _by_token(site: Site, request: web.Request, secret: str) -> Caller:
    """Not slowed down: 256 random bits cannot be guessed, and a forgotten program must not lock its network out."""
    found = site.tokens.find(secret)
    if found is None:
        log.warning("unknown or expired token from %s", request.remote)
        raise unauthenticated(request, "this token is not known, has expired, or its owner is gone")
    return Caller(found[1], None, found[0].name)
