"""What a change of settings was: who, when, which fields, before and after, with every secret hidden."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import BaseModel

from webmanager.settings.section import Section, with_secrets


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field by its dotted path; a list or a table of rows is one field."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the history; `at` is device time, `what` is applied, undone, imported, reset or discarded."""

    number: int
    at: float
    by: str
    what: str
    fields: tuple[FieldChange, ...]

    def document(self) -> dict[str, Any]:
        """As it is kept; it holds no secret."""
        return asdict(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "Change":
        """The entry that was kept; KeyError, TypeError or ValueError if it is none."""
        fields = tuple(FieldChange(str(row["path"]), row["before"], row["after"]) for row in document["fields"])
        return cls(int(document["number"]), float(document["at"]), str(document["by"]), str(document["what"]), fields)


def differences(before: BaseModel, after: BaseModel) -> tuple[FieldChange, ...]:
    """The fields that differ between two models of one kind; values as in JSON, secrets hidden."""
    return tuple(_differences(before, after, ""))


def value_at(model: BaseModel, path: str) -> Any:
    """The value of a dotted field as plain tables with its secrets in clear; AttributeError if there is none."""
    *sections, name = path.split(".")
    at: Any = model
    for section in sections:
        at = getattr(at, section)
    return with_secrets(at)[name]


def overlaid(model: BaseModel, values: Mapping[str, Any]) -> dict[str, Any]:
    """Plain tables of a model, secrets in clear, with other values at some dotted paths."""
    tables = with_secrets(model)
    for path, value in values.items():
        *sections, name = path.split(".")
        at = tables
        for section in sections:
            at = at.setdefault(section, {})
        at[name] = value
    return tables


def needs_restart(model: type[BaseModel], path: str) -> bool:
    """A field, or a section above it, is marked as taking effect after a restart only."""
    kind: Any = model
    for name in path.split("."):
        if not (isinstance(kind, type) and issubclass(kind, BaseModel)) or name not in kind.model_fields:
            return False
        field = kind.model_fields[name]
        if isinstance(field.json_schema_extra, Mapping) and field.json_schema_extra.get("restart"):
            return True
        kind = field.annotation
    return False


def _differences(before: BaseModel, after: BaseModel, prefix: str) -> Iterator[FieldChange]:
    shown_before, shown_after = before.model_dump(mode="json"), after.model_dump(mode="json")
    for name in type(after).model_fields:
        old, new = getattr(before, name), getattr(after, name)
        if old == new:
            continue
        if isinstance(old, Section) and isinstance(new, Section):
            yield from _differences(old, new, f"{prefix}{name}.")
        else:
            yield FieldChange(prefix + name, shown_before[name], shown_after[name])
