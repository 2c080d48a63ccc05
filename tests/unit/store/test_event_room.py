"""Events and room: a storm of them takes nothing from what was measured, and they have their share for years."""

import random

import pytest

from fakes.store_stand import MIDNIGHT, StoreStand
from webmanager.store import query, space
from webmanager.store.query import read_events
from webmanager.store.sections import SectionKind
from webmanager.store.space import reserve
from webmanager.store.volumes import PART_BYTES, Label, VolumeKind


def storm(stand: StoreStand, minute: int, count: int) -> None:
    for number in range(count):
        document = {"number": number, "text": f"S3-{number % 32 + 1} voltage 11.81 V, 14.9 % below its string"}
        stand.ledger.append_event(60.0 * minute + number / 1000, "alarm", document)
        if stand.compaction.is_due():
            stand.tidy()


def test_a_storm_of_events_takes_no_room_from_minutes() -> None:
    """A sixteenth of the flash, full of minutes; a sixteenth of ten thousand events come: all of both are there."""
    stand = StoreStand(512)
    for day in range(60):
        stand.write(MIDNIGHT + day * 1440, 144, step=10)
    start = MIDNIGHT + 60 * 1440
    stand.write(start, 20, step=10)
    while (free := stand.ledger.pool.free) > reserve(stand.ledger.pool) + stand.ledger.pool.spared + 2:
        label = Label(VolumeKind.RECORDING, free, free + 1, 0)
        for _ in stand.ledger.volumes.write(label, b"x" * PART_BYTES):
            pass
    before = {volume.id for volume in stand.ledger.view().minutes}
    storm(stand, start + 200, 625)
    assert {volume.id for volume in stand.ledger.view().minutes} == before
    stand.write(start + 210, 130, step=10)
    found = read_events(stand.mount(), None, None, 20_000)
    assert sorted(event.document["number"] for event in found) == list(range(625))


def test_events_are_kept_within_their_share_and_the_oldest_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    stand = StoreStand(128)
    monkeypatch.setattr(space, "EVENTS_SHARE", 64)
    for day in range(6):
        minute = MIDNIGHT + day * 1440
        stand.write(minute, 3, step=10)
        for number in range(400):
            text = "".join(random.Random(day * 1000 + number).choices("abcdefghijklmnop", k=12))
            stand.ledger.append_event(60.0 * minute + 1900, "e", {"day": day, "text": text})
        stand.write(minute + 40, 140, step=10)
    stand.write(MIDNIGHT + 6 * 1440, 1)
    days = [event.document["day"] for event in read_events(stand.ledger, None, None, 10_000)]
    assert days[0] == 5
    assert 0 not in days
    assert {day: days.count(day) for day in days} == dict.fromkeys(days, 400)
    assert all(stand.ledger.sections_of(volume, SectionKind.HOURS) for volume in stand.ledger.view().rollups)


def test_old_events_are_found_without_reading_newer_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    stand = StoreStand(128)
    for day in range(12):
        minute = MIDNIGHT + day * 1440
        stand.ledger.append_event(60.0 * minute + 600, "e", {"day": day})
        stand.write(minute, 144, step=10)
    read: list[int] = []
    whole = query.unpack_events
    monkeypatch.setattr(query, "unpack_events", lambda section: read.append(1) or whole(section))
    to_s = 60.0 * (MIDNIGHT + 2 * 1440)
    assert [event.document["day"] for event in read_events(stand.ledger, None, to_s, 1)] == [1]
    assert len(read) <= 3
