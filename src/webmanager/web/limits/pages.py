"""The pages Limits and Jobs: the table of limits with its trial, and the receivers with a test of each job."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from webmanager.domain.events import Delivery
from webmanager.engine.notify_ports import QueueStatus
from webmanager.language.spoken import gettext as _
from webmanager.language.spoken import sentence
from webmanager.settings.desk import SettingsDesk
from webmanager.settings.jobs_model import JobSettings
from webmanager.settings.mistakes import SettingsError
from webmanager.web.accounts.roles import Role
from webmanager.web.alarms.api import desk_of
from webmanager.web.alarms.views import DeliveryView, Place, delivery_view
from webmanager.web.frame.page import for_people, own_form, render
from webmanager.web.frame.shell import shell
from webmanager.web.frame.views import Shell
from webmanager.web.guard.auth import CALLER
from webmanager.web.http.problem import Problem
from webmanager.web.limits.api import begin_trial
from webmanager.web.limits.jobs_api import jobs_of, tested
from webmanager.web.limits.trial import SPANS, TRIAL, LimitsTrial
from webmanager.web.limits.views import LimitsView, groups_of, kinds_from, trial_view
from webmanager.web.settings.api import save_now
from webmanager.web.site.site import SITE, Site
from webmanager.web.texts import words

LIMITS, JOBS = "/settings/limits", "/jobs"
USUAL_DAYS = 30


@dataclass(frozen=True, slots=True)
class JobView:
    """One job in words."""

    name: str
    is_on: bool
    to: str
    on: str
    when: str


@dataclass(frozen=True, slots=True)
class JobsView:
    """The page *Jobs*: `tested` is the job that was tried out just now, with what came of it."""

    shell: Shell
    jobs: Sequence[JobView]
    queues: Sequence[QueueStatus]
    tested: str
    deliveries: Sequence[DeliveryView]
    may_change: bool


async def limits(request: web.Request) -> web.Response:
    """The table."""
    return _limits(request, said=words.LIMITS.get(request.query.get("done", ""), ""))


async def change_limits(request: web.Request) -> web.Response:
    """Takes the table: tries it, puts it in force, or saves what is in force."""
    typed, site = await own_form(request), request.app[SITE]
    settings, by = _settings_of(site), request[CALLER].user.name
    if typed.get("action") == "save":
        await save_now(site, by)
        raise web.HTTPSeeOther(f"{LIMITS}?done=saved")
    tables = {"kinds": kinds_from(typed)}
    try:
        if typed.get("action") == "try":
            return await _tried(request, settings, tables, typed)
        settings.apply("limits", tables, by, site.clock.now())
    except SettingsError as error:
        return _limits(request, typed=typed, errors=error.errors, status=422)
    raise web.HTTPSeeOther(f"{LIMITS}?done=applied")


async def jobs(request: web.Request) -> web.Response:
    """The jobs, and what has become of their messages."""
    return _jobs(request)


async def test_job(request: web.Request) -> web.Response:
    """Tries one job out and shows what came of it."""
    fields = await own_form(request)
    name = fields.get("name", "")
    return _jobs(request, name, await tested(request.app[SITE], name))


def add_limits_pages(app: web.Application) -> None:
    """Puts the pages into an application, with the one trial of limits."""
    trial = app[TRIAL] = LimitsTrial()

    async def close(_: web.Application) -> None:
        await trial.close()

    app.on_shutdown.append(close)
    app.router.add_get(LIMITS, for_people(limits))
    app.router.add_post(LIMITS, for_people(change_limits, role=Role.ADMIN))
    app.router.add_get(JOBS, for_people(jobs))
    app.router.add_post(JOBS, for_people(test_job, role=Role.OPERATOR))


async def _tried(
    request: web.Request, settings: SettingsDesk, tables: Mapping[str, Any], typed: Mapping[str, str]
) -> web.Response:
    """Waits for the trial of what was typed: without scripts the page comes when it has ended."""
    new = settings.check("limits", tables).limits.to_domain()
    days = typed.get("days", "")
    begin_trial(request.app, request.app[SITE], new, int(days) if days.isdigit() else 0)
    trial = request.app[TRIAL]
    await trial.wait()
    return _limits(request, typed=typed, error=trial.error, has_trial=True)


def _limits(
    request: web.Request,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Sequence[tuple[str, str]] = (),
    error: str = "",
    said: str = "",
    status: int = 200,
    has_trial: bool = False,
) -> web.Response:
    site, typed = request.app[SITE], typed or {}
    settings, trial = _settings_of(site), request.app[TRIAL]
    frame, days = shell(request, "settings"), typed.get("days", "")
    view = LimitsView(
        shell=frame,
        groups=groups_of(desk_of(site).limits, typed, _by_kind(errors)),
        days=tuple(SPANS),
        chosen_days=int(days) if days.isdigit() and int(days) in SPANS else USUAL_DAYS,
        trial=trial_view(trial.outcome) if has_trial and trial.outcome is not None else None,
        unsaved=any(path.split(".")[0] == "limits" for path in settings.unsaved()),
        may_change=request[CALLER].user.role >= Role.ADMIN,
        error=error or "; ".join(sentence(reason) for _path, reason in errors),
        said=said,
    )
    return render(request, "limits.html", view, status)


def _by_kind(errors: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Mistakes at the kind they name: by their path, `limits.kinds.KIND...`, or in the text, `limit KIND: ...`."""
    found: dict[str, str] = {}
    for path, reason in errors:
        parts = path.split(".")
        named = reason.partition("limit ")[2].split(":")[0].split(" ")[0]
        found[parts[2] if len(parts) > 2 else named] = sentence(reason)
    return found


def _jobs(request: web.Request, name: str = "", deliveries: Sequence[Delivery] = ()) -> web.Response:
    site = request.app[SITE]
    known = site.parts.settings.applied.notify.jobs if site.parts.settings is not None else ()
    place = Place(site.clock.now(), site.zone, site.board.installation)
    frame = shell(request, "settings")
    view = JobsView(
        shell=frame,
        jobs=[_job(one) for one in known],
        queues=[replace(one, type=words.WAYS.get(one.type, one.type)) for one in jobs_of(site).queues()],
        tested=name,
        deliveries=[delivery_view(one, place) for one in deliveries],
        may_change=request[CALLER].user.role >= Role.ADMIN,
    )
    return render(request, "jobs.html", view)


def _job(job: JobSettings) -> JobView:
    kinds = ", ".join(job.kinds) or _("everything")
    on = _("{kinds}, at least {severity}").format(kinds=kinds, severity=words.SEVERITIES[job.least_severity])
    if job.strings:
        on = _("{events}, strings {numbers}").format(events=on, numbers=", ".join(map(str, job.strings)))
    seconds = f" ({job.seconds:g} s)" if job.seconds else ""
    return JobView(
        name=job.name,
        is_on=job.enabled,
        to=", ".join(job.to),
        on=on,
        when=f"{words.TIMINGS[job.when]}{seconds}",
    )


def _settings_of(site: Site) -> SettingsDesk:
    if site.parts.settings is None:
        raise Problem(404, "this device has no settings to change")
    return site.parts.settings
