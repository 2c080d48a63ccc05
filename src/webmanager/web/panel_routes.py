"""The rows of the API about the front panel."""

from webmanager.web import panel_api
from webmanager.web.panel_answers import DipBody, DipState, PanelAnswer
from webmanager.web.roles import Role
from webmanager.web.route import V1, ApiRoute

PANEL_ROUTES: tuple[ApiRoute, ...] = (
    ApiRoute("GET", f"{V1}/panel", panel_api.panel, Role.VIEWER, "Lamps, outputs and switches", PanelAnswer),
    ApiRoute("POST", f"{V1}/panel/mute", panel_api.mute, Role.OPERATOR, "Silence the buzzer until the next alarm"),
    ApiRoute("PUT", f"{V1}/panel/dip", panel_api.dip, Role.ADMIN, "DIP switches for the next boot", DipState, DipBody),
)
