"""The shelf: list, fetch, archive; and the archive opened again."""

import hashlib
import zipfile
from pathlib import Path

import numpy as np
import pytest

from fakes.store_stand import LAYOUT, MIDNIGHT, StoreStand, value
from webmanager.domain.errors import StoreError
from webmanager.engine.history_ports import FileShelf, Selection
from webmanager.store.archive import ArchivedHistory
from webmanager.store.emulated import EmulatedFlash
from webmanager.store.ledger import Ledger
from webmanager.store.query import query
from webmanager.store.shelf import IMAGE_FILE, INDEX, MANIFEST, FlashShelf

DAY = 1440


@pytest.fixture(scope="module")
def stand() -> StoreStand:
    stand = StoreStand(256)
    stand.write(MIDNIGHT, 4 * DAY // 5, step=5)
    stand.ledger.append_event(60.0 * MIDNIGHT + 3_600, "hello", {"n": 1})
    stand.write(MIDNIGHT + 4 * DAY, 30)
    return stand


@pytest.fixture
def shelf(stand: StoreStand, tmp_path: Path) -> FlashShelf:
    return FlashShelf(stand.ledger, tmp_path)


def test_it_has_the_face_the_pages_know(shelf: FlashShelf) -> None:
    known: FileShelf = shelf
    assert known.files()


def test_every_listed_file_is_what_the_list_says(shelf: FlashShelf) -> None:
    listed = shelf.files()
    assert len(listed) == 5 * (5 + 1 + 1) + 1
    for entry in listed:
        content = shelf.read_file(entry.name)
        assert entry.bytes == len(content)
        assert entry.sha256 == hashlib.sha256(content).hexdigest()
        assert entry.from_s < entry.to_s


def test_checksums_are_remembered(shelf: FlashShelf, stand: StoreStand, tmp_path: Path) -> None:
    first = shelf.files()
    again = FlashShelf(stand.ledger, tmp_path)
    assert again.index(0.0) == first


@pytest.mark.parametrize("content", ["", "[]", "{", '{"a": 1}', '{"a": [1]}', "null"])
def test_an_odd_memory_is_forgotten(stand: StoreStand, tmp_path: Path, content: str) -> None:
    (tmp_path / INDEX).write_text(content)
    assert all(entry.sha256 for entry in FlashShelf(stand.ledger, tmp_path).files())


def test_without_time_the_checksum_is_unknown_not_wrong(stand: StoreStand, tmp_path: Path) -> None:
    shelf = FlashShelf(stand.ledger, tmp_path)
    assert all(entry.sha256 is entry.bytes is None for entry in shelf.index(0.0))
    shares: list[float] = []
    assert all(entry.sha256 for entry in shelf.index(60.0, shares.append))
    assert shares[-1] == 1.0


def test_a_directory_that_takes_no_memory_does_not_matter(stand: StoreStand, tmp_path: Path) -> None:
    shelf = FlashShelf(stand.ledger, tmp_path / "none")
    assert shelf.files()


def test_what_is_not_there_is_one_line(shelf: FlashShelf) -> None:
    with pytest.raises(StoreError, match=r"\.\./passwd: there is no such file"):
        shelf.read_file("../passwd")


def test_with_a_decimal_comma(shelf: FlashShelf) -> None:
    line = shelf.read_file("battery_15_11_2023_volt.csv", decimal_comma=True).splitlines()[1].decode()
    wanted = ";".join(f"{value(MIDNIGHT, column) / 1000:.3f}".replace(".", ",") for column in range(4))
    assert line == f"15.11.2023;00:00:00;{wanted}"


def test_the_image_is_a_backup_that_can_be_mounted(shelf: FlashShelf, stand: StoreStand) -> None:
    image = shelf.read_file(IMAGE_FILE)
    copy = Ledger(EmulatedFlash(256, image))
    assert copy.last_minute == stand.ledger.last_minute


def archived(shelf: FlashShelf, path: Path, *names: str) -> Path:
    shelf.write_archive(names or shelf.names(), path)
    return path


def test_an_archive_has_its_files_and_a_manifest(shelf: FlashShelf, tmp_path: Path) -> None:
    names = ["battery_15_11_2023_volt.csv", "battery_11_2023_events.json"]
    path = archived(shelf, tmp_path / "a.zip", *names, names[0])
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [*names, MANIFEST]
        for line in archive.read(MANIFEST).decode().splitlines():
            checksum, name = line.split("  ")
            assert hashlib.sha256(archive.read(name)).hexdigest() == checksum
            assert archive.read(name) == shelf.read_file(name)


@pytest.mark.parametrize("names", [[], ["nothing.csv"]])
def test_an_archive_of_nothing_is_refused(shelf: FlashShelf, tmp_path: Path, names: list[str]) -> None:
    with pytest.raises(StoreError):
        shelf.write_archive(names, tmp_path / "a.zip")
    assert not (tmp_path / "a.zip").exists()


def test_an_archive_that_cannot_be_written_is_one_line(shelf: FlashShelf, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be written"):
        shelf.write_archive(shelf.names()[:1], tmp_path / "none" / "a.zip")


def test_an_archive_opens_again_with_the_same_curves(shelf: FlashShelf, stand: StoreStand, tmp_path: Path) -> None:
    archive = ArchivedHistory(archived(shelf, tmp_path / "a.zip"))
    assert archive.columns("voltage") == ["S1-1", "S1-2", "S2-1", "S2-2"]
    assert archive.columns("current") == ["S1", "S2"]
    for points in (10, 500):
        one = archive.query("voltage", "S2-1", None, None, points)
        live = query(stand.ledger, Selection("voltage", 3), one.t[0], one.t[-1] + one.resolution_s, points)
        assert one.t.size <= points
        both = np.isin(one.t, live.t)
        if one.resolution_s == live.resolution_s:
            found = live.minimum[np.isin(live.t, one.t)]
            assert np.allclose(one.minimum[both], found, equal_nan=True, atol=1e-9)


def test_minutes_of_an_archive_are_exact(shelf: FlashShelf, tmp_path: Path) -> None:
    archive = ArchivedHistory(archived(shelf, tmp_path / "a.zip", "battery_16_11_2023_temp.csv"))
    start = 60.0 * (MIDNIGHT + DAY)
    series = archive.query("temperature", "S1-2", start, start + 3_600, 100)
    assert series.resolution_s == 60
    known = ~np.isnan(series.mean)
    assert np.flatnonzero(known).tolist() == list(range(0, 60, 5))
    wanted = [value(MIDNIGHT + DAY + minute, 5) / 10 for minute in range(0, 60, 5)]
    assert series.mean[known].tolist() == wanted


def test_an_archive_of_hours_or_days_opens_too(shelf: FlashShelf, tmp_path: Path) -> None:
    hours = ArchivedHistory(archived(shelf, tmp_path / "h.zip", "battery_11_2023_volt_hours.csv"))
    series = hours.query("voltage", "S1-1", None, None, 1_000)
    assert series.resolution_s == 3_600
    assert series.t.size == 4 * 24
    assert (series.minimum <= series.mean).all()
    assert (series.mean <= series.maximum).all()
    days = ArchivedHistory(archived(shelf, tmp_path / "d.zip", "battery_2023_volt_days.csv"))
    assert days.query("voltage", "S1-1", None, None, 1_000).resolution_s == 86_400


def test_what_an_archive_does_not_have_is_empty(shelf: FlashShelf, tmp_path: Path) -> None:
    archive = ArchivedHistory(archived(shelf, tmp_path / "a.zip", "battery_15_11_2023_volt.csv"))
    assert archive.columns("ri") == []
    assert archive.query("ri", "S1-1", None, None, 10).t.size == 0
    assert archive.query("voltage", "S9-9", None, None, 10).t.size == 0
    assert archive.query("voltage", "S1-1", 1.0, 2.0, 10).t.size == 0


def test_a_changed_file_is_found_by_the_manifest(shelf: FlashShelf, tmp_path: Path) -> None:
    path = archived(shelf, tmp_path / "a.zip", "battery_15_11_2023_volt.csv")
    changed = tmp_path / "b.zip"
    with zipfile.ZipFile(path) as one, zipfile.ZipFile(changed, "w") as other:
        for name in one.namelist():
            content = one.read(name)
            other.writestr(name, content.replace(b"15.11.2023;00:05", b"15.11.2023;00:06"))
    with pytest.raises(StoreError, match="is not what the manifest"):
        ArchivedHistory(changed)


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x05\x06" + b"\x00" * 18])
def test_something_else_is_no_archive(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"a.zip: is no archive"):
        ArchivedHistory(path)


def test_a_zip_bomb_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x_volt.csv", b"0" * 65_000_000)
        archive.writestr(MANIFEST, "0  x_volt.csv\n")
    with pytest.raises(StoreError, match="larger than"):
        ArchivedHistory(path)


def test_a_file_of_an_archive_that_is_no_table_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x_volt.csv", "nonsense")
        archive.writestr(MANIFEST, f"{hashlib.sha256(b'nonsense').hexdigest()}  x_volt.csv\n")
    with pytest.raises(StoreError, match=r"x_volt.csv: line 1"):
        ArchivedHistory(path).columns("voltage")


def test_columns_follow_the_layout() -> None:
    assert LAYOUT.modules == 4
