"""What the page Limits shows: the whole table as inputs, and what a trial has come to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webmanager.domain.limits import PER_AH, PER_CELL, READINGS, ROWS, LimitRow, Limits, Quantity
from webmanager.language.spoken import gettext as _
from webmanager.language.spoken import sentence, spoken
from webmanager.web.frame.views import Shell
from webmanager.web.limits.api import limit_object
from webmanager.web.limits.trial import Outcome, raised_rows
from webmanager.web.texts import words

TIERS = ("notice", "warning", "alarm")
PARTS = (*TIERS, "gap", "hold")


@dataclass(frozen=True, slots=True)
class LimitInput:
    """One figure: what is typed or in force, its default as text; a tier of a yes-or-no kind is a switch."""

    name: str
    value: str
    default: str
    is_switch: bool
    is_changed: bool
    is_settable: bool = True


@dataclass(frozen=True, slots=True)
class LimitLine:
    """One kind of alarm with its figures; `error` is what is wrong with them."""

    kind: str
    label: str
    unit: str
    hold_unit: str
    range: str
    inputs: Mapping[str, LimitInput]
    error: str


@dataclass(frozen=True, slots=True)
class LimitGroup:
    """The kinds of one quantity."""

    title: str
    lines: Sequence[LimitLine]


@dataclass(frozen=True, slots=True)
class TrialLine:
    """Alarms of one kind, tried and in force."""

    label: str
    count: int
    in_force: int


@dataclass(frozen=True, slots=True)
class TrialView:
    """What came out of a trial."""

    days: str
    total: int
    in_force: int
    lines: Sequence[TrialLine]
    examples: Sequence[str]


@dataclass(frozen=True, slots=True)
class LimitsView:
    """The page *Limits*; `error` is what is wrong as a whole, `said` what was done."""

    shell: Shell
    groups: Sequence[LimitGroup]
    days: Sequence[int]
    chosen_days: int
    trial: TrialView | None
    unsaved: bool
    may_change: bool
    error: str
    said: str


def groups_of(in_force: Limits, typed: Mapping[str, str], errors: Mapping[str, str]) -> tuple[LimitGroup, ...]:
    """The table: kinds that follow another one are left out, what was typed stands in place of what is in force."""
    groups = []
    for quantity in Quantity:
        rows = [row for row in ROWS.values() if row.quantity is quantity and row.like is None]
        lines = [_line(row, in_force, typed, errors) for row in rows]
        groups.append(LimitGroup(words.LIMIT_GROUPS[quantity.value], lines))
    return tuple(groups)


def kinds_from(typed: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """A submitted table as changes by kind: what equals the default is no change, an emptied tier is off.

    A text that is no number is kept as it is: judging it is the model's part.
    """
    kinds: dict[str, dict[str, Any]] = {}
    for row in ROWS.values():
        if row.like is None and (change := _change(row, typed)):
            kinds[row.kind] = change
    return kinds


def trial_view(outcome: Outcome) -> TrialView:
    """What came out, for people."""
    lines = [TrialLine(_(one["label"]), one["count"], one["count_in_force"]) for one in raised_rows(outcome)]
    tried = outcome.tried
    examples = [sentence(event.text) for event in tried.examples[:5]]
    return TrialView(number(round(tried.days, 1)), tried.total, outcome.in_force.total, lines, examples)


def number(value: float | None) -> str:
    """A figure as it is typed, with the decimal sign of the page; empty for none."""
    text = "" if value is None else f"{value:.10g}"
    return text.replace(".", ",") if spoken().comma else text


def _change(row: LimitRow, typed: Mapping[str, str]) -> dict[str, Any]:
    defaults = {severity.word: value for severity, value in row.tiers().items()}
    change: dict[str, Any] = {}
    off = []
    for tier in TIERS:
        name = f"{row.kind}.{tier}"
        if row.is_yes_or_no:
            off += [tier] if tier in defaults and f"{row.kind}.shown" in typed and name not in typed else []
            continue
        text = typed.get(name, number(defaults.get(tier))).strip()
        if not text:
            off += [tier] if tier in defaults else []
        elif _parsed(text) != defaults.get(tier):
            change[tier] = _parsed(text)
    for part, default in (("gap", row.gap), ("hold", float(row.hold))):
        text = typed.get(f"{row.kind}.{part}", "").strip()
        if text and _parsed(text) != default:
            change[part] = _parsed(text)
    return change | ({"off": off} if off else {})


def _parsed(text: str) -> float | str:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return text


def _line(row: LimitRow, in_force: Limits, typed: Mapping[str, str], errors: Mapping[str, str]) -> LimitLine:
    told = limit_object(row, in_force)
    low, high = row.tunable
    per = {PER_CELL: _("per cell"), PER_AH: _("per Ah")}.get(row.per, "")
    return LimitLine(
        kind=row.kind,
        label=_(row.label),
        unit=f"{row.unit} {per}".strip(),
        hold_unit=_("readings") if row.hold_unit == READINGS else "s",
        range="" if row.is_yes_or_no else f"{number(low)}\u2013{number(high)}",
        inputs={part: _input(row, part, told, typed) for part in PARTS},
        error=errors.get(row.kind, ""),
    )


def _input(row: LimitRow, part: str, told: Mapping[str, Any], typed: Mapping[str, str]) -> LimitInput:
    is_tier, name = part in TIERS, f"{row.kind}.{part}"
    default = told["default"][part] if is_tier else told[f"default_{part}"]
    value = told["in_force"][part] if is_tier else told[part]
    shown = typed.get(name, "") if f"{row.kind}.shown" in typed else number(value)
    is_switch = is_tier and row.is_yes_or_no
    is_settable = default is not None if row.is_yes_or_no and is_tier else not (row.is_yes_or_no and part == "gap")
    is_changed = shown.replace(",", ".") != number(default).replace(",", ".")
    return LimitInput(name, shown, number(default), is_switch, is_changed, is_settable)
