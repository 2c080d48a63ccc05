"""What goes when the flash is full, and in which order."""

from webmanager.store.sectors import SectorPool, StoreFullError
from webmanager.store.volumes import Volume, VolumeKind, Volumes

HOURS_KEPT_DAYS = 1100
"""Days for which hours are kept: three years and a little, counted in days there is data of."""
DAYS_KEPT_DAYS = 3650
EVENTS_SHARE = 32
"""This part of the flash is for events, used or not: a storm of them takes no room from what was measured."""
RECORDINGS_SHARE = 16
"""Recordings of discharges get at most this part of the flash, the oldest go first."""


def reserve(pool: SectorPool) -> int:
    """Sectors kept free, so that the journal never waits for anything to be moved."""
    return max(4, pool.flash.sectors // 64)


def events_share(pool: SectorPool) -> int:
    """Sectors that events may take."""
    return max(1, pool.flash.sectors // EVENTS_SHARE)


def make_room(pool: SectorPool, volumes: Volumes, sectors: int, *, for_events: bool = False) -> None:
    """Ends the oldest volumes until that many sectors are free beside the reserve; StoreFullError if they can't be.

    Minutes go first: their hours and days have been written with them. Then recordings of discharges, then roll-ups.
    What is spared for events is only touched for them.
    """
    kept = reserve(pool) + (0 if for_events else pool.spared)
    while pool.free < sectors + kept:
        oldest = _oldest(volumes)
        if oldest is None:
            if pool.free < sectors:
                raise StoreFullError(f"the flash is full: {pool.free} sectors are free, {sectors} are needed")
            return
        volumes.end(oldest)


def limit_recordings(pool: SectorPool, volumes: Volumes, sectors: int) -> None:
    """Ends the oldest recordings until a new one of that many sectors is within their share."""
    recordings = volumes.of_kind(VolumeKind.RECORDING)
    used = sum(len(volume.sectors) for volume in recordings)
    for volume in recordings:
        if used + sectors <= pool.flash.sectors // RECORDINGS_SHARE:
            return
        used -= len(volume.sectors)
        volumes.end(volume)


def older_than(rollups: list[Volume], days: int) -> list[Volume]:
    """Roll-ups with that many days, or more, of newer ones; a clock that once ran ahead makes nothing older."""
    old: list[Volume] = []
    newer = 0
    for volume in reversed(rollups):
        if newer >= days * 1440:
            old.insert(0, volume)
        newer += volume.label.end - volume.label.start
    return old


def _oldest(volumes: Volumes) -> Volume | None:
    for kind, spared in ((VolumeKind.MINUTES, 1), (VolumeKind.RECORDING, 0), (VolumeKind.ROLLUP, 1)):
        found = volumes.of_kind(kind)
        if len(found) > spared:
            return found[0]
    return None
