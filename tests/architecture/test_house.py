"""The rules of the house: who may import whom, how large a file may be, what a module may be called."""

import ast
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "webmanager"
TABLES = {"commands", "registers", "mib", "limits", "points"}
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base"}
LONGEST_FILE = 400
LONGEST_FUNCTION = 40


def sources() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_imports_follow_the_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("logging.config.dictConfig", lambda _config: None)  # it would silence every logger there is
    assert lint_imports(config_filename="pyproject.toml", cache_dir=None) == 0


def test_no_file_is_longer_than_one_can_read() -> None:
    long = {str(path.relative_to(ROOT)): lines(path) for path in sources() if path.stem not in TABLES}
    assert {name: count for name, count in long.items() if count > LONGEST_FILE} == {}


def test_nine_functions_of_ten_fit_on_a_screen() -> None:
    lengths = [(node.end_lineno or 0) - node.lineno + 1 for path in sources() for node in functions(path)]
    short = sum(length <= LONGEST_FUNCTION for length in lengths)
    assert short / len(lengths) >= 0.9


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [path.name for path in sources() if path.stem in VAGUE] == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [str(path.relative_to(ROOT)) for path in sources() if not ast.get_docstring(ast.parse(path.read_text()))]
    assert silent == []


def test_there_are_at_least_as_many_lines_of_tests_as_of_source() -> None:
    tests = sum(lines(path) for path in (ROOT / "tests").rglob("*.py"))
    assert tests >= sum(lines(path) for path in sources())


def test_nothing_names_a_path_of_one_machine() -> None:
    home = os.fspath(Path("/", "work")), os.fspath(Path("/", "root"))
    named = [
        str(path.relative_to(ROOT))
        for folder in ("src", "docs", "config", "templates", "tests")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".md", ".toml", ".html"} and any(f"{part}/" in path.read_text() for part in home)
    ]
    assert named == []
