"""From which networks the web may be reached, and over which protocol."""

from collections.abc import Sequence
from contextvars import ContextVar

from aiohttp import web

from webmanager.settings.mistakes import SettingsError
from webmanager.settings.model import Settings
from webmanager.settings.networks import lies_in
from webmanager.settings.security_model import SecuritySettings
from webmanager.web.guard.auth import Handler
from webmanager.web.http.problem import Problem
from webmanager.web.site.site import SITE

HALF_A_YEAR_S = 180 * 86400
_OPEN = {"/healthz", "/readyz"}
_ASKING: ContextVar[str] = ContextVar("asking", default="")


@web.middleware
async def known_network(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuses whoever does not come from the access list."""
    remote = request.remote or ""
    if not lies_in(remote, security_of(request).networks):
        raise Problem(403, "this address is not on the access list of the device")
    token = _ASKING.set(remote)
    try:
        return await handler(request)
    finally:
        _ASKING.reset(token)


@web.middleware
async def only_https(request: web.Request, handler: Handler) -> web.StreamResponse:
    """With HTTPS and `redirect`, what comes over HTTP is led there; what would change something is refused."""
    site = request.app[SITE]
    port = site.https_port()
    if request.secure or not port or request.path in _OPEN or not security_of(request).redirect:
        return await handler(request)
    host = request.url.host or "localhost"
    where = f"https://{f'[{host}]' if ':' in host else host}{'' if port == 443 else f':{port}'}"
    if request.method not in {"GET", "HEAD"} or request.path.startswith("/api/"):
        raise Problem(403, f"this device takes this over HTTPS only: {where}{request.path}")
    raise web.HTTPPermanentRedirect(where + request.path_qs)


async def strict_transport(request: web.Request, response: web.StreamResponse) -> None:
    """HSTS, only where it cannot lock anybody out: over HTTPS, wished, and with a certificate that browsers trust."""
    security = security_of(request)
    certificates = request.app[SITE].parts.certificates
    if request.secure and security.hsts and security.redirect and certificates and not certificates.is_own:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={HALF_A_YEAR_S}")


def security_of(request: web.Request) -> SecuritySettings:
    """What counts now."""
    site = request.app[SITE]
    return site.parts.settings.applied.security if site.parts.settings else site.config.security


def keeps_the_door_open(before: Settings, after: Settings) -> None:
    """SettingsError if the one who asks right now would shut themselves out with a new access list."""
    remote, networks = _ASKING.get(), after.security.networks
    if remote and networks != before.security.networks and not lies_in(remote, networks):
        raise SettingsError([("security.networks", excluded(remote, networks))])


def excluded(remote: str, networks: Sequence[str]) -> str:
    """Why a list cannot be, in one line."""
    return f"your own address {remote} is in none of {', '.join(networks)[:200]}: you would shut yourself out"
