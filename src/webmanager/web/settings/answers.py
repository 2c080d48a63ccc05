"""Answers and bodies of the settings API."""

from typing import Any

from pydantic import Field, RootModel

from webmanager.web.http.models import Answer, Body

_Paths = list[str]


class SettingsBody(RootModel[dict[str, Any]]):
    """The keys of one section that shall change, as `settings.toml` has them; a list is replaced as a whole."""


class SectionAnswer(RootModel[dict[str, Any]]):
    """One section as `settings.toml` has it, every key; a secret that is set is ten asterisks."""


class SettingsOverview(Answer):
    """The configuration as a whole; fields are dotted paths."""

    sections: _Paths
    unsaved: _Paths = Field(description="in force, and lost by a restart")
    pending_restart: _Paths = Field(description="changed, and in force after a restart only")
    trouble: str = Field(description="why the device does not run on the settings it was given; empty if it does")


class AppliedAnswer(SettingsOverview):
    """What a change did."""

    changed: _Paths
    needs_restart: bool = Field(description="one of the changed fields waits for a restart")
    number: int | None = Field(description="of the change in the history; null if nothing changed")


class SavedAnswer(SettingsOverview):
    """What was saved."""

    saved: _Paths


class UndoBody(Body):
    """A change of the history."""

    number: int = Field(ge=1, le=2**53)


class ImportBody(Body):
    """A file from `GET /api/v1/settings/export`."""

    toml: str


class FieldChangeAnswer(Answer):
    """One field; secrets are hidden."""

    path: str
    before: Any
    after: Any


class ChangeAnswer(Answer):
    """One change of the settings."""

    number: int
    at: str = Field(description="ISO 8601, UTC", json_schema_extra={"format": "date-time"})
    by: str
    what: str = Field(description="applied, saved, discarded, undone, imported or reset")
    fields: list[FieldChangeAnswer]


class SettingsHistory(Answer):
    """The last changes, newest first."""

    changes: list[ChangeAnswer]
