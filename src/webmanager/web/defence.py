"""What stands before every handler: known hosts, headers, errors in the right form."""

import asyncio
import logging

from aiohttp import web

from webmanager.web.config import WebConfig
from webmanager.web.frame.page import error_page
from webmanager.web.guard.auth import Handler, identify, unauthenticated
from webmanager.web.http.problem import Problem
from webmanager.web.site.site import SITE

log = logging.getLogger("webmanager.web")

CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_LOCAL = {"localhost", "127.0.0.1", "[::1]"}


async def secure(request: web.Request, response: web.StreamResponse) -> None:
    """Headers of every answer, streams included; nothing but static files may be kept."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["Server"] = "webmanager"


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every failure becomes a problem document for programs and a page for people."""
    try:
        return await handler(request)
    except Problem as problem:
        return _shown(request, problem)
    except web.HTTPException as raised:
        if raised.status < 400:
            raise
        return _shown(request, await _of_framework(request, raised))
    except (ConnectionError, asyncio.CancelledError):
        raise
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        return _shown(request, Problem(500, "an error inside the device; it was written to the log"))


@web.middleware
async def known_host(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A loopback device answers to its own names only: no other site's name can be pointed at it (DNS rebinding)."""
    config = request.app[SITE].config
    if config.is_loopback and not _is_known(config, request.headers.get("Host", "")):
        raise Problem(421, "this device is not known under that name")
    return await handler(request)


def _is_known(config: WebConfig, host: str) -> bool:
    name = host.lower()
    name = name.partition("]")[0] + "]" if name.startswith("[") else name.partition(":")[0]
    return name in _LOCAL or name == config.bind.lower() or name in {known.lower() for known in config.host_names}


def _is_for_program(request: web.Request) -> bool:
    return request.path.startswith("/api/") or request.path in {"/api", "/healthz", "/readyz", "/metrics"}


def _shown(request: web.Request, problem: Problem) -> web.Response:
    if problem.status == 413:
        problem.headers["Connection"] = "close"
    return problem.response(request.path) if _is_for_program(request) else error_page(request, problem)


async def _of_framework(request: web.Request, raised: web.HTTPException) -> Problem:
    """An error of the framework as ours; a stranger hears 401 for whatever is not there."""
    limit = request.app[SITE].config.body_limit
    details = {
        404: f"there is no {request.path[:200]}",
        405: f"{request.method} is not allowed here: {raised.headers.get('Allow', '')}",
        413: f"the body is longer than {limit} bytes",
    }
    if raised.status == 404 and request.path.startswith("/api/"):
        try:
            if await identify(request.app[SITE], request) is None:
                return unauthenticated(request)
        except Problem as problem:
            return problem
    headers = {name: value for name, value in raised.headers.items() if name == "Allow"}
    return Problem(raised.status, details.get(raised.status, raised.reason or ""), headers=headers)
