"""`kill -9` of a real process under load, on a real file: everything it acknowledged is there, exactly."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from fakes import kill_target
from fakes.kill_target import FIRST, STEP, values
from webmanager.store.blocks import Plane
from webmanager.store.ledger import Ledger
from webmanager.store.medium import open_to_read, open_to_write
from webmanager.store.sections import SectionKind
from webmanager.store.verify import verify

KILLS = 12
"""`make bench BENCH=store_cuts` does a hundred."""


def stored(ledger: Ledger) -> dict[int, np.ndarray]:
    found: dict[int, np.ndarray] = {}
    for volume in ledger.view().minutes:
        for section in ledger.sections_of(volume, SectionKind.MINUTES):
            block = section.block.block()
            found |= dict(zip(block.axis.tolist(), block.planes[Plane.MEAN], strict=True))
    for tail in ledger.tails:
        block = tail.block(0, 2**40)
        found |= dict(zip(block.axis.tolist(), block.planes[Plane.MEAN], strict=True))
    return found


def test_whatever_was_acknowledged_outlives_the_process(tmp_path: Path) -> None:
    command = [sys.executable, str(kill_target.__file__), str(tmp_path), str(KILLS), "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    acknowledged = [int(line) for line in done.stdout.split()]
    assert len(acknowledged) == KILLS
    last = max(acknowledged)
    assert last > FIRST + 50 * STEP, "the writers came to write"
    medium = open_to_read(tmp_path)
    ledger = Ledger(medium.flash)
    found = stored(ledger)
    assert last <= max(found) <= last + STEP
    assert sorted(found) == list(range(min(found), max(found) + 1, STEP))
    assert all(np.array_equal(row, values(minute)) for minute, row in found.items())
    assert verify(ledger).wrong == []
    medium.close()
    again = open_to_write(tmp_path, kill_target.SECTORS)
    assert again.moved_aside is None
    again.close()
