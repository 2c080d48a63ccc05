"""The Modbus register map as a page and as a sheet."""

import csv
import io

import pytest

from fakes.site import Bench, bench
from webmanager.modbus.registers import map_csv
from webmanager.web.system.registers import RegisterMap

MAP = RegisterMap(
    "127.0.0.1 port 5020",
    1,
    ("Address", "Name"),
    [("1003", "BACS_NUMSTRINGS"), ("2000-2255", "<b>voltage</b>")],
    map_csv(),
)
PATHS = ["/modbus", "/api/v1/modbus-map.csv"]


async def test_the_page_lists_the_rows_as_text_and_links_the_sheet() -> None:
    async with bench(registers=MAP) as device:
        status, page, _ = await device.get("/modbus")
    assert status == 200
    assert "127.0.0.1 port 5020" in page
    assert "BACS_NUMSTRINGS" in page
    assert "&lt;b&gt;voltage&lt;/b&gt;" in page
    assert 'href="/api/v1/modbus-map.csv"' in page


async def test_the_sheet_has_a_line_for_each_register() -> None:
    async with bench(registers=MAP) as device:
        status, text, headers = await device.get("/api/v1/modbus-map.csv")
    assert status == 200
    assert headers["Content-Type"].startswith("text/csv")
    assert "modbus-map.csv" in headers["Content-Disposition"]
    lines = list(csv.DictReader(io.StringIO(text, newline="")))
    by_address = {line["address"]: line for line in lines}
    assert by_address["1003"]["name"] == "BACS_NUMSTRINGS"
    assert by_address["2255"]["element"] == "256"


async def test_every_page_links_the_map_where_there_is_one(device: Bench) -> None:
    assert 'href="/modbus"' not in (await device.get("/"))[1]
    async with bench(registers=MAP) as speaking:
        assert 'href="/modbus"' in (await speaking.get("/"))[1]


@pytest.mark.parametrize("path", PATHS)
async def test_without_modbus_there_is_no_map(device: Bench, path: str) -> None:
    assert (await device.get(path))[0] == 404


@pytest.mark.parametrize(("path", "status"), list(zip(PATHS, (303, 401), strict=True)))
async def test_the_map_is_behind_the_login(path: str, status: int) -> None:
    async with bench(registers=MAP) as device:
        assert (await device.ask("GET", path, client=device.stranger))[0] == status
