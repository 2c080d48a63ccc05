"""The store beside a running device: real files, a real thread, and a device that goes on whatever the flash does."""

import logging
import threading
from pathlib import Path

import numpy as np
import pytest

from fakes.snapshot_series import MIDNIGHT_S, SnapshotSeries
from webmanager.domain.errors import StoreError
from webmanager.domain.installation import BlockType, Installation
from webmanager.engine.history_ports import EventRecord, History, HistoryReader, Selection
from webmanager.store import recorder
from webmanager.store.flash import ImageFlash
from webmanager.store.history import FlashHistory
from webmanager.store.medium import IMAGE, StoreLockedError

INSTALLATION = Installation(4, 2, BlockType())
VOLTAGE = Selection("voltage", 3)
WAIT_S = 30.0


class Device:
    """Scans every minute, or as often as told."""

    def __init__(self, data: Path, start_s: float = MIDNIGHT_S, sectors: int = 64) -> None:
        self.series = SnapshotSeries(INSTALLATION, start_s)
        self.history = FlashHistory(data, INSTALLATION, sectors)

    def run(self, minutes: int, step_s: float = 60.0) -> None:
        for number in range(int(minutes * 60 / step_s)):
            self.history.add(self.series.advance(step_s))
            if number % 200 == 199:
                assert self.history.wait(WAIT_S)
        assert self.history.wait(WAIT_S)

    def curve(self, points: int = 100_000) -> np.ndarray:
        return self.history.query(VOLTAGE, None, None, points).mean


def test_it_has_both_faces(tmp_path: Path) -> None:
    history = FlashHistory(tmp_path, INSTALLATION, 16)
    writer: History = history
    reader: HistoryReader = history
    assert writer.status().state == "ok"
    assert reader.query(VOLTAGE, None, None, 10).t.size == 0
    history.close()


def test_minutes_are_there_when_they_are_over(tmp_path: Path) -> None:
    device = Device(tmp_path)
    device.run(5, step_s=2.0)
    curve = device.curve()
    assert curve.size == 5
    assert not np.isnan(curve).any()
    device.history.close()


def test_they_are_there_after_a_restart(tmp_path: Path) -> None:
    first = Device(tmp_path)
    first.run(2_000)
    before = first.curve()
    first.history.close()
    second = Device(tmp_path, first.series.taken_at)
    assert np.array_equal(second.curve(), before)
    second.run(3)
    assert second.curve().size == before.size + 3
    second.history.close()


def test_a_restart_within_the_minute_doubles_none(tmp_path: Path) -> None:
    first = Device(tmp_path)
    first.run(3, step_s=10.0)
    first.history.close()
    second = Device(tmp_path, first.series.taken_at - 50.0)
    second.run(3, step_s=10.0)
    series = second.history.query(VOLTAGE, None, None, 1_000)
    assert np.all(np.diff(series.t) == 60)
    assert series.t[0] == MIDNIGHT_S
    assert second.history.ledger is not None
    assert second.history.ledger.timeline.runs == ()
    second.history.close()


def test_silent_modules_are_nan(tmp_path: Path) -> None:
    device = Device(tmp_path)
    device.series.silent = {3}
    device.run(3)
    assert np.isnan(device.curve()).all()
    assert not np.isnan(device.history.query(Selection("voltage", 1), None, None, 10).mean).any()
    device.history.close()


def test_events_are_stored_at_once(tmp_path: Path) -> None:
    device = Device(tmp_path)
    device.run(2)
    device.history.append_event(EventRecord(MIDNIGHT_S + 130, "raised", {"kind": "voltage_low", "address": 3}))
    assert device.history.wait(WAIT_S)
    device.history.close()
    again = FlashHistory(tmp_path, INSTALLATION, 64)
    event = again.events(None, None, 10)[0]
    assert (event.at_s, event.kind, event.document["address"]) == (MIDNIGHT_S + 130, "raised", 3)
    assert event.number > 0
    again.close()


def test_events_that_cannot_be_stored_are_counted_and_harm_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    device = Device(tmp_path)
    device.history.append_event(EventRecord(MIDNIGHT_S, "odd", {"x": float("nan")}))
    device.history.append_event(EventRecord(MIDNIGHT_S, "long", {"x": "y" * 5_000}))
    device.run(3)
    status = device.history.status()
    assert (status.events_dropped, status.state, status.rows) == (2, "ok", 2)
    assert "cannot be stored" in caplog.text
    device.history.close()


def test_a_second_device_on_the_same_data_is_refused(tmp_path: Path) -> None:
    device = Device(tmp_path)
    with pytest.raises(StoreLockedError):
        FlashHistory(tmp_path, INSTALLATION)
    device.history.close()


def test_adding_a_scan_does_not_wait_for_the_flash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    device = Device(tmp_path)
    device.run(1)
    gate = threading.Event()
    entered = threading.Event()

    def slow(flash: ImageFlash) -> None:
        entered.set()
        assert gate.wait(WAIT_S)

    monkeypatch.setattr(ImageFlash, "sync", slow)
    for _ in range(5):
        device.history.add(device.series.advance(60))
    assert entered.wait(WAIT_S)
    for _ in range(5):
        device.history.add(device.series.advance(60))
    gate.set()
    assert device.history.wait(WAIT_S)
    assert device.history.status().rows == 10
    device.history.close()


class Weather:
    """Makes the disk fail and work again."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.fails = False
        real = ImageFlash.program

        def program(flash: ImageFlash, address: int, data: bytes) -> None:
            if self.fails:
                raise StoreError(f"{flash.path}: cannot write: Input/output error")
            real(flash, address, data)

        patch.setattr(ImageFlash, "program", program)
        patch.setattr(recorder, "LONGEST_PAUSE_S", 0.01)


def until(what: object, message: str) -> None:
    """Waits for something that another thread does."""
    done = threading.Event()
    for _ in range(3_000):
        if what():  # type: ignore[operator]
            return
        done.wait(0.01)
    raise AssertionError(message)


def test_a_failing_disk_is_said_and_nothing_is_lost_while_it_is_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    weather = Weather(monkeypatch)
    device = Device(tmp_path)
    device.run(3)
    weather.fails = True
    for _ in range(10):
        device.history.add(device.series.advance(60))
    until(lambda: device.history.status().state == "failing", "it is said")
    status = device.history.status()
    assert "Input/output error" in status.text
    assert status.write_errors >= 1
    assert device.curve().size >= 2
    weather.fails = False
    assert device.history.wait(WAIT_S)
    status = device.history.status()
    assert (status.state, status.text, status.rows, status.rows_dropped) == ("ok", "", 12, 0)
    assert not np.isnan(device.curve()).any()
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR].count(
        f"The store fails: {tmp_path / IMAGE}: cannot write: Input/output error"
    ) == 1
    device.history.close()


def test_a_disk_that_fails_for_long_costs_the_oldest_minutes_and_they_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "MOST_WAITING", 20)
    weather = Weather(monkeypatch)
    device = Device(tmp_path)
    weather.fails = True
    for _ in range(60):
        device.history.add(device.series.advance(60))
    for number in range(5):
        device.history.append_event(EventRecord(device.series.taken_at, "n", {"n": number}))
    weather.fails = False
    assert device.history.wait(WAIT_S)
    status = device.history.status()
    assert status.rows + status.rows_dropped == 59
    assert status.rows_dropped >= 35
    assert [event.document["n"] for event in device.history.events(None, None, 9)] == [4, 3, 2, 1, 0]
    device.history.close()


def test_a_read_only_directory_is_read_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Device(tmp_path)
    first.run(10)
    first.history.close()

    def refused(path: Path, sectors: int) -> None:
        raise StoreError(f"{path}/flash.lock: cannot be opened: Read-only file system")

    monkeypatch.setattr("webmanager.store.history.open_to_write", refused)
    device = Device(tmp_path, first.series.taken_at)
    before = (tmp_path / IMAGE).read_bytes()
    for _ in range(5):
        device.history.add(device.series.advance(60))
    device.history.append_event(EventRecord(MIDNIGHT_S, "lost"))
    assert device.history.wait(WAIT_S)
    status = device.history.status()
    assert status.state == "read_only"
    assert "Read-only file system" in status.text
    assert (status.rows, status.rows_dropped, status.events_dropped) == (0, 4, 1)
    assert device.curve().size == 9
    assert (tmp_path / IMAGE).read_bytes() == before
    device.history.close()


def test_without_any_storage_the_device_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "a file"
    path.write_text("x")
    device = Device(path)
    for _ in range(5):
        device.history.add(device.series.advance(60))
    device.history.append_event(EventRecord(MIDNIGHT_S, "lost"))
    status = device.history.status()
    assert status.state == "absent"
    assert "cannot be opened" in status.text
    assert (status.rows_dropped, status.events_dropped) == (4, 1)
    assert device.curve().size == 0
    assert list(device.history.events(None, None, 5)) == []
    assert device.history.wait(1.0)
    device.history.close()


def test_an_image_that_cannot_be_read_at_all_is_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(flash: object) -> None:
        raise StoreError("flash.img: cannot read: Input/output error")

    monkeypatch.setattr("webmanager.store.history.Ledger", broken)
    device = Device(tmp_path)
    device.history.add(device.series.advance(60))
    assert device.history.status().state == "absent"
    assert "cannot read" in device.history.status().text
    device.history.close()


def test_an_unrecognised_image_is_reported(tmp_path: Path) -> None:
    (tmp_path / IMAGE).write_bytes(b"something else")
    device = Device(tmp_path)
    device.run(2)
    status = device.history.status()
    assert status.state == "ok"
    assert status.moved_aside is not None
    assert status.moved_aside.read_bytes() == b"something else"
    assert status.moved_aside.name in status.text
    device.history.close()


def test_a_fault_of_the_store_itself_does_not_end_the_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "LONGEST_PAUSE_S", 0.01)
    device = Device(tmp_path)
    device.run(2)
    assert device.history.ledger is not None
    real = device.history.ledger.append_row
    calls: list[int] = []

    def faulty(*arguments: object) -> None:
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("a bug")
        real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(device.history.ledger, "append_row", faulty)
    device.run(3)
    status = device.history.status()
    assert status.write_errors == 1
    assert status.state == "ok"
    assert (status.rows, status.rows_dropped) == (3, 1)
    device.history.close()


def test_status_tells_budget_reach_and_wear(tmp_path: Path) -> None:
    device = Device(tmp_path)
    device.run(1440 + 100)
    status = device.history.status()
    assert status.bytes == 64 * 4096
    assert 0 < status.free_bytes < status.bytes
    reach = {tier.name: tier.days for tier in status.tiers}
    assert reach["minutes"] == pytest.approx(reach["hours"]) == pytest.approx(1.07, abs=0.01)
    assert status.erases_least <= status.erases_mean <= status.erases_most
    assert status.retired_sectors == status.unreadable == 0
    device.history.close()


def test_questions_are_answered_while_it_writes_and_tidies(tmp_path: Path) -> None:
    device = Device(tmp_path, sectors=24)
    wrong: list[str] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            curve = device.history.query(VOLTAGE, None, None, 100_000)
            if np.isnan(curve.mean[1:-1]).any():
                wrong.append(f"a hole at {curve.t[np.isnan(curve.mean)]}")

    reader = threading.Thread(target=ask)
    reader.start()
    try:
        device.run(3 * 1440)
    finally:
        stop.set()
        reader.join(WAIT_S)
    assert wrong == []
    assert device.history.status().rows == 3 * 1440 - 1
    device.history.close()


def test_the_minute_being_gathered_is_given_up_at_the_end(tmp_path: Path) -> None:
    device = Device(tmp_path)
    device.run(3, step_s=20.0)
    device.history.close()
    again = FlashHistory(tmp_path, INSTALLATION)
    assert again.query(VOLTAGE, None, None, 100).t.size == 3
    again.close()
