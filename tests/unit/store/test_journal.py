"""The journal: records, sectors, recovery after whatever fault a log can have."""

import numpy as np
import pytest

from webmanager.domain.errors import StoreError
from webmanager.store import checksum
from webmanager.store.columns import Layout
from webmanager.store.emulated import Defects, EmulatedFlash
from webmanager.store.events import NotStorableError
from webmanager.store.flash import SECTOR_BYTES
from webmanager.store.journal import HEAD, LONGEST_RECORD, TRIES, Entry, Journal, scan_sector
from webmanager.store.rows import MinuteRow
from webmanager.store.sectors import BODY_AT, SectorKind, SectorPool, Use
from webmanager.store.timeline import Run

LAYOUT = Layout(4, 1)


def row(minute: int, value: int = 13_600) -> MinuteRow:
    return MinuteRow(minute, np.full(LAYOUT.columns, value, np.int16))


class Stand:
    """A journal on a flash that can be mounted again and again."""

    def __init__(self, sectors: int = 8, defects: Defects | None = None) -> None:
        self.flash = EmulatedFlash(sectors, defects=defects)
        self.mount()

    def mount(self, after: int = 0) -> list[Entry]:
        self.pool = SectorPool(self.flash)
        self.journal = Journal(self.pool)
        return list(self.journal.replay(after))

    def write(self, count: int, first: int = 1_000) -> None:
        for minute in range(first, first + count):
            self.journal.append_row(LAYOUT, row(minute, minute % 7_000))

    def sector_of(self, minute: int) -> int:
        for sector in range(self.flash.sectors):
            content = self.flash.read(sector * SECTOR_BYTES, SECTOR_BYTES)
            for entry in scan_sector(content).entries:
                if entry.row is not None and entry.row[1].minute == minute:
                    return sector
        raise AssertionError(f"minute {minute} is nowhere")

    def record_at(self, number: int) -> int:
        """Where record `number` of the first used sector begins in the image."""
        at = BODY_AT
        for _ in range(number):
            length = HEAD.unpack_from(self.flash.data, at)[1] % 4096
            at += -(-(HEAD.size + length) // 16) * 16
        return at


def minutes(entries: list[Entry]) -> list[int]:
    return [entry.row[1].minute for entry in entries if entry.row is not None]


def test_an_empty_flash_has_an_empty_journal() -> None:
    assert Stand().mount() == []


def test_what_is_written_is_read_back_in_order() -> None:
    stand = Stand()
    stand.write(50)
    found = stand.mount()
    assert minutes(found) == list(range(1_000, 1_050))
    assert [entry.seq for entry in found] == list(range(1, 51))
    assert all((entry.row[1].mean == entry.row[1].minute % 7_000).all() for entry in found if entry.row)


def test_rows_events_and_runs_share_one_order() -> None:
    stand = Stand()
    stand.journal.append_row(LAYOUT, row(1))
    stand.journal.append_event(b"something")
    stand.journal.append_run(Run(2, 1, -5, unset=True))
    stand.journal.append_row(LAYOUT, row(2))
    found = stand.mount()
    assert found[1].event == b"something"
    assert found[2].run == Run(2, 1, -5, unset=True)
    assert minutes(found) == [1, 2]


def test_a_full_sector_is_followed_by_another_that_opens_alone() -> None:
    stand = Stand()
    stand.write(300)
    assert stand.journal.sectors > 1
    last = stand.sector_of(1_299)
    alone = scan_sector(stand.flash.read(last * SECTOR_BYTES, SECTOR_BYTES))
    assert alone.entries[-1].row is not None
    assert alone.entries[-1].row[1].minute == 1_299


def test_an_event_that_opens_a_sector_is_followed_by_a_full_row() -> None:
    stand = Stand()
    for number in range(40):
        stand.journal.append_row(LAYOUT, row(number + 1))
        stand.journal.append_event(b"x" * 700)
    assert minutes(stand.mount()) == list(range(1, 41))


def test_writing_goes_on_in_the_open_sector_after_a_restart() -> None:
    stand = Stand()
    stand.write(5)
    stand.mount()
    stand.write(5, first=2_000)
    assert stand.journal.sectors == 1
    assert minutes(stand.mount()) == [*range(1_000, 1_005), *range(2_000, 2_005)]


def test_what_is_superseded_is_not_given_back_but_still_helps_to_decode() -> None:
    stand = Stand()
    stand.write(20)
    assert minutes(stand.mount(after=12)) == list(range(1_012, 1_020))


def test_sectors_that_are_superseded_as_a_whole_are_free() -> None:
    stand = Stand()
    stand.write(300)
    stand.mount(after=300)
    assert stand.journal.sectors == 0
    assert stand.pool.free == 8
    assert stand.journal.next_seq == 301


def test_releasing_gives_sectors_back() -> None:
    stand = Stand()
    stand.write(600)
    used = stand.journal.sectors
    stand.journal.release(300)
    assert 0 < stand.journal.sectors < used
    stand.journal.release(600)
    assert stand.pool.free == 8
    stand.write(3, first=5_000)
    assert minutes(stand.mount(after=600)) == [5_000, 5_001, 5_002]


def test_another_layout_begins_with_a_full_row() -> None:
    stand = Stand()
    stand.write(3)
    other = Layout(2, 1)
    stand.journal.append_row(other, MinuteRow(5_000, np.full(other.columns, 7, np.int16)))
    stand.journal.append_row(LAYOUT, row(5_001))
    found = stand.mount()
    assert [entry.row[0] for entry in found if entry.row] == [LAYOUT] * 3 + [other, LAYOUT]


@pytest.mark.parametrize("cut", [1, 4, 5, 6, 7, 9])
def test_a_torn_last_record_closes_its_sector(cut: int) -> None:
    stand = Stand()
    stand.write(3)
    at = stand.record_at(2)
    stand.flash.data[at + cut : SECTOR_BYTES] = b"\xff" * (SECTOR_BYTES - at - cut)
    assert minutes(stand.mount()) == [1_000, 1_001]
    stand.write(2, first=3_000)
    assert stand.journal.sectors == 2
    assert minutes(stand.mount()) == [1_000, 1_001, 3_000, 3_001]


@pytest.mark.parametrize("field", range(HEAD.size))
def test_a_damaged_header_ends_the_sector_and_no_other(field: int) -> None:
    stand = Stand()
    stand.write(300)
    stand.flash.data[stand.record_at(4) + field] ^= 0x41
    found = minutes(stand.mount())
    assert found[:4] == [1_000, 1_001, 1_002, 1_003]
    assert found[-1] == 1_299
    assert len(found) == len(set(found)) < 300


def test_damage_in_a_payload_is_seen() -> None:
    stand = Stand()
    stand.write(10)
    stand.flash.data[stand.record_at(5) + HEAD.size + 2] ^= 0x01
    assert minutes(stand.mount()) == list(range(1_000, 1_005))


def test_without_the_checksum_damage_is_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checksum, "crc32", lambda data, start=0: 0)
    stand = Stand()
    stand.journal.append_event(b"paid 100 to A")
    stand.flash.data[BODY_AT + HEAD.size + 5] ^= 0x08
    assert stand.mount()[0].event == b"paid 900 to A"


def test_a_length_beyond_the_sector_is_refused() -> None:
    stand = Stand()
    stand.write(2)
    at = stand.record_at(1)
    crc, word = HEAD.unpack_from(stand.flash.data, at)
    HEAD.pack_into(stand.flash.data, at, crc, word | 0x0FFE)
    assert minutes(stand.mount()) == [1_000]


def sealed(kind: int, seq: int, payload: bytes) -> bytes:
    word = kind << 12 | len(payload)
    record = HEAD.pack(checksum.crc32(HEAD.pack(seq, word) + payload), word) + payload
    return record + b"\xff" * (-len(record) % 16)


def sector_with(*records: bytes, first: int = 1) -> bytearray:
    """A journal sector with these records, the first of which has that number."""
    content = Use(0, SectorKind.JOURNAL, 0, 1, first).packed().rjust(BODY_AT, b"\xff") + b"".join(records)
    return bytearray(content.ljust(SECTOR_BYTES, b"\xff"))


@pytest.mark.parametrize(("kind", "seq"), [(2, 3), (2, 1), (9, 2), (1, 2), (3, 2)])
def test_a_record_out_of_order_or_of_no_sense_ends_the_sector(kind: int, seq: int) -> None:
    content = sector_with(sealed(2, 1, b"first"), sealed(kind, seq, b"odd"), sealed(2, 2, b"second"))
    scan = scan_sector(bytes(content))
    assert [entry.event for entry in scan.entries] == [b"first"]
    assert not scan.is_clean


def test_without_its_header_a_sector_says_nothing() -> None:
    content = sector_with(sealed(2, 1, b"first"))
    content[20] ^= 0x10
    scan = scan_sector(bytes(content))
    assert (scan.entries, scan.is_clean) == ((), False)


def test_a_record_of_another_number_than_the_header_says_is_none() -> None:
    assert scan_sector(bytes(sector_with(sealed(2, 8, b"x"), first=7))).entries == ()


def test_an_untouched_rest_is_clean() -> None:
    record = sealed(2, 7, b"only")
    content = sector_with(record, first=7)
    scan = scan_sector(bytes(content))
    assert scan.is_clean
    assert scan.end == BODY_AT + len(record)
    content[-1] = 0x7F
    assert not scan_sector(bytes(content)).is_clean


def test_an_older_copy_of_a_sector_adds_nothing() -> None:
    stand = Stand()
    stand.write(5)
    copy = stand.pool.allocate()
    stand.flash.data[copy * SECTOR_BYTES + 16 : (copy + 1) * SECTOR_BYTES] = stand.flash.data[16:SECTOR_BYTES]
    assert minutes(stand.mount()) == list(range(1_000, 1_005))


def test_a_sector_that_fails_to_program_is_left_and_nothing_is_lost() -> None:
    stand = Stand(defects=Defects())
    stand.write(3)
    stand.flash.defects.fail_to_program.add(0)
    stand.write(3, first=2_000)
    assert stand.journal.counters.faults == 1
    assert minutes(stand.mount()) == [1_000, 1_001, 1_002, 2_000, 2_001, 2_002]


def test_a_failed_sector_is_retired_when_it_is_no_longer_needed() -> None:
    stand = Stand(defects=Defects())
    stand.write(3)
    stand.flash.defects.stuck_at_1[stand.record_at(3) + 5] = 0x01
    stand.write(3, first=2_000)
    assert stand.journal.counters.faults == 1
    stand.journal.release(6)
    assert stand.pool.retired == 1
    assert stand.pool.free == 7


def test_a_new_sector_that_fails_at_once_is_retired_at_once() -> None:
    defects = Defects(stuck_at_1={BODY_AT + 1: 0x01, SECTOR_BYTES + BODY_AT + 1: 0x01})
    stand = Stand(defects=defects)
    stand.write(2)
    assert stand.pool.retired >= 1
    assert minutes(stand.mount()) == [1_000, 1_001]


def test_when_every_sector_fails_it_says_so() -> None:
    stuck = {sector * SECTOR_BYTES + BODY_AT + 1: 0xFF for sector in range(20)}
    stand = Stand(20, Defects(stuck_at_1=stuck))
    with pytest.raises(StoreError, match=f"{TRIES} sectors failed"):
        stand.write(1)


class BrokenFlash(EmulatedFlash):
    """Fails like a disk that is gone."""

    broken = False

    def program(self, address: int, data: bytes) -> None:
        super().program(address, data[: len(data) // 2] if self.broken else data)
        if self.broken:
            raise StoreError("flash.img: cannot write: Input/output error")


@pytest.mark.parametrize("written_before", [0, 3])
def test_after_the_medium_failed_writing_goes_on_where_it_is_safe(written_before: int) -> None:
    stand = Stand()
    flash = BrokenFlash(8)
    stand.flash = flash
    stand.mount()
    stand.write(written_before)
    flash.broken = True
    for _ in range(3):
        with pytest.raises(StoreError, match="Input/output"):
            stand.write(1, first=2_000)
    flash.broken = False
    stand.write(2, first=2_000)
    assert minutes(stand.mount()) == [*range(1_000, 1_000 + written_before), 2_000, 2_001]


def test_an_event_of_the_greatest_length_fits_and_one_more_byte_does_not() -> None:
    stand = Stand()
    stand.journal.append_event(b"x" * LONGEST_RECORD)
    with pytest.raises(NotStorableError, match="too long"):
        stand.journal.append_event(b"x" * (LONGEST_RECORD + 1))
    assert stand.mount()[0].event == b"x" * LONGEST_RECORD


def test_a_minute_too_wild_for_a_sector_is_kept_without_its_extremes() -> None:
    layout = Layout(256, 8)
    draw = np.random.default_rng(1)
    wild = [draw.integers(-32_768, 32_767, layout.columns).astype(np.int16) for _ in range(3)]
    stand = Stand()
    stand.journal.append_row(layout, MinuteRow(1, *wild))
    assert stand.journal.counters.without_extremes == 1
    found = stand.mount()[0].row
    assert found is not None
    assert found[1].mean.tolist() == wild[0].tolist()
    assert found[1].below is None


def test_records_lie_at_multiples_of_16() -> None:
    stand = Stand()
    for length in range(40):
        stand.journal.append_event(b"y" * length)
    assert len(stand.mount()) == 40
    assert all(stand.record_at(number) % 16 == 0 for number in range(40))


def test_bytes_programmed_are_counted() -> None:
    stand = Stand()
    stand.write(100)
    counters = stand.journal.counters
    assert counters.programmed_bytes == stand.flash.programmed_bytes
    assert counters.payload_bytes < counters.programmed_bytes


def test_with_256_modules_at_most_a_tenth_is_overhead() -> None:
    layout = Layout(256, 8)
    draw = np.random.default_rng(1)
    stand = Stand(64)
    mean = np.full(layout.columns, 13_600)
    for minute in range(500):
        mean = mean + draw.integers(-1, 2, layout.columns)
        stand.journal.append_row(layout, MinuteRow(minute + 1, mean.astype(np.int16)))
    counters = stand.journal.counters
    assert counters.programmed_bytes <= 1.1 * counters.payload_bytes
