"""A past through the device's own assembly, journal and compaction, into a real flash image."""

from pathlib import Path

import numpy as np
import pytest

from fakes.state import MemoryStateKeeper
from webmanager.app.backfill import Backfilled, BackfillStoppedError, SimulatedScans, backfill, last_stored_s
from webmanager.domain.reading import Quality
from webmanager.engine.history_ports import Selection
from webmanager.room.config import RoomConfig
from webmanager.room.service import RoomService
from webmanager.room.simulation import Room
from webmanager.settings.model import InstallationSettings, Settings
from webmanager.store.history import FlashHistory

NOW = 1_772_366_430.0
CONFIG = RoomConfig(modules=8, strings=2)
SETTINGS = Settings(installation=InstallationSettings(modules=8, strings=2))
INSTALLATION = SETTINGS.installation.to_domain()


def fill(data: Path, days: float = 1.1, **more: object) -> Backfilled:
    keeper = more.pop("keeper", None) or MemoryStateKeeper()
    return backfill(
        data,
        CONFIG,
        SETTINGS,
        days,
        NOW,
        state=data / "room.npz",
        keeper=keeper,
        **more,  # type: ignore[arg-type]
    )


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("filled")
    done = fill(data)
    assert done.rows == pytest.approx(1.1 * 1440, abs=2)
    return data


def test_every_minute_of_the_past_can_be_read(filled: Path) -> None:
    history = FlashHistory(filled, INSTALLATION)
    try:
        for quantity, low, high in (
            ("voltage", 13.3, 13.9),
            ("temperature", 15, 40),
            ("ri", 3.5, 6),
            ("equalizing", 0, 100),
        ):
            curve = history.query(Selection(quantity, 3), NOW - 86_400.0, None, 100_000)  # type: ignore[arg-type]
            known = curve.mean[~np.isnan(curve.mean)]
            assert curve.resolution_s == 60
            assert 1438 <= known.size <= 1441
            assert low <= known.min() <= known.max() <= high
    finally:
        history.close()


def test_it_ends_now_and_begins_the_days_before(filled: Path) -> None:
    last_s = last_stored_s(filled)
    assert last_s is not None
    assert NOW - 180.0 < last_s <= NOW
    history = FlashHistory(filled, INSTALLATION)
    try:
        curve = history.query(Selection("voltage", 1), None, None, 100_000)
        first_s = curve.t[~np.isnan(curve.mean)][0]
        assert first_s == pytest.approx(NOW - 1.1 * 86_400.0, abs=120.0)
    finally:
        history.close()


def test_a_store_with_anything_in_it_is_left_alone(filled: Path) -> None:
    before = (filled / "flash.img").read_bytes()
    assert fill(filled).rows == 0
    assert (filled / "flash.img").read_bytes() == before


def test_the_room_goes_on_from_what_the_batteries_have_become(filled: Path) -> None:
    service = RoomService(RoomConfig(modules=8, strings=2, state=str(filled / "room.npz")), NOW + 60.0, 0.0)
    history = FlashHistory(filled, INSTALLATION)
    try:
        service.room.advance(5.0)
        now = service.room.measure().voltage_v
        last = [history.query(Selection("voltage", number), NOW - 600.0, None, 100).mean[-1] for number in range(1, 9)]
        assert now == pytest.approx(np.array(last), abs=0.01)
    finally:
        history.close()


def test_counters_of_the_past_are_kept(tmp_path: Path) -> None:
    keeper = MemoryStateKeeper()
    fill(tmp_path, 0.1, keeper=keeper)
    counters = keeper.load("counters")
    assert counters is not None
    assert len(counters["charges"]) == len(counters["discharges"]) == 8  # type: ignore[arg-type]


def test_beyond_the_minutes_there_are_coarse_steps(tmp_path: Path) -> None:
    rows = fill(tmp_path, 1.0, fine_days=0.25).rows
    assert rows == pytest.approx(0.25 * 1440 + 0.75 * 144, abs=3)


def test_who_will_not_wait_keeps_nothing(tmp_path: Path) -> None:
    told: list[float] = []

    def stop(share: float) -> None:
        told.append(share)
        raise BackfillStoppedError("stopped")

    with pytest.raises(BackfillStoppedError):
        fill(tmp_path, 2.0, progress=stop, fine_days=0.0)
    assert 0 < told[0] < 1
    assert last_stored_s(tmp_path) is None
    assert not (tmp_path / "room.npz").exists()
    assert fill(tmp_path, 0.05).rows > 0, "and can begin anew"


def test_nothing_is_stored_where_there_is_no_flash_or_no_flash_of_ours(tmp_path: Path) -> None:
    assert last_stored_s(tmp_path) is None
    (tmp_path / "flash.img").write_bytes(b"\0" * 8192)
    assert last_stored_s(tmp_path) is None


def scans(days: float = 10.0) -> SimulatedScans:
    return SimulatedScans(Room(CONFIG, NOW // 60 * 60), SETTINGS, days)


def test_a_scan_has_the_noise_of_a_minutes_mean() -> None:
    simulated = scans()
    volts = np.array([simulated.advance(60.0).modules.voltage_v for _ in range(200)])
    spread_v = np.diff(volts, axis=0).std(axis=0) / np.sqrt(2)
    rounding_v, mean_v = 0.001 / np.sqrt(12), 0.001 / np.sqrt(30)
    assert spread_v.max() < 1.5 * np.hypot(rounding_v, mean_v)


def test_modules_stay_awake_for_days_of_coarse_steps_and_keep_their_reference() -> None:
    simulated = scans()
    for _ in range(200):
        snapshot = simulated.advance(600.0)
    assert (snapshot.modules.quality == Quality.GOOD).all()
    assert not simulated.room.modules.attention.asleep.any()
    assert simulated.room.batteries.reference_v == pytest.approx(13.62, abs=0.05), "no limiter was switched off"


def test_every_module_measures_its_resistance_twice_a_day() -> None:
    simulated = scans()
    first = simulated.advance(60.0).modules.ri_measured_at
    for _ in range(144):
        snapshot = simulated.advance(600.0)
    assert (snapshot.modules.ri_measured_at > first + 10 * 3600.0).all()
    assert np.isfinite(snapshot.modules.ri_mohm).all()
    assert simulated.take_events() == ()
