"""The JSON API about the device and its batteries."""

import json
from dataclasses import asdict, replace
from typing import Any

from aiohttp import web

from webmanager.engine.board import Board, BusState
from webmanager.engine.time_ports import TimeStatus
from webmanager.web import audit
from webmanager.web.answers import LoginBody, PasswordBody
from webmanager.web.auth import CALLER, CSRF_HEADER, log_in, require_same_origin
from webmanager.web.bodies import read_json
from webmanager.web.figures import iso
from webmanager.web.logins import start_session
from webmanager.web.picture import module_objects, string_objects
from webmanager.web.problem import Problem, refused
from webmanager.web.published import plain
from webmanager.web.sessions import Session
from webmanager.web.site import SITE, Site

_WORTH_PACKING = 1024


def answer(document: object, status: int = 200) -> web.Response:
    """A JSON answer; longer ones are packed for clients that can unpack."""
    body = json.dumps(document, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    response = web.Response(body=body, status=status, content_type="application/json")
    if len(body) >= _WORTH_PACKING:
        response.enable_compression()
    return response


async def healthz(_: web.Request) -> web.Response:
    """The process lives."""
    return answer({"status": "ok"})


async def readyz(request: web.Request) -> web.Response:
    """The first scan is complete; otherwise 503 with the reason."""
    board = request.app[SITE].board
    if board.is_ready:
        return answer({"status": "ready"})
    reason = board.bus.text if board.bus.state is not BusState.RUNNING else "The first scan is not complete."
    raise Problem(503, reason, headers={"Retry-After": "1"}, extra={"bus": board.bus.state.value})


async def system(request: web.Request) -> web.Response:
    """What the device is and does."""
    site = request.app[SITE]
    return answer(system_object(site) | {"store": await _store(site)})


async def _store(site: Site) -> dict[str, str] | None:
    status = await site.history.status()
    return None if status is None else {"state": status.state, "text": status.text}


def system_object(site: Site) -> dict[str, Any]:
    """The members of `GET /api/v1/system` but for the store."""
    config, board = site.config, site.board
    installation = board.installation
    panel = site.panel.look()
    time = site.parts.time.status() if site.parts.time else None
    return {
        "model": config.model,
        "software_version": config.software_version,
        "serial": config.serial,
        "name": site.place[0],
        "location": site.place[1],
        "mode": panel.mode.value,
        "uptime_s": round(site.monotonic() - site.started_s, 1),
        "time": iso(site.clock.now()),
        "time_source": time.source if time else config.time_source,
        "clock": _clock(time),
        "modules": installation.modules,
        "strings": installation.strings,
        "block": installation.block.name,
        "scan": _scan(site),
        "bus": {
            "state": board.bus.state.value,
            "text": board.bus.text,
            "revision": board.bus.revision,
            "odd_revisions": {str(address): text for address, text in board.bus.odd_revisions.items()},
            "unaddressed": board.bus.unaddressed,
        },
        "leds": panel.lights,
        "room": site.is_simulated,
        "default_password": site.users.default_in_force,
    }


def _clock(time: TimeStatus | None) -> dict[str, Any] | None:
    if time is None:
        return None
    return {
        "synchronised": time.is_synchronised,
        "text": time.text,
        "good_at": None if time.good_at is None else iso(time.good_at),
        "offset_s": time.offset_s,
        "polls": time.polls,
        "steps": time.steps,
        "slews": time.slews,
        "servers": [asdict(server) for server in time.servers],
    }


async def modules(request: web.Request) -> web.Response:
    """All modules of the newest snapshot."""
    site = request.app[SITE]
    return answer(_stamp(site.board) | {"modules": module_objects(site.board, site.moment(), site.alarms)})


async def module(request: web.Request) -> web.Response:
    """One module of the newest snapshot."""
    site = request.app[SITE]
    address = address_in(request)
    objects = module_objects(site.board, site.moment(), site.alarms)
    return answer(_stamp(site.board) | {"modules": objects[address - 1 : address]})


async def recent(request: web.Request) -> web.Response:
    """The last hour of one module."""
    site = request.app[SITE]
    address = address_in(request)
    values = site.recent.of(address)
    return answer(
        {
            "address": address,
            "name": site.board.installation.names[address - 1],
            "resolution_s": site.recent.step_s,
            "t": [round(at, 3) for at in values.taken_at.tolist()],
            "voltage_v": plain(values.voltage_v.astype(float), 3),
            "temperature_c": plain(values.temperature_c.astype(float), 2),
            "ri_mohm": plain(values.ri_mohm.astype(float), 3),
        }
    )


async def strings(request: web.Request) -> web.Response:
    """All strings of the newest snapshot."""
    site = request.app[SITE]
    return answer(_stamp(site.board) | {"strings": string_objects(site.moment())})


async def session_info(request: web.Request) -> web.Response:
    """Who is logged in, and the token for requests that change something."""
    site, caller = request.app[SITE], request[CALLER]
    return answer(
        {
            "username": caller.user.name,
            "role": caller.user.role.word,
            "csrf_token": caller.session.csrf if caller.session else None,
            "default_password": site.users.default_in_force,
        }
    )


async def open_session(request: web.Request) -> web.Response:
    """Logs a browser or a script in: the cookie, and the token in the header X-CSRF-Token."""
    site = request.app[SITE]
    require_same_origin(request)
    body = await read_json(request, LoginBody)
    user = await log_in(site, request, body.username, body.password)
    secret, session = start_session(site, request, user)
    response = web.Response(status=204, headers={CSRF_HEADER: session.csrf})
    set_session_cookie(request, response, secret)
    return response


async def close_session(request: web.Request) -> web.Response:
    """Logs out; the token is not asked for, the origin is."""
    site = request.app[SITE]
    require_same_origin(request)
    end_session(site, request)
    response = web.Response(status=204)
    response.del_cookie(site.config.session_cookie, path="/")
    return response


async def change_password(request: web.Request) -> web.Response:
    """Changes the caller's own password; every other login of this user ends."""
    site, caller = request.app[SITE], request[CALLER]
    body = await read_json(request, PasswordBody)
    session = await replace_password(site, request, body.old, body.new)
    response = web.Response(status=204)
    if caller.session is not None:
        response.headers[CSRF_HEADER] = session[1].csrf
        set_session_cookie(request, response, session[0])
    return response


async def replace_password(site: Site, request: web.Request, old: str, new: str) -> tuple[str, Session]:
    """Checks the old password (slowed down as any login), sets the new one and opens a fresh session for the caller."""
    user = request[CALLER].user
    try:
        await log_in(site, request, user.name, old)
    except Problem as problem:
        if problem.status != 401:
            raise
        raise refused("old", "the password in force is another one", problem.extra) from None
    objection = site.users.objection(user.name, new)
    if objection is not None:
        raise refused("new", objection)
    await site.users.change(user.name, new)
    site.sessions.close_all_of(user.name)
    site.audit.note(audit.USERS, f"{user.name} has a new password.", user.name)
    return site.sessions.open(user, request.remote or "unknown")


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


def _stamp(board: Board) -> dict[str, object]:
    snapshot = board.snapshot
    if snapshot is None:
        return {"snapshot": None, "taken_at": None}
    return {"snapshot": snapshot.number, "taken_at": iso(snapshot.taken_at)}


def address_in(request: web.Request) -> int:
    text, most = request.match_info["address"], request.app[SITE].board.installation.modules
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= most):
        raise Problem(404, f"there is no module {text[:32]!r}: addresses are 1 to {most}")
    return int(text)


def _scan(site: Site) -> dict[str, Any]:
    snapshot = site.moment().aged
    if snapshot is None:
        return {
            "number": None,
            "started_at": None,
            "duration_s": None,
            "period_s": None,
            "modules_answered": 0,
            "errors": None,
        }
    return {
        "number": snapshot.number,
        "started_at": iso(snapshot.taken_at - snapshot.duration_s * site.clock.factor),
        "duration_s": round(snapshot.duration_s, 4),
        "period_s": round(snapshot.period_s, 3),
        "modules_answered": snapshot.answered,
        "errors": snapshot.errors,
    }
