"""Notes, search and exchange of batteries: what page and API have in common."""

import re
from datetime import UTC, date, datetime

from aiohttp import web

from webmanager.engine.battery_notes import Note
from webmanager.web.guard.auth import CALLER
from webmanager.web.http.problem import Problem, refused
from webmanager.web.site.site import SITE, Site

MOST_FOUND = 100
LONGEST_QUERY = 100
EARLIEST = date(1970, 1, 1)


def found(site: Site, query: str) -> list[int]:
    """Addresses of the batteries that a text means: a name, `S3`, an address, or words of a label or note."""
    installation, text = site.board.installation, query.strip()[:LONGEST_QUERY].lower()
    if not text:
        return []
    names = {name.lower(): address for address, name in enumerate(installation.names, 1)}
    if text in names:
        return [names[text]]
    string = re.fullmatch(r"(?:s|string |strang )(\d{1,2})", text)
    if string and 1 <= int(string[1]) <= installation.strings:
        return list(installation.addresses_of(int(string[1])))
    exact = [int(text)] if text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= installation.modules else []
    partly = [address for name, address in names.items() if text in name] if not text.isdigit() else []
    noted = [address for address, note in site.notes.all.items() if text in f"{note.label} {note.text}".lower()]
    return list(dict.fromkeys([*exact, *partly, *sorted(address for address in noted if address <= len(names))]))


def write_note(request: web.Request, address: int, text: str, day: str | None, label: str) -> Note:
    """Keeps another note; Problem 422 for a day that cannot be."""
    site = request.app[SITE]
    return site.notes.write(address, text, _day(site, day), label)


def exchange(request: web.Request, address: int, day: str | None) -> Note:
    """A battery was exchanged: a new baseline, what was wrong is over, the old note ends; who did it is logged."""
    site, by = request.app[SITE], request[CALLER].by
    installed_on = _day(site, day) or today(site)
    now = site.clock.now()
    if site.parts.alarms is not None:
        site.parts.alarms.exchanged(address, by, now)
    return site.notes.exchange(address, by, now, installed_on)


def address_of(site: Site, name: str) -> int:
    """The address of a battery by its name; Problem 404 if there is none."""
    names = site.board.installation.names
    if name.upper() not in names:
        raise Problem(404, f"there is no battery {name[:32]!r}")
    return names.index(name.upper()) + 1


def today(site: Site) -> date:
    """The day of the device, UTC."""
    return datetime.fromtimestamp(site.clock.now(), UTC).date()


def _day(site: Site, text: str | None) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise refused("installed_on", f"{text[:32]!r} is no day: as 2026-05-31") from None
    if not EARLIEST <= day <= today(site):
        raise refused("installed_on", "the day lies in the future or before 1970")
    return day
