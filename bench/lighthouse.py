"""Lighthouse on *BACS Status* and *History* of a demo with 256 batteries, as a phone sees them.

Needs Node.js with `npx`; the program comes from the npm registry into `build/lighthouse`.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.table import Row

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from e2e.demo_process import LOGIN, DemoProcess

VERSION = "12"
KEPT = Path(__file__).parents[1] / "build" / "lighthouse"
CATEGORIES = ("performance", "accessibility", "best-practices")
PAGES = {"Status": "/", "History": "/history?b=S3-17"}
CHROME = "--headless=new --no-sandbox"


def rows() -> Iterator[Row]:
    """Score of each category, 100 is best, and the first paint of the simulated slow phone."""
    npm = shutil.which("npm")
    if npm is None:
        return
    install = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(KEPT), f"lighthouse@{VERSION}"]
    subprocess.run(install, check=True)  # noqa: S603
    with tempfile.TemporaryDirectory() as data, DemoProcess(Path(data)) as demo:
        demo.until_ready()
        for name, path in PAGES.items():
            report = _report(f"http://127.0.0.1:{demo.port}{path}")
            for category in CATEGORIES:
                yield Row(f"{name}: {category}", 100.0 * report["categories"][category]["score"], "", ">= 95")
            paint_ms = report["audits"]["first-contentful-paint"]["numericValue"]
            yield Row(f"{name}: first paint, slow phone", paint_ms / 1000.0, "s")


def _report(url: str) -> dict[str, Any]:
    program = KEPT / "node_modules" / ".bin" / "lighthouse"
    headers = json.dumps({"Authorization": f"Basic {LOGIN}"})
    command = [program, url, "--quiet", "--output=json", "--output-path=stdout", f"--chrome-flags={CHROME}"]
    command += [
        f"--only-categories={','.join(CATEGORIES)}",
        f"--extra-headers={headers}",
        "--chrome-path=/usr/bin/chromium",
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)  # noqa: S603
    report: dict[str, Any] = json.loads(done.stdout)
    if "/login" in report["finalDisplayedUrl"]:
        raise RuntimeError(f"{url} was not shown but the login")
    return report
