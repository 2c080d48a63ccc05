"""A submitted form as tables of a settings model: nothing typed is lost, judging it is the model's part."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from webmanager.settings.section import restore_secrets
from webmanager.web.settings.form_shape import Kind, Shape, shape_of, tag_of

MOST_ROWS = 200
WAS = "was"
"""A row's hidden field: its name in the settings, or # and its place, so that a renamed row keeps its secrets."""
_NEW = "new"
_COMMA = re.compile(r"\s*[-+−]?\d+,\d+\s*")


def tables_from(model: type[BaseModel], posted: Mapping[str, str], path: str = "") -> dict[str, Any]:
    """What a form of this model holds; a text field that is not in it is left out. Rows come with `was`."""
    tables: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        shape = shape_of(field)
        value = _value(shape, posted, f"{path}.{name}" if path else name)
        if value is not _NOTHING:
            tables[name] = value
    return tables


def rows_from(models: Sequence[type[BaseModel]], posted: Mapping[str, str], path: str) -> list[dict[str, Any]]:
    """The rows of a list editor in the order of their numbers."""
    by_tag = {tag_of(model): model for model in models}
    rows = []
    for number in _numbers(posted, path)[:MOST_ROWS]:
        at = f"{path}.{number}"
        model = by_tag.get(posted.get(f"{at}.type", ""), models[0])
        row = {} if f"{at}.{_NEW}" in posted else tables_from(model, posted, at)
        if tag := tag_of(model):
            row["type"] = tag
        rows.append(row | {WAS: posted[f"{at}.{WAS}"]})
    return rows


def edited(posted: Mapping[str, str], order: str) -> dict[str, str]:
    """A form after one of its buttons: `remove:LIST.NUMBER` takes a row away, `add:LIST:TYPE` adds an empty one."""
    verb, _, rest = order.partition(":")
    if verb == "remove":
        return {key: value for key, value in posted.items() if not key.startswith(f"{rest}.")}
    path, _, tag = rest.partition(":")
    number = max(_numbers(posted, path), default=-1) + 1
    at = f"{path}.{number}"
    return dict(posted) | {f"{at}.{WAS}": "", f"{at}.type": tag, f"{at}.{_NEW}": "1"}


def resolved(tables: Any, kept: Any) -> Any:
    """Tables as a form gives them, ready for the desk: each row has the hidden secrets of the row it was.

    `kept` are the tables in force at the same place, secrets in clear.
    """
    if isinstance(tables, Mapping):
        old = kept if isinstance(kept, Mapping) else {}
        return {key: resolved(value, old.get(key)) for key, value in tables.items()}
    if isinstance(tables, list) and any(isinstance(row, Mapping) and WAS in row for row in tables):
        rows = kept if isinstance(kept, (list, tuple)) else ()
        return [_resolved_row(row, rows) for row in tables]
    return tables


def _resolved_row(row: Mapping[str, Any], kept: Sequence[Any]) -> dict[str, Any]:
    was = str(row.get(WAS, ""))
    old = next((one for number, one in enumerate(kept) if was and was in (one.get("name"), f"#{number}")), None)
    plain = {key: resolved(value, old.get(key) if old else None) for key, value in row.items() if key != WAS}
    return dict(restore_secrets(plain, old))


def _numbers(posted: Mapping[str, str], path: str) -> list[int]:
    marker = re.compile(re.escape(path) + r"\.(\d{1,4})\." + WAS)
    return sorted({int(found[1]) for key in posted if (found := marker.fullmatch(key))})


_NOTHING = object()


def _value(shape: Shape, posted: Mapping[str, str], path: str) -> Any:
    if shape.kind is Kind.SECTION:
        return tables_from(shape.models[0], posted, path)
    if shape.kind is Kind.ROWS:
        return rows_from(shape.models, posted, path)
    if shape.kind is Kind.SWITCH:
        return path in posted
    if shape.kind is Kind.CHOICES:
        return [option for option in shape.options if f"{path}.{option}" in posted]
    text = posted.get(path)
    return _NOTHING if text is None or shape.kind is Kind.OTHER else _typed(shape, text)


def _typed(shape: Shape, text: str) -> Any:
    """What was typed into one input; a number stays text, with a decimal point."""
    match shape.kind:
        case Kind.LINES:
            return [line.strip() for line in text.splitlines() if line.strip()]
        case Kind.CHOICE:
            return next((option for option in shape.options if str(option) == text), text)
        case Kind.SECRET:
            return text
    text = text.replace("\r\n", "\n").strip()
    if shape.is_optional and not text:
        return None
    if shape.kind is Kind.NUMBER and _COMMA.fullmatch(text):
        text = text.replace(",", ".")
    return text.replace("−", "-") if shape.kind in {Kind.NUMBER, Kind.WHOLE} else text
