"""What goes when the flash is full."""

import pytest

from fakes.running import run
from webmanager.store.emulated import EmulatedFlash
from webmanager.store.sectors import SectorPool, StoreFullError
from webmanager.store.space import limit_recordings, make_room, older_than, reserve
from webmanager.store.volumes import Label, Volume, VolumeKind, Volumes


class Stand:
    def __init__(self, sectors: int = 64) -> None:
        self.pool = SectorPool(EmulatedFlash(sectors))
        self.volumes = Volumes(self.pool)

    def put(self, kind: VolumeKind, start: int, sectors: int = 2, days: int = 1) -> Volume:
        return run(self.volumes.write(Label(kind, start, start + days * 1440, 0), bytes(4_000 * sectors - 2_000)))

    def left(self) -> list[tuple[str, int]]:
        return [(v.label.kind.name, v.label.start) for v in self.volumes.live.values()]


def test_with_room_nothing_goes() -> None:
    stand = Stand()
    stand.put(VolumeKind.MINUTES, 0)
    make_room(stand.pool, stand.volumes, 40)
    assert stand.left() == [("MINUTES", 0)]


def test_the_oldest_minutes_go_first_and_only_as_many_as_must() -> None:
    stand = Stand()
    stand.put(VolumeKind.RECORDING, 0)
    stand.put(VolumeKind.ROLLUP, 0)
    for day in (3, 1, 2):
        stand.put(VolumeKind.MINUTES, day * 1440, sectors=5)
    make_room(stand.pool, stand.volumes, stand.pool.free - reserve(stand.pool) + 1)
    assert ("MINUTES", 1440) not in stand.left()
    assert len(stand.left()) == 4


def test_the_newest_minutes_stay_before_recordings_and_rollups_go() -> None:
    stand = Stand(40)
    for kind in (VolumeKind.MINUTES, VolumeKind.RECORDING, VolumeKind.ROLLUP):
        stand.put(kind, 0, sectors=4)
        stand.put(kind, 1440, sectors=4)
    make_room(stand.pool, stand.volumes, 23)
    assert stand.left() == [("MINUTES", 1440), ("ROLLUP", 0), ("ROLLUP", 1440)]
    make_room(stand.pool, stand.volumes, 28)
    assert stand.left() == [("MINUTES", 1440), ("ROLLUP", 1440)]


def test_what_cannot_be_is_said() -> None:
    stand = Stand(16)
    stand.put(VolumeKind.MINUTES, 0)
    with pytest.raises(StoreFullError, match="the flash is full: 14 sectors are free, 15 are needed"):
        make_room(stand.pool, stand.volumes, 15)


def test_the_reserve_may_be_used_up_before_anything_fails() -> None:
    stand = Stand(16)
    stand.put(VolumeKind.MINUTES, 0)
    make_room(stand.pool, stand.volumes, 14)
    assert stand.left() == [("MINUTES", 0)]


def test_recordings_keep_to_their_share() -> None:
    stand = Stand(160)
    for day in range(6):
        limit_recordings(stand.pool, stand.volumes, 3)
        stand.put(VolumeKind.RECORDING, day * 1440, sectors=3)
    assert [start // 1440 for _, start in stand.left()] == [3, 4, 5]


def test_age_is_counted_in_days_of_data_not_by_the_clock() -> None:
    stand = Stand()
    starts = [0, 30, 60, 1_000_000, 1_000_030]
    volumes = [stand.put(VolumeKind.ROLLUP, day * 1440, sectors=1, days=30) for day in starts]
    assert older_than(volumes, 60) == volumes[:3]
    assert older_than(volumes, 90) == volumes[:2]
    assert older_than(volumes, 1_000) == []


def test_the_device_keeps_half_a_mebibyte_free() -> None:
    assert reserve(SectorPool(EmulatedFlash(64))) == 4
