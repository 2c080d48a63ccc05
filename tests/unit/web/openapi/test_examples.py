"""Examples of the API: every body and answer has one, and its own model accepts it."""

from typing import Any

import pytest
from pydantic import BaseModel

from webmanager.web.config import WebConfig
from webmanager.web.http.models import ProblemDetails
from webmanager.web.openapi.document import openapi
from webmanager.web.openapi.examples import TIME, USUAL, example_of
from webmanager.web.routes import API_ROUTES

SCHEMAS = openapi(WebConfig(), API_ROUTES)["components"]["schemas"]
MODELS = sorted(
    {model for route in API_ROUTES for model in (route.body, route.answer) if model is not None} | {ProblemDetails},
    key=lambda model: model.__name__,
)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_body_and_answer_has_an_example_its_model_takes(model: type[BaseModel]) -> None:
    (example,) = SCHEMAS[model.__name__]["examples"]
    model.model_validate(example)


@pytest.mark.parametrize(
    ("schema", "key", "example"),
    [
        ({"type": "integer"}, "address", USUAL["address"]),
        ({"type": "string"}, "address", "text"),
        ({"type": "string", "enum": ["a", "b"]}, "name", "a"),
        ({"const": 7}, "", 7),
        ({"type": "number", "minimum": 5}, "", 5),
        ({"type": "integer", "exclusiveMinimum": 0}, "", 1),
        ({"type": "string", "format": "date-time"}, "name", TIME),
        ({"type": "string", "minLength": 8}, "", "text----"),
        ({"anyOf": [{"type": "number"}, {"type": "null"}]}, "voltage_v", USUAL["voltage_v"]),
        ({"anyOf": [{"type": "null"}, {"type": "string"}]}, "", None),
        ({"type": "array", "items": {"type": "boolean"}}, "", [True]),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "", {"5": "text"}),
        ({"type": "object"}, "", {}),
        ({"$ref": "#/components/schemas/One"}, "", {"name": "S3-17"}),
    ],
)
def test_an_example_fits_its_schema(schema: dict[str, Any], key: str, example: object) -> None:
    one = {"type": "object", "properties": {"name": {"type": "string"}}}
    assert example_of(schema, {"One": one}, key) == example
