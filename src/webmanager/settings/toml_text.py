"""Settings as TOML that people edit: what they wrote beside it stays, what is new comes with its help."""

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

import tomlkit
from pydantic import BaseModel, ValidationError
from tomlkit.container import Container
from tomlkit.items import AoT, Table

from webmanager.settings.model import Settings
from webmanager.settings.section import with_secrets

_WIDTH = 100


def toml_text(old: str, settings: Settings) -> str:
    """A file that says `settings`, with the comments and the order of the old one; empty is a fresh file.

    Only sections that differ from the defaults, or stood there before, are written.
    """
    merged = _merged_text(old, settings) if old.strip() else ""
    return merged if merged and says(merged, settings) else _fresh_text(settings)


def says(text: str, settings: Settings) -> bool:
    """A TOML text that reads as exactly these settings."""
    try:
        return Settings.model_validate(tomllib.loads(text)) == settings
    except (tomllib.TOMLDecodeError, ValidationError):
        return False


def toml_of(settings: Settings, tables: Mapping[str, Any], head: Sequence[str]) -> str:
    """A file with every section, the values as given in `tables`; `head` are the comments it begins with."""
    document = tomlkit.document()
    for line in head:
        document.add(tomlkit.comment(line))
    for name in type(settings).model_fields:
        document.add(tomlkit.nl())
        document.add(name, _table(getattr(settings, name), tables[name]))
    return tomlkit.dumps(document)


def _fresh_text(settings: Settings) -> str:
    document = tomlkit.document()
    document.add(tomlkit.comment("The configuration of the device as its pages write it; comments and order are kept."))
    _add_sections(document, settings)
    return tomlkit.dumps(document)


def _merged_text(old: str, settings: Settings) -> str:
    try:
        document = tomlkit.parse(old)
        plain = with_secrets(settings)
        for name in type(settings).model_fields:
            if name in document and not _put(document, name, plain[name], getattr(settings, name)):
                return ""
        _add_sections(document, settings)
        return tomlkit.dumps(document)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return ""  # whatever trips the editor of comments: a plain file is better than none


def _add_sections(document: tomlkit.TOMLDocument, settings: Settings) -> None:
    defaults, plain = type(settings)(), with_secrets(settings)
    for name in type(settings).model_fields:
        section = getattr(settings, name)
        if name not in document and section != getattr(defaults, name):
            document.add(tomlkit.nl())
            document.add(name, _table(section, plain[name]))


def _put(at: Table | Container | tomlkit.TOMLDocument, name: str, value: Any, model: Any) -> bool:
    """Writes one value where an older one stands; whatever is the same is not touched. False if it is out of order."""
    old = at[name]
    if _plain(old) == value:
        return True
    if isinstance(old, Table) and isinstance(value, Mapping):
        for key in [key for key in old if value.get(key) is None]:
            del old[key]
        for key, part in value.items():
            if part is None:
                continue
            if key in old:
                if not _put(old, key, part, getattr(model, key, None)):
                    return False
            elif not _is_default(model, key):
                _add(old, key, part, model)
        return True
    if isinstance(old, AoT) and isinstance(value, list) and all(isinstance(row, Mapping) for row in value):
        return _put_rows(old, value)
    if isinstance(old, (Table, AoT)) or isinstance(value, Mapping):
        return False
    at[name] = _value(value)
    return True


def _put_rows(rows: AoT, values: list[Mapping[str, Any]]) -> bool:
    """Rows of a list are known by their name; the ones that stay keep their comments."""
    known = {str(row.get("name")): row for row in rows}
    wanted = []
    for value in values:
        row = known.get(str(value.get("name")))
        if row is None:
            wanted.append(_value(value))
        elif _put({"row": row}, "row", value, None):  # type: ignore[arg-type]
            wanted.append(row)
        else:
            return False
    rows.clear()
    for row in wanted:
        rows.append(row)
    return True


def _table(model: BaseModel, plain: Mapping[str, Any]) -> Table:
    """A table with a line of help above each key; tables inside come last, as TOML wants it."""
    table = tomlkit.table()
    words = (type(model).__doc__ or "").strip().splitlines()
    if words:
        table.add(tomlkit.comment(words[0]))
    order = sorted(plain, key=lambda name: _is_tabular(plain[name]))
    for name in order:
        if plain[name] is not None:
            _add(table, name, plain[name], model)
    return table


def _add(table: Table, name: str, value: Any, model: Any) -> None:
    part = getattr(model, name, None)
    if isinstance(part, BaseModel):
        table.add(name, _table(part, value))
        return
    described = type(model).model_fields[name].description if isinstance(model, BaseModel) else ""
    help_text = " ".join((described or "").split())
    if help_text and f"# {help_text}\n" not in table.as_string():  # it stays where the key has been before
        table.add(tomlkit.comment(help_text))
    table.add(name, _value(value))


def _value(value: Any) -> Any:
    """A plain value as an item of TOML; rows become an array of tables, what is None is left out."""
    if isinstance(value, Mapping):
        table = tomlkit.table()
        for key in sorted(value, key=lambda key: _is_tabular(value[key])):
            if value[key] is not None:
                table.add(key, _value(value[key]))
        return table
    if isinstance(value, list) and value and all(isinstance(row, Mapping) for row in value):
        rows = tomlkit.aot()
        for row in value:
            rows.append(_value(row))
        return rows
    if isinstance(value, list):
        array = tomlkit.array()
        for part in value:
            array.append(part)
        return array.multiline(len(repr(value)) > _WIDTH)
    return tomlkit.item(value)


def _is_tabular(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, list) and any(isinstance(row, Mapping) for row in value))


def _is_default(model: Any, name: str) -> bool:
    if not isinstance(model, BaseModel):
        return False
    return bool(getattr(model, name) == type(model).model_fields[name].get_default(call_default_factory=True))


def _plain(item: Any) -> Any:
    unwrap = getattr(item, "unwrap", None)
    return unwrap() if unwrap else item
