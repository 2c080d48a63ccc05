"""The power is cut everywhere in a run that wraps the flash twice; nothing acknowledged may be lost, nothing invented.

Here every point of a stretch is cut and the rest is sampled; `make bench BENCH=store_cuts` cuts every single one.
"""

from collections.abc import Iterator

import pytest

from fakes import power_cuts
from fakes.power_cuts import Acknowledged, Cut, Plan, Recording, check, contents, cuts, record, write
from webmanager.store import checksum, compaction
from webmanager.store.compaction import Compaction
from webmanager.store.emulated import EmulatedFlash, PowerCutError
from webmanager.store.ledger import Ledger

DAY = 1440


@pytest.fixture(autouse=True)
def short_months(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Months of four days, so that some are joined in a run of three weeks."""
    monkeypatch.setattr(compaction, "SPAN", 4 * DAY)
    yield
    for memory in (power_cuts.remembered_scan, power_cuts.remembered_minutes, power_cuts.remembered_hours):
        memory.cache_clear()


@pytest.fixture
def recording() -> Recording:
    return record(Plan())


def test_the_run_wraps_the_flash_twice_and_meets_everything(recording: Recording) -> None:
    assert recording.erases >= 2 * recording.plan.sectors
    flash = EmulatedFlash(recording.plan.sectors)
    ledger = Ledger(flash)
    tidying = Compaction(ledger)
    for number, row in enumerate(recording.rows):
        write(ledger, number, row, recording.plan)
        for _ in tidying.steps():
            pass
    joined = [v for v in ledger.view().rollups if v.label.end - v.label.start == 4 * DAY]
    assert joined, "months were joined"
    assert ledger.view().minutes[0].label.start > recording.rows[0].minute, "minutes were given up"
    contents(recording, ledger, Acknowledged(len(recording.rows), 0, 2**40))


def test_a_cut_at_every_point_of_a_stretch(recording: Recording) -> None:
    """One day with its roll-up, minutes, erases: every byte, every point of each erase."""
    first = next(n for n, step in enumerate(recording.steps) if step.before.rows == 230)
    last = next(n for n, step in enumerate(recording.steps) if step.before.rows == 245)
    count = 0
    for cut in cuts(recording, first=first, last=last):
        check(recording, cut)
        count += 1
    assert count > 1_500


def test_cuts_all_over_the_run(recording: Recording) -> None:
    for cut in cuts(recording, every=23):
        check(recording, cut)


def test_torn_pages_all_over_the_run(recording: Recording) -> None:
    for cut in cuts(recording, every=29, torn=True):
        check(recording, cut, go_on=cut.point % 3 == 0)


def test_what_was_not_synced_is_lost_all_over_the_run(recording: Recording) -> None:
    for cut in cuts(recording, every=31, torn=True, forget=True):
        check(recording, cut, go_on=cut.point % 4 == 0)


def second_cuts(recording: Recording, cut: Cut, every: int) -> Iterator[Cut]:
    """Cuts again while the device starts and writes on after the first one."""
    for point in range(0, 3_000, every):
        flash = EmulatedFlash(recording.plan.sectors, cut.image)
        flash.torn_bits = point % 2 == 0
        flash.power_on(point)
        rows = cut.before.rows
        try:
            ledger = Ledger(flash)
            held = max((tail.last or 0 for tail in ledger.tails), default=0)
            number = rows = recording.number_of.get(held, cut.before.rows - 1) + 1
            for _ in Compaction(ledger).steps():
                pass
            if number < len(recording.rows):
                write(ledger, number, recording.rows[number], recording.plan)
            return
        except PowerCutError:
            # what the device found after the first cut it must find after the second, acknowledged or not
            yield Cut(bytes(flash.data), Acknowledged(rows, cut.before.events, 2**40), cut.step, point)


def test_a_second_cut_during_recovery(recording: Recording) -> None:
    count = 0
    for first in cuts(recording, every=1_999, torn=True):
        for second in second_cuts(recording, first, every=61):
            check(recording, second)
            count += 1
    assert count > 50


def failures(every: int) -> int:
    """Cuts after which the check finds something wrong, with or without an exception of the store itself."""
    recording = record(Plan(rows=100))
    failed = 0
    for cut in cuts(recording, every=every, torn=True):
        try:
            check(recording, cut)
        except Exception:
            failed += 1
    return failed


def test_without_the_checksum_the_same_check_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    assert failures(every=7) == 0
    monkeypatch.setattr(checksum, "crc32", lambda data, start=0: 0)
    power_cuts.remembered_scan.cache_clear()
    assert failures(every=7) > 0
