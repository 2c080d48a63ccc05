"""The demo at speed 1: seconds from a fault in the room to the arrival on each channel, and from its repair."""

import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.table import Row

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from e2e.demo_process import DemoProcess

ADDRESSES = (5, 70, 200)
GRACE_S = 70.0
"""So long after its start the device raises nothing."""


def rows() -> Iterator[Row]:
    """256 modules, three of them silent one after the other."""
    told: dict[tuple[str, str], list[float]] = {}
    with tempfile.TemporaryDirectory() as data, DemoProcess(Path(data)) as demo:
        demo.until_ready()
        demo.until("grace is over", lambda: demo.get("/api/v1/system")["uptime_s"] > GRACE_S, 2 * GRACE_S)
        for address in ADDRESSES:
            fault = {"kind": "module_silent", "address": address}
            _, answer = demo.request("POST", "/api/v1/room/faults", fault)
            _collect(demo, told)
            demo.request("DELETE", f"/api/v1/room/faults/{answer['id']}")
            _collect(demo, told)
    for (what, channel), seconds in told.items():
        yield Row(f"{what}: to the arrival by {channel}, mean of {len(seconds)}", statistics.mean(seconds), "s")


def _collect(demo: DemoProcess, told: dict[tuple[str, str], list[float]]) -> None:
    demo.until("everybody is told", lambda: len(_newest(demo)["told"]) == 6, 120.0)
    deed = _newest(demo)
    for channel, arrival in deed["told"].items():
        told.setdefault((deed["what"], channel), []).append(arrival["host_after_s"])


def _newest(demo: DemoProcess) -> dict[str, Any]:
    return dict(demo.get("/api/v1/room/inbox")["deeds"][0])
