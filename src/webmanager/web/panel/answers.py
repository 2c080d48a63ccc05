"""The answers and bodies of the API about the front panel."""

from typing import Literal

from pydantic import Field

from webmanager.web.http.models import Answer, Body

_Time = Field(description="ISO 8601, UTC", json_schema_extra={"format": "date-time"})
_Mode = Literal["normal", "configuration"]


class LampState(Answer):
    """One lamp as it is now, and why."""

    key: str
    label: str
    colour: Literal["red", "green", "yellow"]
    light: Literal["off", "on", "flashing", "flickering"]
    why: str


class OutputAnswer(Answer):
    """One output of this host."""

    output: Literal["relay1", "relay2", "relay3", "relay4", "alarm_relay", "buzzer"]
    label: str
    on: bool | None = Field(description="energised; null where this host has none")
    why: str
    since: str | None = _Time
    since_text: str = Field(description="the same for people, in the zone of the device")
    by: str | None = Field(description="what part of the device switched it last")


class DipBody(Body):
    """Positions of the DIP switches for the next cold boot."""

    switch1: bool
    switch2: bool


class DipState(Answer):
    """The DIP switches; they are read at a cold boot."""

    switch1: bool
    switch2: bool
    text: str
    mode_now: _Mode
    mode_next: _Mode
    waits: bool = Field(description="the positions differ from those that count")
    fixed_by: str = Field(description="why nobody can move them here, empty if one can")


class PanelAnswer(Answer):
    """What one sees standing before the device."""

    phase: Literal["unpacking", "rebooting", "overflow", "running"]
    mode: _Mode
    lamps: list[LampState]
    outputs: list[OutputAnswer]
    dip: DipState
    can_mute: bool
