"""The JSON API about alarms: what is open, and what people do about it."""

from collections.abc import Callable
from functools import partial

from aiohttp import web

from webmanager.domain.alarm_load import DAY_S, AlarmLoad, alarm_load
from webmanager.domain.alarms import Alarm
from webmanager.domain.errors import ConfigError
from webmanager.engine.alarming import AlarmDesk
from webmanager.web.alarms.answers import CommentBody, MaintenanceBody, ShelveBody
from webmanager.web.alarms.event_log import Wanted, read_log
from webmanager.web.alarms.objects import alarm_object, counts_object, load_object, pending_object
from webmanager.web.guard.auth import CALLER
from webmanager.web.guard.bodies import read_json
from webmanager.web.http.answer import answer
from webmanager.web.http.problem import Problem
from webmanager.web.http.query import moment_from, only, refused
from webmanager.web.site.site import SITE, Site
from webmanager.web.texts.figures import iso

MOST_OF_A_DAY = 2000

Act = Callable[[AlarmDesk, int, str, float], object]
"""Something done to an alarm: desk, its number, who, when (UTC seconds)."""


def desk_of(site: Site) -> AlarmDesk:
    """The alarm desk; Problem 404 in a device that judges nothing."""
    if site.parts.alarms is None:
        raise Problem(404, "this device judges no limits: it has no alarms")
    return site.parts.alarms


async def alarms(request: web.Request) -> web.Response:
    """What is open; with `?pending=1` also what is pending."""
    site = request.app[SITE]
    desk = desk_of(site)
    only(request.query, {"pending"})
    with_pending = request.query.get("pending", "0")
    if with_pending not in {"0", "1"}:
        raise refused("pending", f"{with_pending[:32]!r} is not allowed: 0 or 1")
    picture = desk.picture
    listed = [alarm_object(alarm) for alarm in picture.alarms]
    if with_pending == "1":
        listed += [pending_object(one, desk.limits, site.board.installation) for one in picture.pending]
    return answer({"at": iso(picture.at), "counts": counts_object(picture), "alarms": listed})


async def load(request: web.Request) -> web.Response:
    """How many alarms people get."""
    site = request.app[SITE]
    desk_of(site)
    return answer(load_object(await load_of(site)))


async def load_of(site: Site) -> AlarmLoad:
    """The alarm load of the last day; Problem 503 where no event can be read."""
    at, reader, opened = site.clock.now(), site.history.reader, [a.found.since_at for a in desk_of(site).picture.alarms]
    wanted = Wanted(limit=MOST_OF_A_DAY, from_s=at - DAY_S)
    log = await site.history.read(partial(read_log, reader, wanted))
    return alarm_load([entry.event for entry in log], opened, at)


async def acknowledge(request: web.Request) -> web.Response:
    """Somebody takes care of an alarm."""
    return _acted(request, AlarmDesk.acknowledge)


async def unacknowledge(request: web.Request) -> web.Response:
    """Takes an acknowledgement back."""
    return _acted(request, AlarmDesk.unacknowledge)


async def shelve(request: web.Request) -> web.Response:
    """Silences an alarm until a time."""
    body = await read_json(request, ShelveBody)
    until = until_of(body, request.app[SITE].clock.now())
    return _acted(request, lambda desk, number, by, at: desk.shelve(number, until, by, at), "until")


async def unshelve(request: web.Request) -> web.Response:
    """Ends the shelving of an alarm."""
    return _acted(request, AlarmDesk.unshelve)


async def comment(request: web.Request) -> web.Response:
    """Writes something to an alarm."""
    body = await read_json(request, CommentBody)
    return _acted(request, lambda desk, number, by, at: desk.comment(number, body.text, by, at), "text")


async def maintenance(request: web.Request) -> web.Response:
    """Begins maintenance mode, or ends it."""
    site, body = request.app[SITE], await read_json(request, MaintenanceBody)
    maintain(site, body.for_s, request[CALLER].user.name)
    return answer(counts_object(desk_of(site).picture))


def maintain(site: Site, for_s: float, by: str) -> None:
    """Begins or ends maintenance; Problem 422 if it is too long."""
    try:
        desk_of(site).maintain(for_s, by, site.clock.now())
    except ConfigError as error:
        raise refused("for_s", str(error)) from None


def until_of(body: ShelveBody, now: float) -> float:
    """When the shelving ends, UTC seconds; Problem 422 unless exactly one of both ways to say it is used."""
    if (body.until is None) == (body.for_s is None):
        raise refused("until", "give either until, a time, or for_s, seconds from now")
    return moment_from(str(body.until), "until") if body.for_s is None else now + body.for_s


def act_on(site: Site, number: int, by: str, act: Act, field: str = "id") -> Alarm:
    """Does something to an open alarm and returns it as it is then; Problem 404 if it is not open, 422 if unfit."""
    desk = desk_of(site)
    if number not in {alarm.id for alarm in desk.picture.alarms}:
        raise Problem(404, f"alarm {number} is not open")
    try:
        act(desk, number, by, site.clock.now())
    except ConfigError as error:
        raise refused(field, str(error)) from None
    return next(alarm for alarm in desk.picture.alarms if alarm.id == number)


def _acted(request: web.Request, act: Act, field: str = "id") -> web.Response:
    text = request.match_info["id"]
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise Problem(404, f"there is no alarm {text[:32]!r}")
    alarm = act_on(request.app[SITE], int(text), request[CALLER].user.name, act, field)
    return answer(alarm_object(alarm))
