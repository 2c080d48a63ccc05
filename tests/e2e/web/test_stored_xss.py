"""CVE-2022-47187 of this family: script by an upload. Whatever can be named is tried in a real browser.

The browser is told to leave our Content-Security-Policy aside: it would stop the script too, and hide a text that is
set as HTML somewhere.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from fakes.alarm_site import AlarmSite, alarm_site
from fakes.board import FakeBatteries
from fakes.site import USER, basic
from fakes.stored import DAY, FakeStore
from webmanager.domain.installation import BlockType, Installation
from webmanager.web.accounts.roles import Role, User

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.tool("chromium")]

EVIL = "\"'><img src=x onerror=window.pwned=1><script>window.pwned=2</script>{{7*7}}"
FILE = "\"'><img src=x onerror=window.pwned=1>{{7*7}}.zip"


@pytest_asyncio.fixture(loop_scope="module")
async def site() -> AsyncIterator[AlarmSite]:
    """A device whose every name is an attack, with alarms, events and a wrong login in its log."""
    evil = FakeBatteries(installation=Installation(256, 8, BlockType(), EVIL, EVIL))
    async with alarm_site(batteries=evil) as started:
        started.break_two()
        await started.device.get("/api/v1/system", client=started.device.stranger, headers=basic(EVIL[:60], "wrong"))
        alarm = started.desk.picture.alarms[0].id
        started.desk.comment(alarm, EVIL, EVIL, started.device.clock.now())
        started.desk.happened("access_users", EVIL, started.device.clock.now(), EVIL)
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser, site: AlarmSite) -> AsyncIterator[Page]:
    context = await browser.new_context(bypass_csp=True)
    server = site.device.server
    secret, _ = server.site.sessions.open(User(USER, Role.ADMIN), EVIL)
    await context.add_cookies([{"name": server.site.config.session_cookie, "value": secret, "url": site.device.url}])
    yield await context.new_page()
    await context.close()


async def unharmed(page: Page) -> None:
    assert await page.evaluate("window.pwned === undefined")
    assert await page.evaluate("document.querySelectorAll('img[src=x], [onerror]').length") == 0
    assert "}49" not in await page.content()


async def test_no_page_runs_what_a_name_says(page: Page, site: AlarmSite) -> None:
    runner = site.device.server._runner
    assert runner is not None
    shown = 0
    paths = {route.resource.canonical for route in runner.app.router.routes() if route.resource}
    for path in sorted(paths):
        if path.startswith(("/api/", "/static")) or "{" in path or path == "/login":
            continue
        answer = await page.goto(site.device.url + path, wait_until="load")
        if answer is None or "html" not in answer.headers.get("content-type", ""):
            continue
        if await page.locator("#live").count():
            await page.wait_for_selector("#live[data-q=good]")
        await unharmed(page)
        shown += "window.pwned=1" in await page.inner_text("body")
    assert shown >= 5, "the names are there, as text"


async def test_what_is_typed_into_the_address_is_text(page: Page, site: AlarmSite) -> None:
    for path in ("/?b=", "/history?b=", "/settings/users?done=", "/nothing/", "/login?next="):
        await page.goto(site.device.url + path + EVIL.replace("#", ""), wait_until="load")
        await unharmed(page)


async def test_the_name_of_an_archive_is_text(page: Page, site: AlarmSite, tmp_path: Path) -> None:
    archive = tmp_path / FILE
    FakeStore().write_archive([DAY], archive)
    await page.goto(site.device.url + "/history?b=S3-17")
    await page.wait_for_selector("html[data-history=ready]")
    await page.set_input_files("#zip", archive)
    await page.wait_for_function("document.body.innerText.includes('window.pwned=1')")
    await unharmed(page)


async def test_the_same_text_as_html_would_have_run(page: Page) -> None:
    """The control: browser and attack are good for something."""
    await page.set_content(f"<body>{EVIL}</body>")
    await page.wait_for_function("window.pwned !== undefined")
