"""The API of notes, exchange and search."""

from aiohttp import web

from webmanager.engine.battery_notes import Note
from webmanager.web.accounts.roles import Role
from webmanager.web.batteries import answers as said
from webmanager.web.batteries import desk
from webmanager.web.guard.address import address_in
from webmanager.web.guard.bodies import read_json
from webmanager.web.guard.route import V1, ApiRoute
from webmanager.web.http.answer import answer
from webmanager.web.http.query import only
from webmanager.web.site.site import SITE, Site
from webmanager.web.texts.figures import iso


async def note(request: web.Request) -> web.Response:
    """The note of one battery."""
    site, address = request.app[SITE], address_in(request)
    return answer(_object(site, address, site.notes.of(address)))


async def write_note(request: web.Request) -> web.Response:
    """Another note for one battery."""
    site, address = request.app[SITE], address_in(request)
    body = await read_json(request, said.NoteBody)
    return answer(_object(site, address, desk.write_note(request, address, body.text, body.installed_on, body.label)))


async def exchange(request: web.Request) -> web.Response:
    """A battery was exchanged."""
    site, address = request.app[SITE], address_in(request)
    body = await read_json(request, said.ExchangeBody)
    return answer(_object(site, address, desk.exchange(request, address, body.installed_on)))


async def search(request: web.Request) -> web.Response:
    """Batteries by name, string, address or note."""
    site = request.app[SITE]
    only(request.query, {"q"})
    addresses = desk.found(site, request.query.get("q", ""))
    installation = site.board.installation
    rows = [
        {
            "address": address,
            "name": installation.names[address - 1],
            "string": int(installation.string_of[address - 1]),
            "label": site.notes.of(address).label,
            "text": site.notes.of(address).text,
        }
        for address in addresses[: desk.MOST_FOUND]
    ]
    return answer({"batteries": rows, "total": len(addresses)})


def _object(site: Site, address: int, one: Note) -> dict[str, object]:
    return {
        "address": address,
        "name": site.board.installation.names[address - 1],
        "label": one.label,
        "text": one.text,
        "installed_on": one.installed_on.isoformat() if one.installed_on else None,
        "exchanges": [{"at": iso(each.at), "by": each.by} for each in one.exchanges],
    }


_ONE = f"{V1}/modules/{{address}}"
BATTERY_ROUTES: tuple[ApiRoute, ...] = (
    ApiRoute("GET", f"{_ONE}/note", note, Role.VIEWER, "The note of a battery", said.NoteAnswer),
    ApiRoute("PUT", f"{_ONE}/note", write_note, Role.OPERATOR, "Write a note", said.NoteAnswer, said.NoteBody),
    ApiRoute(
        "POST", f"{_ONE}/exchange", exchange, Role.OPERATOR, "It was exchanged", said.NoteAnswer, said.ExchangeBody
    ),
    ApiRoute(
        "GET",
        f"{V1}/search",
        search,
        Role.VIEWER,
        "Find batteries",
        said.FoundBatteries,
        query={"q": "a name (S3-17), a string (S3), an address, or words of a label or note"},
    ),
)
