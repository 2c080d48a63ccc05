"""Every way into a web door that changes something, read off the server itself: a new one cannot be forgotten."""

import re

from fakes.site import Bench

LOGINS = {("POST", "/login"), ("POST", "/api/v1/session"), ("DELETE", "/api/v1/session")}
OF_THE_BROWSER = {("POST", "/theme"), ("POST", "/language")}
"""They set a cookie of the one who asks and nothing else."""
BODIES = (
    {"json": {}},
    {"data": {"action": "add", "name": "evil", "role": "admin", "password": "a long sentence"}},
    {"data": b"\x1f\x8b\x08" + bytes(1000), "headers": {"Content-Type": "application/gzip"}},
    {"data": b"PK\x03\x04" + bytes(1000), "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
)


def _filled(parameter: re.Match[str]) -> str:
    return {"section": "network"}.get(parameter[1], "1")


def changing(device: Bench) -> list[tuple[str, str]]:
    """Method and path of everything but reading; parameters filled in."""
    runner = device.server._runner
    assert runner is not None
    found = [
        (route.method, re.sub(r"{([^}]+)}", _filled, route.resource.canonical))
        for route in runner.app.router.routes()
        if route.resource is not None and route.method not in {"GET", "HEAD"}
    ]
    assert len(found) > 15
    return found
