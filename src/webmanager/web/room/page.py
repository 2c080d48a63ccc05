"""The battery room's page: what can be broken and played, as the room itself lists it."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from webmanager.web.frame.page import for_people, render
from webmanager.web.frame.shell import shell
from webmanager.web.frame.views import Shell
from webmanager.web.http.problem import Problem
from webmanager.web.room.api import ask
from webmanager.web.room.views import KindView, RoomView, ScenarioView
from webmanager.web.site.site import SITE, Site

SPEEDS = (1, 10, 60, 600)


async def room_view(site: Site, shell: Shell) -> RoomView:
    """The page; if the room does not answer it says so and its controls stay empty until it does."""
    error = ""
    state: dict[str, Any] = {}
    try:
        _, answered = await ask(site, "GET", "/room")
        state = answered if isinstance(answered, dict) else {}
    except Problem as problem:
        error = problem.detail
    scenarios = [] if error else await _scenarios(site)
    installation = site.board.installation
    rated_w = installation.modules * installation.block.nominal_v * installation.block.capacity_ah
    return RoomView(
        shell=shell,
        strings=range(1, installation.strings + 1),
        per_string=installation.per_string,
        kinds=[_kind(entry) for entry in state.get("kinds", []) if isinstance(entry, dict)],
        scenarios=[_scenario(entry) for entry in scenarios if isinstance(entry, (dict, str))],
        speeds=SPEEDS,
        greatest_load_kw=round(rated_w / 1000, 1),
        error=error,
    )


async def room(request: web.Request) -> web.Response:
    """The battery room, only with a simulation."""
    site = request.app[SITE]
    if site.room is None:
        raise Problem(404, "there is no simulated room: the batteries are real")
    return render(request, "room.html", await room_view(site, shell(request, "room")))


def add_room_page(app: web.Application) -> None:
    """Puts the page into an application."""
    app.router.add_get("/room", for_people(room))


async def _scenarios(site: Site) -> list[Any]:
    """The scenarios of the room; a room that has none is no trouble."""
    try:
        _, listed = await ask(site, "GET", "/scenarios")
    except Problem:
        return []
    return listed.get("scenarios", []) if isinstance(listed, dict) else listed or []


def _kind(entry: Mapping[str, Any]) -> KindView:
    default = entry.get("default")
    return KindView(
        kind=str(entry.get("kind", "")),
        title=str(entry.get("title") or entry.get("kind", "")),
        target=_target(entry.get("target")),
        default="" if default is None else str(default),
        unit=str(entry.get("unit") or ""),
        help=str(entry.get("help") or ""),
    )


def _target(target: object) -> str:
    """Where a fault can strike, as words in one text: `address`, `string`, `address bus`, `charger`."""
    if isinstance(target, (list, tuple)):
        return " ".join(map(str, target))
    return str(target or "").replace(" or ", " ").replace('"', "")


def _scenario(entry: Mapping[str, Any] | str) -> ScenarioView:
    if isinstance(entry, str):
        return ScenarioView(entry, entry.replace("_", " "), "")
    name = str(entry.get("name", ""))
    text = str(entry.get("text") or entry.get("help") or entry.get("description") or "")
    return ScenarioView(name, str(entry.get("title") or name.replace("_", " ")), text)
