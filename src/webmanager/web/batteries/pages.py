"""The pages about single batteries: search, and note with exchange."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from aiohttp import web

from webmanager.engine.battery_notes import Exchange
from webmanager.web.accounts.roles import Role
from webmanager.web.batteries import desk
from webmanager.web.frame.page import for_people, own_form, render
from webmanager.web.frame.shell import shell
from webmanager.web.frame.views import Shell
from webmanager.web.guard.auth import guarded
from webmanager.web.http.problem import Problem, field_errors
from webmanager.web.site.site import SITE
from webmanager.web.texts.figures import moment


@dataclass(frozen=True, slots=True)
class FoundView:
    """One battery that was found."""

    name: str
    address: int
    text: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class SearchView:
    """The search: what was asked for, what was found, at most 100 of `total`."""

    shell: Shell
    query: str
    found: Sequence[FoundView]
    total: int


@dataclass(frozen=True, slots=True)
class NoteView:
    """Note and exchange of one battery; `errors` by field, `done` says what has just been kept."""

    shell: Shell
    name: str
    address: int
    block: str
    text: str
    installed_on: str
    today: str
    exchanges: Sequence[tuple[str, str]]
    label: str = ""
    done: str = ""
    errors: dict[str, str] = field(default_factory=dict)


async def search(request: web.Request) -> web.Response:
    """Finds batteries; a single one is shown at once."""
    site, query = request.app[SITE], request.query.get("q", "")[: desk.LONGEST_QUERY]
    addresses, names = desk.found(site, query), site.board.installation.names
    if len(addresses) == 1:
        raise web.HTTPSeeOther(f"/?b={names[addresses[0] - 1]}")
    rows = [
        FoundView(names[one - 1], one, site.notes.of(one).text, site.notes.of(one).label)
        for one in addresses[: desk.MOST_FOUND]
    ]
    return render(request, "search.html", SearchView(shell(request, "search"), query, rows, len(addresses)))


async def note(request: web.Request) -> web.Response:
    """The page of a battery's note."""
    return _page(request, done=request.query.get("done", ""))


async def act(request: web.Request) -> web.Response:
    """Takes one of its forms."""
    site, fields = request.app[SITE], await own_form(request)
    name = request.match_info["name"]
    address, day = desk.address_of(site, name), fields.get("installed_on", "")
    action = fields.get("action", "")
    try:
        if action == "exchange":
            desk.exchange(request, address, day)
        elif action == "note":
            desk.write_note(request, address, fields.get("text", ""), day, fields.get("label", ""))
        else:
            raise Problem(422, "this form is not known: reload the page")
    except Problem as problem:
        if problem.status != 422 or not action:
            raise
        errors = {f"{action}.{key}": said for key, said in field_errors(problem, "installed_on").items()}
        return _page(request, errors=errors, typed=fields, status=422)
    return web.Response(status=303, headers={"Location": f"/batteries/{name.upper()}?done={action}"})


def add_battery_pages(app: web.Application) -> None:
    """Puts the pages into an application."""
    app.router.add_get("/search", for_people(search))
    app.router.add_get("/batteries/{name}", for_people(note))
    app.router.add_post("/batteries/{name}", for_people(guarded(act, Role.OPERATOR)))


def _page(
    request: web.Request,
    *,
    done: str = "",
    errors: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> web.Response:
    site = request.app[SITE]
    address = desk.address_of(site, request.match_info["name"])
    kept = site.notes.of(address)
    view = NoteView(
        shell=shell(request, "battery"),
        name=site.board.installation.names[address - 1],
        address=address,
        block=site.board.installation.block.name,
        text=(typed or {}).get("text", kept.text),
        installed_on=(typed or {}).get("installed_on", kept.installed_on.isoformat() if kept.installed_on else ""),
        today=desk.today(site).isoformat(),
        label=(typed or {}).get("label", kept.label),
        exchanges=[_exchange(one) for one in reversed(kept.exchanges)],
        done=done if done in {"note", "exchange"} else "",
        errors=errors or {},
    )
    return render(request, "battery_note.html", view, status)


def _exchange(one: Exchange) -> tuple[str, str]:
    return moment(one.at), one.by
