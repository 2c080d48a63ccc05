"""TOML files of the device: read with one-line errors, written in one step."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from webmanager.domain.errors import ConfigError
from webmanager.settings.model import Settings

SETTINGS_FILE = "settings.toml"
LARGEST_BYTES = 1_000_000

Model = TypeVar("Model", bound=BaseModel)


def read_settings(data_dir: Path) -> Settings:
    """The settings kept in a data directory, the defaults if there are none; ConfigError if they cannot be."""
    path = data_dir / SETTINGS_FILE
    if not path.exists():
        return Settings()
    return read_model(path, Settings)


def read_model(path: Path, model: type[Model]) -> Model:
    """A validated model from a TOML file; ConfigError names file, table, key and what is allowed."""
    return validate(read_toml(path), model, path.name)


def read_toml(path: Path) -> dict[str, Any]:
    """The tables of a TOML file; ConfigError if it cannot be read or parsed."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise ConfigError(f"{path}: larger than {LARGEST_BYTES} bytes")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {_near(text, str(error))}is not TOML: {error}") from None
    except RecursionError:
        raise ConfigError(f"{path}: is nested too deeply") from None


def _near(text: str, said: str) -> str:
    """Table and key at the line an error of the parser names, as `[scan] period_s: `; empty if there is no line."""
    lines = text.split("\n")
    found = re.search(r"at line (\d+)", said)
    number = min(int(found[1]), len(lines)) if found else len(lines)
    headers = [line.strip() for line in lines[:number] if re.match(r"\s*\[", line)]
    if headers and not headers[-1].split("#")[0].strip().endswith("]"):
        return f"line {number}: "  # the header itself is broken
    table = headers[-1].split("#")[0].strip()[:60] if headers else ""
    key = re.match(r"\s*([^\s=#\[]+)", lines[number - 1])
    place = " ".join(part for part in (table, key[1][:60] if key else "") if part)
    return f"{place}: " if place and place.isprintable() else ""


def validate(tables: Mapping[str, Any], model: type[Model], source: str) -> Model:
    """Tables as a model; ConfigError names source, table and key of the first mistake."""
    try:
        return model.model_validate(tables)
    except ValidationError as error:
        raise ConfigError(f"{source}: {first_mistake(error)}") from None


def first_mistake(error: ValidationError) -> str:
    """One line: where, what is wrong, what was given."""
    mistake = error.errors(include_url=False)[0]
    *tables, key = [str(part) for part in mistake["loc"]] or ["?"]
    where = f"[{'.'.join(tables)}] {key}" if tables else key
    if mistake["type"] == "extra_forbidden":
        return f"{where}: this key is not known"
    given = mistake["input"]
    shown = f" (given: {given!r})" if isinstance(given, str | int | float | bool) else ""
    return f"{where}: {mistake['msg'][0].lower()}{mistake['msg'][1:]}{shown}"


def write_atomically(path: Path, text: str) -> None:
    """Replaces a file in one step: whoever reads it, after whatever power cut, sees the old or the new one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
