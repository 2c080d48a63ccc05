"""The hand in the room: the device forwards to the room's control interface and says itself what it has noticed."""

from typing import Any
from urllib.parse import quote

from aiohttp import web
from pydantic import BaseModel

from webmanager.language.spoken import gettext
from webmanager.web.guard.bodies import read_json
from webmanager.web.http.answer import answer
from webmanager.web.http.problem import Problem
from webmanager.web.room.answers import AmbientBody, FaultBody, LoadBody, MainsBody, SpeedBody
from webmanager.web.room.seen import seen_by_device, seen_of_receiver
from webmanager.web.site.room_link import Json
from webmanager.web.site.site import SITE, Site


async def room(request: web.Request) -> web.Response:
    """State of the room, its faults with what the device sees of each."""
    site = request.app[SITE]
    status, document = await ask(site, "GET", "/room")
    return answer(with_seen(site, document), status)


async def faults(request: web.Request) -> web.Response:
    """The faults in the room, with what the device sees of each."""
    site = request.app[SITE]
    status, document = await ask(site, "GET", "/faults")
    if isinstance(document, list):
        document = {"faults": document}
    return answer(with_seen(site, document), status)


async def new_fault(request: web.Request) -> web.Response:
    """Breaks something; the answer holds the fault's id."""
    return await _forward(request, "/faults", FaultBody)


async def repair(request: web.Request) -> web.Response:
    """Repairs a fault."""
    return await _forward(request, f"/faults/{_part(request, 'id')}")


async def mains(request: web.Request) -> web.Response:
    """Switches the mains."""
    return await _forward(request, "/mains", MainsBody)


async def load(request: web.Request) -> web.Response:
    """Sets the load."""
    return await _forward(request, "/load", LoadBody)


async def speed(request: web.Request) -> web.Response:
    """Sets how fast device time runs."""
    return await _forward(request, "/speed", SpeedBody)


async def ambient(request: web.Request) -> web.Response:
    """Sets the room temperature."""
    return await _forward(request, "/ambient", AmbientBody)


async def inbox(request: web.Request) -> web.Response:
    """What arrived at the receivers in the room, newest first."""
    after = request.query.get("after")
    path = "/inbox" if after is None else f"/inbox?after={quote(after, safe='')}"
    status, document = await ask(request.app[SITE], "GET", path)
    return answer(_in_words(document), status)


async def empty_inbox(request: web.Request) -> web.Response:
    """Forgets what arrived."""
    return await _forward(request, "/inbox")


async def scenarios(request: web.Request) -> web.Response:
    """The scenarios that can be played."""
    status, document = await ask(request.app[SITE], "GET", "/scenarios")
    return answer({"scenarios": document} if isinstance(document, list) else document, status)


async def play(request: web.Request) -> web.Response:
    """Plays a scenario."""
    return await _forward(request, f"/scenarios/{_part(request, 'name')}/play")


async def stop(request: web.Request) -> web.Response:
    """Stops the scenario that is played."""
    return await _forward(request, "/scenario")


async def ask(site: Site, method: str, path: str, body: object = None) -> tuple[int, Json]:
    """One request to the room; Problem 404 without a room, and the room's own errors as problems."""
    if site.room is None:
        raise Problem(404, "there is no simulated room: the batteries are real")
    status, document = await site.room.call(method, path, body)
    if status >= 400:
        raise _problem(status, document)
    return status, document


def with_seen(site: Site, document: Any) -> Any:
    """The room's answer, each fault with `seen`."""
    if isinstance(document, dict) and isinstance(document.get("faults"), list):
        snapshot = site.moment().aged
        for fault in document["faults"]:
            if isinstance(fault, dict):
                fault["title"] = gettext(str(fault.get("title", "")))
                channel = fault.get("channel")
                if isinstance(channel, str):
                    fault["seen"] = seen_of_receiver(site.parts.jobs.queues() if site.parts.jobs else (), channel)
                else:
                    fault["seen"] = seen_by_device(site.board, snapshot, fault, site.alarms)
    return document


def _in_words(document: Any) -> Any:
    """The room's answer with the titles of faults in the language spoken."""
    if isinstance(document, dict):
        causes = [one.get("cause") for one in document.get("arrivals", [])]
        for said in [*document.get("deeds", []), *causes]:
            if isinstance(said, dict) and said.get("title"):
                said["title"] = gettext(str(said["title"]))
    return document


async def _forward(request: web.Request, path: str, model: type[BaseModel] | None = None) -> web.Response:
    body = None
    if model is not None:
        body = (await read_json(request, model)).model_dump(exclude_unset=True)
    status, document = await ask(request.app[SITE], request.method, path, body)
    return web.Response(status=204) if document is None else answer(document, status)


def _part(request: web.Request, name: str) -> str:
    return quote(request.match_info[name], safe="")


def _problem(status: int, document: Json) -> Problem:
    known = document if isinstance(document, dict) else {}
    detail = known.get("detail") or known.get("error") or "the simulated room refused this"
    extra = {key: value for key, value in known.items() if key not in {"type", "title", "status", "detail", "error"}}
    return Problem(status, str(detail), extra=extra)
