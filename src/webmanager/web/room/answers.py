"""Answers and bodies of the calls to the simulated room."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from webmanager.web.http.models import Body


class RoomAnswer(BaseModel):
    """What the simulated room says; its own documentation describes it."""

    model_config = ConfigDict(extra="allow")


class FaultBody(Body):
    """A fault for the room: where it strikes is one of address, string, channel, bus or target."""

    model_config = ConfigDict(extra="forbid", strict=True)
    kind: str
    address: int | None = None
    string: int | None = None
    channel: str | None = None
    bus: Any = None
    target: int | str | None = None
    value: float | str | None = None


class MainsBody(Body):
    """Mains on or off."""

    on: bool


class LoadBody(Body):
    """Power the load draws from the DC bus."""

    watts: float = Field(ge=0, allow_inf_nan=False)


class SpeedBody(Body):
    """Device seconds in one host second."""

    factor: float = Field(gt=0, allow_inf_nan=False)


class AmbientBody(Body):
    """Room temperature."""

    celsius: float = Field(ge=-40, le=80, allow_inf_nan=False)
