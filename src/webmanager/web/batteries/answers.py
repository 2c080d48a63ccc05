"""What the API says and hears of notes, exchange and search."""

from pydantic import Field

from webmanager.engine.battery_notes import LONGEST_LABEL, LONGEST_TEXT
from webmanager.web.http.models import Answer, Body

_DATE = r"^\d{4}-\d\d-\d\d$"


class ExchangeAnswer(Answer):
    """One exchange of a battery."""

    at: str
    by: str


class NoteAnswer(Answer):
    """What people know of a battery."""

    address: int
    name: str
    label: str = Field(description="what people call its place beside its name")
    text: str
    installed_on: str | None = Field(description="day of its installation, ISO 8601")
    exchanges: list[ExchangeAnswer] = Field(description="the oldest first")


class NoteBody(Body):
    """Another note."""

    text: str = Field("", max_length=LONGEST_TEXT)
    label: str = Field("", max_length=LONGEST_LABEL)
    installed_on: str | None = Field(None, pattern=_DATE)


class ExchangeBody(Body):
    """A battery was exchanged; without a day it was today."""

    installed_on: str | None = Field(None, pattern=_DATE)


class FoundBattery(Answer):
    """A battery that was found."""

    address: int
    name: str
    string: int
    label: str
    text: str = Field(description="its note")


class FoundBatteries(Answer):
    """What was found, at most 100."""

    batteries: list[FoundBattery]
    total: int
