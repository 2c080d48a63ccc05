"""Three years of 256 batteries in 32 MiB: how long they take to simulate, how far each tier reaches, what it wears.

The filled stores stay in `build/bench`: the other measurements of the store read them.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bench.table import Row
from webmanager.app.backfill import FINE_DAYS, SimulatedScans, installation_of
from webmanager.room.config import RoomConfig
from webmanager.room.simulation import Room
from webmanager.settings.model import Settings
from webmanager.store.fill import fill_directory
from webmanager.store.ledger import Ledger
from webmanager.store.medium import open_to_read
from webmanager.store.space import reserve
from webmanager.store.status import status_of
from webmanager.store.volumes import Volume

ENDS_S = 1_764_115_200.0
"""Midnight, 26 November 2025."""
YEARS = 1095
DAY = 1440
KEPT = Path("build/bench")
Noise = Literal["low", "high"]


@dataclass(frozen=True, slots=True)
class Made:
    """A filled store: where it is, and what filling it took."""

    directory: Path
    wall_s: float
    cpu_s: float
    rows: int
    payload_bytes: int
    programmed_bytes: int

    @property
    def journal_ratio(self) -> float:
        """Bytes programmed by the journal for each byte it was given."""
        return self.programmed_bytes / self.payload_bytes


def made(noise: Noise, days: int = YEARS) -> Made:
    """The store of so many days of a room with that noise; filled unless it is there from another measurement."""
    directory = KEPT / f"{noise}-{days}"
    figures = directory / "figures.json"
    if not figures.exists():
        figures.write_text(json.dumps(_fill(directory, noise, days)))
    return Made(directory, *json.loads(figures.read_text()))


def full_days(volumes: tuple[Volume, ...]) -> list[Volume]:
    """The volumes, oldest first, of the newest days that are whole at one row a minute, as far as they reach back."""
    whole: list[Volume] = []
    for volume in reversed(volumes):
        if volume.label.end - volume.label.start != DAY or volume.length < volumes[-1].length / 2:
            break
        whole.insert(0, volume)
    return whole


def rows() -> Iterator[Row]:
    """Thirty days by the clock, then three years of either noise."""
    month = made("low", 30)
    yield Row("30 days simulated, wall clock", month.wall_s, "s", "<= 90")
    yield Row("30 days simulated, processor", month.cpu_s, "s")
    yield from _years("low", 50)
    yield from _years("high", 30)


def _years(noise: Noise, fewest_days: int) -> Iterator[Row]:
    years = made(noise)
    yield Row(f"3 years simulated, {noise} noise, wall clock", years.wall_s, "s", "<= 480")
    yield Row(f"3 years simulated, {noise} noise, processor", years.cpu_s, "s")
    medium = open_to_read(years.directory)
    ledger = Ledger(medium.flash)
    status, view = status_of(ledger, "ok", ""), ledger.view()
    reach = {tier.name: tier for tier in status.tiers}
    whole = full_days(view.minutes)
    a_day = sum(len(volume.sectors) for volume in whole) / len(whole)
    fixed = sum(reach[name].sectors for name in ("hours", "discharges", "journal")) + reserve(ledger.pool)
    samples = DAY * ledger.tails[-1].layout.columns
    yield Row(f"days of hours, {noise} noise", reach["hours"].days, "d", ">= 1095")
    yield Row(f"days of lossless minutes held, {noise} noise", len(whole), "d", f">= {fewest_days}")
    yield Row(f"days of lossless minutes there is room for, {noise} noise", (8192 - fixed) / a_day, "d")
    yield Row(f"hours and days, {noise} noise", reach["hours"].sectors / 256, "MiB")
    yield Row(f"a day of minutes, {noise} noise", sum(v.length for v in whole) / len(whole) / samples, "byte/sample")
    yield Row(f"journal: bytes programmed per byte, {noise} noise", years.journal_ratio, "", "<= 1.1")
    medium.close()


def _fill(directory: Path, noise: Noise, days: int) -> list[float]:
    directory.mkdir(parents=True, exist_ok=True)
    for left in directory.iterdir():
        left.unlink()
    began_s, cpu_s = time.perf_counter(), time.process_time()
    settings = Settings()
    scans = SimulatedScans(Room(RoomConfig(noise=noise), ENDS_S - days * 86_400.0), settings, days)
    filled = fill_directory(
        directory, installation_of(settings), scans, days, fine_days=FINE_DAYS, lively=lambda: scans.is_lively
    )
    took = [time.perf_counter() - began_s, time.process_time() - cpu_s]
    return [*took, filled.rows, filled.journal.payload_bytes, filled.journal.programmed_bytes]


if __name__ == "__main__":
    for row in rows():
        print(f"{row.what}: {row.shown} {row.unit} {row.limit}", flush=True)
