"""What every answer and body of the API is made from, and those that several parts have in common."""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """What the device says; nothing more than described."""

    model_config = ConfigDict(extra="forbid")


class Body(BaseModel):
    """What a client says; an unknown key is an error, so that a typo is not silence."""

    model_config = ConfigDict(extra="forbid", strict=True)


class StoreBrief(Answer):
    """Whether what is measured is kept; `text` says why not."""

    state: Literal["ok", "read_only", "failing", "absent"]
    text: str


class ProblemDetails(BaseModel):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str | None = None
    instance: str | None = None
