"""The JSON API about what is stored: curves, files, archives, and how the store is."""

import asyncio
import json
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, get_args

from aiohttp import web

from webmanager.domain.errors import StoreError
from webmanager.domain.installation import Installation
from webmanager.domain.reading import Floats
from webmanager.engine.history_ports import FileEntry, HistoryQuantity, HistoryReader, Selection, Series, StoreStatus
from webmanager.web.guard.bodies import read_json
from webmanager.web.history.answers import ArchiveBody
from webmanager.web.http.answer import answer
from webmanager.web.http.problem import Problem
from webmanager.web.http.query import moment_in, only, refused, whole
from webmanager.web.site.site import SITE
from webmanager.web.texts.figures import iso

MOST_POINTS, USUAL_POINTS = 100_000, 1000
CHUNK_BYTES = 256 * 1024
SLOW_CLIENT_S = 30.0
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
TYPES = {".csv": "text/csv", ".json": "application/json", ".img": "application/octet-stream"}
OF_BATTERY: tuple[HistoryQuantity, ...] = ("voltage", "temperature", "ri", "equalizing")
UNITS: Mapping[HistoryQuantity, tuple[str, int]] = {
    "voltage": ("V", 4),
    "temperature": ("degC", 2),
    "ri": ("mOhm", 4),
    "equalizing": ("%", 2),
    "current": ("A", 3),
}
"""Unit of each quantity, and the decimals of its figures: one more than is stored, as points are means of several."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for a curve, checked."""

    selection: Selection
    from_s: float | None
    to_s: float | None
    points: int


async def history(request: web.Request) -> web.Response:
    """One curve: a battery's quantity or a string's current."""
    site = request.app[SITE]
    asked = asked_for(request.query, site.board.installation)
    body = await site.history.read(partial(_curve, site.history.reader, asked, site.board.installation))
    response = web.Response(body=body, content_type="application/json")
    response.enable_compression()
    return response


async def storage(request: web.Request) -> web.Response:
    """How the store is."""
    status = await request.app[SITE].history.status()
    if status is None:
        raise Problem(503, "nothing is stored on this device")
    return answer(storage_object(status))


async def files(request: web.Request) -> web.Response:
    """Every file there is; checksums that are not known yet are null and come with one of the next requests."""
    desk = request.app[SITE].history
    entries = await desk.read(desk.shelf.files)
    return answer({"files": [_file(entry) for entry in entries]})


async def file(request: web.Request) -> web.Response:
    """One file; `decimal=comma` writes numbers as spreadsheets of some countries want them."""
    desk, name = request.app[SITE].history, _name(request.match_info["name"])
    decimal = request.query.get("decimal", "point")
    if decimal not in {"point", "comma"}:
        raise refused("decimal", f"{decimal[:32]!r} is not allowed: point or comma")
    shelf = desk.shelf

    def content() -> bytes | None:
        try:
            return shelf.read_file(name, decimal_comma=decimal == "comma")
        except StoreError:
            return None

    body = await desk.read(content)
    if body is None:
        raise Problem(404, f"there is no file {name!r}")
    kind = TYPES.get(Path(name).suffix, "application/octet-stream")
    return web.Response(body=body, content_type=kind, headers=_as_download(name))


async def archive(request: web.Request) -> web.StreamResponse:
    """Files as one ZIP with a manifest of their SHA-256; made on the disk, sent in pieces, then removed."""
    desk = request.app[SITE].history
    asked = await read_json(request, ArchiveBody)
    names, shelf = [_name(name) for name in asked.names], desk.shelf
    async with desk.archiving():
        with tempfile.TemporaryDirectory(prefix="webmanager-") as folder:
            path = Path(folder) / "archive.zip"
            try:
                await asyncio.to_thread(shelf.write_archive, names, path)
            except StoreError as error:
                raise refused("names", str(error)) from None
            return await _send(request, path, f"archive_{datetime.now(UTC):%d_%m_%Y_%H%M}.zip")


def asked_for(query: Mapping[str, str], installation: Installation) -> Asked:
    """The curve a query asks for; Problem 422 with field and reason."""
    only(query, {"address", "string", "quantity", "from", "to", "points"})
    if ("address" in query) == ("string" in query):
        raise refused("address", "give either the address of a battery or the number of a string")
    from_s, to_s = moment_in(query, "from"), moment_in(query, "to")
    if from_s is not None and to_s is not None and from_s >= to_s:
        raise refused("to", "must be after from")
    points = whole(query.get("points", str(USUAL_POINTS)), "points", MOST_POINTS)
    return Asked(_selection(query, installation), from_s, to_s, points)


def storage_object(status: StoreStatus) -> dict[str, Any]:
    """The members of `GET /api/v1/storage`."""
    return {
        "state": status.state,
        "text": status.text,
        "bytes": status.bytes,
        "free_bytes": status.free_bytes,
        "tiers": [{"name": tier.name, "days": round(tier.days, 2), "sectors": tier.sectors} for tier in status.tiers],
        "erases": {
            "least": status.erases_least,
            "mean": round(status.erases_mean, 2),
            "most": status.erases_most,
        },
        "retired_sectors": status.retired_sectors,
        "projected_years": round(status.projected_years, 1) if status.projected_years is not None else None,
        "rows": status.rows,
        "rows_dropped": status.rows_dropped,
        "events_dropped": status.events_dropped,
        "write_errors": status.write_errors,
        "unreadable": status.unreadable,
    }


def _selection(query: Mapping[str, str], installation: Installation) -> Selection:
    if "string" in query:
        if query.get("quantity", "current") != "current":
            raise refused("quantity", f"{query['quantity'][:32]!r} is not stored of a string: current")
        return Selection("current", whole(query["string"], "string", installation.strings))
    wanted = query.get("quantity", "voltage")
    found = [quantity for quantity in get_args(HistoryQuantity) if quantity == wanted and quantity in OF_BATTERY]
    if not found:
        raise refused("quantity", f"{wanted[:32]!r} is not stored of a battery: {', '.join(OF_BATTERY)}")
    return Selection(found[0], whole(query["address"], "address", installation.modules))


def _curve(reader: HistoryReader, asked: Asked, installation: Installation) -> bytes:
    """The answer as bytes: for many points making the text takes longer than reading them."""
    chosen = asked.selection
    series = reader.query(chosen, asked.from_s, asked.to_s, asked.points)
    unit, digits = UNITS[chosen.quantity]
    of_string = chosen.quantity == "current"
    head = {
        "string" if of_string else "address": chosen.number,
        "name": f"S{chosen.number}" if of_string else installation.names[chosen.number - 1],
        "quantity": chosen.quantity,
        "unit": unit,
    }
    return json.dumps(head | _arrays(series, digits), separators=(",", ":"), allow_nan=False).encode()


def _arrays(series: Series, digits: int) -> dict[str, Any]:
    return {
        "resolution_s": series.resolution_s,
        "t": series.t.astype(int).tolist(),
        "min": _numbers(series.minimum, digits),
        "mean": _numbers(series.mean, digits),
        "max": _numbers(series.maximum, digits),
    }


def _numbers(values: Floats, digits: int) -> list[float | None]:
    rounded: list[float | None] = values.round(digits).tolist()
    for index in [at for at, value in enumerate(rounded) if value != value]:  # noqa: PLR0124 - NaN alone is not itself
        rounded[index] = None
    return rounded


def _file(entry: FileEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "bytes": entry.bytes,
        "sha256": entry.sha256,
        "from": iso(entry.from_s),
        "to": iso(entry.to_s),
    }


async def _send(request: web.Request, path: Path, name: str) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/zip", **_as_download(name)})
    response.content_length = (await asyncio.to_thread(path.stat)).st_size
    await response.prepare(request)
    with path.open("rb") as source:
        while piece := await asyncio.to_thread(source.read, CHUNK_BYTES):
            async with asyncio.timeout(SLOW_CLIENT_S):
                await response.write(piece)
    await response.write_eof()
    return response


def _as_download(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _name(text: str) -> str:
    if not FILE_NAME.fullmatch(text):
        raise Problem(404, f"there is no file {text[:64]!r}")
    return text
