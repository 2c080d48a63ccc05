"""Power cuts and kills: how many were tried, and that nothing acknowledged was lost and nothing invented.

`python -m bench.store_cuts` cuts at every programmed byte and at eight points of every erase of a run that wraps the
flash twice, and takes about half an hour of processor time; `make bench` takes every 23rd point. The checks are those
of `tests/proof`: a failure ends the measurement.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from bench.table import Row

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from fakes import kill_target
from fakes.power_cuts import Plan, check, cuts, record
from proof.test_kill import stored
from proof.test_power_cuts import second_cuts
from webmanager.store import compaction
from webmanager.store.ledger import Ledger
from webmanager.store.medium import open_to_read
from webmanager.store.verify import verify

KILLS = 100
SHARES = 40
SHORT_MONTH = 4 * 1440


def rows(every: int = 23) -> Iterator[Row]:
    """Cuts of four kinds, then kills."""
    compaction.SPAN = SHORT_MONTH
    recording = record(Plan())
    sectors = recording.plan.sectors
    yield Row("erases of the run / sectors of the flash", recording.erases / sectors, "", ">= 2")
    yield Row("points of the run: bytes programmed, 8 an erase", recording.points, "")
    for what, torn, forget in (
        ("cuts between two bytes", False, False),
        ("cuts that tear a page", True, False),
        ("cuts that forget what was not synced", True, True),
    ):
        began_s = time.perf_counter()
        yield Row(what, sum(_in_parallel(partial(_cut, every=every, torn=torn, forget=forget))), "", "0 failed")
        yield Row(f"{what}, wall clock", time.perf_counter() - began_s, "s")
    yield Row("second cuts during recovery", sum(_in_parallel(partial(_second, every=every))), "", "0 failed")
    yield Row(f"minutes held after {KILLS} kills under load", _kill(), "", "0 lost")


def _in_parallel(share: partial[int]) -> Iterator[int]:
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(share, range(SHARES))


def _steps(number: int, count: int) -> tuple[int, int]:
    return number * count // SHARES, (number + 1) * count // SHARES


def _cut(number: int, *, every: int, torn: bool, forget: bool) -> int:
    """Cuts in one share of the run; how many."""
    compaction.SPAN = SHORT_MONTH
    recording = record(Plan())
    first, last = _steps(number, len(recording.steps))
    count = 0
    for cut in cuts(recording, every=every, torn=torn, forget=forget, first=first, last=last):
        check(recording, cut, go_on=count % 3 == 0)
        count += 1
    return count


def _second(number: int, *, every: int) -> int:
    compaction.SPAN = SHORT_MONTH
    recording = record(Plan())
    first, last = _steps(number, len(recording.steps))
    count = 0
    for cut in cuts(recording, every=max(300, every * 13), torn=True, first=first, last=last):
        for second in second_cuts(recording, cut, every=max(31, every)):
            check(recording, second)
            count += 1
    return count


def _kill() -> int:
    """Kills a writer again and again; minutes that are there, of which none is missing or wrong."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(kill_target.__file__), folder, str(KILLS), "1"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True)  # noqa: S603 - ours
        acknowledged = max(int(line) for line in done.stdout.split())
        medium = open_to_read(Path(folder))
        ledger = Ledger(medium.flash)
        found = stored(ledger)
        whole = sorted(found) == list(range(min(found), max(found) + 1, kill_target.STEP))
        exact = all((row == kill_target.values(minute)).all() for minute, row in found.items())
        if not (whole and exact and acknowledged <= max(found) and verify(ledger).wrong == []):
            raise SystemExit("a minute that was acknowledged is lost or wrong")
        medium.close()
        return (acknowledged - kill_target.FIRST) // kill_target.STEP + 1


if __name__ == "__main__":
    for row in rows(every=1):
        print(f"{row.what}: {row.shown} {row.limit}", flush=True)
