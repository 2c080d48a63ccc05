"""Errors for programs: RFC 9457 problem details."""

import json
from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web

CONTENT_TYPE = "application/problem+json"


class Problem(Exception):  # noqa: N818 - the word of RFC 9457
    """An answer that is an error; `detail` says what is wrong in one line, `extra` are further members."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})

    def document(self, instance: str | None = None) -> dict[str, object]:
        """The members of the problem document."""
        document: dict[str, object] = {"type": "about:blank", "title": title(self.status), "status": self.status}
        if self.detail:
            document["detail"] = self.detail
        if instance is not None:
            document["instance"] = instance
        return document | self.extra

    def response(self, instance: str | None = None) -> web.Response:
        """The answer for a program."""
        return web.Response(
            status=self.status,
            body=json.dumps(self.document(instance), separators=(",", ":")).encode(),
            content_type=CONTENT_TYPE,
            headers=self.headers,
        )


def refused(field: str, reason: str, extra: Mapping[str, object] | None = None) -> Problem:
    """A 422 about one field."""
    return Problem(422, reason, extra={"errors": [{"field": field, "reason": reason}]} | dict(extra or {}))


def field_errors(problem: Problem, otherwise: str = "name") -> dict[str, str]:
    """What is wrong as a sentence for each field of a form; what names no field stands at `otherwise`."""
    listed = problem.extra.get("errors")
    faults = listed if isinstance(listed, list) else [{"field": otherwise, "reason": problem.detail}]
    return {fault["field"]: f"{fault['reason'][:1].upper()}{fault['reason'][1:]}." for fault in faults}


def title(status: int) -> str:
    """The phrase of a status code."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
