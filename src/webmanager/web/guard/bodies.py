"""Reading what a client sends: bounded in size and time, checked before anybody uses it."""

import asyncio
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from webmanager.web.http.problem import Problem
from webmanager.web.site.site import SITE

Model = TypeVar("Model", bound=BaseModel)


async def read_json(request: web.Request, model: type[Model]) -> Model:
    """The body as a model; Problem 415 for another type, 400 for what is not JSON, 422 with field and reason."""
    if request.content_type != "application/json":
        raise Problem(415, f"content type {request.content_type} is not understood: application/json")
    raw = await _within(request)
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)
        if any(fault["type"] == "json_invalid" for fault in faults):
            raise Problem(400, "the body is not JSON") from None
        listed = [{"field": ".".join(map(str, fault["loc"])) or "body", "reason": fault["msg"]} for fault in faults]
        detail = "; ".join(f"{fault['field']}: {fault['reason']}" for fault in listed[:4])
        raise Problem(422, detail, extra={"errors": listed}) from None


async def read_form(request: web.Request) -> dict[str, str]:
    """The text fields of a submitted form; Problem 415 for another type."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise Problem(415, f"content type {request.content_type} is not understood: a submitted form")
    await _within(request)
    fields = await request.post()
    return {key: value for key, value in fields.items() if isinstance(value, str)}


async def _within(request: web.Request) -> bytes:
    try:
        async with asyncio.timeout(request.app[SITE].config.body_timeout_s):
            return await request.read()
    except TimeoutError:
        raise Problem(408, "the body did not arrive in time", headers={"Connection": "close"}) from None
