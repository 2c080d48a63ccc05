"""The pool of sectors: headers, allocation by wear, retirement."""

import pytest

from webmanager.store.emulated import Defects, EmulatedFlash
from webmanager.store.flash import SECTOR_BYTES, SectorFaultError
from webmanager.store.sectors import (
    BODY_AT,
    HEADER_BYTES,
    USE_AT,
    SectorKind,
    SectorPool,
    StoreFullError,
    Use,
    is_recognised,
    pieces,
    read_use,
)


def used(pool: SectorPool, count: int) -> list[int]:
    return [pool.allocate() for _ in range(count)]


def test_a_new_flash_is_all_free() -> None:
    pool = SectorPool(EmulatedFlash(8))
    assert pool.free == 8
    assert pool.found == []
    assert pool.retired == 0


def test_an_allocated_sector_has_its_erase_header_and_nothing_else() -> None:
    flash = EmulatedFlash(4)
    sector = SectorPool(flash).allocate()
    content = flash.read(sector * SECTOR_BYTES, SECTOR_BYTES)
    assert content.startswith(b"WMf1")
    assert content[HEADER_BYTES:] == b"\xff" * (SECTOR_BYTES - HEADER_BYTES)


def test_sectors_run_out_with_a_clear_error() -> None:
    pool = SectorPool(EmulatedFlash(3))
    used(pool, 3)
    assert pool.free == 0
    with pytest.raises(StoreFullError, match="no sector of the flash is free"):
        pool.allocate()


def test_a_released_sector_is_erased_only_when_it_is_used_again() -> None:
    flash = EmulatedFlash(1)
    pool = SectorPool(flash)
    sector = pool.allocate()
    pool.program(sector, 100, b"old")
    pool.release(sector)
    assert flash.erased == [0]
    assert pool.allocate() == sector
    assert flash.erased == [1]
    assert pool.read(sector, 100, 3) == b"\xff\xff\xff"
    assert pool.erases(sector) == 1


def test_an_untouched_sector_is_not_erased_in_vain() -> None:
    flash = EmulatedFlash(2)
    pool = SectorPool(flash)
    for _ in range(10):
        pool.release(pool.allocate())
    assert flash.erased == [0, 0]


def test_the_least_worn_sector_is_taken() -> None:
    flash = EmulatedFlash(3)
    pool = SectorPool(flash)
    for _ in range(30):
        sector = pool.allocate()
        pool.program(sector, 200, b"x")
        pool.release(sector)
    assert max(flash.erased) - min(flash.erased) <= 1


def test_the_most_worn_one_can_be_asked_for() -> None:
    pool = SectorPool(EmulatedFlash(3))
    first = pool.allocate()
    pool.program(first, 200, b"x")
    pool.release(first)
    assert used(pool, 1) == [first]  # erased once now
    pool.release(first)
    assert pool.most_worn_free() == 1
    assert pool.allocate(worn=True) == first
    assert pool.allocate() != first


def test_erase_counts_outlive_a_restart() -> None:
    flash = EmulatedFlash(2)
    pool = SectorPool(flash)
    for _ in range(7):
        sector = pool.allocate()
        pool.program(sector, 200, b"x")
        pool.release(sector)
    again = SectorPool(flash)
    assert [again.erases(sector) for sector in range(2)] == [pool.erases(sector) for sector in range(2)]


def test_a_lost_erase_count_becomes_the_mean() -> None:
    flash = EmulatedFlash(4)
    pool = SectorPool(flash)
    for _ in range(40):
        sector = pool.allocate()
        pool.program(sector, 200, b"x")
        pool.release(sector)
    known = sum(pool.erases(sector) for sector in range(1, 4)) // 3
    flash.data[0:4] = b"\x00\x01\x02\x03"
    assert SectorPool(flash).erases(0) == known


def test_use_headers_are_found_after_a_restart() -> None:
    flash = EmulatedFlash(4)
    pool = SectorPool(flash)
    sector = pool.allocate()
    use = Use(sector, SectorKind.VOLUME, 3, 77, 0x12345678)
    pool.program(sector, USE_AT, use.packed())
    assert SectorPool(flash).found == [use]


@pytest.mark.parametrize("byte", range(HEADER_BYTES))
def test_a_damaged_use_header_belongs_to_nobody(byte: int) -> None:
    packed = bytearray(Use(0, SectorKind.JOURNAL, 0, 5, 0).packed())
    packed[byte] ^= 0x10
    assert read_use(0, bytes(packed)) is None


def test_a_use_of_an_unknown_kind_is_nobody_s() -> None:
    odd = Use(0, SectorKind.VOLUME, 0, 5, 0)
    object.__setattr__(odd, "kind", 9)
    assert read_use(0, odd.packed()) is None


def test_a_sector_that_fails_to_erase_is_retired_and_another_taken() -> None:
    flash = EmulatedFlash(2, defects=Defects(fail_to_erase={0}))
    pool = SectorPool(flash)
    for sector in used(pool, 2):
        pool.program(sector, 300, b"x")
        pool.release(sector)
    assert used(pool, 1) == [1]
    assert pool.retired == 1
    assert pool.free == 0


def test_a_sector_that_fails_to_program_is_retired() -> None:
    pool = SectorPool(EmulatedFlash(3, defects=Defects(fail_to_program={0, 2})))
    assert used(pool, 1) == [1]
    with pytest.raises(StoreFullError):
        pool.allocate()
    assert pool.retired == 2


def test_programming_is_read_back() -> None:
    flash = EmulatedFlash(1, defects=Defects(stuck_at_1={1000: 0x01}))
    pool = SectorPool(flash)
    sector = pool.allocate()
    with pytest.raises(SectorFaultError, match="flash sector 0 does not keep"):
        pool.program(sector, 1000, b"\x00")


def test_a_bit_stuck_at_0_is_found_by_the_erase() -> None:
    flash = EmulatedFlash(2, defects=Defects(stuck_at_0={2000: 0x10}))
    pool = SectorPool(flash)
    assert used(pool, 1) == [1]
    assert pool.retired == 1


def test_a_retired_sector_stays_retired_after_a_restart() -> None:
    flash = EmulatedFlash(3)
    pool = SectorPool(flash)
    pool.retire(pool.allocate())
    again = SectorPool(flash)
    assert again.retired == 1
    assert again.free == 2


def test_releasing_a_retired_sector_does_not_bring_it_back() -> None:
    pool = SectorPool(EmulatedFlash(2))
    sector = pool.allocate()
    pool.retire(sector)
    pool.release(sector)
    assert pool.free == 1


def test_claiming_and_releasing_keep_the_count() -> None:
    pool = SectorPool(EmulatedFlash(4))
    pool.claim(2)
    pool.claim(2)
    assert pool.free == 3
    pool.release(2)
    pool.release(2)
    assert pool.free == 4


def test_wear_is_told_of_sectors_that_are_not_retired() -> None:
    flash = EmulatedFlash(4)
    pool = SectorPool(flash)
    for _ in range(20):
        sector = pool.allocate()
        pool.program(sector, 200, b"x")
        pool.release(sector)
    wear = pool.wear()
    assert wear.least <= wear.p1 <= wear.mean <= wear.p99 <= wear.most
    assert wear.mean == pytest.approx(sum(flash.erased) / 4)
    assert wear.retired == 0


def test_wear_of_a_flash_that_is_all_bad() -> None:
    pool = SectorPool(EmulatedFlash(1))
    pool.retire(0)
    assert pool.wear().most == 0
    assert pool.most_worn_free() is None


def test_a_blank_flash_is_recognised() -> None:
    assert is_recognised(EmulatedFlash(4))


def test_a_flash_in_use_is_recognised_by_any_sector() -> None:
    flash = EmulatedFlash(4, b"\x5a" * (4 * SECTOR_BYTES))
    flash.erase(3)
    pool = SectorPool(flash)
    while pool.allocate() != 3:
        pass
    flash.data[: 3 * SECTOR_BYTES] = b"\x5a" * (3 * SECTOR_BYTES)
    assert is_recognised(flash)


def test_anything_else_is_not() -> None:
    assert not is_recognised(EmulatedFlash(4, b"\x5a" * (4 * SECTOR_BYTES)))
    assert not is_recognised(EmulatedFlash(4, b"\x00" * (4 * SECTOR_BYTES)))


def test_the_body_begins_behind_both_headers() -> None:
    assert BODY_AT == 2 * HEADER_BYTES


@pytest.mark.parametrize(
    ("length", "sizes"), [(0, [0]), (3, [3]), (4, [4]), (5, [4, 1]), (14, [4, 5, 5]), (15, [4, 5, 5, 1])]
)
def test_pieces_cover_all_bytes_once(length: int, sizes: list[int]) -> None:
    data = bytes(range(length))
    cut = list(pieces(data, 4, 5))
    assert [len(piece) for piece in cut] == sizes
    assert b"".join(cut) == data
