"""How the store is, in one value: budget, reach of each tier, wear."""

from webmanager.domain.errors import StoreError
from webmanager.engine.history_ports import StoreState, StoreStatus, TierStatus
from webmanager.store.flash import SECTOR_BYTES
from webmanager.store.ledger import Ledger, View
from webmanager.store.query import extent
from webmanager.store.sections import SectionKind
from webmanager.store.volumes import Volume, VolumeKind

ENDURANCE = 100_000
"""Erases a sector of NOR flash is made for; the usual figure of data sheets."""
NOTHING_STORED = StoreStatus("absent", "", 0, 0, (), 0, 0.0, 0, 0, None, 0, 0, 0, 0, 0)


def status_of(ledger: Ledger, state: StoreState, text: str) -> StoreStatus:
    """The status of a mounted flash, without the counters of its writer."""
    with ledger.lock:
        view = ledger.view()
        wear = ledger.pool.wear()
        stored = extent(view)
        days = sum(volume.label.end - volume.label.start for volume in view.rollups) / 1440
        years = ENDURANCE * days / 365.25 / wear.mean if wear.mean >= 1 and days >= 1 else None
        return StoreStatus(
            state=state,
            text=text,
            bytes=ledger.pool.flash.sectors * SECTOR_BYTES,
            free_bytes=ledger.pool.free * SECTOR_BYTES,
            tiers=_tiers(ledger, view, stored[1] if stored else 0),
            erases_least=wear.least,
            erases_mean=wear.mean,
            erases_most=wear.most,
            retired_sectors=wear.retired,
            projected_years=years,
            rows=0,
            rows_dropped=0,
            events_dropped=ledger.events_dropped,
            write_errors=0,
            unreadable=ledger.unreadable + ledger.volumes.damaged,
        )


def _tiers(ledger: Ledger, view: View, end: int) -> tuple[TierStatus, ...]:
    early = tuple(ledger.volumes.of_kind(VolumeKind.PARTIAL))
    newest = [tail.first for tail in view.tails if tail.first is not None]
    minutes = [volume.label.start for volume in view.minutes] + newest
    with_hours = [volume.label.start for volume in view.rollups if _has_hours(ledger, volume)] + newest
    rolled = [volume.label.start for volume in view.rollups] + newest
    return (
        TierStatus("journal", _days(newest, end), ledger.journal.sectors + _sectors(early)),
        TierStatus("minutes", _days(minutes, end), _sectors(view.minutes)),
        TierStatus("hours", _days(with_hours, end), _sectors(view.rollups)),
        TierStatus("days", _days(rolled, end), 0),
        TierStatus("discharges", _days([v.label.start for v in view.recordings], end), _sectors(view.recordings)),
    )


def _has_hours(ledger: Ledger, volume: Volume) -> bool:
    try:
        return any(section.kind is SectionKind.HOURS for section in ledger.sections(volume))
    except StoreError:
        return False


def _days(starts: list[int], end: int) -> float:
    return (end - min(starts)) / 1440 if starts else 0.0


def _sectors(volumes: tuple[Volume, ...]) -> int:
    return sum(len(volume.sectors) for volume in volumes)
