"""`make screenshots`: starts a demo, breaks a few things, and photographs every page for `docs/screenshots/`."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from e2e.demo_process import DemoProcess

OUT = Path(__file__).parents[2] / "docs" / "screenshots"
SIZES = {"desk": (1440, 900), "phone": (390, 844)}
FAULTS = (
    {"kind": "bus_break", "address": 216},
    {"kind": "high_resistance", "address": 132, "value": 1.6},
    {"kind": "shorted_cell", "address": 81},
    {"kind": "hot_spot", "address": 172},
)
PICTURES = {
    "status": "/?b=S3-17",
    "status-table": "/?view=table&b=S3-17",
    "status-german": "/?b=S3-17",
    "alarms": "/alarms",
    "alarms-german": "/alarms",
    "events": "/events",
    "history": "/history?b=S3-17",
    "storage": "/storage",
    "panel": "/panel",
    "room": "/room",
    "settings-bacs": "/settings/bacs",
    "settings-network": "/settings/network",
    "settings-network-german": "/settings/network",
    "settings-email": "/settings/email",
    "settings-save": "/settings/save",
    "settings-history": "/settings/history",
    "limits": "/settings/limits",
    "jobs": "/jobs",
    "users": "/settings/users",
    "certificate": "/settings/certificate",
    "update": "/update",
    "system": "/system",
    "modbus": "/modbus",
    "search": "/search?q=S3",
    "battery": "/batteries/S3-17",
}
PAST_DAYS = "7"
SPEED = "30"
"""Holds of a minute pass in two seconds, so that there are alarms to see."""


def main() -> None:
    """Takes each page at two sizes, in light and dark."""
    OUT.mkdir(parents=True, exist_ok=True)
    options = sys.argv[1:]
    with (
        tempfile.TemporaryDirectory() as data,
        DemoProcess(Path(data), "--history", PAST_DAYS, "--speed", SPEED, *options) as demo,
    ):
        demo.until("the past, and the first scan", lambda: demo.request("GET", "/readyz", login=False)[0] == 200, 600)
        for fault in FAULTS:
            demo.request("POST", "/api/v1/room/faults", fault)
        demo.until("alarms", lambda: len(demo.get("/api/v1/alarms")["alarms"]) >= 2, 90)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            for theme in ("light", "dark"):
                for size in SIZES:
                    _photograph(browser, demo.port, size, theme)
            browser.close()


def _photograph(browser: Browser, port: int, size: str, theme: str) -> None:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    base = f"http://127.0.0.1:{port}"
    _log_in(page, base)
    for name, path in PICTURES.items():
        context.set_extra_http_headers({"Accept-Language": "de" if name.endswith("-german") else "en"})
        answer = page.goto(base + path)
        if answer is None or answer.status != 200:
            print(f"{name}: not in this version")
            continue
        page.wait_for_timeout(2500)  # a scan and more, so that the stream has spoken and charts are drawn
        page.screenshot(path=str(OUT / f"{name}-{size}-{theme}.png"))
        print(f"{name}-{size}-{theme}.png", flush=True)
    context.close()


def _log_in(page: Page, base: str) -> None:
    page.goto(f"{base}/login")
    page.fill("input[name=username]", "admin")
    page.fill("input[name=password]", "cs121-snmp")
    page.click("button[type=submit]")
    page.wait_for_url(f"{base}/")


if __name__ == "__main__":
    main()
