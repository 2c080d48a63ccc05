"""The medium: NOR flash in a host file, and the frozen view of one."""

import os
import stat
from pathlib import Path

import pytest

from webmanager.domain.errors import StoreError
from webmanager.store.emulated import EmulatedFlash
from webmanager.store.flash import SECTOR_BYTES, Flash, FrozenFlash, ImageFlash


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "flash.img"
    ImageFlash.create(path, 8)
    return path


def both(image: Path) -> list[Flash]:
    return [ImageFlash(image), EmulatedFlash(8)]


def test_a_new_image_is_blank_and_has_its_size(image: Path) -> None:
    assert image.stat().st_size == 8 * SECTOR_BYTES
    with ImageFlash(image) as flash:
        assert flash.sectors == 8
        assert flash.read(0, 8 * SECTOR_BYTES) == b"\xff" * (8 * SECTOR_BYTES)


def test_creating_leaves_no_temporary_file(image: Path) -> None:
    assert [path.name for path in image.parent.iterdir()] == ["flash.img"]


@pytest.mark.parametrize("index", [0, 1])
def test_programming_only_clears_bits(image: Path, index: int) -> None:
    flash = both(image)[index]
    flash.program(100, b"\xf0\x0f")
    flash.program(100, b"\x3c\xff")
    assert flash.read(100, 2) == b"\x30\x0f"


@pytest.mark.parametrize("index", [0, 1])
def test_erasing_sets_one_sector_and_no_other(image: Path, index: int) -> None:
    flash = both(image)[index]
    for sector in range(3):
        flash.program(sector * SECTOR_BYTES, b"\x00" * SECTOR_BYTES)
    flash.erase(1)
    assert flash.read(SECTOR_BYTES, SECTOR_BYTES) == b"\xff" * SECTOR_BYTES
    assert flash.read(0, SECTOR_BYTES) == flash.read(2 * SECTOR_BYTES, SECTOR_BYTES) == b"\x00" * SECTOR_BYTES


def test_what_is_programmed_is_in_the_file(image: Path) -> None:
    with ImageFlash(image) as flash:
        flash.program(4096, b"hello")
        flash.sync()
    assert image.read_bytes()[4096:4101] == b"hello"


def test_reading_beyond_the_end_is_refused(image: Path) -> None:
    with ImageFlash(image) as flash, pytest.raises(StoreError, match="outside the flash"):
        flash.read(8 * SECTOR_BYTES - 1, 2)


def test_programming_beyond_the_end_is_refused(image: Path) -> None:
    with ImageFlash(image) as flash, pytest.raises(StoreError, match="outside the flash"):
        flash.program(8 * SECTOR_BYTES, b"x")
    assert image.stat().st_size == 8 * SECTOR_BYTES


def test_erasing_beyond_the_end_is_refused(image: Path) -> None:
    with ImageFlash(image) as flash, pytest.raises(StoreError, match="outside the flash"):
        flash.erase(8)


def test_a_missing_image_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"flash.img: cannot be opened: No such file"):
        ImageFlash(tmp_path / "flash.img")


@pytest.mark.parametrize("size", [0, 1, SECTOR_BYTES - 1, SECTOR_BYTES + 1])
def test_an_image_of_half_a_sector_is_refused(tmp_path: Path, size: int) -> None:
    path = tmp_path / "flash.img"
    path.write_bytes(b"x" * size)
    with pytest.raises(StoreError, match="no whole number"):
        ImageFlash(path)


def test_a_directory_that_does_not_exist_cannot_take_an_image(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be created"):
        ImageFlash.create(tmp_path / "none" / "flash.img", 2)


def test_a_read_only_image_reads_and_refuses_the_rest(image: Path) -> None:
    with ImageFlash(image, read_only=True) as flash:
        assert flash.read(0, 1) == b"\xff"
        with pytest.raises(StoreError, match="cannot write"):
            flash.program(0, b"x")
        with pytest.raises(StoreError, match="cannot write"):
            flash.erase(0)


def test_a_closed_image_says_so(image: Path) -> None:
    flash = ImageFlash(image)
    flash.close()
    flash.close()
    with pytest.raises(StoreError, match="cannot read"):
        flash.read(0, 1)


def test_an_image_that_shrinks_under_the_reader_is_an_error(image: Path) -> None:
    with ImageFlash(image) as flash:
        os.truncate(image, SECTOR_BYTES)
        with pytest.raises(StoreError, match="of 16 bytes read"):
            flash.read(SECTOR_BYTES, 16)


def test_the_image_is_not_executable(image: Path) -> None:
    assert not image.stat().st_mode & stat.S_IXUSR


def test_a_frozen_flash_shows_its_own_writes_and_leaves_the_image_alone(image: Path) -> None:
    before = image.read_bytes()
    with ImageFlash(image, read_only=True) as under:
        flash = FrozenFlash(under)
        flash.program(10, b"\x0f")
        flash.program(10, b"\x3c")
        flash.sync()
        assert flash.sectors == 8
        assert flash.read(10, 1) == b"\x0c"
        flash.erase(0)
        assert flash.read(10, 1) == b"\xff"
        assert flash.read(SECTOR_BYTES, 4) == b"\xff" * 4
    assert image.read_bytes() == before
