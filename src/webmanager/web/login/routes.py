"""The rows of the API about one's own login."""

from webmanager.web.accounts.roles import Role
from webmanager.web.guard.route import V1, ApiRoute
from webmanager.web.login import answers as said
from webmanager.web.login import api

VIEWER = Role.VIEWER

LOGIN_ROUTES: tuple[ApiRoute, ...] = (
    ApiRoute("GET", f"{V1}/session", api.session_info, VIEWER, "Who is logged in", said.SessionInfo, None, True),
    ApiRoute("POST", f"{V1}/session", api.open_session, None, "Log in", None, said.LoginBody),
    ApiRoute("DELETE", f"{V1}/session", api.close_session, None, "Log out"),
    ApiRoute(
        "PUT",
        f"{V1}/password",
        api.change_password,
        VIEWER,
        "My password",
        None,
        said.PasswordBody,
        before_change=True,
        by_token=False,
    ),
)
