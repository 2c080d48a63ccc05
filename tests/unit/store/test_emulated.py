"""The emulated twin: power cuts, torn programs, bad sectors, wear counters."""

import pytest

from webmanager.store.emulated import ERASE_POINTS, PAGE_BYTES, Defects, EmulatedFlash, PowerCutError
from webmanager.store.flash import SECTOR_BYTES


def test_it_counts_what_wears_it() -> None:
    flash = EmulatedFlash(4)
    flash.program(0, b"abc")
    flash.erase(2)
    flash.erase(2)
    assert flash.programmed_bytes == 3
    assert flash.erased == [0, 0, 2, 0]
    assert flash.points == 3 + 2 * ERASE_POINTS


def test_an_image_can_be_given() -> None:
    image = b"\x12" * (2 * SECTOR_BYTES)
    assert EmulatedFlash(2, image).read(SECTOR_BYTES, 2) == b"\x12\x12"


def test_a_program_that_crosses_a_sector_is_a_fault_of_the_caller() -> None:
    with pytest.raises(ValueError, match="cross the border"):
        EmulatedFlash(2).program(SECTOR_BYTES - 1, b"ab")


@pytest.mark.parametrize("cut", range(6))
def test_a_cut_leaves_exactly_the_bytes_before_it(cut: int) -> None:
    flash = EmulatedFlash(1)
    flash.power_on(cut)
    if cut < 5:
        with pytest.raises(PowerCutError):
            flash.program(8, b"hello")
    else:
        flash.program(8, b"hello")
    assert bytes(flash.data[8:13]) == b"hello"[:cut] + b"\xff" * (5 - cut)


def test_without_power_nothing_works() -> None:
    flash = EmulatedFlash(1)
    flash.power_on(0)
    with pytest.raises(PowerCutError):
        flash.program(0, b"x")
    for call in (lambda: flash.read(0, 1), lambda: flash.erase(0), flash.sync, lambda: flash.program(0, b"y")):
        with pytest.raises(PowerCutError):
            call()
    flash.power_on()
    assert flash.read(0, 1) == b"\xff"


def test_a_torn_program_clears_some_bits_of_its_page_and_sets_none() -> None:
    data = bytes(range(256)) * 4
    flash = EmulatedFlash(1)
    flash.torn_bits = True
    flash.power_on(PAGE_BYTES + 10)
    with pytest.raises(PowerCutError):
        flash.program(0, data)
    left = bytes(flash.data[: len(data)])
    assert left[:PAGE_BYTES] == data[:PAGE_BYTES]
    torn = left[PAGE_BYTES : 2 * PAGE_BYTES]
    assert torn not in (data[PAGE_BYTES : 2 * PAGE_BYTES], b"\xff" * PAGE_BYTES)
    assert all(have & want == want for have, want in zip(torn, data[PAGE_BYTES:], strict=False))
    assert left[2 * PAGE_BYTES :] == b"\xff" * (2 * PAGE_BYTES)


def test_a_program_that_is_not_cut_is_not_torn() -> None:
    flash = EmulatedFlash(1)
    flash.torn_bits = True
    flash.power_on(1000)
    flash.program(3, b"whole")
    assert flash.read(3, 5) == b"whole"


@pytest.mark.parametrize("points", range(ERASE_POINTS))
@pytest.mark.parametrize("sector", [0, 1])
def test_a_cut_erase_is_half_done(points: int, sector: int) -> None:
    flash = EmulatedFlash(2, b"\x00" * (2 * SECTOR_BYTES))
    flash.power_on(points)
    with pytest.raises(PowerCutError):
        flash.erase(sector)
    content = flash.data[sector * SECTOR_BYTES : (sector + 1) * SECTOR_BYTES]
    assert content.count(0xFF) == SECTOR_BYTES * points // ERASE_POINTS
    assert flash.erased[sector] == 0


def test_what_was_not_synced_can_be_forgotten_sector_by_sector() -> None:
    flash = EmulatedFlash(8)
    flash.program(0, b"kept")
    flash.sync()
    for sector in range(8):
        flash.program(sector * SECTOR_BYTES + 16, b"lost")
    flash.forget_unsynced(seed=1)
    lost = [flash.read(sector * SECTOR_BYTES + 16, 4) == b"\xff" * 4 for sector in range(8)]
    assert any(lost)
    assert not all(lost)
    assert flash.read(0, 4) == b"kept"


def test_synced_is_never_forgotten() -> None:
    flash = EmulatedFlash(4)
    flash.program(0, b"kept")
    flash.sync()
    for seed in range(20):
        flash.forget_unsynced(seed)
    assert flash.read(0, 4) == b"kept"


def test_a_sector_that_fails_to_erase_keeps_what_it_had() -> None:
    flash = EmulatedFlash(2, defects=Defects(fail_to_erase={1}))
    flash.program(SECTOR_BYTES, b"\x00")
    flash.erase(1)
    assert flash.read(SECTOR_BYTES, 1) == b"\x00"


def test_a_sector_that_fails_to_program_stays_as_it_is() -> None:
    flash = EmulatedFlash(2, defects=Defects(fail_to_program={0}))
    flash.program(0, b"x")
    flash.program(SECTOR_BYTES, b"x")
    assert flash.read(0, 1) == b"\xff"
    assert flash.read(SECTOR_BYTES, 1) == b"x"


def test_stuck_bits_are_seen_by_every_read() -> None:
    flash = EmulatedFlash(1, defects=Defects(stuck_at_0={5: 0x01}, stuck_at_1={6: 0x80}))
    flash.program(6, b"\x00")
    assert flash.read(4, 3) == b"\xff\xfe\x80"
    flash.erase(0)
    assert flash.read(5, 2) == b"\xfe\xff"
