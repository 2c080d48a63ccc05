"""What every part of the configuration is made of, and how its secrets are kept out of sight."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr
from pydantic.config import JsonDict

HIDDEN = "**********"
"""What stands in the place of a secret in everything that leaves the device; sent back, it means unchanged."""

RESTART: JsonDict = {"restart": True}
"""Marks a field (as its `json_schema_extra`) that takes effect after a restart only; of a section, all its fields."""


class Section(BaseModel):
    """A part of the settings; unknown keys are errors, so that a misspelt one is never silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def with_secrets(section: BaseModel) -> dict[str, Any]:
    """Plain tables with the secrets in clear, for the one file that keeps them and for nothing else."""
    return {key: _revealed(value) for key, value in section.model_dump().items()}


def restore_secrets(given: Any, kept: Any) -> Any:
    """Tables as a client sent them, with each hidden secret replaced by the one that is kept in the same place.

    Rows of a list belong together by their `name`, so that a renamed or new row never inherits somebody's secret; rows
    whose name is a secret itself belong together if all else is the same, or if the list has as many rows as before.
    """
    if isinstance(given, Mapping):
        old = kept if isinstance(kept, Mapping) else {}
        return {key: restore_secrets(value, old.get(key)) for key, value in given.items()}
    if isinstance(given, list | tuple):
        rows = [row for row in kept or () if isinstance(row, Mapping)]
        return [restore_secrets(row, _same_row(row, number, len(given), rows)) for number, row in enumerate(given)]
    if given == HIDDEN:
        return kept if isinstance(kept, str) else ""
    return given


def _same_row(row: Any, number: int, rows_given: int, kept: list[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    if not isinstance(row, Mapping):
        return None
    if row.get("name") != HIDDEN:
        return next((old for old in kept if old.get("name") == row.get("name")), None)
    alike = [old for old in kept if all(value in (HIDDEN, old.get(key)) for key, value in row.items())]
    if len(alike) == 1:
        return alike[0]
    return kept[number] if rows_given == len(kept) else None


def _revealed(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Mapping):
        return {key: _revealed(part) for key, part in value.items()}
    if isinstance(value, list | tuple | frozenset):
        return [_revealed(part) for part in value]
    return value
