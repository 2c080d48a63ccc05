"""Scenarios: what happens in the room over time, read from TOML; the built-in ones are part of the package."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from webmanager.domain.errors import ConfigError
from webmanager.domain.installation import Installation

STEP_KEYS = ("at_s", "mains", "load_w", "load_c10", "ambient_c", "over_s", "fault", "repair")
TOP_KEYS = ("title", "text", "lasts_s", "step")


@dataclass(frozen=True, slots=True)
class Step:
    """What happens `at_s` seconds after the beginning; None = stays as it is.

    `load_c10` is a load in multiples of what empties the battery in one hour; load and ambient get there in `over_s`.
    `fault` is a request as `Faults.add` takes it, with `name` for a later `repair`, and with `each_of_string` or
    `middle_of_string` as further targets.
    """

    at_s: float
    mains: bool | None = None
    load_w: float | None = None
    load_c10: float | None = None
    ambient_c: float | None = None
    over_s: float = 0.0
    fault: Mapping[str, Any] | None = None
    repair: str | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """Steps in the order of time. When it ends after `lasts_s`, the room is as it was before."""

    name: str
    title: str
    text: str
    lasts_s: float
    steps: tuple[Step, ...]


def built_in() -> dict[str, Scenario]:
    """The scenarios that come with the room, by name."""
    folder = resources.files("webmanager.room") / "scenarios"
    found = {}
    for entry in sorted(folder.iterdir(), key=_name_of):
        if entry.name.endswith(".toml"):
            name = entry.name.removesuffix(".toml")
            found[name] = parse(name, entry.read_text(encoding="utf-8"))
    return found


def read(path: Path) -> Scenario:
    """A scenario from a file; ConfigError says file, key and what is allowed."""
    try:
        return parse(path.stem, path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"scenario {path}: cannot be read: {error}") from None


def parse(name: str, text: str) -> Scenario:
    """A scenario from the text of a TOML file; ConfigError says key and what is allowed."""
    where = f"scenario {name}"
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where}: not TOML: {error}") from None
    _check_keys(where, document, TOP_KEYS)
    rows = document.get("step", [])
    if not isinstance(rows, list) or not rows:
        raise ConfigError(f"{where}: at least one [[step]] is needed")
    steps = sorted((_step(f"{where}, step {number}", row) for number, row in enumerate(rows, 1)), key=_time_of)
    lasts_s = _number(where, document, "lasts_s", required=True)
    if lasts_s is None or lasts_s < steps[-1].at_s:
        raise ConfigError(f"{where}: lasts_s must not be before the last step at {steps[-1].at_s:g} s")
    return Scenario(name, str(document.get("title", name)), str(document.get("text", "")), lasts_s, tuple(steps))


def fault_requests(fault: Mapping[str, Any], installation: Installation) -> Sequence[dict[str, Any]]:
    """The requests behind a step's fault in this installation; ConfigError if the string is not there."""
    request = {key: value for key, value in fault.items() if key not in ("name", "each_of_string", "middle_of_string")}
    string = fault.get("each_of_string", fault.get("middle_of_string"))
    if string is None:
        return [request]
    if isinstance(string, bool) or not isinstance(string, int) or not 1 <= string <= installation.strings:
        raise ConfigError(f"{fault.get('kind')}: string {string!r} is not there: 1 to {installation.strings}")
    addresses = installation.addresses_of(string)
    if "middle_of_string" in fault:
        return [request | {"address": addresses[(len(addresses) - 1) // 2]}]
    return [request | {"address": address} for address in addresses]


def _step(where: str, row: Any) -> Step:
    if not isinstance(row, dict):
        raise ConfigError(f"{where}: a table is needed")
    _check_keys(where, row, STEP_KEYS)
    mains, fault, repair = row.get("mains"), row.get("fault"), row.get("repair")
    if not isinstance(mains, bool | None):
        raise ConfigError(f"{where}: mains = {mains!r}: true or false")
    if fault is not None and not (isinstance(fault, dict) and isinstance(fault.get("kind"), str)):
        raise ConfigError(f'{where}: fault needs at least a kind, as {{ kind = "soft_short", address = 3 }}')
    if not isinstance(repair, str | None):
        raise ConfigError(f"{where}: repair = {repair!r}: the name of a fault")
    return Step(
        at_s=_number(where, row, "at_s", required=True) or 0.0,
        mains=mains,
        load_w=_number(where, row, "load_w"),
        load_c10=_number(where, row, "load_c10"),
        ambient_c=_number(where, row, "ambient_c", lowest=-20.0),
        over_s=_number(where, row, "over_s") or 0.0,
        fault=fault,
        repair=repair,
    )


def _check_keys(where: str, table: Mapping[str, Any], allowed: Sequence[str]) -> None:
    for key in table:
        if key not in allowed:
            raise ConfigError(f"{where}: {key} is not known: {', '.join(allowed)}")


def _number(
    where: str, table: Mapping[str, Any], key: str, *, required: bool = False, lowest: float = 0.0
) -> float | None:
    value = table.get(key)
    if value is None and not required:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not lowest <= value < float("inf"):
        raise ConfigError(f"{where}: {key} = {value!r}: a number from {lowest:g}")
    return float(value)


def _time_of(step: Step) -> float:
    return step.at_s


def _name_of(entry: Any) -> str:
    return str(entry.name)
