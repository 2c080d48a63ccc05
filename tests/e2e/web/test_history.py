"""History and Storage in a real browser: curves, zoom, comparison, archive, files."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from fakes.stored import BEYOND, DAY, FAILING, FakeStore

from .conftest import Window, WindowMaker

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.tool("chromium")]


async def history(w: Window, query: str = "") -> Page:
    page = await w.open(f"/history{query}")
    await page.wait_for_selector("html[data-history=ready]")
    return page


async def storage(w: Window) -> Page:
    page = await w.open("/storage")
    await page.wait_for_selector("html[data-storage=ready]")
    return page


async def settled(page: Page, text: str) -> None:
    await expect(page.locator("#res")).to_contain_text(text)


async def test_two_batteries_over_three_years(window: WindowMaker) -> None:
    async with window() as w:
        page = await history(w, "?b=S3-17,S3-16&h=26280")
        assert await page.locator("#picks li").all_inner_texts() == ["S3-17\n×", "S3-16\n×"]
        assert await page.locator("#main-chart canvas").count() == 1
        assert await page.locator("#cur-chart canvas").count() == 1
        await settled(page, "current of string 3")
        rows = await page.locator("#values tbody tr").all_inner_texts()
        assert rows[0].startswith("S3-17")
        assert "10\u00a0d" in rows[0], "ten days of the gap have no data"
        asked = {selection.number for selection, *_, points in w.device.store.asked if points > 1}
        assert {FAILING, FAILING - 1, 3} <= asked
        assert w.complaints == []


async def test_the_range_decides_the_resolution_and_the_address_keeps_it(window: WindowMaker) -> None:
    async with window() as w:
        page = await history(w, "?b=S3-17&h=26280")
        before = await page.inner_text("#res")
        await page.check('#range [value="24"]', force=True)
        await settled(page, "min: line the mean")
        assert await page.inner_text("#res") != before
        assert "h=24" in page.url
        await page.click("#out")
        await page.wait_for_url("**from=**")
        assert "h=" not in page.url.partition("?")[2].replace("from=", "")
        seen = await page.inner_text("#res b")
        again = page.url
        await page.goto(again)
        await page.wait_for_selector("html[data-history=ready]")
        assert await page.inner_text("#res b") == seen
        assert w.complaints == []


async def test_dragging_zooms_in_and_keys_move(window: WindowMaker) -> None:
    async with window() as w:
        page = await history(w, "?b=S3-17&h=720")
        box = await page.locator("#main-chart .u-over").bounding_box()
        assert box is not None
        await page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 40)
        await page.mouse.down()
        await page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 40, steps=4)
        await page.mouse.up()
        await page.wait_for_url("**from=**")
        first = page.url
        await page.evaluate("document.activeElement.blur()")
        await page.keyboard.press("ArrowLeft")
        await page.wait_for_function("before => location.href !== before", arg=first)
        second = page.url
        await page.keyboard.press("+")
        await page.wait_for_function("before => location.href !== before", arg=second)
        assert w.complaints == []


async def test_curves_are_added_and_removed(window: WindowMaker) -> None:
    async with window() as w:
        page = await history(w, "?b=S3-17")
        for name in ("s5-4", "S8-32"):
            await page.fill("#pick", name)
            await page.click("#add button")
        await expect(page.locator("#picks li")).to_have_count(3)
        await page.fill("#pick", "S9-1")
        await page.click("#add button")
        assert "S9-1 is no battery" in await page.inner_text("#pick-error")
        await page.fill("#pick", "S1-1")
        await page.click("#add button")
        await expect(page.locator("#picks li")).to_have_count(4)
        await page.fill("#pick", "S1-2")
        await page.click("#add button")
        assert "At most four" in await page.inner_text("#pick-error")
        await page.click('[aria-label="Remove S5-4"]')
        await expect(page.locator("#picks li")).to_have_count(3)
        assert "b=S3-17%2CS8-32%2CS1-1" in page.url


async def test_another_quantity_and_the_current_of_strings(window: WindowMaker) -> None:
    async with window() as w:
        page = await history(w, "?b=S3-17")
        await page.select_option("#q", "temperature")
        await expect(page.locator("#values tbody td").first).to_contain_text("°C")
        await page.select_option("#q", "current")
        await expect(page.locator("#picks li")).to_have_text("S3×")
        await expect(page.locator("#values tbody td").first).to_contain_text("A")
        assert await page.is_hidden("#cur-chart")
        assert w.complaints == []


async def test_every_point_and_the_csv_of_what_is_seen(window: WindowMaker, tmp_path: Path) -> None:
    async with window() as w:
        page = await history(w, "?b=S3-17&h=1")
        await page.click("#points summary")
        await expect(page.locator("#points tbody tr").first).to_be_visible()
        async with page.expect_download() as download:
            await page.click("#csv")
        saved = await download.value
        await saved.save_as(tmp_path / "seen.csv")
        lines = (tmp_path / "seen.csv").read_text().splitlines()
        assert lines[0] == "time;S3-17 min V;S3-17 mean V;S3-17 max V"
        assert lines[1].count(";") == 3
        assert len(lines) >= 30
        assert w.complaints == []


async def test_an_archive_is_opened_beside_the_live_data(window: WindowMaker, tmp_path: Path) -> None:
    archive = tmp_path / "old.zip"
    FakeStore().write_archive([DAY, BEYOND], archive)
    async with window() as w:
        page = await history(w, "?b=S3-17")
        await page.set_input_files("#zip", archive)
        await expect(page.locator("#picks li")).to_have_count(2)
        await expect(page.locator("#values tbody tr").nth(1)).to_contain_text("S3-17, old.zip")
        await expect(page.locator("#values tbody tr").nth(1)).to_contain_text("13.620")
        assert w.complaints == []


async def test_a_damaged_archive_is_refused(window: WindowMaker, tmp_path: Path) -> None:
    archive, other = tmp_path / "bad.zip", tmp_path / "other.zip"
    FakeStore().write_archive([DAY], archive)
    content = archive.read_bytes()
    archive.write_bytes(content[: len(content) // 2])
    other.write_bytes(b"not a zip at all, but long enough to be looked at")
    async with window() as w:
        page = await history(w, "?b=S3-17")
        for path in (archive, other):
            await page.set_input_files("#zip", path)
            await expect(page.locator("#pick-error")).to_contain_text("no archive")
        await expect(page.locator("#picks li")).to_have_count(1)


async def test_a_store_that_fails_is_said(window: WindowMaker) -> None:
    async with window() as w:
        page = await history(w, "?b=S3-17")
        w.device.store.broken = True
        await page.check('#range [value="24"]', force=True)
        await settled(page, "the flash does not answer")


async def test_files_are_filtered_chosen_and_downloaded(window: WindowMaker, tmp_path: Path) -> None:
    async with window() as w:
        page = await storage(w)
        await expect(page.locator("#files tbody tr")).to_have_count(2)
        await page.select_option("#tier", "hours")
        await expect(page.locator("#files tbody tr")).to_have_count(1)
        await page.check("#all")
        await expect(page.locator("#chosen")).to_have_text("1 of 2 files chosen")
        await page.select_option("#tier", "")
        async with page.expect_download() as download:
            await page.click("#zip")
        assert (await download.value).suggested_filename.endswith(".zip")
        await page.check("#comma")
        assert "decimal=comma" in str(await page.locator("#files tbody a").first.get_attribute("href"))
        assert w.complaints == []


async def test_checksums_that_come_later_are_filled_in(window: WindowMaker) -> None:
    async with window() as w:
        w.device.store.unread = (DAY,)
        page = await storage(w)
        await expect(page.locator("#working")).to_contain_text("being worked out")
        w.device.store.unread = ()
        await expect(page.locator("#working")).to_have_text("")


async def test_the_battery_panel_leads_to_its_history(window: WindowMaker) -> None:
    async with window() as w:
        page = await w.open("/?b=S3-17")
        await page.click('[data-f="history"]')
        await page.wait_for_selector("html[data-history=ready]")
        await expect(page.locator("#picks li")).to_have_text("S3-17×")


async def test_without_scripts_there_is_the_table(window: WindowMaker) -> None:
    async with window(scripts=False) as w:
        await w.page.goto(w.device.url + "/history?b=S3-17")
        assert await w.page.is_hidden("#curves")
        assert "S3-17" in await w.page.inner_text("#values")
