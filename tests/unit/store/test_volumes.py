"""Volumes: there completely or not at all."""

import random

import pytest

from fakes.running import run
from webmanager.domain.errors import StoreError
from webmanager.store.emulated import Defects, EmulatedFlash, PowerCutError
from webmanager.store.flash import SECTOR_BYTES
from webmanager.store.sectors import SectorPool, StoreFullError
from webmanager.store.volumes import (
    END_MARK_AT,
    FIRST_BYTES,
    LOST,
    PART_BYTES,
    Label,
    Volume,
    VolumeGoneError,
    VolumeKind,
    Volumes,
)

SIZES = [0, 1, FIRST_BYTES - 1, FIRST_BYTES, FIRST_BYTES + 1, FIRST_BYTES + PART_BYTES, 20_000]


def label(start: int = 0, end: int = 1440, kind: VolumeKind = VolumeKind.MINUTES, seq: int = 0) -> Label:
    return Label(kind, start, end, seq)


def content(length: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(length)


class Stand:
    """Volumes on a flash that can be mounted again."""

    def __init__(self, sectors: int = 16, defects: Defects | None = None) -> None:
        self.flash = EmulatedFlash(sectors, defects=defects)
        self.mount()

    def mount(self) -> Volumes:
        self.pool = SectorPool(self.flash)
        self.volumes = Volumes(self.pool)
        return self.volumes

    def write(self, data: bytes, *given: int, kind: VolumeKind = VolumeKind.MINUTES) -> Volume:
        return run(self.volumes.write(label(*given, kind=kind), data))


def all_of(volumes: Volumes) -> list[bytes]:
    return [volumes.read(volume, 0, volume.length) for volume in volumes.live.values()]


@pytest.mark.parametrize("length", SIZES)
def test_what_is_written_is_read_back_after_a_restart(length: int) -> None:
    stand = Stand()
    written = stand.write(content(length), 100, 200)
    assert all_of(stand.volumes) == [content(length)]
    assert all_of(stand.mount()) == [content(length)]
    found = stand.volumes.live[written.id]
    assert found.label == Label(VolumeKind.MINUTES, 100, 200, 0)
    assert found.sectors == written.sectors


def test_any_piece_can_be_read_alone() -> None:
    stand = Stand()
    data = content(20_000)
    volume = stand.write(data)
    for offset, length in [(0, 1), (FIRST_BYTES - 1, 2), (FIRST_BYTES, PART_BYTES), (19_999, 1), (5, 19_000), (7, 0)]:
        assert stand.volumes.read(volume, offset, length) == data[offset : offset + length]


@pytest.mark.parametrize(("offset", "length"), [(-1, 2), (0, 101), (101, 0), (100, 1)])
def test_reading_outside_is_refused(offset: int, length: int) -> None:
    stand = Stand()
    volume = stand.write(content(100))
    with pytest.raises(StoreError, match="lie outside"):
        stand.volumes.read(volume, offset, length)


def test_it_is_written_in_steps_and_not_there_before_the_last() -> None:
    stand = Stand()
    steps = stand.volumes.write(label(), content(20_000))
    for _ in range(4):
        next(steps)
        assert stand.volumes.live == {}
        assert Volumes(SectorPool(EmulatedFlash(16, bytes(stand.flash.data)))).live == {}
    run(steps)
    assert len(stand.mount().live) == 1


def test_what_was_not_committed_is_free_again() -> None:
    stand = Stand()
    steps = stand.volumes.write(label(), content(20_000))
    next(steps)
    next(steps)
    stand.mount()
    assert stand.pool.free == 16
    stand.write(content(10))
    assert len(stand.mount().live) == 1


def test_a_later_one_of_the_same_range_takes_its_place() -> None:
    stand = Stand()
    stand.write(b"old", 0, 1440)
    stand.write(b"new", 0, 1440)
    assert all_of(stand.volumes) == [b"new"]
    assert all_of(stand.mount()) == [b"new"]
    assert stand.pool.free == 15


def test_a_wider_one_takes_the_place_of_all_within() -> None:
    stand = Stand()
    for day in range(5):
        stand.write(b"day %d" % day, day * 1440, (day + 1) * 1440)
    stand.write(b"other", 0, 1440, kind=VolumeKind.ROLLUP)
    stand.write(b"all", 0, 4 * 1440)
    assert sorted(all_of(stand.mount())) == [b"all", b"day 4", b"other"]


def test_if_the_cut_came_before_the_old_one_was_ended_the_new_one_counts() -> None:
    stand = Stand()
    stand.write(b"old", 0, 1440)
    image = bytes(stand.flash.data)
    stand.write(b"new", 0, 1440)
    old_sector = next(s for s in range(16) if image[s * SECTOR_BYTES : (s + 1) * SECTOR_BYTES].count(0xFF) < 4096)
    at = old_sector * SECTOR_BYTES + END_MARK_AT
    stand.flash.data[at : at + 16] = b"\xff" * 16
    assert all_of(stand.mount()) == [b"new"]
    assert stand.pool.free == 15


def test_an_ended_volume_stays_ended() -> None:
    stand = Stand()
    volume = stand.write(content(9_000))
    stand.volumes.end(volume)
    assert stand.pool.free == 16
    assert stand.mount().live == {}
    assert stand.pool.free == 16


def test_reading_an_ended_volume_says_it_is_gone() -> None:
    stand = Stand()
    volume = stand.write(content(100))
    stand.volumes.end(volume)
    with pytest.raises(VolumeGoneError):
        stand.volumes.read(volume, 0, 1)


@pytest.mark.parametrize(("cleared", "alive"), [(1, True), (63, True), (64, False), (128, False)])
def test_half_an_end_mark_decides(cleared: int, alive: bool) -> None:
    stand = Stand()
    volume = stand.write(b"data")
    at = volume.sectors[0] * SECTOR_BYTES + END_MARK_AT
    mark = ((1 << 128) - 1) ^ ((1 << cleared) - 1)
    stand.flash.data[at : at + 16] = mark.to_bytes(16, "little")
    assert bool(stand.mount().live) is alive


def test_ids_are_never_used_twice() -> None:
    stand = Stand()
    first = stand.write(content(9_000))
    stand.volumes.end(first)
    stand.mount()
    assert stand.write(b"x").id > first.id


@pytest.mark.parametrize("part", [0, 1, 2])
def test_damage_in_a_part_is_seen_and_the_others_stay_readable(part: int) -> None:
    stand = Stand()
    data = content(11_000)
    volume = stand.write(data)
    stand.flash.data[volume.sectors[part] * SECTOR_BYTES + 2_000] ^= 0x04
    assert stand.volumes.unreadable(volume) == [part]
    with pytest.raises(StoreError, match=f"part {part} is damaged"):
        stand.volumes.read(volume, 0, volume.length)
    ends = [0, FIRST_BYTES, FIRST_BYTES + PART_BYTES, 11_000]
    for other in {0, 1, 2} - {part}:
        start, end = ends[other], ends[other + 1]
        assert stand.volumes.read(volume, start, end - start) == data[start:end]


def test_without_its_first_part_a_volume_is_lost_and_counted() -> None:
    stand = Stand()
    volume = stand.write(content(11_000))
    stand.flash.data[volume.sectors[0] * SECTOR_BYTES + 60] ^= 0x04
    stand.mount()
    assert stand.volumes.live == {}
    assert stand.volumes.damaged == 1
    assert stand.pool.free == 16


def test_a_bad_header_costs_one_part() -> None:
    stand = Stand()
    data = content(11_000)
    volume = stand.write(data)
    stand.flash.data[volume.sectors[1] * SECTOR_BYTES + 20] ^= 0x04
    stand.mount()
    found = stand.volumes.live[volume.id]
    assert found.sectors[1] == LOST
    assert stand.volumes.unreadable(found) == [1]
    assert stand.volumes.read(found, 0, 100) == data[:100]
    with pytest.raises(StoreError, match="part 1 is lost"):
        stand.volumes.read(found, FIRST_BYTES, 1)
    stand.volumes.end(found)
    assert stand.pool.free == 16


def test_a_part_can_move_and_all_is_as_before() -> None:
    stand = Stand()
    data = content(11_000)
    volume = stand.write(data)
    for number in range(3):
        former = volume.sectors[number]
        stand.volumes.move(volume, number)
        assert volume.sectors[number] != former
        assert all_of(stand.volumes) == [data]
        assert all_of(Volumes(SectorPool(EmulatedFlash(16, bytes(stand.flash.data))))) == [data]
    assert stand.pool.free == 13


def test_a_moved_volume_that_is_ended_does_not_come_back() -> None:
    stand = Stand()
    volume = stand.write(content(3_000))
    for _ in range(5):
        stand.volumes.move(volume, 0)
    stand.volumes.end(volume)
    assert stand.mount().live == {}


@pytest.mark.parametrize("part", [0, 1])
def test_a_move_can_be_cut_anywhere(part: int) -> None:
    stand = Stand(8)
    data = content(5_000)
    stand.write(data)
    before = bytes(stand.flash.data)
    stand.flash.power_on()
    stand.volumes.move(next(iter(stand.volumes.live.values())), part)
    points = stand.flash.points
    assert points > SECTOR_BYTES - 100
    for cut in [*range(0, points, 61), *range(points - 40, points)]:
        for torn in (False, True):
            stand.flash = EmulatedFlash(8, before)
            volumes = stand.mount()
            stand.flash.torn_bits = torn
            stand.flash.power_on(cut)
            with pytest.raises(PowerCutError):
                volumes.move(next(iter(volumes.live.values())), part)
            stand.flash.power_on()
            found = stand.mount()
            assert all_of(found) == [data], cut
            found.end(next(iter(found.live.values())))
            assert stand.mount().live == {}, cut


def test_bad_sectors_are_retired_and_others_taken() -> None:
    defects = Defects(fail_to_program={1, 3}, stuck_at_1={5 * SECTOR_BYTES + 3_000: 0xFF})
    stand = Stand(16, defects)
    data = content(40_000)
    stand.write(data)
    assert stand.pool.retired >= 2
    assert all_of(stand.mount()) == [data]


def test_a_commit_that_meets_a_bad_sector_takes_another() -> None:
    stand = Stand(4, Defects(stuck_at_1={100: 0xFF}))
    stand.write(content(2_000))
    assert stand.pool.retired == 1
    assert all_of(stand.mount()) == [content(2_000)]


def test_when_all_sectors_fail_nothing_has_happened() -> None:
    stuck = {sector * SECTOR_BYTES + 1_000: 0xFF for sector in range(40)}
    stand = Stand(40, Defects(stuck_at_1=stuck))
    with pytest.raises(StoreError, match="sectors failed one after the other"):
        stand.write(bytes(20_000))
    assert stand.volumes.live == {}


def test_a_volume_too_large_for_the_flash_leaves_it_as_it_was() -> None:
    stand = Stand(8)
    stand.write(b"kept", 0, 10)
    with pytest.raises(StoreFullError):
        stand.write(content(40_000), 10, 20)
    assert stand.pool.free == 7
    assert all_of(stand.mount()) == [b"kept"]


def test_moving_onto_a_bad_sector_changes_nothing() -> None:
    stand = Stand(4)
    data = content(3_000)
    volume = stand.write(data)
    stand.flash.defects.fail_to_program |= {0, 1, 2, 3} - set(volume.sectors)
    with pytest.raises(StoreFullError):
        stand.volumes.move(volume, 0)
    assert all_of(stand.volumes) == [data]


def test_kinds_are_told_apart_and_ordered_by_time() -> None:
    stand = Stand()
    for start in (30, 10, 20):
        stand.write(b"m", start, start + 5)
    stand.write(b"r", 0, 100, kind=VolumeKind.ROLLUP)
    assert [v.label.start for v in stand.volumes.of_kind(VolumeKind.MINUTES)] == [10, 20, 30]
    assert len(stand.volumes.of_kind(VolumeKind.ROLLUP)) == 1


def test_the_journal_is_taken_up_to_the_largest_number() -> None:
    stand = Stand()
    assert stand.volumes.journal_seq == 0
    stand.write(b"a", 0, 10)
    run(stand.volumes.write(label(10, 20, seq=99), b"b"))
    run(stand.volumes.write(label(20, 30, seq=50), b"c"))
    assert stand.mount().journal_seq == 99
