"""Answers and bodies of the calls about alarms and events, as models."""

from typing import Literal

from pydantic import Field

from webmanager.domain.alarms import LONGEST_COMMENT
from webmanager.settings.jobs_model import ChangeWord
from webmanager.web.http.models import Answer, Body

SeverityWord = Literal["notice", "warning", "alarm"]
_Time = Field(description="ISO 8601, UTC", json_schema_extra={"format": "date-time"})


class CommentAnswer(Answer):
    """What somebody wrote about an alarm."""

    at: str = _Time
    by: str
    text: str


class AlarmAnswer(Answer):
    """One open alarm, or one that is still pending; value and limit are in `unit`, null where there is none."""

    id: int | None = Field(description="null while it is pending")
    kind: str
    label: str
    severity: SeverityWord
    state: Literal["pending", "active", "acknowledged", "shelved"]
    source: str = Field(description="a battery, a string or a part of the device, by name")
    string: int | None
    address: int | None
    value: float | None
    limit: float | None
    unit: str
    text: str
    advice: str
    since: str = _Time
    raised_at: str | None = _Time
    acknowledged_by: str | None
    acknowledged_at: str | None = _Time
    shelved_until: str | None = _Time
    affected: list[int] = Field(description="addresses of all batteries it stands for")
    kinds: list[str] = Field(description="everything that is raised at this place")
    comments: list[CommentAnswer]


class AlarmCounts(Answer):
    """Open alarms by severity; `changes` grows with every change of an alarm."""

    open: int
    unacknowledged: int = Field(description="neither acknowledged nor shelved")
    alarm: int
    warning: int
    notice: int
    changes: int
    maintenance_until: str | None = _Time


class Alarms(Answer):
    """What is open, gravest first; with `?pending=1` what is pending too."""

    at: str = _Time
    counts: AlarmCounts
    alarms: list[AlarmAnswer]


class AlarmLoadAnswer(Answer):
    """How many alarms people get; `answer_s` is the median from raised to acknowledged in the last day."""

    last_10_min: int
    last_day: int
    standing: int = Field(description="open for longer than a day")
    grouped: int = Field(description="symptoms of the last day that were told by the alarm of their cause")
    chattering: int = Field(description="kinds and places that came three times or more in the last day")
    answer_s: float | None


class DeliveryAnswer(Answer):
    """What became of one message; `proof` is the receiver's own answer, or why there is none."""

    job: str
    target: str
    result: str
    at: str = _Time
    proof: str
    attempts: int


class EventAnswer(Answer):
    """One line of the log."""

    id: int
    at: str = _Time
    kind: str
    change: ChangeWord
    source: str
    string: int | None
    address: int | None
    severity: SeverityWord
    value: float | None
    limit: float | None
    unit: str
    text: str
    advice: str
    alarm: int | None
    affected: list[int]
    by: str | None
    deliveries: list[DeliveryAnswer]


class Events(Answer):
    """The log, newest first."""

    events: list[EventAnswer]


class ShelveBody(Body):
    """Until when an alarm is silenced: a time, or so many seconds from now; 24 h at most."""

    until: str | float | None = Field(None, description="ISO 8601 or seconds since 1970, device time")
    for_s: float | None = Field(None, gt=0, le=86_400, allow_inf_nan=False)


class CommentBody(Body):
    """A comment on an alarm."""

    text: str = Field(min_length=1, max_length=LONGEST_COMMENT)


class MaintenanceBody(Body):
    """How long only what is urgent is raised; 0 ends it now."""

    for_s: float = Field(ge=0, le=86_400, allow_inf_nan=False)
