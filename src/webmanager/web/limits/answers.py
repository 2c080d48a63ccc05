"""Answers and bodies of the calls about limits and jobs, as models."""

from pydantic import Field

from webmanager.settings.limits_model import LimitValues
from webmanager.web.alarms.answers import DeliveryAnswer
from webmanager.web.http.models import Answer, Body


class TierValues(Answer):
    """Raise values by severity; null where a tier is off."""

    notice: float | None
    warning: float | None
    alarm: float | None


class LimitAnswer(Answer):
    """One kind of alarm: its defaults and what is in force, in `unit` `per` cell or Ah where that is not empty."""

    kind: str
    label: str
    quantity: str
    unit: str
    per: str
    is_high: bool
    least: float | None = Field(description="smallest threshold that can be set; null where there is none to set")
    greatest: float | None
    hold_unit: str
    default: TierValues
    default_gap: float
    default_hold: float
    in_force: TierValues
    gap: float
    hold: float
    like: str | None = Field(description="the kind whose thresholds it follows")


class LimitTable(Answer):
    """Every kind of alarm."""

    limits: list[LimitAnswer]


class TrialRow(Answer):
    """Alarms of one kind: with the tried limits, and with those in force."""

    kind: str
    label: str
    count: int
    count_in_force: int


class TrialAnswer(Answer):
    """A trial of limits against stored history, running or ended."""

    running: bool
    progress: float
    error: str | None
    days: float | None
    rows: int | None
    total: int | None
    total_in_force: int | None
    raised: list[TrialRow]
    examples: list[str]


class TrialBody(Body):
    """Limits to try: changes by kind as the section `limits` has them; days of history to look at."""

    kinds: dict[str, LimitValues] = Field(max_length=200)
    days: int = 30


class QueueAnswer(Answer):
    """What has become of the messages to one receiver since the start; `waiting` and `failing` are of now."""

    target: str
    type: str
    waiting: int
    delivered: int
    failed: int
    dropped: int
    retries: int
    failing: bool
    last_error: str


class Queues(Answer):
    """Every receiver."""

    queues: list[QueueAnswer]


class JobTest(Answer):
    """How each receiver of a job fared."""

    deliveries: list[DeliveryAnswer]
