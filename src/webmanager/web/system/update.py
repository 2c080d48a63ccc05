"""Firmware update: version, history, a look at the index, a verified package laid out. Nothing is installed."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from aiohttp import web
from aiohttp.multipart import BodyPartReader
from pydantic import Field

from webmanager import __version__
from webmanager.domain.errors import ConfigError, DeliveryError, WebmanagerError
from webmanager.engine.update_ports import Staged, UpdateDesk
from webmanager.language.spoken import sentence
from webmanager.web.accounts import audit
from webmanager.web.accounts.roles import Role
from webmanager.web.frame.page import for_people, own_form, render
from webmanager.web.frame.shell import shell
from webmanager.web.frame.views import Shell
from webmanager.web.guard.auth import CALLER, CSRF_FIELD, require_token
from webmanager.web.guard.route import V1, ApiRoute
from webmanager.web.http.answer import answer
from webmanager.web.http.models import Answer
from webmanager.web.http.problem import Problem
from webmanager.web.site.site import SITE, Site
from webmanager.web.system.changelog import VersionView, changelog, history
from webmanager.web.texts.figures import iso, moment
from webmanager.web.texts.wordbook import Words

PATH = "/update"
LARGEST_BYTES = 64 * 1024 * 1024
LONGEST_FIELD = 4096
UPLOAD_S = 300.0
_DONE = Words(
    {
        "checked": "The index was asked.",
        "staged": "The package was verified and laid out.",
        "discarded": "The package was removed.",
    }
)


class NewerAnswer(Answer):
    """A newer version as the index tells it."""

    version: str
    bytes: int
    notes: str


class StagedAnswer(Answer):
    """A verified package that waits for its installation."""

    version: str
    file: str
    sha256: str
    staged_at: str = Field(json_schema_extra={"format": "date-time"})


class UpdateAnswer(Answer):
    """`obstacle` says why no package can be verified; `newer` is null where there is none or nobody has asked."""

    version: str
    obstacle: str
    has_index: bool
    checked_at: str | None = Field(json_schema_extra={"format": "date-time"})
    newer: NewerAnswer | None
    staged: StagedAnswer | None


@dataclass(frozen=True, slots=True)
class UpdateView:
    """The page; `checked` is empty before the first look, `newer` where there is no newer version."""

    shell: Shell
    version: str
    history: Sequence[VersionView]
    may_act: bool
    obstacle: str
    has_index: bool
    checked: str
    newer: str
    notes: str
    staged: Staged | None
    staged_at: str
    said: str
    trouble: str


async def page(request: web.Request) -> web.Response:
    """The page."""
    return _page(request, said=_DONE[done] if (done := request.query.get("done", "")) in _DONE else "")


async def act(request: web.Request) -> web.Response:
    """Takes a form: asks the index, fetches, or removes what waits."""
    action = (await own_form(request)).get("action", "")
    if action not in _ACTIONS:
        raise Problem(422, f"action {action[:32]!r} is not known: {', '.join(_ACTIONS)}")
    return await _tried(request, _ACTIONS[action](request), {"check": "checked", "fetch": "staged"}.get(action))


async def upload_by_form(request: web.Request) -> web.Response:
    """Takes a package and its signature from a form of our own page."""
    return await _tried(request, _from_form(request), "staged")


async def state(request: web.Request) -> web.Response:
    """Version, newer version, what waits."""
    return answer(_object(_desk(request)))


async def check(request: web.Request) -> web.Response:
    """Asks the index now."""
    await _reported(_check(request))
    return answer(_object(_desk(request)))


async def fetch(request: web.Request) -> web.Response:
    """Downloads and verifies the newer version."""
    await _reported(_fetch(request))
    return answer(_object(_desk(request)))


async def upload(request: web.Request) -> web.Response:
    """Takes a package as the body; its signature is a parameter."""
    desk, path = _desk(request), _desk(request).incoming()
    try:
        async with asyncio.timeout(UPLOAD_S):
            with path.open("wb") as file:
                received = 0
                async for chunk in request.content.iter_chunked(65536):
                    received += len(chunk)
                    if received > LARGEST_BYTES:
                        raise Problem(413, f"the package is longer than {LARGEST_BYTES} bytes")
                    await asyncio.to_thread(file.write, chunk)
        await _reported(_accept(request, desk.accept(path, request.query.get("signature", "")[:LONGEST_FIELD])))
    except TimeoutError:
        raise Problem(408, "the package did not arrive in time", headers={"Connection": "close"}) from None
    finally:
        path.unlink(missing_ok=True)
    return answer(_object(desk))


async def discard(request: web.Request) -> web.Response:
    """Removes what waits."""
    await _discard(request)
    return web.Response(status=204)


def add_update_pages(app: web.Application) -> None:
    """Puts the page into an application."""
    app.router.add_get(PATH, for_people(page))
    app.router.add_post(PATH, for_people(act, role=Role.ADMIN, by_token=False))
    app.router.add_post(f"{PATH}/package", for_people(upload_by_form, role=Role.ADMIN, by_token=False))


_BASE = f"{V1}/update"
UPDATE_ROUTES: tuple[ApiRoute, ...] = (
    ApiRoute("GET", _BASE, state, Role.VIEWER, "Firmware", UpdateAnswer),
    ApiRoute("POST", f"{_BASE}/check", check, Role.ADMIN, "Look for newer firmware", UpdateAnswer, by_token=False),
    ApiRoute("POST", f"{_BASE}/fetch", fetch, Role.ADMIN, "Fetch and verify it", UpdateAnswer, by_token=False),
    ApiRoute(
        "PUT",
        f"{_BASE}/package",
        upload,
        Role.ADMIN,
        "Verify a package",
        UpdateAnswer,
        by_token=False,
        query={"signature": "Ed25519 signature of the package, base64"},
    ),
    ApiRoute("DELETE", f"{_BASE}/package", discard, Role.ADMIN, "Remove what waits", by_token=False),
)


async def _check(request: web.Request) -> None:
    await _desk(request).check()


async def _fetch(request: web.Request) -> None:
    await _accept(request, _desk(request).fetch())


async def _discard(request: web.Request) -> None:
    await _desk(request).discard()
    request.app[SITE].audit.note(audit.UPDATE, "The update package was removed.", request[CALLER].by)


async def _accept(request: web.Request, accepting: Any) -> None:
    site, by = request.app[SITE], request[CALLER].by
    try:
        staged = await accepting
    except WebmanagerError as error:
        site.audit.note(audit.UPDATE, f"An update package was refused: {error}.", by)
        raise
    site.audit.note(audit.UPDATE, f"The update package {staged.version} was verified and laid out.", by)


_ACTIONS = {"check": _check, "fetch": _fetch, "discard": _discard}


async def _from_form(request: web.Request) -> None:
    """Reads the parts in the order of the form: token, signature, package; the name of the file is never used."""
    if request.content_type != "multipart/form-data":
        raise Problem(415, f"content type {request.content_type} is not understood: a submitted form with a file")
    desk = _desk(request)
    path = desk.incoming()
    fields: dict[str, str] = {}
    session = request[CALLER].session
    try:
        async with asyncio.timeout(UPLOAD_S):
            async for part in await request.multipart():
                if not isinstance(part, BodyPartReader) or len(fields) > 4:
                    raise Problem(400, "the form is not the one of this page")
                if part.name != "package":
                    fields[str(part.name)] = await _field(part)
                    continue
                if session is not None:
                    require_token(session, fields.get(CSRF_FIELD))
                await _to_file(part, path)
        if not path.exists():
            if session is not None:
                require_token(session, fields.get(CSRF_FIELD))
            raise Problem(422, "no package was chosen")
        await _accept(request, desk.accept(path, fields.get("signature", "")))
    except TimeoutError:
        raise Problem(408, "the package did not arrive in time", headers={"Connection": "close"}) from None
    except ValueError:
        raise Problem(400, "the form is not understood") from None
    finally:
        path.unlink(missing_ok=True)


async def _field(part: BodyPartReader) -> str:
    text = bytearray()
    while chunk := await part.read_chunk(LONGEST_FIELD):
        text += chunk
        if len(text) > LONGEST_FIELD:
            raise Problem(413, f"a field of the form is longer than {LONGEST_FIELD} bytes")
    return text.decode("utf-8", "replace")


async def _to_file(part: BodyPartReader, path: Any) -> None:
    received = 0
    with path.open("wb") as file:
        while chunk := await part.read_chunk(65536):
            received += len(chunk)
            if received > LARGEST_BYTES:
                raise Problem(413, f"the package is longer than {LARGEST_BYTES} bytes")
            await asyncio.to_thread(file.write, chunk)


async def _reported(working: Any) -> None:
    """What an update says is wrong, as a problem: 422 for a package, 502 for an index."""
    try:
        await working
    except ConfigError as error:
        raise Problem(422, str(error)) from None
    except DeliveryError as error:
        raise Problem(502, str(error)) from None


async def _tried(request: web.Request, working: Any, done: str | None) -> web.Response:
    """Back to the page, or the page with what is wrong."""
    try:
        await _reported(working)
    except Problem as problem:
        if problem.status not in {413, 422, 502}:
            raise
        return _page(request, trouble=problem.detail, status=problem.status)
    return web.Response(status=303, headers={"Location": f"{PATH}?done={done or 'discarded'}"})


def _desk(request: web.Request) -> UpdateDesk:
    desk = request.app[SITE].parts.update
    if desk is None:
        raise Problem(404, "this device cannot look for firmware")
    return desk


def _object(desk: UpdateDesk) -> Mapping[str, Any]:
    last, staged = desk.last, desk.staged
    newer = last.newer if last else None
    return {
        "version": __version__,
        "obstacle": desk.obstacle,
        "has_index": desk.has_index,
        "checked_at": iso(last.at) if last else None,
        "newer": {"version": newer.version, "bytes": newer.bytes, "notes": newer.notes} if newer else None,
        "staged": {
            "version": staged.version,
            "file": staged.path.name,
            "sha256": staged.sha256,
            "staged_at": iso(staged.at),
        }
        if staged
        else None,
    }


@cache
def _history() -> tuple[VersionView, ...]:
    return tuple(history(changelog()))


def _page(request: web.Request, *, said: str = "", trouble: str = "", status: int = 200) -> web.Response:
    site: Site = request.app[SITE]
    desk = site.parts.update
    last, staged = (desk.last, desk.staged) if desk else (None, None)
    newer = last.newer if last else None
    view = UpdateView(
        shell=shell(request, "update"),
        version=site.config.software_version,
        history=_history(),
        may_act=desk is not None and request[CALLER].user.role is Role.ADMIN,
        obstacle=sentence(desk.obstacle) if desk else "",
        has_index=bool(desk and desk.has_index),
        checked=moment(last.at) if last else "",
        newer=newer.version if newer else "",
        notes=newer.notes if newer else "",
        staged=staged,
        staged_at=moment(staged.at) if staged else "",
        said=said,
        trouble=sentence(trouble),
    )
    return render(request, "update.html", view, status)
