"""The flash of a data directory: one writer, nothing formatted over."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from webmanager.domain.errors import StoreError
from webmanager.store.flash import DEVICE_SECTORS, SECTOR_BYTES
from webmanager.store.medium import IMAGE, LOCK, StoreLockedError, open_to_read, open_to_write
from webmanager.store.sectors import SectorPool


def test_a_new_directory_gets_a_blank_image(tmp_path: Path) -> None:
    medium = open_to_write(tmp_path / "new" / "data", 8)
    assert medium.flash.sectors == 8
    assert not medium.read_only
    assert medium.moved_aside is None
    medium.close()
    assert (tmp_path / "new" / "data" / IMAGE).stat().st_size == 8 * SECTOR_BYTES


def test_the_device_s_flash_is_32_mebibytes() -> None:
    assert DEVICE_SECTORS * SECTOR_BYTES == 32 * 2**20


def test_an_image_keeps_its_size_whatever_is_asked_for(tmp_path: Path) -> None:
    first = open_to_write(tmp_path, 8)
    SectorPool(first.flash).allocate()
    first.close()
    again = open_to_write(tmp_path, 64)
    assert again.flash.sectors == 8
    again.close()


def test_a_second_writer_is_refused_with_the_name_of_the_first(tmp_path: Path) -> None:
    medium = open_to_write(tmp_path, 4)
    with pytest.raises(StoreLockedError, match=rf"process {os.getpid()} writes to this data directory; only one can"):
        open_to_write(tmp_path, 4)
    medium.close()
    open_to_write(tmp_path, 4).close()


def test_another_process_is_refused_too(tmp_path: Path) -> None:
    medium = open_to_write(tmp_path, 4)
    code = (
        "import sys, pathlib; from webmanager.store.medium import open_to_write, StoreLockedError\n"
        "try: open_to_write(pathlib.Path(sys.argv[1]), 4)\n"
        "except StoreLockedError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert f"process {os.getpid()} writes" in done.stdout
    medium.close()


def test_a_lock_left_by_a_dead_process_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / LOCK).write_text("999999\n")
    open_to_write(tmp_path, 4).close()


def test_closing_twice_is_fine(tmp_path: Path) -> None:
    medium = open_to_write(tmp_path, 4)
    medium.close()
    medium.close()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"x" * (SECTOR_BYTES + 1),
        random.Random(1).randbytes(4 * SECTOR_BYTES),
        b"\x00" * (4 * SECTOR_BYTES),
        b"SQLite format 3\x00" + b"\x00" * (SECTOR_BYTES - 16),
    ],
)
def test_what_is_not_ours_is_moved_aside_and_kept(tmp_path: Path, content: bytes) -> None:
    (tmp_path / IMAGE).write_bytes(content)
    medium = open_to_write(tmp_path, 4)
    assert medium.moved_aside is not None
    assert medium.moved_aside.name.startswith("flash.img.unrecognised-")
    assert medium.moved_aside.read_bytes() == content
    assert medium.flash.sectors == 4
    medium.close()


def test_every_one_that_is_moved_aside_is_kept(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / IMAGE).write_bytes(b"%d" % number)
        open_to_write(tmp_path, 4).close()
    kept = [path.read_bytes() for path in tmp_path.glob("*.unrecognised-*")]
    assert sorted(kept) == [b"0", b"1", b"2"]


def test_a_damaged_image_is_still_ours(tmp_path: Path) -> None:
    medium = open_to_write(tmp_path, 4)
    pool = SectorPool(medium.flash)
    for _ in range(3):
        pool.allocate()
    medium.close()
    path = tmp_path / IMAGE
    data = bytearray(path.read_bytes())
    data[: 2 * SECTOR_BYTES] = random.Random(1).randbytes(2 * SECTOR_BYTES)
    path.write_bytes(data)
    again = open_to_write(tmp_path, 4)
    assert again.moved_aside is None
    assert path.read_bytes() == bytes(data)
    again.close()


def test_a_file_in_place_of_the_directory_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_text("x")
    with pytest.raises(StoreError, match="cannot be opened"):
        open_to_write(path, 4)


def test_an_image_that_cannot_be_created_lets_go_of_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, sectors: int) -> None:
        raise StoreError(f"{path}: cannot be created: No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("webmanager.store.flash.ImageFlash.create", full)
        with pytest.raises(StoreError, match="No space left"):
            open_to_write(tmp_path, 4)
    open_to_write(tmp_path, 4).close()


def test_reading_needs_an_image(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no flash image"):
        open_to_read(tmp_path)
    (tmp_path / IMAGE).write_bytes(b"\x00" * SECTOR_BYTES)
    with pytest.raises(StoreError, match="is not a flash image of this device"):
        open_to_read(tmp_path)
    assert (tmp_path / IMAGE).exists()


def test_reading_disturbs_no_writer_and_writes_nothing(tmp_path: Path) -> None:
    writer = open_to_write(tmp_path, 4)
    SectorPool(writer.flash).allocate()
    before = (tmp_path / IMAGE).read_bytes()
    reader = open_to_read(tmp_path)
    assert reader.read_only
    SectorPool(reader.flash).allocate()
    reader.close()
    assert (tmp_path / IMAGE).read_bytes() == before
    writer.close()
