"""Years in minutes: a simulated installation into the same journal and volumes."""

from pathlib import Path

import numpy as np
import pytest

from fakes.snapshot_series import MIDNIGHT_S, SnapshotSeries
from webmanager.domain.installation import BlockType, Installation
from webmanager.engine.history_ports import EventRecord, Selection
from webmanager.store.emulated import EmulatedFlash
from webmanager.store.fill import fill, fill_directory
from webmanager.store.history import FlashHistory
from webmanager.store.ledger import Ledger
from webmanager.store.query import query, read_events
from webmanager.store.verify import verify

INSTALLATION = Installation(4, 2, BlockType())


class Simulated(SnapshotSeries):
    """Tells how time was moved."""

    def __init__(self) -> None:
        super().__init__(INSTALLATION)
        self.steps: list[float] = []

    def advance(self, seconds: float):  # type: ignore[no-untyped-def]
        self.steps.append(seconds)
        if len(self.steps) == 500:
            self.events.append(EventRecord(self.taken_at, "raised", {"address": 2}))
        return super().advance(seconds)


def test_old_days_are_coarse_and_the_newest_fine() -> None:
    ledger, simulated = Ledger(EmulatedFlash(256)), Simulated()
    done = fill(ledger, INSTALLATION, simulated, 5.0, fine_days=2.0)
    assert simulated.steps == [600.0] * (3 * 144) + [60.0] * (2 * 1440)
    assert done.rows == 3 * 144 + 2 * 1440 - 1
    assert done.days == 5.0
    assert verify(ledger).wrong == []


def test_the_curve_has_no_holes_at_the_hours() -> None:
    ledger = Ledger(EmulatedFlash(256))
    fill(ledger, INSTALLATION, Simulated(), 5.0, fine_days=1.0)
    series = query(ledger, Selection("voltage", 1), MIDNIGHT_S, MIDNIGHT_S + 4 * 86_400, 20)
    assert series.resolution_s >= 3_600
    assert not np.isnan(series.mean).any()
    assert ledger.timeline.runs == ()


def test_events_are_taken_along() -> None:
    ledger = Ledger(EmulatedFlash(256))
    done = fill(ledger, INSTALLATION, Simulated(), 4.0, fine_days=1.0)
    assert done.events == 1
    assert [event.kind for event in read_events(ledger, None, None, 5)] == ["raised"]


def test_a_store_that_is_not_empty_is_left_alone() -> None:
    ledger, simulated = Ledger(EmulatedFlash(256)), Simulated()
    fill(ledger, INSTALLATION, simulated, 1.0)
    last, steps = ledger.last_minute, len(simulated.steps)
    assert fill(ledger, INSTALLATION, simulated, 1.0).days == 0
    assert (ledger.last_minute, len(simulated.steps)) == (last, steps)


def test_no_days_are_no_work() -> None:
    ledger, simulated = Ledger(EmulatedFlash(64)), Simulated()
    assert fill(ledger, INSTALLATION, simulated, 0.0).rows == 0
    assert simulated.steps == []


def test_progress_grows_to_one() -> None:
    shares: list[float] = []
    fill(Ledger(EmulatedFlash(256)), INSTALLATION, Simulated(), 4.0, shares.append, fine_days=1.0)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(shares) >= 4


@pytest.mark.parametrize("days", [0.01, 1.5])
def test_a_directory_is_filled_and_the_device_goes_on_behind_it(tmp_path: Path, days: float) -> None:
    simulated = Simulated()
    done = fill_directory(tmp_path, INSTALLATION, simulated, days, sectors=128)
    assert done.days == days
    history = FlashHistory(tmp_path, INSTALLATION)
    before = history.query(Selection("voltage", 1), None, None, 100_000).t.size
    assert before == done.rows
    for _ in range(5):
        history.add(simulated.advance(60.0))
    assert history.wait(30.0)
    curve = history.query(Selection("voltage", 1), None, None, 100_000)
    assert curve.t.size == before + 5
    assert np.isnan(curve.mean).sum() <= 1
    history.close()
