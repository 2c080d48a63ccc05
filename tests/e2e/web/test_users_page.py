"""Users in a real browser: added, changed, deleted, with and without scripts."""

import pytest
from playwright.async_api import Page, expect

from .conftest import DESK, PHONE, Window, WindowMaker

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.tool("chromium")]
LONG = "a long sentence"


async def opened(w: Window) -> Page:
    await w.page.goto(w.device.url + "/settings/users")
    return w.page


async def add(page: Page, name: str) -> None:
    await page.fill("#add-name", name)
    await page.select_option("#add-role", "operator")
    await page.fill("#add-password", LONG)
    await page.click("text=Add the user")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_a_user_is_added_changed_and_deleted(window: WindowMaker, size: tuple[int, int], scripts: bool) -> None:
    async with window(size, scripts=scripts) as w:
        page = await opened(w)
        await add(page, "kim")
        await expect(page.locator(".note.done")).to_have_text("The user was added.")
        await page.click("summary:has-text('kim')")
        await page.select_option("#change-kim-role", "viewer")
        await page.click("button:has-text('Change kim')")
        await expect(page.locator(".person >> nth=1")).to_contain_text("Viewer")
        await page.click("summary.person:has-text('kim')")
        await page.click("summary:has-text('Delete kim')")
        await page.click("button:has-text('for good')")
        await expect(page.locator(".people li")).to_have_count(1)
        assert w.complaints == []


async def test_an_error_stands_at_its_field_and_the_rest_is_kept(window: WindowMaker) -> None:
    async with window() as w:
        page = await opened(w)
        await add(page, "admin")
        await expect(page.locator("#add-name-said")).to_contain_text("There is a user admin already.")
        assert await page.input_value("#add-role") == "operator"


async def test_a_token_can_be_copied_once_and_revoked(window: WindowMaker) -> None:
    async with window() as w:
        page = await opened(w)
        await page.fill("#token-name", "grafana")
        await page.click("text=Make the token")
        secret = await page.input_value("#secret")
        assert secret.startswith("wm_")
        bearer = {"Authorization": f"Bearer {secret}"}
        assert (await w.device.get("/api/v1/system", headers=bearer))[0] == 200
        page = await opened(w)
        assert await page.locator("#secret").count() == 0
        await page.click('[aria-label="Revoke grafana"]')
        await expect(page.locator("text=There are no tokens.")).to_be_visible()
        assert (await w.device.get("/api/v1/system", headers=bearer))[0] == 401
