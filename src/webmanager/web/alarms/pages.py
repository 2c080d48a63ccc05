"""The pages Alarms and Events, and the forms on them: each action is a form, so that they work without scripts."""

import urllib.parse
from collections.abc import Callable, Mapping, Sequence

from aiohttp import web

from webmanager.domain.alarm_load import DAY_S, alarm_load
from webmanager.domain.limits import ROWS
from webmanager.engine.alarming import AlarmDesk
from webmanager.language.spoken import gettext as _
from webmanager.web.accounts.roles import Role
from webmanager.web.alarms.api import MOST_OF_A_DAY, Act, act_on, desk_of, maintain
from webmanager.web.alarms.event_api import log_of, wanted_by
from webmanager.web.alarms.event_log import Logged, Wanted, by_alarm
from webmanager.web.alarms.views import (
    AlarmsView,
    Choice,
    EventsView,
    LineView,
    Place,
    groups_of,
    label_of,
    line_of,
    load_rows,
    moment_view,
    shelves_of,
)
from webmanager.web.frame.page import for_people, own_form, render
from webmanager.web.frame.shell import shell
from webmanager.web.guard.auth import CALLER
from webmanager.web.http.problem import Problem, field_errors
from webmanager.web.site.site import SITE, Site
from webmanager.web.texts import words

LINES_BESIDE, LINES_A_PAGE = 12, 200
FILTERS = ("kind", "severity", "change", "source", "from", "to", "alarm")


async def alarms(request: web.Request) -> web.Response:
    """Everything open."""
    return await _alarms(request)


async def act(request: web.Request) -> web.Response:
    """Takes the form of one alarm, then shows where it went."""
    fields, site = await own_form(request), request.app[SITE]
    text, what = request.match_info["id"], request.match_info["act"]
    if what not in _ACTS or not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise Problem(404, "there is no such page")
    number, by = int(text), request[CALLER].user.name
    try:
        act_on(site, number, by, _ACTS[what](fields))
    except Problem as problem:
        if problem.status not in {404, 422}:
            raise
        return await _alarms(request, problem.detail, problem.status)
    return web.Response(status=303, headers={"Location": f"/alarms#a{number}"})


async def maintenance(request: web.Request) -> web.Response:
    """Takes the form of the maintenance mode."""
    fields = await own_form(request)
    try:
        maintain(request.app[SITE], _seconds(fields), request[CALLER].user.name)
    except Problem as problem:
        if problem.status != 422:
            raise
        return await _alarms(request, problem.detail, problem.status)
    return web.Response(status=303, headers={"Location": "/alarms"})


async def events(request: web.Request) -> web.Response:
    """The log, with a filter."""
    site, query = request.app[SITE], request.query
    place, asked = _place(site), {name: query.get(name, "") for name in FILTERS}
    errors: Mapping[str, str] = {}
    log: Sequence[Logged] = ()
    why, status, times = "", 200, dict[str, str]()
    try:
        wanted = wanted_by({name: text for name, text in asked.items() if text}, place.installation,
                           usual=LINES_A_PAGE, zone=place.zone)  # fmt: skip
        times = {name: f"{at:.3f}" for name, at in (("from", wanted.from_s), ("to", wanted.to_s)) if at is not None}
        log = await log_of(site, wanted)
    except Problem as problem:
        status = problem.status if problem.status == 422 else 200
        errors = field_errors(problem) if problem.status == 422 else {}
        why = problem.detail if problem.status == 503 else ""
    lines = [line_of(entry, place) for entry in log]
    sent = {name: text for name, text in asked.items() if text}
    older = {**sent, "to": f"{log[-1].event.at:.3f}"} if len(log) == LINES_A_PAGE else {}
    view = EventsView(
        shell=shell(request, "events"),
        lines=lines,
        asked=asked,
        errors=errors,
        kinds=_kinds(lines, asked["kind"]),
        changes=[Choice(key, words.CHANGES[key]) for key in words.CHANGES],
        severities=[Choice(key, words.SEVERITIES[key]) for key in words.SEVERITIES],
        csv=f"/api/v1/events.csv?{urllib.parse.urlencode(sent | times)}",
        older=f"/events?{urllib.parse.urlencode(older)}" if older else "",
        why=why,
    )
    return render(request, "events.html", view, status)


def add_alarm_pages(app: web.Application) -> None:
    """Puts the pages into an application."""
    app.router.add_get("/alarms", for_people(alarms))
    app.router.add_post("/alarms/maintenance", for_people(maintenance, role=Role.OPERATOR))
    app.router.add_post("/alarms/{id}/{act}", for_people(act, role=Role.OPERATOR))
    app.router.add_get("/events", for_people(events))


async def _alarms(request: web.Request, error: str = "", status: int = 200) -> web.Response:
    site = request.app[SITE]
    desk, place = desk_of(site), _place(site)
    picture = desk.picture
    log, why = await _log_of_the_open(site, desk, place)
    opened = [alarm.found.since_at for alarm in picture.alarms]
    view = AlarmsView(
        shell=shell(request, "alarms"),
        groups=groups_of(picture, desk.limits, by_alarm(log), place),
        open=len(picture.alarms),
        unanswered=picture.unacknowledged,
        maintenance=None if picture.maintenance_until is None else moment_view(picture.maintenance_until, place),
        shelves=shelves_of(place),
        load=() if why else load_rows(alarm_load([entry.event for entry in log], opened, place.now)),
        log=[line_of(entry, place) for entry in log[:LINES_BESIDE]],
        why=why,
        error=error,
    )
    return render(request, "alarms.html", view, status)


async def _log_of_the_open(site: Site, desk: AlarmDesk, place: Place) -> tuple[list[Logged], str]:
    """The log of the last day and of everything open; why there is none."""
    oldest = min((alarm.raised_at for alarm in desk.picture.alarms), default=place.now)
    wanted = Wanted(limit=MOST_OF_A_DAY, from_s=min(place.now - DAY_S, oldest))
    try:
        return await log_of(site, wanted), ""
    except Problem as problem:
        return [], problem.detail


def _place(site: Site) -> Place:
    return Place(site.clock.now(), site.zone, site.board.installation)


def _kinds(lines: Sequence[LineView], asked: str) -> list[Choice]:
    """Every kind of alarm, and what else stands in the log."""
    kinds = {**{kind: label_of(kind) for kind in ROWS}, **{line.kind: line.label for line in lines}}
    if asked:
        kinds.setdefault(asked, asked)
    return sorted((Choice(kind, label) for kind, label in kinds.items()), key=lambda choice: choice.label.lower())


def _seconds(fields: Mapping[str, str]) -> float:
    try:
        return float(fields.get("for_s", ""))
    except ValueError:
        raise Problem(422, _("Choose for how long.")) from None


def _shelve(fields: Mapping[str, str]) -> Act:
    seconds = _seconds(fields)
    return lambda desk, number, by, at: desk.shelve(number, at + seconds, by, at)


def _comment(fields: Mapping[str, str]) -> Act:
    text = fields.get("text", "")
    return lambda desk, number, by, at: desk.comment(number, text, by, at)


_ACTS: Mapping[str, Callable[[Mapping[str, str]], Act]] = {
    "acknowledge": lambda _fields: AlarmDesk.acknowledge,
    "unacknowledge": lambda _fields: AlarmDesk.unacknowledge,
    "shelve": _shelve,
    "unshelve": lambda _fields: AlarmDesk.unshelve,
    "comment": _comment,
}
