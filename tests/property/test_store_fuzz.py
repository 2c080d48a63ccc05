"""Damage anywhere on the flash: the reader never crashes and never gives a value that was not written."""

import random

import numpy as np
import pytest

from fakes.store_stand import LAYOUT, MIDNIGHT, StoreStand, value
from webmanager.domain.errors import StoreError
from webmanager.engine.history_ports import Selection
from webmanager.store import compaction
from webmanager.store.compaction import Compaction
from webmanager.store.emulated import EmulatedFlash
from webmanager.store.files import file_bytes, stored_files
from webmanager.store.flash import SECTOR_BYTES
from webmanager.store.ledger import Ledger
from webmanager.store.query import query, read_events
from webmanager.store.rows import MinuteRow
from webmanager.store.sectors import is_recognised
from webmanager.store.status import status_of
from webmanager.store.verify import verify

SECTORS = 32
DAYS = 9
STEP = 10


@pytest.fixture(scope="module")
def image() -> bytes:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compaction, "SPAN", 4 * 1440)
        stand = StoreStand(SECTORS)
        for day in range(DAYS):
            stand.write(MIDNIGHT + day * 1440, 1440 // STEP, step=STEP)
            stand.ledger.append_event(60.0 * (MIDNIGHT + day * 1440) + 600, "day", {"day": day})
        stand.ledger.sync()
        return bytes(stand.flash.data)


def flip_bits(data: bytearray, draw: random.Random) -> None:
    for _ in range(draw.choice((1, 1, 3, 50, 2_000))):
        data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)


def fill_stretch(data: bytearray, draw: random.Random) -> None:
    start = draw.randrange(len(data))
    length = draw.choice((1, 16, 100, 4_096, 20_000))
    filler = draw.choice((b"\x00", b"\xff", draw.randbytes(1)))
    data[start : start + length] = (filler * length)[: len(data) - start]


def scramble_sector(data: bytearray, draw: random.Random) -> None:
    at = draw.randrange(SECTORS) * SECTOR_BYTES + draw.choice((0, 16, 32, 48, 80))
    length = draw.choice((4, 16, 64, 1_000))
    data[at : at + length] = draw.randbytes(length)


def copy_sector(data: bytearray, draw: random.Random) -> None:
    one, other = (draw.randrange(SECTORS) * SECTOR_BYTES for _ in range(2))
    data[one : one + SECTOR_BYTES] = data[other : other + SECTOR_BYTES]


def swap_pieces(data: bytearray, draw: random.Random) -> None:
    one, other = (draw.randrange(len(data) // 16 - 64) * 16 for _ in range(2))
    length = draw.choice((16, 32, 256, 1_024))
    data[one : one + length], data[other : other + length] = data[other : other + length], data[one : one + length]


DAMAGES = (flip_bits, fill_stretch, scramble_sector, copy_sector, swap_pieces)


def look_at_everything(ledger: Ledger) -> None:
    """Every value that comes out is one that was written."""
    for quantity, number in (("voltage", 2), ("ri", 4), ("current", 1)):
        column = {"voltage": 1, "ri": 11, "current": 16}[quantity]
        unit = {"voltage": 1000, "ri": 1000, "current": 100}[quantity]
        series = query(ledger, Selection(quantity, number), None, None, 100_000)  # type: ignore[arg-type]
        if series.resolution_s == 60:
            for t, mean in zip(series.t[~np.isnan(series.mean)], series.mean[~np.isnan(series.mean)], strict=True):
                assert round(mean * unit) == value(int(t) // 60, column), "a value that was not written"
                assert (int(t) // 60 - MIDNIGHT) % STEP == 0
    for coarse in (1, 30):
        query(ledger, Selection("temperature", 1), None, None, coarse)
    for event in read_events(ledger, None, None, 1_000):
        assert event.kind == "day"
        assert event.document["day"] in range(DAYS)
    view = ledger.view()
    for file in stored_files(ledger, view, "p")[:8]:
        try:
            file_bytes(ledger, view, file)
        except StoreError:
            continue
    verify(ledger)
    status_of(ledger, "ok", "")


def test_the_undamaged_image_is_whole(image: bytes) -> None:
    ledger = Ledger(EmulatedFlash(SECTORS, image))
    look_at_everything(ledger)
    assert verify(ledger).wrong == []
    assert len(read_events(ledger, None, None, 100)) == DAYS


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_of_each_kind(image: bytes, damage: object, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("CRITICAL")
    for seed in range(10):
        draw = random.Random(seed)
        data = bytearray(image)
        for _ in range(draw.choice((1, 1, 2, 10))):
            damage(data, draw)  # type: ignore[operator]
        flash = EmulatedFlash(SECTORS, bytes(data))
        is_recognised(flash)
        ledger = Ledger(flash)
        look_at_everything(ledger)


def test_all_kinds_of_damage_at_once_and_writing_goes_on(image: bytes, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("CRITICAL")
    for seed in range(14):
        draw = random.Random(1_000 + seed)
        data = bytearray(image)
        for _ in range(6):
            draw.choice(DAMAGES)(data, draw)
        flash = EmulatedFlash(SECTORS, bytes(data))
        ledger = Ledger(flash)
        start = max(ledger.last_minute or 0, MIDNIGHT + DAYS * 1440) // STEP * STEP + STEP
        tidying = Compaction(ledger)
        for minute in range(start, start + 300 * STEP, STEP):
            row = np.array([value(minute, column) for column in range(LAYOUT.columns)], np.int16)
            ledger.append_row(LAYOUT, MinuteRow(minute, row))
            if tidying.is_due():
                for _ in tidying.steps():
                    pass
        ledger.sync()
        again = Ledger(flash)
        look_at_everything(again)
        assert again.last_minute == start + 299 * STEP


def test_an_image_of_noise_is_not_recognised_and_holds_nothing() -> None:
    for seed in range(5):
        flash = EmulatedFlash(8, random.Random(seed).randbytes(8 * SECTOR_BYTES))
        assert not is_recognised(flash)
        view = Ledger(flash).view()
        assert view.minutes == view.rollups == view.tails == view.events == ()
