"""What kind of input a field of a settings model needs, told from its annotation."""

import types
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo


class Kind(StrEnum):
    """The kinds of input; `other` is not shown in forms and keeps its value."""

    SWITCH = "switch"
    CHOICE = "choice"
    CHOICES = "choices"
    WHOLE = "whole"
    NUMBER = "number"
    TEXT = "text"
    LONG = "long"
    LINES = "lines"
    SECRET = "secret"  # noqa: S105 -- the name of a kind
    SECTION = "section"
    ROWS = "rows"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Shape:
    """A field's kind; `options` of a choice as the model has them, `models` of a section or of each kind of row."""

    kind: Kind
    is_optional: bool = False
    options: tuple[Any, ...] = ()
    models: tuple[type[BaseModel], ...] = ()


LONG_FROM = 200
"""A text that may be so long gets a box of several lines."""
_SCALARS: dict[Any, Kind] = {
    bool: Kind.SWITCH,
    int: Kind.WHOLE,
    float: Kind.NUMBER,
    str: Kind.TEXT,
    SecretStr: Kind.SECRET,
}


def shape_of(field: FieldInfo) -> Shape:
    """The shape of a field of a model."""
    annotation: Any = field.annotation
    shape = _shape(annotation)
    longest = limit_of(field, "max_length")
    if shape.kind is Kind.TEXT and longest is not None and longest >= LONG_FROM:
        return Shape(Kind.LONG, shape.is_optional)
    return shape


def limit_of(field: FieldInfo, name: str) -> float | None:
    """One of `ge`, `gt`, `le`, `lt`, `min_length`, `max_length`, None if the field does not say."""
    for told in field.metadata:
        value = getattr(told, name, None)
        if value is not None:
            return float(value)
    return None


def tag_of(model: type[BaseModel]) -> str:
    """The value of `type` that tells one kind of row from the others; empty if there is only one kind."""
    field = model.model_fields.get("type")
    options = get_args(field.annotation) if field is not None and get_origin(field.annotation) is Literal else ()
    return str(options[0]) if len(options) == 1 else ""


@cache
def _shape(annotation: Any) -> Shape:
    annotation, is_optional = _without_none(_bare(annotation))
    origin = get_origin(annotation)
    if origin is Literal:
        return Shape(Kind.CHOICE, is_optional, get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return Shape(Kind.OTHER if is_optional else Kind.SECTION, is_optional, models=(annotation,))
    if origin is tuple:
        return _of_many(get_args(annotation))
    return Shape(_SCALARS.get(annotation, Kind.OTHER), is_optional)


def _of_many(parts: tuple[Any, ...]) -> Shape:
    if len(parts) != 2 or parts[1] is not ...:
        return Shape(Kind.OTHER)
    part = _bare(parts[0])
    if get_origin(part) is Literal:
        return Shape(Kind.CHOICES, options=get_args(part))
    variants = tuple(_bare(one) for one in get_args(part)) if get_origin(part) in {Union, types.UnionType} else (part,)
    if all(isinstance(one, type) and issubclass(one, BaseModel) for one in variants):
        return Shape(Kind.ROWS, models=variants)
    return Shape(Kind.LINES if part in {str, int, float} else Kind.OTHER)


def _bare(annotation: Any) -> Any:
    return _bare(get_args(annotation)[0]) if get_origin(annotation) is Annotated else annotation


def _without_none(annotation: Any) -> tuple[Any, bool]:
    if get_origin(annotation) not in {Union, types.UnionType}:
        return annotation, False
    parts = [part for part in get_args(annotation) if part is not type(None)]
    optional = len(parts) < len(get_args(annotation))
    return (_bare(parts[0]) if len(parts) == 1 else annotation), optional
