"""What a setting is called on pages and in sentences: from its name in the file, or from the title its model gives."""

import re
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

UNITS = {
    "v_cell": "V per cell",
    "c_cell": "°C",
    "mohm": "mΩ",
    "percent": "%",
    "min": "min",
    "ms": "ms",
    "ah": "Ah",
    "va": "VA",
    "kb": "KB",
    "ppm": "ppm",
    "s": "s",
    "h": "h",
    "c": "°C",
    "k": "K",
    "v": "V",
    "a": "A",
    "w": "W",
}
"""The last part of a field's name, and the unit it stands for."""

_AS_WRITTEN = {
    "id": "ID",
    "ip": "IP",
    "ri": "Ri",
    "ups": "UPS",
    "aux": "AUX",
    "com2": "COM2",
    "tls": "TLS",
    "http": "HTTP",
    "https": "HTTPS",
    "dns": "DNS",
    "url": "URL",
    "snmp": "SNMP",
    "ntp": "NTP",
    "utc": "UTC",
    "mac": "MAC",
    "mib": "MIB",
    "pin": "PIN",
    "ca": "CA",
    "bacs": "BACS",
    "modbus": "Modbus",
    "sms": "SMS",
    "rtu": "RTU",
    "hsts": "HSTS",
    "rccmd": "RCCMD",
}

_OPTIONS = {"en": "English", "de": "German", "starttls": "STARTTLS", "tls": "TLS", "udp": "UDP", "tcp": "TCP"}
"""Choices that people call otherwise than the file does."""


def label_of(name: str, field: FieldInfo | None = None) -> str:
    """A few words for a field: `retry_budget_ms` is “Retry budget”."""
    if field is not None and field.title:
        return field.title
    words = [_AS_WRITTEN.get(word, word) for word in _without_unit(name).split("_")]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])


def unit_of(name: str, field: FieldInfo | None = None) -> str:
    """The unit that a field's name ends with; empty if it has none."""
    extra = field.json_schema_extra if field is not None else None
    if isinstance(extra, dict) and "unit" in extra:
        return str(extra["unit"])
    return UNITS.get(_unit_key(name), "")


def title_of(model: type[BaseModel]) -> str:
    """What a section is called: the title its model gives, or its name without “Settings”."""
    given = model.model_config.get("title")
    if given:
        return given
    words = re.findall(r"[A-Z][a-z0-9]*", model.__name__.removesuffix("Settings"))
    first, *rest = (_AS_WRITTEN.get(word.lower(), word.lower()) for word in words)
    return " ".join([first[:1].upper() + first[1:], *rest])


def help_of(model: type[BaseModel]) -> str:
    """The sentence of a section; the page it belongs to, where its contract begins with that, is left out."""
    words = (model.__doc__ or "").strip().split("\n\n")[0]
    if words.startswith("Page *") or words.startswith("All of"):
        _, _, words = words.partition(": ")
    words = " ".join(words.split())
    return words[:1].upper() + words[1:]


def labels_of(model: type[BaseModel], path: str) -> list[str]:
    """The labels along a dotted path, from the section to the field; numbers of rows stand as they are."""
    labels: list[str] = []
    kinds: list[type[BaseModel]] = [model]
    for name in path.split("."):
        owner = next((kind for kind in kinds if name in kind.model_fields), None)
        if owner is None:
            labels.append(name)
            continue
        field = owner.model_fields[name]
        kinds = list(models_in(field.annotation))
        section = next((kind for kind in kinds if kind is field.annotation), None)
        labels.append(title_of(section) if section and not field.title else label_of(name, field))
    return labels


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Every model that an annotation mentions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models_in(part)


def texts_of(model: type[BaseModel]) -> Iterator[str]:
    """Every text a form of this model shows: labels, units, helps and options, of sections within sections too."""
    for name, field in model.model_fields.items():
        yield label_of(name, field)
        if field.description:
            yield field.description
        yield unit_of(name, field)
        options = tuple(_options_in(field.annotation))
        yield from (option_label(option) for option in options if name != "type" or len(options) > 1)
        for part in models_in(field.annotation):
            yield title_of(part)
            yield help_of(part)
            yield from texts_of(part)


def option_label(option: object) -> str:
    """A choice in words: `at_once` is “at once”."""
    text = str(option)
    return _OPTIONS.get(text) or text.replace("_", " ")


def _options_in(annotation: Any) -> Iterator[str]:
    for part in get_args(annotation):
        if isinstance(part, str):
            yield part
        else:
            yield from _options_in(part)


def _without_unit(name: str) -> str:
    unit = _unit_key(name)
    return name[: -len(unit) - 1] if unit else name


def _unit_key(name: str) -> str:
    return next((unit for unit in UNITS if name.endswith(f"_{unit}")), "")
