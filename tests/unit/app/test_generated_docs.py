from pathlib import Path

import pytest

from webmanager.app.generated_docs import (
    PAGES,
    limits_page,
    main,
    modbus_page,
    points_page,
    stale_pages,
    write_pages,
)
from webmanager.domain.flags import ModuleFlag
from webmanager.domain.limits import ROWS as LIMITS
from webmanager.domain.points import POINTS
from webmanager.modbus.registers import ROWS

DOCS = Path(__file__).parents[3] / "docs"


def test_the_generated_pages_are_fresh() -> None:
    assert stale_pages(DOCS) == [], "run `make docs`"


@pytest.mark.parametrize("name", POINTS)
def test_every_point_is_documented(name: str) -> None:
    lines = [line for line in points_page().splitlines() if line.startswith(f"| `{name}` |")]
    assert len(lines) == 1
    assert POINTS[name].help in lines[0]


@pytest.mark.parametrize("kind", LIMITS)
def test_every_kind_of_alarm_is_documented_with_its_advice(kind: str) -> None:
    lines = [line for line in limits_page().splitlines() if line.startswith(f"| `{kind}`")]
    assert any(LIMITS[kind].label in line for line in lines)
    assert any(LIMITS[kind].advice in line for line in lines)


def test_every_row_of_the_map_is_documented() -> None:
    rows = [line for line in modbus_page().splitlines() if line.endswith((" public |", " ours |"))]
    assert len(rows) == len(ROWS)


@pytest.mark.parametrize(
    "line",
    [
        "| 2000-2255 | voltage | `module.voltage` | unsigned | 0.001 V | 0xFFFF | ours |",
        "| 1010 + 5(n-1), n = 1..10 | STRING_CUR | `string.current` | signed | 0.01 A | 0x8000 | public |",
        "| 6 | 0x0040 | FLOAT_CHARGING |",
        "| 11 | 0x0800 | EXCLUDED |",
    ],
)
def test_a_line_as_it_must_stand(line: str) -> None:
    assert line in modbus_page().splitlines()


def test_codes_are_told_in_words() -> None:
    assert "0 good, 1 stale, 2 silent, 3 implausible." in points_page()
    assert all(str(flag.name) in points_page() for flag in ModuleFlag)


def test_tables_have_as_many_cells_as_headings() -> None:
    for page in (points_page(), modbus_page()):
        for block in page.split("\n\n"):
            if block.startswith("| "):
                assert len({line.count(" | ") for line in block.splitlines()}) == 1


def test_a_changed_page_is_stale_until_it_is_written_again(tmp_path: Path) -> None:
    assert stale_pages(tmp_path) == list(PAGES)
    assert write_pages(tmp_path) == list(PAGES)
    assert stale_pages(tmp_path) == []
    (tmp_path / "points.md").write_text("something else")
    assert stale_pages(tmp_path) == ["points.md"]
    assert write_pages(tmp_path) == ["points.md"]


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check", str(tmp_path)]) == 1
    assert "points.md: stale" in capsys.readouterr().out
    assert main([str(tmp_path)]) == 0
    assert "points.md: written" in capsys.readouterr().out
    assert main(["--check", str(tmp_path)]) == 0
    assert main([str(tmp_path / "nowhere")]) == 2
    assert main([str(tmp_path), "more"]) == 2
    assert "usage" in capsys.readouterr().err


def test_the_command_line_writes_where_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "docs").mkdir()
    monkeypatch.chdir(tmp_path)
    assert main([]) == 0
    assert (tmp_path / "docs" / "modbus-map.md").read_text() == modbus_page()
