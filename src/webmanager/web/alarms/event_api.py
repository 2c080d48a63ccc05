"""The JSON API about the event log, and the log as a table for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import UTC, tzinfo
from functools import partial
from typing import get_args

from aiohttp import web

from webmanager.domain.events import Change, Severity
from webmanager.domain.installation import Installation
from webmanager.settings.jobs_model import ChangeWord
from webmanager.web.alarms.answers import SeverityWord
from webmanager.web.alarms.event_log import Logged, Wanted, place_in, read_log
from webmanager.web.alarms.objects import logged_object
from webmanager.web.http.answer import answer
from webmanager.web.http.query import moment_in, only, refused, whole
from webmanager.web.site.site import SITE, Site
from webmanager.web.texts.figures import iso

USUAL, MOST = 100, 10_000
COLUMNS = ("time", "kind", "change", "severity", "source", "value", "limit", "unit", "text", "advice", "by", "alarm",
           "messages")  # fmt: skip
_NAMES = ("from", "to", "limit", "kind", "severity", "change", "source", "alarm")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


async def events(request: web.Request) -> web.Response:
    """The log, newest first."""
    site = request.app[SITE]
    log = await log_of(site, wanted_by(request.query, site.board.installation))
    return answer({"events": [logged_object(entry) for entry in log]})


async def events_csv(request: web.Request) -> web.Response:
    """The log as a table: separated by semicolons, times in UTC."""
    site = request.app[SITE]
    log = await log_of(site, wanted_by(request.query, site.board.installation, usual=MOST))
    name = f"events_{iso(site.clock.now())[:10]}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    response = web.Response(text=csv_of(log), content_type="text/csv", headers=headers)
    response.enable_compression()
    return response


async def log_of(site: Site, wanted: Wanted) -> list[Logged]:
    """Reads the log; Problem 503 where nothing can be read."""
    return await site.history.read(partial(read_log, site.history.reader, wanted))


def wanted_by(
    query: Mapping[str, str], installation: Installation, *, usual: int = USUAL, zone: tzinfo = UTC
) -> Wanted:
    """The events a query asks for; Problem 422 with field and reason. Times without a zone are in `zone`."""
    only(query, _NAMES)
    from_s, to_s = moment_in(query, "from", zone), moment_in(query, "to", zone)
    if from_s is not None and to_s is not None and from_s >= to_s:
        raise refused("to", "must be after from")
    severity = _one_of(query, "severity", get_args(SeverityWord))
    change = _one_of(query, "change", get_args(ChangeWord))
    source, alarm = query.get("source", "").strip()[:64], query.get("alarm", "")
    return Wanted(
        limit=whole(query.get("limit") or str(usual), "limit", MOST),
        from_s=from_s,
        to_s=to_s,
        kind=query.get("kind", "").strip()[:64],
        severity=Severity[severity.upper()] if severity else Severity.NOTICE,
        change=Change(change) if change else None,
        alarm=whole(alarm, "alarm", 10**9) if alarm else None,
        **(place_in(installation, source) if source else {}),
    )


def csv_of(log: Iterable[Logged]) -> str:
    """The log as CSV; a text that a spreadsheet would take for a formula is marked as text."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(COLUMNS)
    for entry in log:
        event = entry.event
        messages = [f"{one.job} to {one.target}: {one.result} ({one.proof})" for one in entry.deliveries]
        cells = [iso(event.at), event.kind, event.change.value, event.severity.word, event.source.name]
        cells += ["" if value is None else f"{value:.10g}" for value in (event.value, event.limit)]
        texts = [event.unit, event.text, event.advice, event.by or "", str(event.alarm or ""), " | ".join(messages)]
        writer.writerow([*cells, *(f"'{text}" if text.startswith(_FORMULA) else text for text in texts)])
    return out.getvalue()


def _one_of(query: Mapping[str, str], field: str, allowed: tuple[str, ...]) -> str:
    word = query.get(field, "")
    if word and word not in allowed:
        raise refused(field, f"{word[:32]!r} is not known: {', '.join(allowed)}")
    return word
