"""Looking at everything."""

from fakes.store_stand import MIDNIGHT, StoreStand
from webmanager.store.verify import verify
from webmanager.store.volumes import VolumeKind

DAY = 1440


def stand() -> StoreStand:
    stand = StoreStand(128)
    stand.write(MIDNIGHT, DAY)
    stand.ledger.append_event(60.0 * MIDNIGHT, "one", {})
    stand.write(MIDNIGHT + DAY, DAY)
    stand.ledger.append_event(60.0 * MIDNIGHT + 86_400, "two", {})
    stand.write(MIDNIGHT + 2 * DAY, 10)
    return stand


def test_a_sound_store() -> None:
    found = verify(stand().mount())
    assert found.wrong == []
    assert (found.rows, found.events) == (2 * DAY + 10, 2)
    assert found.volumes == 4
    assert found.parts >= 4


def test_an_empty_store_is_sound() -> None:
    found = verify(StoreStand(8).ledger)
    assert (found.wrong, found.volumes, found.rows) == ([], 0, 0)


def test_a_damaged_part_is_named() -> None:
    broken = stand()
    volume = broken.ledger.volumes.of_kind(VolumeKind.MINUTES)[0]
    broken.flash.data[volume.sectors[-1] * 4096 + 120] ^= 1
    wrong = verify(broken.ledger).wrong
    assert any(line == f"minutes {volume.id}: part {len(volume.sectors) - 1} cannot be read" for line in wrong)


def test_a_volume_lost_as_a_whole_is_counted() -> None:
    broken = stand()
    volume = broken.ledger.volumes.of_kind(VolumeKind.ROLLUP)[0]
    broken.flash.data[volume.sectors[0] * 4096 + 70] ^= 1
    assert "1 volumes whose first part cannot be read" in verify(broken.mount()).wrong
