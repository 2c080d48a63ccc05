"""The JSON API about the device and its batteries."""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from webmanager.engine.board import Board, BusState
from webmanager.engine.time_ports import TimeStatus
from webmanager.web.guard.address import address_in
from webmanager.web.http.answer import answer
from webmanager.web.http.problem import Problem
from webmanager.web.looks.picture import module_objects, string_objects
from webmanager.web.looks.published import plain
from webmanager.web.site.site import SITE, Site
from webmanager.web.texts.figures import iso


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


def _stamp(board: Board) -> dict[str, object]:
    snapshot = board.snapshot
    if snapshot is None:
        return {"snapshot": None, "taken_at": None}
    return {"snapshot": snapshot.number, "taken_at": iso(snapshot.taken_at)}


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
