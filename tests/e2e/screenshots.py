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
    "panel": "/panel",
    "room": "/room",
    "alarms": "/alarms",
    "events": "/events",
    "history": "/history?b=S3-17",
    "storage": "/storage",
    "limits": "/settings/limits",
    "modbus": "/modbus",
    "system": "/system",
    "search": "/search?q=S3",
    "battery": "/batteries/S3-17",
}


def main() -> None:
    """Takes each page at two sizes, in light and dark; pages this version does not have are left out."""
    OUT.mkdir(parents=True, exist_ok=True)
    options = sys.argv[1:]
    with tempfile.TemporaryDirectory() as data, DemoProcess(Path(data), *options) as demo:
        demo.until_ready()
        for fault in FAULTS:
            demo.request("POST", "/api/v1/room/faults", fault)
        demo.until("silent behind the cable", lambda: demo.module(224)["quality"] == "silent", 30)
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
        answer = page.goto(base + path)
        if answer is None or answer.status != 200:
            print(f"{name}: not in this version")
            continue
        page.wait_for_timeout(4000)  # two scans, so that the stream has spoken and charts are drawn
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
