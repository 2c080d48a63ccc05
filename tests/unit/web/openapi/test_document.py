"""The description of the API, and that real answers are what it says."""

import re
from typing import Any

import pytest

from fakes.site import Bench
from webmanager.web.config import WebConfig
from webmanager.web.guard.route import ApiRoute
from webmanager.web.http.models import Answer, Body, ProblemDetails
from webmanager.web.openapi.document import openapi
from webmanager.web.routes import API_ROUTES
from webmanager.web.settings.answers import SettingsBody

DESCRIBED = openapi(WebConfig(), API_ROUTES)
GETS = [
    route
    for route in API_ROUTES
    if route.method == "GET"
    and route.answer is not None
    and not route.path.endswith(("/certificate", "/update"))  # have tests of their own
]


def references(node: Any) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(references(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(references(value) for value in node))
    return set()


def test_it_is_openapi_3_1_and_every_reference_leads_somewhere() -> None:
    assert DESCRIBED["openapi"] == "3.1.0"
    schemas = {f"#/components/schemas/{name}" for name in DESCRIBED["components"]["schemas"]}
    assert references(DESCRIBED) <= schemas


def test_every_route_is_described_with_its_own_id() -> None:
    described = {(method.upper(), path) for path, methods in DESCRIBED["paths"].items() for method in methods}
    assert described == {(route.method, route.path) for route in API_ROUTES}
    ids = [one["operationId"] for methods in DESCRIBED["paths"].values() for one in methods.values()]
    assert len(ids) == len(set(ids))


def test_every_parameter_in_a_path_is_described() -> None:
    for path, methods in DESCRIBED["paths"].items():
        for one in methods.values():
            names = {given["name"] for given in one.get("parameters", []) if given["in"] == "path"}
            assert names == set(re.findall(r"{(\w+)}", path))


def test_every_error_is_a_problem_document() -> None:
    for methods in DESCRIBED["paths"].values():
        for one in methods.values():
            for status, answer in one["responses"].items():
                if int(status) >= 400:
                    assert "application/problem+json" in answer["content"]


def test_what_needs_no_login_says_so() -> None:
    public = {path for path, methods in DESCRIBED["paths"].items() for one in methods.values() if "security" in one}
    assert public == {"/healthz", "/readyz", "/api/v1/session"}


def test_units_are_in_the_names() -> None:
    for name in ("Module", "String", "Scan"):
        for key, schema in DESCRIBED["components"]["schemas"][name]["properties"].items():
            kinds = {schema.get("type"), *(one.get("type") for one in schema.get("anyOf", []))}
            if "number" in kinds:
                assert re.search(r"_(v|a|c|w|mohm|percent|s)$", key), f"{name}.{key}"


async def test_the_server_serves_it_to_everybody(device: Bench) -> None:
    status, described, _ = await device.get("/api/v1/openapi.json", client=device.stranger)
    assert status == 200
    assert described["paths"].keys() == DESCRIBED["paths"].keys()


@pytest.mark.parametrize("route", GETS, ids=[route.path for route in GETS])
async def test_real_answers_are_as_described(device_with_room: Bench, route: ApiRoute) -> None:
    path = route.path.replace("{address}", "220").replace("{section}", "scan")
    path += "?address=220" if route.path.endswith("/history") else ""
    status, answer, headers = await device_with_room.get(path)
    assert status == route.status
    assert headers["Content-Type"].startswith("application/json")
    assert route.answer is not None
    route.answer.model_validate(answer)
    schema = DESCRIBED["components"]["schemas"][route.answer.__name__]
    assert set(schema.get("required", [])) <= set(answer)
    if issubclass(route.answer, Answer):
        assert set(answer) <= set(schema["properties"]), "an answer says nothing that is not described"


async def test_real_problems_are_as_described(device: Bench) -> None:
    _, problem, _ = await device.get("/api/v1/system", client=device.stranger)
    ProblemDetails.model_validate(problem)


def test_a_body_with_a_typo_is_refused_by_its_model() -> None:
    for route in API_ROUTES:
        if route.body not in {None, SettingsBody}:  # a section's own model judges its keys
            assert route.body is not None
            assert issubclass(route.body, Body)
            assert route.body.model_config.get("extra") == "forbid"
