"""A form from any settings model: labels, units, ranges and help beside each field, errors at the field."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from webmanager.language.spoken import gettext as _
from webmanager.language.spoken import sentence, spoken
from webmanager.settings.labels import help_of, label_of, option_label, title_of, unit_of
from webmanager.settings.section import HIDDEN
from webmanager.web.settings.form_reading import WAS
from webmanager.web.settings.form_shape import Kind, Shape, limit_of, shape_of, tag_of
from webmanager.web.settings.form_views import FieldView, FormView, GroupView, OptionView, PartView, RowsView

_NUMBERS = (Kind.WHOLE, Kind.NUMBER)


@dataclass(frozen=True)
class Seen:
    """What stands beside the values: errors by dotted path, values in force, and which fields are not saved."""

    errors: Mapping[str, str] = field(default_factory=dict)
    in_force: Mapping[str, Any] = field(default_factory=dict)
    unsaved: Collection[str] = ()


def form_of(sections: Mapping[str, type[BaseModel]], tables: Mapping[str, Any], seen: Seen | None = None) -> FormView:
    """A form of some sections by dotted path; `tables` are their values, as in force or as typed."""
    seen = seen or Seen()
    groups = [group_of(model, tables.get(path) or {}, path, seen) for path, model in sections.items()]
    return FormView(groups, strangers(groups, seen.errors))


def group_of(model: type[BaseModel], tables: Mapping[str, Any], path: str, seen: Seen, title: str = "") -> GroupView:
    """The fields of one section with their values."""
    return GroupView(
        id=path,
        label=_(title or title_of(model)),
        parts=_parts(model, tables, path, seen),
        help=_(help_of(model)),
        error=seen.errors.get(path, ""),
    )


def rows_of(
    models: Sequence[type[BaseModel]],
    rows: Sequence[Mapping[str, Any]],
    path: str,
    label: str,
    seen: Seen,
) -> RowsView:
    """A list editor; `models` are the kinds of row there can be. Rows as typed say themselves what they `was`."""
    by_tag = {tag_of(model): model for model in models}
    views = [
        _row(by_tag.get(str(row.get("type", "")), models[0]), row, f"{path}.{number}", number, seen)
        for number, row in enumerate(rows)
    ]
    kinds = [OptionView(tag_of(model), _(title_of(model))) for model in models]
    return RowsView(path, label, views, kinds, error=seen.errors.get(path, ""))


def strangers(groups: Sequence[PartView], errors: Mapping[str, str]) -> tuple[str, ...]:
    """The errors that stand at none of the fields."""
    known = {part.id for group in groups for part in _all_parts(group)}
    return tuple(f"{path}: {reason}" if path else reason for path, reason in errors.items() if path not in known)


def errors_by_field(errors: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Mistakes in the language spoken, by the field they stand at; of several at one field the first counts."""
    found: dict[str, str] = {}
    for path, english in errors:
        reason = sentence(english)
        found.setdefault(path, reason)
        parts = path.split(".")
        if len(parts) > 1 and parts[-1].isdigit():
            found.setdefault(".".join(parts[:-1]), reason)
    return found


def _row(model: type[BaseModel], row: Mapping[str, Any], path: str, number: int, seen: Seen) -> GroupView:
    name = str(row.get("name") or "").replace(HIDDEN, "")
    return GroupView(
        id=path,
        label=name or f"{_(title_of(model))} {number + 1}",
        parts=_parts(model, row, path, seen),
        help=_(help_of(model)),
        error=seen.errors.get(path, ""),
        number=number,
        was=str(row.get(WAS, name or f"#{number}")),
        tag=tag_of(model),
    )


def _parts(model: type[BaseModel], tables: Mapping[str, Any], path: str, seen: Seen) -> list[PartView]:
    parts: list[PartView] = []
    for name, info in model.model_fields.items():
        shape, at = shape_of(info), f"{path}.{name}"
        if name == "type" and tag_of(model):
            continue
        value = tables.get(name, _default(info))
        if shape.kind is Kind.SECTION:
            inner = value if isinstance(value, Mapping) else {}
            parts.append(group_of(shape.models[0], inner, at, seen, info.title or ""))
        elif shape.kind is Kind.ROWS:
            rows = [row for row in value or () if isinstance(row, Mapping)]
            parts.append(rows_of(shape.models, rows, at, _(label_of(name, info)), seen))
        elif shape.kind is not Kind.OTHER:
            parts.append(_field(name, info, shape, value, at, seen))
    return parts


def _field(name: str, info: FieldInfo, shape: Shape, value: Any, path: str, seen: Seen) -> FieldView:
    default = _default(info)
    extra = info.json_schema_extra
    error = seen.errors.get(path, "")
    return FieldView(
        id=path,
        label=_(label_of(name, info)),
        kind=shape.kind.value,
        value=_text(shape, value),
        unit=_(unit_of(name, info)),
        options=_options(shape, value),
        help=_(info.description) if info.description else "",
        limits=_limits(info, shape),
        default=_said(shape, default),
        error=error,
        in_force=_said(shape, seen.in_force[path]) if error and path in seen.in_force else "",
        needs_restart=isinstance(extra, Mapping) and bool(extra.get("restart")),
        is_unsaved=path in seen.unsaved,
    )


def _default(info: FieldInfo) -> Any:
    """The default as plain JSON, None if the field must be given."""
    if info.is_required():
        return None
    value = info.get_default(call_default_factory=True)
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, tuple):
        return [part.model_dump(mode="json") if isinstance(part, BaseModel) else part for part in value]
    return "" if hasattr(value, "get_secret_value") else value


def _text(shape: Shape, value: Any) -> str:
    """A value as it stands in its input."""
    if shape.kind is Kind.SWITCH:
        return "on" if value is True else ""
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return "\n".join(map(str, value))
    if isinstance(value, float):
        text = f"{value:.10g}"
        return text.replace(".", ",") if spoken().comma else text
    return str(value)


def _said(shape: Shape, value: Any) -> str:
    """A value in words, for a sentence; empty if there is nothing to say."""
    if shape.kind is Kind.SWITCH:
        return _("on") if value else _("off")
    if shape.kind is Kind.CHOICE and value is not None:
        return _(option_label(value))
    if shape.kind in {Kind.SECRET, Kind.CHOICES, Kind.LINES, Kind.LONG}:
        return ""
    return _text(shape, value)


def _options(shape: Shape, value: Any) -> list[OptionView]:
    chosen = set(map(str, value or ())) if shape.kind is Kind.CHOICES else {str(value)}
    return [OptionView(str(option), _(option_label(option)), str(option) in chosen) for option in shape.options]


def _limits(info: FieldInfo, shape: Shape) -> str:
    """The range of a number in words."""
    if shape.kind not in _NUMBERS:
        return ""
    low = limit_of(info, "ge") if limit_of(info, "ge") is not None else limit_of(info, "gt")
    high = limit_of(info, "le") if limit_of(info, "le") is not None else limit_of(info, "lt")
    shown = [None if bound is None else _text(shape, float(bound)) for bound in (low, high)]
    if shown[0] is not None and shown[1] is not None:
        return _("{low} to {high}").format(low=shown[0], high=shown[1])
    if shown[0] is not None:
        return _("at least {low}").format(low=shown[0])
    return _("at most {high}").format(high=shown[1]) if shown[1] is not None else ""


def _all_parts(part: PartView) -> Iterator[PartView]:
    yield part
    if isinstance(part, GroupView):
        for inner in part.parts:
            yield from _all_parts(inner)
    if isinstance(part, RowsView):
        for row in part.rows:
            yield from _all_parts(row)
