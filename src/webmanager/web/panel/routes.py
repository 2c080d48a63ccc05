"""The rows of the API about the front panel."""

from webmanager.web.accounts.roles import Role
from webmanager.web.guard.route import V1, ApiRoute
from webmanager.web.panel import api
from webmanager.web.panel.answers import DipBody, DipState, PanelAnswer

PANEL_ROUTES: tuple[ApiRoute, ...] = (
    ApiRoute("GET", f"{V1}/panel", api.panel, Role.VIEWER, "Lamps, outputs and switches", PanelAnswer),
    ApiRoute("POST", f"{V1}/panel/mute", api.mute, Role.OPERATOR, "Silence the buzzer until the next alarm"),
    ApiRoute("PUT", f"{V1}/panel/dip", api.dip, Role.ADMIN, "DIP switches for the next boot", DipState, DipBody),
)
