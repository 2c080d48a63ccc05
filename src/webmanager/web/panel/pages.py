"""The page *Front panel*: the picture with its reasons, and the forms for buzzer, switches and restart."""

from aiohttp import web

from webmanager.domain.panel import Dips, Phase
from webmanager.web.accounts.roles import Role
from webmanager.web.frame.page import for_people, own_form, render
from webmanager.web.frame.shell import shell
from webmanager.web.guard.auth import CALLER
from webmanager.web.http.problem import Problem
from webmanager.web.panel.api import move, silence
from webmanager.web.panel.views import panel_view
from webmanager.web.site.site import SITE
from webmanager.web.texts.words import PANEL

PATH = "/panel"
_SAID = {"muted": "done_muted", "moved": "done_moved"}


async def panel(request: web.Request) -> web.Response:
    """The page."""
    done = _SAID.get(request.query.get("done", ""))
    return _page(request, PANEL[done] if done else "")


async def mute_by_form(request: web.Request) -> web.Response:
    """Silences the buzzer and goes back."""
    await own_form(request)
    silence(request.app[SITE], request[CALLER].user.name)
    return _back("muted")


async def move_by_form(request: web.Request) -> web.Response:
    """Sets the switches, a checkbox each, and goes back."""
    fields = await own_form(request)
    move(request.app[SITE], Dips("switch1" in fields, "switch2" in fields), request[CALLER].user.name)
    return _back("moved")


async def restart_by_form(request: web.Request) -> web.Response:
    """Restarts the device; the page that comes back shows the lamps of a restart."""
    site = request.app[SITE]
    await own_form(request)
    if site.parts.restart is None:
        raise Problem(404, "this device cannot restart itself")
    site.panel.phase = Phase.REBOOTING
    site.panel.note_restart(request[CALLER].user.name)
    response = _page(request, PANEL["done_restart"])
    site.parts.restart()
    return response


def add_panel_pages(app: web.Application) -> None:
    """Puts the page into an application."""
    app.router.add_get(PATH, for_people(panel))
    app.router.add_post(f"{PATH}/mute", for_people(mute_by_form, role=Role.OPERATOR))
    app.router.add_post(f"{PATH}/dip", for_people(move_by_form, role=Role.ADMIN))
    app.router.add_post(f"{PATH}/restart", for_people(restart_by_form, role=Role.ADMIN))


def _page(request: web.Request, said: str = "") -> web.Response:
    view = panel_view(request.app[SITE], shell(request, "panel"), request[CALLER].user.role, said)
    return render(request, "panel.html", view)


def _back(done: str) -> web.Response:
    return web.Response(status=303, headers={"Location": f"{PATH}?done={done}"})
