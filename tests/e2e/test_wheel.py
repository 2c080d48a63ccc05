"""The built wheel, unpacked anywhere and used from `/`: templates and static files come along."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory that holds the wheel's content and nothing of the checkout."""
    made = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(made), str(ROOT)]
    subprocess.run(build, check=True, timeout=120, capture_output=True)
    wheel = next(made.glob("webmanager-*.whl"))
    target = made / "site"
    install = [*pip, "install", "--no-deps", "--target", str(target), str(wheel)]
    subprocess.run(install, check=True, timeout=120, capture_output=True)
    return target


def run(installed: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(installed), "PYTHONSAFEPATH": "1"}
    answer = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=60, cwd="/", env=environment, check=False
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_the_command_runs(installed: Path) -> None:
    assert run(installed, "-m", "webmanager", "--version").startswith("webmanager ")


@pytest.mark.parametrize("folder", ["templates", "static"])
def test_pages_are_found_in_the_package_not_in_the_checkout(installed: Path, folder: str) -> None:
    script = f"from webmanager.web.http.assets import assets; print(assets('{folder}'))"
    assert Path(run(installed, "-c", script).strip()) == installed / "webmanager" / folder


def test_every_template_and_static_file_is_in_the_wheel(installed: Path) -> None:
    for folder in ("templates", "static"):
        there = {path.relative_to(ROOT / folder) for path in (ROOT / folder).rglob("*") if path.is_file()}
        packed = {
            path.relative_to(installed / "webmanager" / folder)
            for path in (installed / "webmanager" / folder).rglob("*")
            if path.is_file()
        }
        assert {path for path in there - packed if not path.name.startswith(".")} == set()
