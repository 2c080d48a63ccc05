"""The status page as the server writes it."""

import re

import pytest

from fakes.board import FakeBatteries
from fakes.elements import Elements
from fakes.site import Bench, bench
from webmanager.engine.board import BusReport, BusState


async def test_the_status_page_shows_every_battery_with_its_look(device: Bench) -> None:
    status, page, headers = await device.get("/")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    cells = Elements(page).of("span", role="gridcell")
    assert len(cells) == 256
    looks = {cell["id"]: cell["data-s"] for cell in cells}
    assert (looks["c217"], looks["c126"], looks["c70"], looks["c1"]) == ("silent", "stale", "implausible", "good")
    assert "8 of 256 batteries do not answer" in page
    assert "S7-25: no data, silent" in page
    assert "not complete" in page
    assert len(page.encode()) < 100_000


@pytest.mark.parametrize("quantity", ["voltage", "temperature", "ri", "equalizing", "nonsense"])
async def test_the_map_of_each_quantity(device: Bench, quantity: str) -> None:
    _, page, _ = await device.get(f"/?q={quantity}")
    checked = [one["value"] for one in Elements(page).of("input", name="q") if "checked" in one]
    assert checked == [quantity if quantity != "nonsense" else "voltage"]


async def test_the_table_without_scripts(device: Bench) -> None:
    _, page, _ = await device.get("/?view=table&b=S3-17")
    rows = re.findall(r'<tr data-a="(\d+)"', page)
    assert len(rows) == 256
    assert rows[:9] == ["217", "218", "219", "220", "221", "222", "223", "224", "70"]
    assert Elements(page).of("tr", **{"aria-selected": "true"})[0]["data-a"] == "81"
    _, page, _ = await device.get("/?view=table&show=abnormal")
    assert len(re.findall(r'<tr data-a="(\d+)"', page)) == 10


async def test_one_battery_without_scripts(device: Bench) -> None:
    _, page, _ = await device.get("/?b=S3-17")
    assert "C40, rev. 1.4" in page
    assert "Answers in every scan." in page
    assert Elements(page).of("aside", id="one")[0].keys() >= {"data-open"}
    _, page, _ = await device.get("/?b=<script>")
    assert "data-open" not in Elements(page).of("aside", id="one")[0]
    assert "<script>" not in page


async def test_before_the_first_scan_nothing_is_claimed() -> None:
    async with bench(scans=0) as device:
        _, page, _ = await device.get("/?b=S1-1")
        assert "The first scan is running." in page
        assert {cell["data-s"] for cell in Elements(page).of("span", role="gridcell")} == {"unknown"}
        assert (await device.get("/?view=table"))[0] == 200


async def test_a_dead_bus_is_the_first_thing_one_reads(device: Bench) -> None:
    device.board.report_bus(BusReport(BusState.DOWN, "COM3 is gone: <check> the adapter."))
    _, page, _ = await device.get("/")
    assert "COM3 is gone: &lt;check&gt; the adapter." in page
    assert Elements(page).of("section", id="verdict")[0]["data-look"] == "alarm"


@pytest.mark.parametrize("per_string", [(4, 1), (24, 2), (40, 1), (256, 1), (10, 10)])
async def test_every_shape_of_installation_has_its_map(per_string: tuple[int, int]) -> None:
    from webmanager.domain.installation import BlockType, Installation

    modules, strings = per_string
    async with bench(batteries=FakeBatteries(Installation(modules, strings, BlockType()))) as device:
        _, page, _ = await device.get("/")
        elements = Elements(page)
        assert len(elements.of("span", role="gridcell")) == modules
        rows = elements.of("div", role="row")
        columns = int(rows[0]["data-columns"] or 0)
        assert columns in {8, 16, 24, 32}
        assert len(rows) == strings * -(-(modules // strings) // columns)
