import re

import pytest

from fakes.snmp import OUR_MIB
from webmanager.snmp.mib import (
    BACS_SETTINGS,
    MODULE_CELLS,
    STRING_CELLS,
)
from webmanager.snmp.mib_text import FILE, mib_text


def test_the_file_in_docs_is_fresh() -> None:
    assert (OUR_MIB / FILE).read_text(encoding="utf-8") == mib_text(), "run `make docs`"


def test_every_name_stands_once() -> None:
    names = re.findall(r"^(\w+) OBJECT-TYPE$", mib_text(), re.MULTILINE)
    assert len(set(names)) == len(names)
    expected = [item.name for item in BACS_SETTINGS] + [cell.name for cell in (*MODULE_CELLS, *STRING_CELLS)]
    assert set(expected) <= set(names)


def test_no_line_is_too_long_for_old_tools() -> None:
    assert max(map(len, mib_text().splitlines())) <= 80


@pytest.mark.parametrize("cell", [*MODULE_CELLS, *STRING_CELLS], ids=lambda cell: cell.name)
def test_every_column_is_described(cell: object) -> None:
    assert f"{cell.name} OBJECT-TYPE" in mib_text()  # type: ignore[attr-defined]
