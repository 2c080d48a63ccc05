"""What is wrong with given settings: one line a field, in words that name the value and what is allowed."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from webmanager.domain.errors import ConfigError


class Mistake(NamedTuple):
    """A field by its dotted path, and why its value cannot be."""

    path: str
    reason: str


class SettingsError(ConfigError):
    """Settings that cannot be; `errors` are all of them, a line a field."""

    def __init__(self, errors: Iterable[tuple[str, str]]) -> None:
        self.errors = tuple(Mistake(*error) for error in errors)
        shown = "; ".join(f"{path}: {reason}" if path else reason for path, reason in self.errors[:4])
        more = f"; and {len(self.errors) - 4} more" if len(self.errors) > 4 else ""
        super().__init__(shown + more)


_LONGEST = 300
_NUMBER = re.compile(r"[-+]?[0-9]{1,15}(\.[0-9]{1,15})?")
WORDS: Mapping[str, str] = {
    "missing": "a value is expected",
    "extra_forbidden": "this key is not known",
    "greater_than_equal": "{given} is below {ge}",
    "greater_than": "{given} is not above {gt}",
    "less_than_equal": "{given} is above {le}",
    "less_than": "{given} is not below {lt}",
    "int_parsing": "{given} is not a whole number",
    "int_type": "{given} is not a whole number",
    "int_from_float": "{given} is not a whole number",
    "float_parsing": "{given} is not a number",
    "float_type": "{given} is not a number",
    "finite_number": "{given} is not a number",
    "bool_parsing": "{given} is neither true nor false",
    "bool_type": "{given} is neither true nor false",
    "string_type": "a text is expected",
    "string_too_long": "longer than {max_length} characters",
    "string_too_short": "shorter than {min_length} characters",
    "string_pattern_mismatch": "{given} does not have the form that is expected",
    "literal_error": "{given} is not one of {expected}",
    "too_long": "more than {max_length} are given",
    "too_short": "at least {min_length} is expected",
    "model_type": "a table is expected",
    "dict_type": "a table is expected",
    "tuple_type": "a list is expected",
    "list_type": "a list is expected",
    "union_tag_not_found": "its `type` is missing",
    "union_tag_invalid": "the type {tag} is not known: {expected_tags}",
}
"""What is wrong, by the kind of mistake pydantic names."""


def mistakes_of(error: ValidationError, tables: Any = None) -> tuple[Mistake, ...]:
    """All mistakes pydantic has found; `tables` is what was validated, to tell names of unions from keys."""
    return tuple(Mistake(_path(detail["loc"], tables), reason_of(detail)) for detail in error.errors(include_url=False))


def reason_of(detail: ErrorDetails) -> str:
    """One line: what is wrong with this value; a long or secret one is not repeated."""
    words = WORDS.get("missing" if detail.get("input") == "" else detail["type"])
    if words is None:
        said = detail["msg"].removeprefix("Value error, ")
        said = said[:1].lower() + said[1:]
    else:
        told = {
            key: _shown(value) if isinstance(value, float) else value
            for key, value in (detail.get("ctx") or {}).items()
        }
        said = words.format_map({"given": _shown(detail.get("input"))} | told)
    return _line(said, _LONGEST)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"{value:g}" if isinstance(value, float) else str(value)[:40]
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return value
    if isinstance(value, str):
        return f"“{_line(value, 40)}”"
    return "this"


def _line(text: str, longest: int) -> str:
    """One line of printable characters, not longer than told."""
    shown = "".join(character if character.isprintable() else "�" for character in text)
    return shown if len(shown) <= longest else f"{shown[:longest]}…"


def _path(loc: tuple[int | str, ...], tables: Any) -> str:
    """The dotted path, without the tags pydantic puts between a list of variants and its keys."""
    parts: list[str] = []
    at = tables
    for position, key in enumerate(loc):
        last = position == len(loc) - 1
        if isinstance(at, Mapping):
            if key not in at and not last and at.get("type") == key:
                continue
            at = at.get(key)
        elif isinstance(at, (list, tuple)) and isinstance(key, int) and key < len(at):
            at = at[key]
        else:
            at = None
        parts.append(str(key))
    return ".".join(parts)
