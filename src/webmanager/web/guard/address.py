"""The address of a battery in a path."""

from aiohttp import web

from webmanager.web.http.problem import Problem
from webmanager.web.site.site import SITE


def address_in(request: web.Request) -> int:
    """The address, from 1; Problem 404 where there is no such battery."""
    text, most = request.match_info["address"], request.app[SITE].board.installation.modules
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= most):
        raise Problem(404, f"there is no module {text[:32]!r}: addresses are 1 to {most}")
    return int(text)
