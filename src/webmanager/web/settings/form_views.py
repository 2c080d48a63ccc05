"""What a form made from a settings model shows: fields in groups, lists of rows, and what is wrong beside each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class OptionView:
    """One choice."""

    value: str
    label: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field; `id` is its dotted path and the name it is submitted with, `limits` and `default` are words."""

    id: str
    label: str
    kind: str
    value: str
    unit: str = ""
    options: Sequence[OptionView] = ()
    help: str = ""
    limits: str = ""
    default: str = ""
    error: str = ""
    in_force: str = ""
    needs_restart: bool = False
    is_unsaved: bool = False

    @property
    def has_error(self) -> bool:
        """Its value is wrong."""
        return bool(self.error)

    @property
    def is_on(self) -> bool:
        """A switch that is on."""
        return self.value == "on"


@dataclass(frozen=True, slots=True)
class RowsView:
    """A list of rows that can be added, of one or several kinds, and removed."""

    id: str
    label: str
    rows: Sequence["GroupView"]
    kinds: Sequence[OptionView]
    help: str = ""
    error: str = ""
    kind: str = "rows"

    @property
    def has_error(self) -> bool:
        """Something in it is wrong."""
        return bool(self.error) or any(row.has_error for row in self.rows)


@dataclass(frozen=True, slots=True)
class GroupView:
    """Fields that belong together; a row of a list has its `number` and what it `was` called, and `tag` is its type."""

    id: str
    label: str
    parts: Sequence["PartView"]
    help: str = ""
    error: str = ""
    number: int = 0
    was: str = ""
    tag: str = ""
    kind: str = "section"

    @property
    def has_error(self) -> bool:
        """Something in it is wrong."""
        return bool(self.error) or any(part.has_error for part in self.parts)


PartView: TypeAlias = FieldView | RowsView | GroupView


@dataclass(frozen=True, slots=True)
class FormView:
    """A whole form; `errors` are those that belong to none of its fields."""

    groups: Sequence[GroupView | RowsView]
    errors: Sequence[str] = ()
