"""The OpenAPI 3.1 description, made from the route table and the models of bodies and answers."""

import re
from collections.abc import Iterable
from typing import Any

from pydantic.json_schema import models_json_schema

from webmanager.web.config import WebConfig
from webmanager.web.guard.route import ApiRoute
from webmanager.web.http.models import ProblemDetails
from webmanager.web.looks.published import MODULE_KEYS, STRING_KEYS
from webmanager.web.openapi.examples import example_of

_PROBLEMS = {
    400: "The body is not JSON.",
    401: "Log in first, or user or password is wrong.",
    403: "The role does not suffice, the token is missing, or the default password must be changed first.",
    404: "There is no such thing.",
    409: "Not possible as things stand; the detail says why.",
    413: "The body is too long.",
    415: "The body has another content type.",
    422: "A field cannot be what it is; `errors` lists field and reason.",
    429: "Too many wrong logins; `Retry-After` says when to try again.",
    502: "The simulated room cannot be reached.",
    503: "Not ready, or too busy.",
    504: "The simulated room does not answer in time.",
}


def openapi(config: WebConfig, routes: Iterable[ApiRoute]) -> dict[str, Any]:
    """The whole document."""
    listed = list(routes)
    models = {model for route in listed for model in (route.body, route.answer) if model is not None}
    ordered = sorted(models | {ProblemDetails}, key=lambda model: model.__name__)
    _, schemas = models_json_schema(
        [(model, "serialization") for model in ordered], ref_template="#/components/schemas/{model}"
    )
    _describe(schemas["$defs"])
    for model in schemas["$defs"].values():
        model["examples"] = [example_of(model, schemas["$defs"])]
    paths: dict[str, dict[str, Any]] = {}
    for route in listed:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "webmanager",
            "version": config.software_version,
            "description": "Every battery. Units are in the names, unknown is null, times are ISO 8601 UTC.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"basic": []}, {"bearer": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic"},
                "bearer": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": config.session_cookie},
            },
        },
    }


def _describe(schemas: dict[str, Any]) -> None:
    """Puts the words of the catalogue of points beside the keys they stand behind."""
    for name, keys in (("Module", MODULE_KEYS), ("String", STRING_KEYS)):
        for key in keys:
            point = key.published
            unit = f" Unit: {point.unit}." if point.unit else ""
            schemas[name]["properties"][key.key]["description"] = f"{point.help}{unit} Point {point.name}."


def _operation(route: ApiRoute) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": route.summary,
        "operationId": re.sub(r"\W+", "_", f"{route.method.lower()}{route.path}").strip("_"),
        "responses": {str(route.status): _success(route)} | _problems(route),
    }
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", route.path)
    ]
    parameters += [
        {"name": name, "in": "query", "description": text, "schema": {"type": "string"}}
        for name, text in route.query.items()
    ]
    if parameters:
        operation["parameters"] = parameters
    if route.body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": _ref(route.body)}}}
    if route.role is None:
        operation["security"] = []
    return operation


def _success(route: ApiRoute) -> dict[str, Any]:
    if route.is_stream:
        text = (
            "Server-sent events: `snapshot` per scan, at most two a second; `event` with each change of an alarm;"
            " `beat` when there is nothing new."
        )
        return {"description": text, "content": {"text/event-stream": {"schema": {"type": "string"}}}}
    if route.sends:
        schema = {"type": "string", "format": "binary"}
        return {"description": route.summary, "content": {route.sends: {"schema": schema}}}
    if route.answer is None:
        return {"description": "Done."}
    return {"description": route.summary, "content": {"application/json": {"schema": _ref(route.answer)}}}


def _problems(route: ApiRoute) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": _ref(ProblemDetails)}}
    return {str(status): {"description": _PROBLEMS[status], "content": content} for status in sorted(route.problems)}


def _ref(model: type[Any]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}
