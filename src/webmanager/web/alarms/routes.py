"""The rows of the API about alarms and events."""

from pydantic import BaseModel

from webmanager.web.accounts.roles import Role
from webmanager.web.alarms import answers as said
from webmanager.web.alarms import api, event_api
from webmanager.web.guard.auth import Handler
from webmanager.web.guard.route import V1, ApiRoute

_LOG = {
    "from": "ISO 8601 or seconds since 1970; without it from the beginning of what is stored",
    "to": "ISO 8601 or seconds since 1970; without it up to now",
    "limit": "at most so many, 1 to 10000 (100; 10000 as CSV)",
    "kind": "a kind of event, or a pattern such as voltage_*",
    "severity": "notice, warning or alarm: at least this",
    "change": "raised, cleared, acknowledged and so on: only this",
    "source": "a battery (S3-17), a string (S3, string 3) or a part of the device (bus)",
    "alarm": "the number of an alarm: only its events",
}
_ONE = f"{V1}/alarms/{{id}}"


def _get(path: str, handler: Handler, summary: str, answer: type[BaseModel], **query: str) -> ApiRoute:
    return ApiRoute("GET", f"{V1}{path}", handler, Role.VIEWER, summary, answer, query=query)


def _act(what: str, handler: Handler, summary: str, body: type[BaseModel] | None = None) -> ApiRoute:
    return ApiRoute("POST", f"{_ONE}/{what}", handler, Role.OPERATOR, summary, said.AlarmAnswer, body)


ALARM_ROUTES: tuple[ApiRoute, ...] = (
    _get("/alarms", api.alarms, "Open alarms", said.Alarms, pending="1: pending ones too"),
    _get("/alarms/load", api.load, "How many alarms people get", said.AlarmLoadAnswer),
    _act("acknowledge", api.acknowledge, "Acknowledge an alarm"),
    _act("unacknowledge", api.unacknowledge, "Take an acknowledgement back"),
    _act("shelve", api.shelve, "Silence an alarm until a time", said.ShelveBody),
    _act("unshelve", api.unshelve, "End the shelving of an alarm"),
    _act("comment", api.comment, "Write something to an alarm", said.CommentBody),
    ApiRoute(
        "POST",
        f"{V1}/alarms/maintenance",
        api.maintenance,
        Role.OPERATOR,
        "Maintenance mode",
        said.AlarmCounts,
        said.MaintenanceBody,
    ),
    _get("/events", event_api.events, "The event log", said.Events, **_LOG),
    ApiRoute(
        "GET",
        f"{V1}/events.csv",
        event_api.events_csv,
        Role.VIEWER,
        "The event log as CSV",
        query=_LOG,
        sends="text/csv",
    ),
)
