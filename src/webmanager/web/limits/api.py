"""The JSON API about limits: the whole table, and a trial against stored history; changes go through the settings."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from webmanager.domain.errors import ConfigError
from webmanager.domain.limits import ROWS, LimitRow, Limits, limits_of
from webmanager.settings.limits_model import LimitValues
from webmanager.web.alarms.api import desk_of
from webmanager.web.guard.bodies import read_json
from webmanager.web.http.answer import answer
from webmanager.web.http.query import refused
from webmanager.web.limits.answers import TrialBody
from webmanager.web.limits.trial import SPANS, TRIAL, trial_object
from webmanager.web.site.site import SITE, Site


async def limits(request: web.Request) -> web.Response:
    """Every kind of alarm with its default and what is in force."""
    in_force = desk_of(request.app[SITE]).limits
    return answer({"limits": [limit_object(row, in_force) for row in ROWS.values()]})


async def start_trial(request: web.Request) -> web.Response:
    """Begins a trial of limits; how far it is comes with GET."""
    site, body = request.app[SITE], await read_json(request, TrialBody)
    begin_trial(request.app, site, tried_limits(body.kinds), body.days)
    return answer(trial_object(request.app[TRIAL]))


async def trial(request: web.Request) -> web.Response:
    """How far the trial is, and what has come out."""
    desk_of(request.app[SITE])
    return answer(trial_object(request.app[TRIAL]))


def begin_trial(app: web.Application, site: Site, new: Limits, days: int) -> None:
    """Begins a trial; Problem 409 while one runs, 422 for other days, 503 where nothing is stored."""
    if days not in SPANS:
        raise refused("days", f"{days} is not allowed: {', '.join(map(str, SPANS))}")
    old, installation = desk_of(site).limits, site.board.installation
    app[TRIAL].start(site.history.reader, installation, new, old, site.clock.now(), days)


def tried_limits(kinds: Mapping[str, LimitValues]) -> Limits:
    """Changes as limits; Problem 422 if they do not fit each other."""
    try:
        return limits_of({kind: values.to_domain() for kind, values in kinds.items()})
    except ConfigError as error:
        raise refused("kinds", str(error)) from None


def limit_object(row: LimitRow, in_force: Limits) -> dict[str, Any]:
    """One kind of alarm."""
    pattern = ROWS[row.like] if row.like else row
    tiers = in_force.of(row.kind)
    gap = abs(tiers[0].raise_at - tiers[0].clear_at) if tiers else pattern.gap
    default = {severity.word: value for severity, value in pattern.tiers().items()}
    now = {tier.severity.word: tier.raise_at for tier in tiers}
    none = dict.fromkeys(("notice", "warning", "alarm"))
    return {
        "kind": row.kind,
        "label": row.label,
        "quantity": row.quantity.value,
        "unit": row.unit,
        "per": row.per,
        "is_high": row.is_high,
        "least": None if row.is_yes_or_no else pattern.tunable[0],
        "greatest": None if row.is_yes_or_no else pattern.tunable[1],
        "hold_unit": row.hold_unit,
        "default": none | default,
        "default_gap": pattern.gap,
        "default_hold": float(pattern.hold),
        "in_force": none | now,
        "gap": round(gap, 6),
        "hold": float(tiers[0].hold if tiers else pattern.hold),
        "like": row.like,
    }
