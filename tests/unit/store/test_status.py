"""How the store is, in one value."""

import pytest

from fakes.store_stand import MIDNIGHT, StoreStand
from webmanager.store.status import ENDURANCE, NOTHING_STORED, status_of

DAY = 1440


def test_an_empty_store() -> None:
    status = status_of(StoreStand(16).ledger, "ok", "")
    assert status.free_bytes == status.bytes == 16 * 4096
    assert all(tier.days == 0 for tier in status.tiers)
    assert status.projected_years is None


def test_the_reach_of_each_tier() -> None:
    stand = StoreStand(40)
    stand.write(MIDNIGHT, 25 * DAY)
    tiers = {tier.name: tier for tier in status_of(stand.ledger, "ok", "").tiers}
    assert tiers["hours"].days == tiers["days"].days == 25
    assert 1 <= tiers["minutes"].days < 25
    assert tiers["journal"].days == 1
    used = sum(tier.sectors for tier in tiers.values())
    assert used + stand.ledger.pool.free == 40


def test_projected_years_follow_the_wear() -> None:
    stand = StoreStand(24)
    stand.write(MIDNIGHT, 30 * DAY // 2, step=2)
    status = status_of(stand.ledger, "ok", "")
    days = sum(v.label.end - v.label.start for v in stand.ledger.view().rollups) / DAY
    assert status.erases_mean > 1
    assert status.projected_years == pytest.approx(ENDURANCE * days / 365.25 / status.erases_mean)


def test_a_text_is_passed_on() -> None:
    assert status_of(StoreStand(8).ledger, "read_only", "why").text == "why"
    assert NOTHING_STORED.state == "absent"


def test_a_damaged_rollup_does_not_hide_the_rest() -> None:
    stand = StoreStand(64)
    stand.write(MIDNIGHT, 3 * DAY)
    volume = stand.ledger.view().rollups[0]
    stand.flash.data[volume.sectors[0] * 4096 + 100] ^= 0xFF
    status = status_of(stand.ledger, "ok", "")
    assert {tier.name: tier.days for tier in status.tiers}["minutes"] == 3
