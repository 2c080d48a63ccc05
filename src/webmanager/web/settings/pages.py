"""The pages of the settings: forms that work without scripts, saving, the history and the exchange of files."""

import urllib.parse
from collections.abc import Sequence

from aiohttp import web

from webmanager.language.spoken import gettext as _
from webmanager.language.spoken import marked, sentence
from webmanager.settings.changes import differences
from webmanager.settings.desk import WAYS_IN, SettingsDesk
from webmanager.settings.mistakes import SettingsError
from webmanager.web.accounts.roles import Role
from webmanager.web.frame.page import for_people, own_form, render
from webmanager.web.frame.shell import shell
from webmanager.web.guard.auth import CALLER
from webmanager.web.guard.session_cookie import set_session_cookie
from webmanager.web.http.problem import Problem
from webmanager.web.settings.api import desk_of, export, restart_now, save_now
from webmanager.web.settings.changes import change_view, lines_of, short_labels
from webmanager.web.settings.form_reading import edited
from webmanager.web.settings.page_form import Typed, form_view, in_force, parts_of, typed_in
from webmanager.web.settings.page_map import PAGES, SettingsPage, page_of_section
from webmanager.web.settings.views import (
    HistoryOfSettingsView,
    LinkView,
    RestartView,
    SaveView,
    SettingsFrame,
    SettingsView,
    SideItem,
)
from webmanager.web.site.site import SITE

ROOT = "/settings"
RESTART_SHOWN_S = 8
_BUILT_IN = ((marked("The description of the API"), "/api/v1/openapi.json"), (marked("Modbus registers"), "/modbus"))


async def first(_request: web.Request) -> web.Response:
    """Where the menu begins."""
    raise web.HTTPSeeOther(f"{ROOT}/network")


async def show(request: web.Request) -> web.Response:
    """A page with its form; the name of a section leads to the page it stands on."""
    page, desk = _page(request), desk_of(request.app[SITE])
    return _form(request, page, in_force(desk, page))


async def change(request: web.Request) -> web.Response:
    """Takes the form: applied and back to the page, or the form again with what is wrong and all that was typed."""
    site, page, posted = request.app[SITE], _page(request), await own_form(request)
    desk, order = desk_of(site), posted.get("do", "")
    if order.startswith(("add:", "remove:")):
        return _form(request, page, typed_in(page, edited(posted, order)))
    typed = typed_in(page, posted)
    if posted.get("seen", "") != str(_newest(desk, page)):
        note = _("Somebody else has changed this page meanwhile. What you typed is below; apply it again to overrule.")
        return _form(request, page, typed, note=note, status=409)
    try:
        done = desk.apply_parts(parts_of(desk, page, typed), request[CALLER].user.name, site.clock.now())
    except SettingsError as error:
        note = _("Nothing was applied. What is wrong stands at its field.")
        return _form(request, page, typed, error.errors, note, 422)
    raise web.HTTPSeeOther(f"{ROOT}/{page.slug}?done={done.number or 0}")


async def save_page(request: web.Request) -> web.Response:
    """What is not saved yet, and what can be done about it."""
    return _save_page(request)


async def act(request: web.Request) -> web.Response:
    """Saves, saves and restarts, discards or resets, as the button says."""
    site, posted = request.app[SITE], await own_form(request)
    desk, by, order = desk_of(site), request[CALLER].user.name, posted.get("do", "save")
    onward = posted.get("next", "save")
    onward = onward if onward in PAGES else "save"
    if order == "discard":
        done = desk.discard(by, site.clock.now()).number or 0
        raise web.HTTPSeeOther(f"{ROOT}/{onward}?done={done}")
    if order == "reset":
        if "sure" not in posted:
            return _save_page(request, errors=[_("Tick the box beside the button first.")], status=422)
        raise web.HTTPSeeOther(f"{ROOT}/save?done={desk.factory_reset(by, site.clock.now()).number or 0}")
    if order not in {"save", "reboot"}:
        raise Problem(422, f"order {order[:32]!r} is not known: save, reboot, discard or reset")
    await save_now(site, by)
    if order == "save":
        raise web.HTTPSeeOther(f"{ROOT}/{onward}?saved=1")
    restart_now(site)
    address, secret = _new_address(request, desk), request.cookies.get(site.config.session_cookie)
    response = render(request, "settings_restart.html", _restart_view(request, desk, address))
    if address and secret:
        set_session_cookie(request, response, secret, desk.applied.network.http_port)
    response.headers["Refresh"] = f"{RESTART_SHOWN_S}; url={address or '/'}"
    return response


async def history(request: web.Request) -> web.Response:
    """The last changes."""
    return _history(request)


async def undo(request: web.Request) -> web.Response:
    """Takes a change back."""
    site, posted = request.app[SITE], await own_form(request)
    number, onward = posted.get("number", ""), posted.get("next", "history")
    desk = desk_of(site)
    try:
        done = desk.undo(int(number) if number.isdigit() else 0, request[CALLER].user.name, site.clock.now())
    except SettingsError as error:
        return _history(request, [sentence(str(error))], 422)
    raise web.HTTPSeeOther(f"{ROOT}/{onward if onward in PAGES else 'history'}?undone={done.number or 0}")


async def take_file(request: web.Request) -> web.Response:
    """Puts an exported file in force, all of it or nothing."""
    site, posted = request.app[SITE], await own_form(request)
    text = posted.get("toml", "").replace("\r\n", "\n")
    try:
        done = desk_of(site).import_text(text, request[CALLER].user.name, site.clock.now())
    except SettingsError as error:
        wrong = [f"{path}: {sentence(reason)}" if path else sentence(reason) for path, reason in error.errors]
        return _save_page(request, text, wrong, 422)
    raise web.HTTPSeeOther(f"{ROOT}/save?done={done.number or 0}")


def add_settings_pages(app: web.Application) -> None:
    """Puts the pages into an application; all of them are for admins."""
    for path, get, post in (
        ("", first, None),
        ("/save", save_page, act),
        ("/history", history, None),
        ("/undo", None, undo),
        ("/import", None, take_file),
        ("/export", export, None),
        ("/{section}", show, change),
    ):
        if get:
            app.router.add_get(f"{ROOT}{path}", for_people(get, role=Role.ADMIN))
        if post:
            app.router.add_post(f"{ROOT}{path}", for_people(post, role=Role.ADMIN))


def _page(request: web.Request) -> SettingsPage:
    slug = request.match_info["section"]
    page = PAGES.get(slug)
    if page is None and (other := page_of_section(slug)) is not None:
        raise web.HTTPSeeOther(f"{ROOT}/{other}")
    if page is None or not page.paths:
        raise Problem(404, f"there is no page {ROOT}/{slug[:32]}")
    return page


def _form(
    request: web.Request,
    page: SettingsPage,
    typed: Typed,
    errors: Sequence[tuple[str, str]] = (),
    note: str = "",
    status: int = 200,
) -> web.Response:
    desk = desk_of(request.app[SITE])
    view = SettingsView(
        shell=shell(request, "settings"),
        frame=_frame(request, page),
        form=form_view(desk, page, typed, errors),
        links=_links(desk) if page.slug == "links" else (),
        note=note,
    )
    return render(request, "settings_form.html", view, status)


def _save_page(request: web.Request, toml: str = "", errors: Sequence[str] = (), status: int = 200) -> web.Response:
    desk = desk_of(request.app[SITE])
    lines = lines_of(differences(desk.saved, desk.applied))
    view = SaveView(shell(request, "settings"), _frame(request, PAGES["save"]), lines, toml, errors)
    return render(request, "settings_save.html", view, status)


def _history(request: web.Request, errors: Sequence[str] = (), status: int = 200) -> web.Response:
    changes = [change_view(one) for one in desk_of(request.app[SITE]).history()]
    frame = _frame(request, PAGES["history"])
    view = HistoryOfSettingsView(shell(request, "settings"), frame, changes, errors)
    return render(request, "settings_history.html", view, status)


def _frame(request: web.Request, page: SettingsPage) -> SettingsFrame:
    site = request.app[SITE]
    desk = desk_of(site)
    said, number = _said(request, desk)
    return SettingsFrame(
        slug=page.slug,
        title=_(page.title),
        side=[SideItem(f"{ROOT}/{one.slug}", _(one.title), one.slug == page.slug) for one in PAGES.values()],
        unsaved=short_labels(desk.unsaved()),
        pending=short_labels(desk.pending_restart()),
        trouble=sentence(desk.trouble),
        said=said,
        undo=number,
        seen=_newest(desk, page),
        can_restart=site.parts.restart is not None,
    )


def _said(request: web.Request, desk: SettingsDesk) -> tuple[str, int]:
    """What the last step did, from the address it led to, and the change that can be undone."""
    query = request.query
    if "saved" in query:
        return _("Configuration saved successfully."), 0
    given = query.get("done", query.get("undone"))
    if given is None:
        return "", 0
    if given == "0":
        return _("Nothing was changed."), 0
    newest = desk.history()[0] if desk.history() else None
    if newest is None or str(newest.number) != given:
        return "", 0
    labels = ", ".join(short_labels([field.path for field in newest.fields])[:6])
    if "undone" in query:
        return _("Undone: {what}.").format(what=labels), 0
    return _("Applied: {what}.").format(what=labels), newest.number


def _newest(desk: SettingsDesk, page: SettingsPage) -> int:
    """The number of the newest change of what a page shows, 0 for none."""
    return next(
        (one.number for one in desk.history() if any(field.path.startswith(page.paths) for field in one.fields)), 0
    )


def _links(desk: SettingsDesk) -> list[LinkView]:
    own = [LinkView(link.name, link.url) for link in desk.applied.links.links]
    return [*own, *(LinkView(_(name), href) for name, href in _BUILT_IN)]


def _restart_view(request: web.Request, desk: SettingsDesk, address: str) -> RestartView:
    ways = any(change.path.startswith(WAYS_IN) for change in differences(desk.running, desk.applied))
    minutes = desk.applied.network.trial_min if ways else 0.0
    return RestartView(shell(request, "settings"), _("Restart"), address, f"{minutes:g}" if minutes else "")


def _new_address(request: web.Request, desk: SettingsDesk) -> str:
    """Where the page will be after a restart, if the port changes."""
    before, after = desk.running.network, desk.applied.network
    if after.http_port is None or after.http_port == before.http_port:
        return ""
    host = urllib.parse.urlsplit(f"//{request.host}").hostname or ""
    return f"{request.scheme}://{f'[{host}]' if ':' in host else host}:{after.http_port}/"
