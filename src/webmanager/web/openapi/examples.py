"""An example for each body and answer of the API, made from its schema: what a reader of the description sees first."""

from collections.abc import Mapping
from typing import Any

TIME = "2026-11-22T20:40:12.000Z"
USUAL: Mapping[str, Any] = {
    "address": 81,
    "advice": "Check the torque of its terminals and links.",
    "age_s": 1.2,
    "average_v": 13.62,
    "by": "admin",
    "capacity_ah": 100.0,
    "current_a": 0.231,
    "detail": "there is no module '999': addresses are 1 to 256",
    "deviation_percent": -0.4,
    "equalizing_percent": 35.0,
    "firmware": "2.03",
    "from": "2026-11-01T00:00:00Z",
    "installed_on": "2026-05-31",
    "label": "Voltage off its string",
    "limit": 2.0,
    "location": "Building C, basement 2",
    "name": "S3-17",
    "names": ["battery_11_2026_volt.csv"],
    "old": "the one in force",
    "new": "a long new one",
    "password": "secret",
    "period_s": 2.0,
    "position": 17,
    "reference_v": 13.62,
    "revision": "1.4",
    "ri_mohm": 4.21,
    "serial": 4127,
    "software_version": "0.1.0",
    "source": "S3-17",
    "string": 3,
    "temperature_c": 23.4,
    "text": "Torque of the terminals checked.",
    "unit": "V",
    "username": "admin",
    "voltage_v": 13.604,
}
"""What stands under a name wherever its schema allows it."""
_PLAIN: Mapping[str, Any] = {"integer": 1, "number": 1.0, "boolean": True, "string": "text", "null": None}


def example_of(schema: Mapping[str, Any], models: Mapping[str, Any], key: str = "") -> Any:
    """A value that the schema allows; `models` are the named schemas it refers to."""
    if "$ref" in schema:
        return example_of(models[str(schema["$ref"]).rpartition("/")[2]], models, key)
    if key in USUAL and _allows(schema, USUAL[key]):
        return USUAL[key]
    fixed = next((schema[word] for word in ("const", "default") if schema.get(word) is not None), None)
    return _by_type(schema, models, key) if fixed is None else fixed


def _by_type(schema: Mapping[str, Any], models: Mapping[str, Any], key: str) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], models, key)
    if schema.get("type") == "object":
        return _object(schema, models)
    if schema.get("type") == "array":
        return _array(schema, models, key)
    return _scalar(schema, str(schema.get("type")))


def _object(schema: Mapping[str, Any], models: Mapping[str, Any]) -> dict[str, Any]:
    if "properties" in schema:
        return {name: example_of(part, models, name) for name, part in schema["properties"].items()}
    inner = schema.get("additionalProperties")
    return {"5": example_of(inner, models)} if isinstance(inner, Mapping) else {}


def _array(schema: Mapping[str, Any], models: Mapping[str, Any], key: str) -> list[Any]:
    if "prefixItems" in schema:
        return [example_of(part, models) for part in schema["prefixItems"]]
    return [example_of(schema.get("items", {}), models, key)] if "items" in schema else []


def _scalar(schema: Mapping[str, Any], kind: str) -> Any:
    if kind == "string":
        if schema.get("format") == "date-time":
            return TIME
        return str(_PLAIN["string"]).ljust(int(schema.get("minLength", 0)), "-")[: int(schema.get("maxLength", 1000))]
    value = schema.get("minimum", schema.get("exclusiveMinimum", 0))
    usual = _PLAIN.get(kind)
    if kind in {"integer", "number"}:
        return max(usual, value + (1 if "exclusiveMinimum" in schema else 0)) if value > 0 else usual
    return usual


def _allows(schema: Mapping[str, Any], value: Any) -> bool:
    """The type fits, as far as it decides between the meanings of one name."""
    kinds = {part.get("type") for part in schema.get("anyOf", [schema])}
    plain = {int: "integer", float: "number", str: "string", list: "array"}[type(value)]
    one: Mapping[str, Any] = next((part for part in schema.get("anyOf", [schema]) if part.get("type") == plain), {})
    is_bound = "enum" in one or one.get("format") == "date-time" or len(str(value)) > one.get("maxLength", 1000)
    return plain in kinds and not is_bound
