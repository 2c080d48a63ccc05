"""The JSON API of the front panel: what every lamp says and why, the buzzer, the DIP switches."""

from datetime import tzinfo
from typing import Any

from aiohttp import web

from webmanager.domain.errors import ConfigError
from webmanager.domain.panel import LABELS, Dips, mode_text
from webmanager.engine.front_panel import OUTPUTS, PanelPicture
from webmanager.language.spoken import gettext as _
from webmanager.web.guard.auth import CALLER
from webmanager.web.guard.bodies import read_json
from webmanager.web.http.answer import answer
from webmanager.web.http.problem import Problem
from webmanager.web.panel.answers import DipBody
from webmanager.web.site.site import SITE, Site
from webmanager.web.texts.figures import DASH, iso, moment


async def panel(request: web.Request) -> web.Response:
    """The panel as it is now."""
    site = request.app[SITE]
    return answer(panel_object(site.panel.look(), site.zone))


async def mute(request: web.Request) -> web.Response:
    """Silences the buzzer until the next alarm."""
    silence(request.app[SITE], request[CALLER].user.name)
    return web.Response(status=204)


async def dip(request: web.Request) -> web.Response:
    """Sets the switches for the next cold boot."""
    site, body = request.app[SITE], await read_json(request, DipBody)
    move(site, Dips(body.switch1, body.switch2), request[CALLER].user.name)
    return answer(dip_object(site.panel.look()))


def silence(site: Site, by: str) -> None:
    """Silences the buzzer; Problem 409 if it does not sound."""
    try:
        site.panel.silence(by)
    except ConfigError as error:
        raise Problem(409, str(error)) from None


def move(site: Site, dips: Dips, by: str) -> None:
    """Moves the DIP switches; Problem 409 where they are real."""
    try:
        site.panel.move_dips(dips, by)
    except ConfigError as error:
        raise Problem(409, str(error)) from None


def panel_object(picture: PanelPicture, zone: tzinfo) -> dict[str, Any]:
    """The members of `GET /api/v1/panel`; moments for people are told in a time zone."""
    return {
        "phase": picture.phase.value,
        "mode": picture.mode.value,
        "lamps": [
            {
                "key": lamp.key,
                "label": _(LABELS[lamp.key]),
                "colour": lamp.colour,
                "light": lamp.light.value,
                "why": lamp.why,
            }
            for lamp in picture.lamps
        ],
        "outputs": [
            {
                "output": one.output.value,
                "label": _(OUTPUTS[one.output]),
                "on": one.is_on,
                "why": one.why,
                "since": iso(one.last.at) if one.last else None,
                "since_text": moment(one.last.at, zone) if one.last else DASH,
                "by": one.last.by if one.last else None,
            }
            for one in picture.outputs
        ],
        "dip": dip_object(picture),
        "can_mute": picture.can_silence,
    }


def dip_object(picture: PanelPicture) -> dict[str, Any]:
    """The DIP switches as JSON."""
    return {
        "switch1": picture.dips.one,
        "switch2": picture.dips.two,
        "text": mode_text(picture.dips),
        "mode_now": picture.mode.value,
        "mode_next": picture.dips.mode.value,
        "waits": picture.dips != picture.at_boot,
        "fixed_by": picture.dips_fixed_by,
    }
