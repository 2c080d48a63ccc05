"""The rows of the API about limits and jobs; their changes go through the settings."""

from webmanager.web.accounts.roles import Role
from webmanager.web.guard.route import V1, ApiRoute
from webmanager.web.limits import answers as said
from webmanager.web.limits import api, jobs_api

_LIMITS = f"{V1}/limits"

LIMIT_ROUTES: tuple[ApiRoute, ...] = (
    ApiRoute("GET", _LIMITS, api.limits, Role.VIEWER, "Every limit, default and in force", said.LimitTable),
    ApiRoute(
        "POST",
        f"{V1}/limits/trial",
        api.start_trial,
        Role.OPERATOR,
        "Try limits against stored history",
        said.TrialAnswer,
        said.TrialBody,
    ),
    ApiRoute("GET", f"{V1}/limits/trial", api.trial, Role.VIEWER, "How far the trial is", said.TrialAnswer),
    ApiRoute("GET", f"{V1}/jobs", jobs_api.queues, Role.VIEWER, "What became of the messages", said.Queues),
    ApiRoute("POST", f"{V1}/jobs/{{name}}/test", jobs_api.test, Role.OPERATOR, "Try a job out", said.JobTest),
)
