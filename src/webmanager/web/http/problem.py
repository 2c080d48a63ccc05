"""Errors for programs: RFC 9457 problem details."""

import json
from collections.abc import Mapping
from http import HTTPStatus

from aiohttp import web

from webmanager.language.spoken import sentence

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
        """The members of the problem document, in the language spoken."""
        document: dict[str, object] = {"type": "about:blank", "title": title(self.status), "status": self.status}
        if self.detail:
            document["detail"] = _said(self.detail)
        if instance is not None:
            document["instance"] = instance
        listed = self.extra.get("errors")
        if isinstance(listed, list):
            document["errors"] = [fault | {"reason": sentence(str(fault.get("reason", "")))} for fault in listed]
        return self.extra | document

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
    said = {fault["field"]: sentence(str(fault["reason"])) for fault in faults}
    return {field: f"{reason[:1].upper()}{reason[1:]}." for field, reason in said.items()}


def _said(detail: str) -> str:
    """A detail that may list several fields: `field: reason; field: reason`."""
    whole = sentence(detail)
    if whole != detail:
        return whole
    parts = [part.partition(": ") for part in detail.split("; ")]
    return "; ".join(f"{field}{colon}{sentence(reason)}" for field, colon, reason in parts)


def title(status: int) -> str:
    """The phrase of a status code."""
    try:
        return sentence(HTTPStatus(status).phrase)
    except ValueError:
        return "Error"
