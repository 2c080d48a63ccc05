"""What the pages Alarms and Events show: cards of alarms, the alarm load, lines of the log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta, tzinfo

from webmanager.domain.alarm_load import (
    A_DAY_AT_MOST,
    CALM_IN_10_MIN,
    FLOOD_IN_10_MIN,
    OURS_A_DAY,
    STANDING_AT_MOST,
    AlarmLoad,
)
from webmanager.domain.alarm_picture import AlarmPicture
from webmanager.domain.alarms import LONGEST_SHELF_S, Alarm
from webmanager.domain.events import Change, Delivery
from webmanager.domain.installation import Installation
from webmanager.domain.limits import ROWS, Limits
from webmanager.domain.local_time import local_time
from webmanager.language.spoken import gettext as _
from webmanager.language.spoken import sentence
from webmanager.web.alarms.event_log import Logged
from webmanager.web.alarms.objects import pending_object
from webmanager.web.frame.views import Shell
from webmanager.web.http.query import moment_from
from webmanager.web.looks.alarm_verdict import brief, headline
from webmanager.web.looks.verdict import name_ranges
from webmanager.web.texts import words
from webmanager.web.texts.figures import NBSP, duration, fixed, iso, moment

MORNING_H = 7
STEPS = ("pending", "active", "acknowledged", "cleared")


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment three ways: for machines, short for people, whole."""

    iso: str
    short: str
    full: str


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """What became of one message."""

    job: str
    target: str
    result: str
    proof: str
    at: Moment
    is_bad: bool


@dataclass(frozen=True, slots=True)
class CommentView:
    """What somebody wrote."""

    by: str
    text: str
    at: Moment


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of the life cycle."""

    word: str
    is_done: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class CardView:
    """One alarm; `id` is empty while it is pending. `facts` are labels and texts beside each other."""

    id: str
    anchor: str
    severity: str
    severity_word: str
    phase: str
    title: str
    since: Moment
    lasts: str
    advice: str
    facts: Sequence[tuple[str, str]]
    steps: Sequence[StepView]
    deliveries: Sequence[DeliveryView]
    failed: int
    comments: Sequence[CommentView]
    battery: str


@dataclass(frozen=True, slots=True)
class GroupView:
    """Cards under one heading."""

    key: str
    title: str
    cards: Sequence[CardView]


@dataclass(frozen=True, slots=True)
class LoadRow:
    """One figure of the alarm load with its target."""

    label: str
    value: str
    target: str
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of the log; `severity` of what is over is drawn faint."""

    number: int
    at: Moment
    severity: str
    severity_word: str
    change: str
    change_word: str
    source: str
    kind: str
    label: str
    text: str
    by: str
    deliveries: Sequence[DeliveryView]
    failed: int


@dataclass(frozen=True, slots=True)
class Choice:
    """Something one can choose."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class AlarmsView:
    """The page *Alarms*; `why` says why there is no log, `error` what an action was refused for."""

    shell: Shell
    groups: Sequence[GroupView]
    open: int
    unanswered: int
    maintenance: Moment | None
    shelves: Sequence[Choice]
    load: Sequence[LoadRow]
    log: Sequence[LineView]
    why: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class EventsView:
    """The page *Events*: `asked` are the fields of its filter as they were sent, `errors` what is wrong with them."""

    shell: Shell
    lines: Sequence[LineView]
    asked: Mapping[str, str]
    errors: Mapping[str, str]
    kinds: Sequence[Choice]
    changes: Sequence[Choice]
    severities: Sequence[Choice]
    csv: str
    older: str
    why: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when a page is written: its moment in UTC seconds, the zone of its times, what hangs on the bus."""

    now: float
    zone: tzinfo
    installation: Installation


def moment_view(at: float, place: Place) -> Moment:
    """A moment; its short form has no date on the same day, and no seconds on another."""
    local, today = local_time(at, place.zone), local_time(place.now, place.zone)
    if local.date() == today.date():
        short = f"{local:%H:%M:%S}"
    else:
        year = "" if local.year == today.year else f" {local.year}"
        short = f"{local.day}{NBSP}{_(local.strftime('%b'))}{year} {local:%H:%M}"
    return Moment(iso(at), short, moment(at, place.zone))


def groups_of(
    picture: AlarmPicture, limits: Limits, log: Mapping[int, Sequence[Logged]], place: Place
) -> tuple[GroupView, ...]:
    """The cards of everything open and pending, under the three headings; gravest first."""
    by_phase: dict[str, list[CardView]] = {"active": [], "acknowledged": [], "waiting": []}
    for alarm in picture.alarms:
        key = "waiting" if alarm.state == "shelved" else alarm.state
        by_phase[key].append(card_of(alarm, log.get(alarm.id, ()), place))
    pending = [pending_object(one, limits, place.installation) for one in picture.pending]
    by_phase["waiting"] += [_pending_card(one, place) for one in pending]
    return (
        GroupView("active", _("Needs an answer"), by_phase["active"]),
        GroupView("acknowledged", _("Acknowledged, still there"), by_phase["acknowledged"]),
        GroupView("waiting", _("Shelved and pending"), by_phase["waiting"]),
    )


def card_of(alarm: Alarm, log: Sequence[Logged], place: Place) -> CardView:
    """One open alarm with the messages about it."""
    found, digits = alarm.found, ROWS[alarm.found.kind].digits
    facts = [_fact(_("Value"), found.value, digits, found.unit), _fact(_("Limit"), found.limit, digits, found.unit)]
    if len(found.affected) > 1:
        facts.append((_("Batteries"), f"{len(found.affected)}: {name_ranges(place.installation, found.affected)}"))
    if alarm.acknowledged_by is not None and alarm.acknowledged_at is not None:
        answered = f"{alarm.acknowledged_by}, {moment_view(alarm.acknowledged_at, place).short}"
        facts.append((_("Acknowledged"), answered))
    if alarm.shelved_until is not None:
        facts.append((_("Shelved until"), moment_view(alarm.shelved_until, place).short))
    messages = [message for entry in reversed(log) for message in entry.deliveries]
    return CardView(
        id=str(alarm.id),
        anchor=f"a{alarm.id}",
        severity=alarm.severity.word,
        severity_word=words.SEVERITIES[alarm.severity.word],
        phase=alarm.state,
        title=headline(alarm),
        since=moment_view(found.since_at, place),
        lasts=duration(max(place.now - found.since_at, 0.0)),
        advice=sentence(found.advice),
        facts=[fact for fact in facts if fact is not None],
        steps=_steps(alarm.state),
        deliveries=[delivery_view(message, place) for message in messages],
        failed=sum(message.result != "delivered" for message in messages),
        comments=[CommentView(one.by, one.text, moment_view(one.at, place)) for one in alarm.comments],
        battery=alarm.source.name if alarm.source.address is not None else "",
    )


def load_rows(load: AlarmLoad) -> tuple[LoadRow, ...]:
    """The alarm load against its targets."""
    targets = {"least": CALM_IN_10_MIN, "flood": FLOOD_IN_10_MIN, "day": A_DAY_AT_MOST, "ours": OURS_A_DAY}
    return (
        LoadRow(
            _("Last 10 minutes"),
            str(load.last_10_min),
            _("target ≤ %(least)d, flood above %(flood)d") % targets,
            load.last_10_min > FLOOD_IN_10_MIN,
        ),
        LoadRow(
            _("Last 24 hours"),
            str(load.last_day),
            _("target ≤ %(day)d, ours ≤ %(ours)d") % targets,
            load.last_day > OURS_A_DAY,
        ),
        LoadRow(
            _("Open longer than 24 h"),
            str(load.standing),
            _("target fewer than %(most)d") % {"most": STANDING_AT_MOST},
            load.standing >= STANDING_AT_MOST,
        ),
        LoadRow(_("Grouped away in 24 h"), str(load.grouped), _("symptoms told by the alarm of their cause")),
        LoadRow(
            _("Chattering"), str(load.chattering), _("target none; three times a day or more"), load.chattering > 0
        ),
        LoadRow(_("Median time to answer"), "–" if load.answer_s is None else duration(load.answer_s), ""),
    )


def line_of(entry: Logged, place: Place) -> LineView:
    """One line of the log."""
    event = entry.event
    return LineView(
        number=event.id,
        at=moment_view(event.at, place),
        severity=event.severity.word,
        severity_word=words.SEVERITIES[event.severity.word],
        change=event.change.value,
        change_word=words.CHANGES[event.change.value],
        source=event.source.name,
        kind=event.kind,
        label=label_of(event.kind),
        text=event.text if event.change is Change.COMMENTED else brief(event.text),
        by=event.by or "",
        deliveries=[delivery_view(message, place) for message in entry.deliveries],
        failed=sum(message.result != "delivered" for message in entry.deliveries),
    )


def delivery_view(message: Delivery, place: Place) -> DeliveryView:
    """What became of one message."""
    result = words.RESULTS.get(message.result, message.result)
    if message.attempts > 1:
        tried = _("attempt %(number)d") % {"number": message.attempts}
        result = f"{result}, {tried}"
    return DeliveryView(
        message.job,
        message.target,
        result,
        message.proof,
        moment_view(message.at, place),
        message.result != "delivered",
    )


def label_of(kind: str) -> str:
    """A kind of event in words."""
    return _(ROWS[kind].label) if kind in ROWS else kind.replace("_", " ")


def shelves_of(place: Place) -> tuple[Choice, ...]:
    """For how long an alarm can be shelved: seconds, and in words; the last one ends in the morning."""
    local = local_time(place.now, place.zone)
    morning = local.replace(hour=MORNING_H, minute=0, second=0, microsecond=0)
    morning += timedelta(days=1) if morning <= local else timedelta()
    to_morning = min(morning.timestamp() - local.timestamp(), LONGEST_SHELF_S)
    day = _("tomorrow") if morning.date() != local.date() else _("today")
    return (
        Choice("3600", _("1 hour")),
        Choice("28800", _("8 hours")),
        Choice(f"{to_morning:.0f}", f"{day} {morning:%H:%M}"),
    )


def _pending_card(found: Mapping[str, object], place: Place) -> CardView:
    at, severity = moment_from(str(found["since"]), "since"), str(found["severity"])
    kind, source = str(found["kind"]), str(found["source"])
    digits, unit = ROWS[kind].digits, str(found["unit"])
    facts = [_fact(_("Value"), found["value"], digits, unit), _fact(_("Limit"), found["limit"], digits, unit)]
    return CardView(
        id="",
        anchor=f"p-{kind}-{severity}-{source.replace(' ', '-')}",
        severity=severity,
        severity_word=words.SEVERITIES[severity],
        phase="pending",
        title=sentence(str(found["text"]).rstrip(".")),
        since=moment_view(at, place),
        lasts=duration(max(place.now - at, 0.0)),
        advice="",
        facts=[fact for fact in facts if fact is not None],
        steps=_steps("pending"),
        deliveries=(),
        failed=0,
        comments=(),
        battery=source if found["address"] is not None else "",
    )


def _fact(label: str, value: object, digits: int, unit: str) -> tuple[str, str] | None:
    return (label, f"{fixed(value, digits)}{NBSP}{unit}") if isinstance(value, int | float) else None


def _steps(phase: str) -> tuple[StepView, ...]:
    order = tuple("shelved" if step == "acknowledged" and phase == "shelved" else step for step in STEPS)
    at = order.index(phase)
    return tuple(StepView(words.PHASES[step], index < at, index == at) for index, step in enumerate(order))
