"""The rows of the API about one's own login."""

from webmanager.web import session_answers as said
from webmanager.web import session_api
from webmanager.web.roles import Role
from webmanager.web.route import V1, ApiRoute

VIEWER = Role.VIEWER

SESSION_ROUTES: tuple[ApiRoute, ...] = (
    ApiRoute(
        "GET", f"{V1}/session", session_api.session_info, VIEWER, "Who is logged in", said.SessionInfo, None, True
    ),
    ApiRoute("POST", f"{V1}/session", session_api.open_session, None, "Log in", None, said.LoginBody),
    ApiRoute("DELETE", f"{V1}/session", session_api.close_session, None, "Log out"),
    ApiRoute(
        "PUT",
        f"{V1}/password",
        session_api.change_password,
        VIEWER,
        "My password",
        None,
        said.PasswordBody,
        before_change=True,
        by_token=False,
    ),
)
