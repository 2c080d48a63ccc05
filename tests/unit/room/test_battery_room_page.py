"""What docs/battery-room.md promises."""

import re
from pathlib import Path

from webmanager.room.documents import kind_documents
from webmanager.room.scenario import parse

PAGE = (Path(__file__).parents[3] / "docs" / "battery-room.md").read_text(encoding="utf-8")


def test_the_table_of_faults_is_that_of_the_code():
    table = PAGE.split("| kind | target | value (default) | effect |\n|---|---|---|---|\n")[1].split("\n\n")[0]
    wanted = []
    for kind in kind_documents():
        value = "-" if kind["default"] is None else f"{kind['default']} {kind['unit']}".strip()
        wanted.append(f"| {kind['kind']} | {kind['target']} | {value} | {kind['help']} |")
    assert table.splitlines() == wanted


def test_the_scenario_of_the_page_can_be_read():
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    scenario = parse("page", text)
    assert [step.at_s for step in scenario.steps] == [0.0, 600.0]


def test_every_call_of_the_control_interface_is_described():
    source = (Path(__file__).parents[3] / "src/webmanager/room/control.py").read_text(encoding="utf-8")
    for path in re.findall(r'web\.\w+\("(/[^"]+)"', source):
        assert path in PAGE, path
