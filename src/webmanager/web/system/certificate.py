"""The certificate over the API and on its page: seen, replaced by an own one, taken back."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from pydantic import Field

from webmanager.domain.errors import ConfigError
from webmanager.settings.certificates import LARGEST_BYTES, Certificate, CertificateStore
from webmanager.web.accounts import audit
from webmanager.web.accounts.roles import Role
from webmanager.web.frame.page import for_people, own_form, render
from webmanager.web.frame.shell import shell
from webmanager.web.frame.views import Shell
from webmanager.web.guard.access import security_of
from webmanager.web.guard.auth import CALLER
from webmanager.web.guard.bodies import read_json
from webmanager.web.guard.route import V1, ApiRoute
from webmanager.web.http.answer import answer
from webmanager.web.http.models import Answer, Body
from webmanager.web.http.problem import Problem, field_errors, refused
from webmanager.web.site.site import SITE
from webmanager.web.texts.figures import iso, moment
from webmanager.web.texts.wordbook import Words

PATH = "/settings/certificate"
_DONE = Words({"replaced": "The certificate is in use.", "reverted": "The device uses its own certificate again."})


class CertificateAnswer(Answer):
    """The certificate in use; `own` was made by the device itself, so browsers warn of it."""

    own: bool
    subject: str
    issuer: str
    names: list[str]
    not_before: str = Field(json_schema_extra={"format": "date-time"})
    not_after: str = Field(json_schema_extra={"format": "date-time"})
    sha256: str
    https_port: int | None = Field(description="null while HTTPS is off")


class CertificateBody(Body):
    """An own certificate with its key, both PEM; issuers behind the own one."""

    certificate: str = Field(max_length=LARGEST_BYTES)
    key: str = Field(max_length=LARGEST_BYTES)


@dataclass(frozen=True, slots=True)
class CertificateView:
    """The page *Certificate*; `errors` by field."""

    shell: Shell
    shown: Certificate
    begins: str
    ends: str
    https_port: int
    redirects: bool
    said: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    typed: str = ""


async def certificate(request: web.Request) -> web.Response:
    """The certificate in use."""
    return answer(_object(request, await _shown(request)))


async def replace(request: web.Request) -> web.Response:
    """An own certificate."""
    body = await read_json(request, CertificateBody)
    return answer(_object(request, await _replace(request, body.certificate, body.key)))


async def revert(request: web.Request) -> web.Response:
    """Back to the device's own."""
    await _revert(request)
    return web.Response(status=204)


async def page(request: web.Request) -> web.Response:
    """The certificate, and a form for another one."""
    return await _page(request, said=_DONE[done] if (done := request.query.get("done", "")) in _DONE else "")


async def act(request: web.Request) -> web.Response:
    """Takes the form: back to the page, or the page with what is wrong."""
    fields = await own_form(request)
    if fields.get("action") == "revert":
        await _revert(request)
        return web.Response(status=303, headers={"Location": f"{PATH}?done=reverted"})
    given = fields.get("certificate", "")
    try:
        await _replace(request, given, fields.get("key", ""))
    except Problem as problem:
        if problem.status != 422:
            raise
        return await _page(request, errors=field_errors(problem), typed=given[:LARGEST_BYTES], status=422)
    return web.Response(status=303, headers={"Location": f"{PATH}?done=replaced"})


def add_certificate_pages(app: web.Application) -> None:
    """Puts the page into an application."""
    app.router.add_get(PATH, for_people(page, role=Role.ADMIN))
    app.router.add_post(PATH, for_people(act, role=Role.ADMIN))


CERTIFICATE_ROUTES: tuple[ApiRoute, ...] = (
    ApiRoute("GET", f"{V1}/certificate", certificate, Role.ADMIN, "The certificate", CertificateAnswer),
    ApiRoute("PUT", f"{V1}/certificate", replace, Role.ADMIN, "Use an own one", CertificateAnswer, CertificateBody),
    ApiRoute("DELETE", f"{V1}/certificate", revert, Role.ADMIN, "Back to the device's own"),
)


def _store(request: web.Request) -> CertificateStore:
    store = request.app[SITE].parts.certificates
    if store is None:
        raise Problem(404, "this device has no certificate")
    return store


async def _shown(request: web.Request) -> Certificate:
    store = _store(request)
    try:
        return await asyncio.to_thread(store.shown)
    except ConfigError:
        await asyncio.to_thread(store.open)
        return await asyncio.to_thread(store.shown)


async def _replace(request: web.Request, given: str, key: str) -> Certificate:
    try:
        shown = await asyncio.to_thread(_store(request).replace, given, key)
    except ConfigError as error:
        raise refused("key" if str(error).startswith("key:") else "certificate", str(error)) from None
    names = ", ".join(shown.names[:3])
    _note(request, f"A certificate for {names} was uploaded.")
    return shown


async def _revert(request: web.Request) -> None:
    await asyncio.to_thread(_store(request).revert)
    _note(request, "The uploaded certificate was removed.")


def _note(request: web.Request, text: str) -> None:
    request.app[SITE].audit.note(audit.CERTIFICATE, text, request[CALLER].by)


def _object(request: web.Request, shown: Certificate) -> dict[str, Any]:
    return {
        "own": shown.is_own,
        "subject": shown.subject,
        "issuer": shown.issuer,
        "names": list(shown.names),
        "not_before": iso(shown.not_before),
        "not_after": iso(shown.not_after),
        "sha256": shown.sha256,
        "https_port": request.app[SITE].https_port() or None,
    }


async def _page(
    request: web.Request, *, said: str = "", errors: dict[str, str] | None = None, typed: str = "", status: int = 200
) -> web.Response:
    shown = await _shown(request)
    view = CertificateView(
        shell=shell(request, "certificate"),
        shown=shown,
        begins=moment(shown.not_before),
        ends=moment(shown.not_after),
        https_port=request.app[SITE].https_port(),
        redirects=security_of(request).redirect,
        said=said,
        errors=errors or {},
        typed=typed,
    )
    return render(request, "certificate.html", view, status)
