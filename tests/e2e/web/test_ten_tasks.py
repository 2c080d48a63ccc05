"""The ten things a technician does, on the running demo, with a phone and at a desk, by what stands on the pages."""

import contextlib
import re
import time
import zipfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Locator, Page, expect
from playwright.async_api import Error as PlaywrightError

from e2e.demo_process import DemoProcess, free_port
from e2e.test_time import serving

from .conftest import DESK, PHONE
from .technician import Technician, a_year, log_in, logged_in

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.tool("chromium")]

MODULES, STRINGS = 32, 2
WEAK = "S1-7"
SIZES = {"phone": PHONE, "desk": DESK}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    """A demo with a year behind it, and one battery with a shorted cell."""
    data = tmp_path_factory.mktemp("data")
    a_year(data, MODULES, STRINGS, time.time())
    options = ("--modules", str(MODULES), "--strings", str(STRINGS), "--speed", "60")
    with DemoProcess(data, *options) as running:
        running.until_ready()
        broken(running, "shorted_cell", 7)
        running.until("a short is seen", lambda: running.module(7)["voltage_v"] < 12.5)
        yield running


@pytest_asyncio.fixture(loop_scope="module", scope="module", params=list(SIZES))
async def context(
    request: pytest.FixtureRequest, browser: Browser, demo: DemoProcess
) -> AsyncIterator[tuple[str, BrowserContext]]:
    async with logged_in(browser, demo, SIZES[request.param]) as started:
        yield request.param, started


@pytest_asyncio.fixture(loop_scope="module")
async def tech(context: tuple[str, BrowserContext], demo: DemoProcess) -> AsyncIterator[Technician]:
    """A fresh page; whatever was done on it, nothing complained and nobody else was asked."""
    made = Technician(await context[1].new_page(), demo, context[0])
    made.watch()
    yield made
    await made.page.close()
    assert made.complaints == []
    assert made.elsewhere() == []


def broken(demo: DemoProcess, kind: str, address: int) -> None:
    status, said = demo.request("POST", "/api/v1/room/faults", {"kind": kind, "address": address})
    assert status == 201, said


def setting(demo: DemoProcess, section: str) -> dict[str, Any]:
    return dict(demo.get(f"/api/v1/settings/{section}"))


async def test_the_weakest_battery_is_found(tech: Technician) -> None:
    page = await tech.start()
    await page.get_by_text("Table", exact=True).click()
    table = page.get_by_role("table", name="Batteries")
    await table.get_by_role("button", name="V", exact=True).click()
    await expect(table.get_by_role("columnheader").filter(has_text=re.compile("^V"))).to_have_attribute(
        "aria-sort", "ascending"
    )
    weakest = table.locator("tbody tr").first.get_by_role("link")
    await expect(weakest).to_have_text(WEAK)
    await weakest.click()
    panel = page.get_by_role("complementary", name="One battery")
    await expect(panel.get_by_role("heading", level=2)).to_contain_text(WEAK)
    assert float(await panel.locator("[data-f=voltage]").inner_text()) < 12.5


async def test_its_last_year_is_seen(tech: Technician) -> None:
    page = await tech.start()
    await page.get_by_role("link", name="Find a battery").click()
    await page.get_by_label("Name, string, address").fill(WEAK.lower())
    await page.get_by_role("button", name="Find").click()
    await page.get_by_role("link", name="History of this battery").click()
    await page.locator("html[data-history=ready]").wait_for()
    await page.get_by_text("1 year", exact=True).click()
    said = page.locator("#res")
    await expect(said).to_contain_text("One point is")
    last_year = time.gmtime(time.time() - 364 * 86_400).tm_year
    await expect(said).to_contain_text(f"{last_year}")
    row = page.get_by_role("table").filter(has_text="No data").locator("tbody tr").first
    await expect(row).to_contain_text(WEAK)
    await expect(row.get_by_role("cell").nth(1)).to_have_text(re.compile(r"^13\.\d{3}\sV$"))


async def test_a_limit_is_changed(tech: Technician, demo: DemoProcess) -> None:
    value = {"phone": 41.5, "desk": 42.5}[tech.name]
    await tech.start()
    page = await tech.settings("Limits")
    await page.get_by_label("Temperature high, Warning").fill(str(value))
    await page.get_by_role("button", name="Apply").click()
    await tech.said("The limits are in force.")
    await page.get_by_role("button", name="Save", exact=True).click()
    await tech.said("The limits are saved.")
    limits = {one["kind"]: one for one in demo.get("/api/v1/limits")["limits"]}
    assert limits["temperature_high"]["in_force"]["warning"] == value


async def test_an_alarm_is_acknowledged(tech: Technician, demo: DemoProcess) -> None:
    address = {"phone": 11, "desk": 12}[tech.name]
    broken(demo, "module_silent", address)
    open_alarm = lambda: [one for one in demo.get("/api/v1/alarms")["alarms"] if one["source"] == f"S1-{address}"]  # noqa: E731
    demo.until("an alarm", lambda: [one["state"] for one in open_alarm()] == ["active"])
    page = await tech.start()
    await page.get_by_role("link", name=re.compile("^Alarms .*Warnings")).click()
    card = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=f"S1-{address} "))
    await card.get_by_role("button", name="Acknowledge").click()
    await expect(card.locator("[aria-current=step]")).to_have_text("Acknowledged")
    await expect(page.locator("#undo")).to_contain_text(f"Acknowledged: S1-{address} does not answer")
    assert [one["state"] for one in open_alarm()] == ["acknowledged"]


async def test_an_email_job_is_added_and_tested(tech: Technician, demo: DemoProcess) -> None:
    crew, job = f"crew {tech.name}", f"night {tech.name}"
    mail = next(one for one in demo.get("/api/v1/room/inbox")["channels"] if one["channel"] == "mail")
    await tech.start()
    page = await tech.settings("Events & Jobs")
    await page.get_by_role("button", name="Add: Mail receiver").click()
    row = entry(page, "Mail receiver")
    for label, text in {
        "Name": crew,
        "Server": "127.0.0.1",
        "Port": str(mail["port"]),
        "Sender": "ups@example.com",
        "To": "crew@example.com",
    }.items():
        await row.get_by_label(label, exact=True).fill(text)
    await row.get_by_label("Security").select_option("none")
    await page.get_by_role("button", name="Add: Job").click()
    row = entry(page, "Job")
    await row.get_by_label("Name", exact=True).fill(job)
    await row.get_by_label("To", exact=True).first.fill(crew)
    await page.get_by_role("button", name="Apply", exact=True).click()
    await tech.said("Applied: ")
    await page.get_by_role("button", name="Save", exact=True).click()
    await tech.said("Configuration saved successfully.")
    await page.get_by_role("link", name="Test each job").click()
    await page.get_by_role("button", name=f"Test {job}").click()
    await expect(page.get_by_role("heading", name=f"Test of {job}")).to_be_visible()
    await expect(page.get_by_role("region", name=f"Messages about {job}")).to_contain_text("250 2.0.0 kept as")
    arrived = [one for one in demo.get("/api/v1/room/inbox")["arrivals"] if one["channel"] == "mail"]
    assert any(job in one["subject"] + one["text"] for one in arrived)


def entry(page: Page, kind: str) -> Locator:
    """The row of a form that was just added and has no name yet."""
    return page.locator("details.entry[open]").filter(has=page.locator("summary", has_text=re.compile(f"^{kind} ")))


async def test_a_battery_is_exchanged(tech: Technician, demo: DemoProcess) -> None:
    name = {"phone": "S2-3", "desk": "S2-4"}[tech.name]
    page = await tech.start()
    await page.get_by_role("link", name="Find a battery").click()
    await page.get_by_label("Name, string, address").fill(name)
    await page.get_by_role("button", name="Find").click()
    await page.get_by_role("link", name="Note and exchange").click()
    await page.get_by_text("This battery was exchanged").click()
    await page.get_by_label(f"{name} has really been exchanged").check()
    await page.get_by_role("button", name=f"Write down the exchange of {name}").click()
    await tech.said("The exchange is written down")
    await expect(page.get_by_role("region", name="Exchanges")).to_contain_text("by admin")
    events = demo.get("/api/v1/events?kind=battery_exchanged")["events"]
    assert any(name in event["text"] for event in events)


async def test_the_network_is_set_and_the_page_comes_back_after_the_reboot(tech: Technician, demo: DemoProcess) -> None:
    port = free_port()
    await tech.start()
    page = await tech.settings("Network & Security")
    await page.get_by_label("HTTP port").first.fill(str(port))
    await page.get_by_role("button", name="Apply", exact=True).click()
    await expect(page.get_by_text("Takes effect after a restart: HTTP port.")).to_be_visible()
    await page.get_by_role("button", name="Save, Exit & Reboot").click()
    await tech.said("Configuration saved successfully.")
    await expect(page.get_by_role("link", name=f"http://127.0.0.1:{port}/")).to_be_visible()
    demo.port = port
    demo.until_ready()
    with contextlib.suppress(PlaywrightError):  # the page leads there by itself, and may be on its way
        await page.goto(f"http://127.0.0.1:{port}/")
    await expect(page.locator("#live")).to_contain_text("Live")
    await expect(page.get_by_role("link", name="admin: password and log out")).to_be_visible()
    assert page.url.startswith(f"http://127.0.0.1:{port}/")


async def test_the_timeserver_is_set(tech: Technician, demo: DemoProcess) -> None:
    zone = {"phone": "Europe/Berlin", "desk": "UTC"}[tech.name]
    with serving(0.0) as server:
        await tech.start()
        page = await tech.settings("Timeserver")
        await page.get_by_label("Source").select_option("ntp")
        await page.get_by_label("Server 1").fill("127.0.0.1")
        await page.get_by_label("Port", exact=True).fill(str(server.port))
        await page.get_by_label("Time zone").fill(zone)
        await page.get_by_role("button", name="Apply", exact=True).click()
        await tech.said("Applied: ")
        await page.get_by_role("button", name="Save", exact=True).click()
        await tech.said("Configuration saved successfully.")
        asked = setting(demo, "timeserver")
        assert (asked["source"], asked["server_1"], asked["port"]) == ("ntp", "127.0.0.1", server.port)
        await expect(page.locator("html")).to_have_attribute("data-zone", zone)


async def test_an_archive_is_downloaded(tech: Technician, tmp_path: Path) -> None:
    await tech.start()
    page = await tech.menu("Storage")
    await page.get_by_label("Quantity").select_option("Voltage")
    await page.get_by_label("Resolution").select_option("Minutes")
    await page.get_by_label("Month").select_option(index=1)
    await page.get_by_label("Choose all that are listed").check()
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Download as ZIP").click()
    saved = await download.value
    await saved.save_as(tmp_path / saved.suggested_filename)
    with zipfile.ZipFile(tmp_path / saved.suggested_filename) as archive:
        assert archive.testzip() is None
        assert any(name.endswith("_volt.csv") for name in archive.namelist())


async def test_a_user_is_added_and_can_log_in(tech: Technician, browser: Browser) -> None:
    name, password = f"kim-{tech.name}", "a long sentence"
    await tech.start()
    page = await tech.settings("Users")
    add = page.get_by_role("region", name="Add a user")
    await add.get_by_label("Name").fill(name)
    await add.get_by_label("Role").select_option("operator")
    await add.get_by_label("Password").fill(password)
    await add.get_by_role("button", name="Add the user").click()
    await tech.said("The user was added.")
    other = await browser.new_context()
    theirs = await other.new_page()
    await log_in(theirs, tech.url, name, password)
    await expect(theirs.get_by_role("link", name=f"{name}: password and log out")).to_be_visible()
    await expect(theirs.get_by_role("link", name="Settings", exact=True)).to_have_count(0)
    await other.close()
