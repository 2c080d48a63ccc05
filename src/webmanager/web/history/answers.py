"""Answers and bodies of the calls about what is stored."""

from typing import Literal

from pydantic import ConfigDict, Field

from webmanager.web.http.models import Answer, Body, StoreBrief

_Time = Field(description="ISO 8601, UTC", json_schema_extra={"format": "date-time"})


class Curve(Answer):
    """One curve in equal steps; null where there is no data. Minimum and maximum are those of all scans of a step."""

    address: int | None = None
    string: int | None = None
    name: str
    quantity: Literal["voltage", "temperature", "ri", "equalizing", "current"]
    unit: Literal["V", "degC", "mOhm", "%", "A"]
    resolution_s: int
    t: list[int] = Field(description="start of each step, UTC seconds since 1970")
    min: list[float | None]
    mean: list[float | None]
    max: list[float | None]


class Tier(Answer):
    """One resolution of the store: days it reaches back, and the sectors of 4 KiB it takes."""

    name: str
    days: float
    sectors: int


class Erases(Answer):
    """How often the sectors of the flash were erased."""

    least: int
    mean: float
    most: int


class Storage(StoreBrief):
    """Budget, reach and wear of the store, and everything that was lost or found bad."""

    bytes: int
    free_bytes: int
    tiers: list[Tier]
    erases: Erases
    retired_sectors: int
    projected_years: float | None
    rows: int = Field(description="minutes recorded since the start")
    rows_dropped: int
    events_dropped: int
    write_errors: int
    unreadable: int


class StoredFile(Answer):
    """One file; size and checksum are null until they are worked out."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    name: str
    bytes: int | None
    sha256: str | None
    from_: str = Field(alias="from", description="ISO 8601, UTC", json_schema_extra={"format": "date-time"})
    to: str = _Time


class Files(Answer):
    """Every file there is."""

    files: list[StoredFile]


class ArchiveBody(Body):
    """The files of an archive."""

    names: list[str] = Field(min_length=1, max_length=5000)
