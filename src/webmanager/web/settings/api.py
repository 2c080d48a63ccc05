"""The JSON API of the configuration: read, apply, save, undo, exchange, restart."""

import asyncio
from collections.abc import Callable
from typing import Any

from aiohttp import web

from webmanager.domain.errors import StoreError
from webmanager.settings.changes import Change
from webmanager.settings.desk import Applied, SettingsDesk
from webmanager.settings.mistakes import SettingsError
from webmanager.settings.model import Settings
from webmanager.web.guard.auth import CALLER
from webmanager.web.guard.bodies import read_json
from webmanager.web.http.answer import answer
from webmanager.web.http.problem import Problem
from webmanager.web.settings.answers import ImportBody, SettingsBody, UndoBody
from webmanager.web.site.site import SITE, Site
from webmanager.web.texts.figures import iso


def desk_of(site: Site) -> SettingsDesk:
    """The configuration; Problem 404 in a device that has none to change."""
    if site.parts.settings is None:
        raise Problem(404, "this device has no settings to change")
    return site.parts.settings


async def overview(request: web.Request) -> web.Response:
    """All sections by name, and what is not saved or waits for a restart."""
    return answer(overview_object(desk_of(request.app[SITE])))


def overview_object(desk: SettingsDesk) -> dict[str, Any]:
    """The members of `GET /api/v1/settings`."""
    return {
        "sections": list(Settings.model_fields),
        "unsaved": desk.unsaved(),
        "pending_restart": desk.pending_restart(),
        "trouble": desk.trouble,
    }


async def section(request: web.Request) -> web.Response:
    """One section as it is in force, secrets hidden."""
    desk = desk_of(request.app[SITE])
    return answer(desk.applied.model_dump(mode="json")[_section(request)])


async def change_section(request: web.Request) -> web.Response:
    """Puts a section in force; what is left out keeps its value."""
    name = _section(request)
    body = await read_json(request, SettingsBody)
    return _applied(request, lambda desk, by, at: desk.apply(name, body.root, by, at))


async def save(request: web.Request) -> web.Response:
    """Writes what is in force to the disk."""
    site = request.app[SITE]
    changed = await save_now(site, request[CALLER].user.name)
    return answer({"saved": changed} | overview_object(desk_of(site)))


async def save_now(site: Site, by: str) -> tuple[str, ...]:
    """Saves off the event loop; Problem 503 if the disk refuses."""
    try:
        return await asyncio.to_thread(desk_of(site).save, by, site.clock.now())
    except StoreError as error:
        raise Problem(503, str(error)) from None


async def discard(request: web.Request) -> web.Response:
    """Goes back to what is saved."""
    return _applied(request, SettingsDesk.discard)


async def undo(request: web.Request) -> web.Response:
    """Takes a change of the history back."""
    body = await read_json(request, UndoBody)
    return _applied(request, lambda desk, by, at: desk.undo(body.number, by, at))


async def history(request: web.Request) -> web.Response:
    """The last changes, newest first."""
    return answer({"changes": [change_object(change) for change in desk_of(request.app[SITE]).history()]})


def change_object(change: Change) -> dict[str, Any]:
    """One change as the API tells it."""
    return change.document() | {"at": iso(change.at)}


async def export(request: web.Request) -> web.Response:
    """The configuration as one file, without secrets."""
    text = desk_of(request.app[SITE]).export_text()
    headers = {"Content-Disposition": 'attachment; filename="settings.toml"'}
    return web.Response(text=text, content_type="application/toml", headers=headers)


async def import_(request: web.Request) -> web.Response:
    """Puts such a file in force, all of it or nothing."""
    body = await read_json(request, ImportBody)
    return _applied(request, lambda desk, by, at: desk.import_text(body.toml, by, at))


async def restart(request: web.Request) -> web.Response:
    """Asks for a restart of the device's parts; what is not saved is lost."""
    restart_now(request.app[SITE])
    return web.Response(status=204)


def restart_now(site: Site) -> None:
    """Asks for a restart; Problem 404 where nobody listens."""
    if site.parts.restart is None:
        raise Problem(404, "this device cannot restart itself")
    site.parts.restart()


def refused(error: SettingsError) -> Problem:
    """Settings that cannot be, as 422 with every field and its reason."""
    listed = [{"field": path or "body", "reason": reason} for path, reason in error.errors]
    return Problem(422, str(error), extra={"errors": listed})


def _applied(request: web.Request, act: Callable[[SettingsDesk, str, float], Applied]) -> web.Response:
    site = request.app[SITE]
    desk = desk_of(site)
    try:
        done = act(desk, request[CALLER].user.name, site.clock.now())
    except SettingsError as error:
        raise refused(error) from None
    told = {"changed": done.changed, "needs_restart": done.needs_restart, "number": done.number}
    return answer(told | overview_object(desk))


def _section(request: web.Request) -> str:
    name = request.match_info["section"]
    if name not in Settings.model_fields:
        raise Problem(404, f"there is no section {name[:32]!r}: {', '.join(Settings.model_fields)}")
    return name
