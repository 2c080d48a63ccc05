"""The thread that writes: order, bounds, ends."""

import threading
from collections.abc import Mapping

import numpy as np
import pytest

from fakes.store_stand import LAYOUT, MIDNIGHT, StoreStand, values
from webmanager.domain.errors import StoreError
from webmanager.engine.history_ports import EventRecord
from webmanager.store import recorder as recorder_module
from webmanager.store.gate import RowJob
from webmanager.store.recorder import Recorder
from webmanager.store.rows import MinuteRow

WAIT_S = 30.0


def job(number: int) -> RowJob:
    return RowJob(MIDNIGHT + number, 60.0 * number, MinuteRow(0, values(MIDNIGHT + number)))


@pytest.fixture
def stand() -> StoreStand:
    return StoreStand(64)


def minutes(stand: StoreStand) -> list[int]:
    return [m - MIDNIGHT for tail in stand.ledger.tails for m in tail.block(0, 2**40).axis.tolist()]


def test_jobs_are_written_in_order_and_synced(stand: StoreStand) -> None:
    recorder = Recorder(stand.ledger, LAYOUT)
    recorder.start()
    for number in range(20):
        recorder.put(job(number))
    recorder.put(EventRecord(60.0 * MIDNIGHT + 1_000, "e", {}))
    assert recorder.wait(WAIT_S)
    assert recorder.rows == 20
    stand.flash.forget_unsynced(1)
    stand.mount()
    assert minutes(stand) == list(range(20))
    assert len(stand.ledger.events) == 1
    recorder.stop(WAIT_S)


def test_what_waits_is_written_before_the_end(stand: StoreStand) -> None:
    recorder = Recorder(stand.ledger, LAYOUT)
    for number in range(50):
        recorder.put(job(number))
    recorder.start()
    recorder.stop(WAIT_S)
    stand.mount()
    assert minutes(stand) == list(range(50))


def test_stopping_what_never_ran_is_fine(stand: StoreStand) -> None:
    Recorder(stand.ledger, LAYOUT).stop(1.0)


def test_too_many_jobs_cost_the_oldest(stand: StoreStand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder_module, "MOST_WAITING", 5)
    monkeypatch.setattr(recorder_module, "MOST_EVENTS_WAITING", 2)
    recorder = Recorder(stand.ledger, LAYOUT)
    for _ in range(3):
        recorder.put(EventRecord(0.0, "of its kind"))
    for number in range(8):
        recorder.put(job(number))
    assert (recorder.rows_dropped, recorder.events_dropped) == (3, 1)
    recorder.start()
    recorder.stop(WAIT_S)
    assert minutes(stand) == [3, 4, 5, 6, 7]


def test_days_are_closed_by_the_way(stand: StoreStand) -> None:
    recorder = Recorder(stand.ledger, LAYOUT)
    recorder.start()
    for number in range(0, 3 * 1440, 20):
        recorder.put(job(number))
    assert recorder.wait(WAIT_S)
    assert stand.ledger.closed_end == MIDNIGHT + 2 * 1440
    recorder.stop(WAIT_S)


def test_at_the_end_a_failing_flash_costs_what_waits_and_no_time(
    stand: StoreStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = threading.Event()

    def fails(*arguments: object) -> None:
        failed.set()
        raise StoreError("gone")

    monkeypatch.setattr(stand.ledger, "append_row", fails)
    monkeypatch.setattr(stand.ledger, "sync", fails)
    recorder = Recorder(stand.ledger, LAYOUT)
    recorder.start()
    for number in range(4):
        recorder.put(job(number))
    assert failed.wait(WAIT_S)
    recorder.stop(WAIT_S)
    assert not recorder._thread.is_alive()
    assert recorder.rows_dropped == 4
    assert recorder.error == "gone"


def test_a_clock_that_stepped_back_a_little_drops_the_minute_it_has(stand: StoreStand) -> None:
    recorder = Recorder(stand.ledger, LAYOUT)
    recorder.start()
    recorder.put(job(5))
    recorder.put(job(4))
    recorder.put(job(6))
    assert recorder.wait(WAIT_S)
    assert minutes(stand) == [5, 6]
    assert recorder.rows_dropped == 1
    recorder.stop(WAIT_S)


def test_a_clock_set_back_far_loses_nothing(stand: StoreStand) -> None:
    recorder = Recorder(stand.ledger, LAYOUT)
    recorder.start()
    for number in range(100, 110):
        recorder.put(job(number))
    for number in range(10):
        recorder.put(RowJob(MIDNIGHT + number, 60.0 * (110 + number), MinuteRow(0, values(MIDNIGHT + number))))
    assert recorder.wait(WAIT_S)
    axis = np.array([MIDNIGHT + number for number in minutes(stand)])
    walls = (stand.ledger.timeline.wall(axis) - MIDNIGHT).tolist()
    assert walls == list(range(-10, 10))
    recorder.stop(WAIT_S)


def test_a_storm_is_saved_from_the_journal_while_it_lasts() -> None:
    stand = StoreStand(1024)
    stand.write(MIDNIGHT, 10)
    recorder = Recorder(stand.ledger, LAYOUT)
    longest = 0
    append = stand.ledger.append_event

    def watched(at_s: float, kind: str, document: Mapping[str, object]) -> None:
        nonlocal longest
        append(at_s, kind, document)
        longest = max(longest, stand.ledger.journal.sectors)

    stand.ledger.append_event = watched  # type: ignore[method-assign]
    for number in range(2_000):
        recorder.put(EventRecord(60.0 * MIDNIGHT + number, "e", {"number": number, "text": "x" * 100}))
    recorder.start()
    assert recorder.wait(WAIT_S)
    recorder.stop(WAIT_S)
    assert longest < 30, "2000 events are 80 sectors"
    assert len(stand.mount().events) == 2_000
