"""Sentences that code puts together and people read in their language: found in the source, so that none is forgotten.

An f-string becomes a text with named places; what is put together piece by piece stands in PHRASES.
"""

import ast
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

RAISED_IN = (
    "update",
    "web",
    "settings",
    "domain/limits.py",
    "domain/what_if.py",
    "engine/alarming.py",
    "engine/jobs.py",
    "timeserver",
)
"""Packages and files whose errors people read on pages."""
RETURNED_IN = ("domain/wording.py", "engine/job_text.py")
"""Files whose functions return pieces of sentences."""
ASSIGNED_IN = (
    "engine/cycle.py", "engine/board.py", "engine/alarming.py", "timeserver/service.py", "store/history.py",
)  # fmt: skip
"""Files that put a sentence into a name like `text` before they hand it on."""
OBJECTIONS = {"objection", "problem", "_bus_text", "reason", "_verdict", "obstacle"}
"""Functions anywhere in `RAISED_IN` that return why something cannot be."""

_STATUSES = (400, 401, 403, 404, 405, 408, 409, 413, 415, 421, 422, 429, 500, 502, 503, 504)
PHRASES = (
    "{text}, since {time}",
    "the simulated room refused this",
    "there is no flash",
    "an alarm",
    "a warning",
    "a notice",
    "{name}: {label}{figure}, not yet {severity}: it must last {lasts}",
    "there is no {path}",
    "{method} is not allowed here: {allowed}",
    "the body is longer than {limit} bytes",
    "{time} UTC on {date}",
    "{volts} V, {percent} % above",
    "{volts} V, {percent} % below",
    "{percent} % above",
    "{percent} % below",
    "string {number}",
    "strings {first} to {last}",
    "strings {listed} and {last}",
    "all strings",
    "the string",
    "device",
    "no data",
    "this",
    "{reason}: the device runs on {name}",
    "nobody logged in within {minutes} min of the reboot with other network settings",
    "the last good configuration",
    "the defaults",
    "({count} modules silent)",
    "({count} module silent)",
    "a shorted cell",
    "{count} shorted cells",
    "{names} and {count} more",
    "{name} has {revision}",
    "{name} has {revision}, {more}",
    "{where} delivers {amperes} A",
    "{where} deliver {amperes} A",
    "{first} to {last}",
    "{listed} and {last}",
    "Status", "History", "Storage", "Room", "Alarms", "Events", "Limits", "Jobs", "Front panel", "Settings", "System",
    "Address", "Name", "Meaning", "Type", "Scale", "No value", "Origin", "cells", "times",
    "Field required", "Extra inputs are not permitted", "Input should be a valid string",
    "Input should be a valid number", "Input should be a valid integer", "Input should be a valid boolean",
    "Input should be a valid number, unable to parse string as a number",
    "Input should be a valid integer, unable to parse string as an integer",
    "Input should be a valid boolean, unable to interpret input",
    "Input should be a finite number",
    "Input should be greater than {least}", "Input should be greater than or equal to {least}",
    "Input should be less than {most}", "Input should be less than or equal to {most}",
    "Input should be {choices}", "Value error, {reason}",
    "String should have at least {count} character", "String should have at least {count} characters",
    "String should have at most {count} character", "String should have at most {count} characters",
    "Tuple should have at most {count} items after validation, not more",
    "Tuple should have at most {count} items after validation, not {given}",
    *(HTTPStatus(status).phrase for status in _STATUSES),
)  # fmt: skip


def sentences(source: Path) -> Iterator[str]:
    """Every sentence of the package at `source`."""
    yield from PHRASES
    for name in RAISED_IN:
        for path in _files(source / name):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.Raise) or _is_problem(node):
                    yield from _texts(node)
                elif isinstance(node, ast.FunctionDef) and node.name in OBJECTIONS:
                    yield from _returned(node)
    for name in ASSIGNED_IN:
        yield from _assigned(ast.parse((source / name).read_text(encoding="utf-8")))
    for name in RETURNED_IN:
        yield from _returned(ast.parse((source / name).read_text(encoding="utf-8")))


def _files(path: Path) -> list[Path]:
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]


def _is_problem(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"Problem", "_refused"}


def _returned(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Return) and node.value is not None:
            yield from _texts(node.value)


def _assigned(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(_name(target).strip("_") in {"text", "SEVERAL_NEW"} for target in targets):
                yield from _texts(node.value)


def _texts(tree: ast.AST) -> Iterator[str]:
    """The texts at and below a node: constants of several words, f-strings with their places named."""
    if isinstance(tree, ast.JoinedStr):
        yield from _template(tree)
    elif isinstance(tree, ast.Constant):
        if isinstance(tree.value, str) and _is_said(tree.value):
            yield tree.value.strip()
    else:
        for node in ast.iter_child_nodes(tree):
            yield from _texts(node)


def _is_said(text: str) -> bool:
    """Words for people, no format and no piece that ends in the middle."""
    return text.lstrip()[:1].isalpha() and " " in text.strip() and not text.endswith(" ")


def _template(node: ast.JoinedStr) -> Iterator[str]:
    names: list[str] = []
    parts: list[str] = []
    for value in node.values:
        if isinstance(value, ast.Constant):
            parts.append(str(value.value))
        elif isinstance(value, ast.FormattedValue):
            name = _name(value.value)
            names.append(name)
            count = names.count(name)
            parts.append(f"{{{name}{count if count > 1 else ''}}}")
    literal = "".join(part for part in parts if not part.startswith("{"))
    if sum(map(str.isalpha, literal)) >= 4 and " " in literal and "=" not in literal:
        yield "".join(parts).strip()


def _name(node: ast.expr) -> str:
    """The last name in an expression: `error.text` is `text`."""
    names = [
        child.attr if isinstance(child, ast.Attribute) else child.id
        for child in ast.walk(node)
        if isinstance(child, ast.Attribute | ast.Name)
    ]
    return names[0] if names else "value"
