"""Three years at a row a minute through journal and compaction: bytes programmed, erases, how long a flash lasts.

The rows are recorded ones: the whole days of minutes of a month, again and again. Nothing is left out but
the room and the wire, so that it takes minutes; `store_past` has three years with the old days in steps of ten minutes.
"""

import itertools
import time
from collections.abc import Iterator

from bench.store_past import DAY, YEARS, full_days, made
from bench.table import Row
from webmanager.store.columns import Layout
from webmanager.store.compaction import Compaction
from webmanager.store.emulated import EmulatedFlash
from webmanager.store.flash import DEVICE_SECTORS, SECTOR_BYTES
from webmanager.store.ledger import Ledger
from webmanager.store.medium import open_to_read
from webmanager.store.rows import MinuteRow
from webmanager.store.sections import SectionKind
from webmanager.store.status import ENDURANCE
from webmanager.store.tail import rows_of

FIRST = 27_000_000 // DAY * DAY


def recorded(days: int) -> tuple[Layout, list[list[MinuteRow]]]:
    """The newest whole days of minutes of a filled month."""
    medium = open_to_read(made("low", 30).directory)
    ledger = Ledger(medium.flash)
    volumes = full_days(ledger.view().minutes)[-days:]
    blocks = [ledger.sections_of(volume, SectionKind.MINUTES)[0].block.block() for volume in volumes]
    medium.close()
    return blocks[0].layout, [list(rows_of(block)) for block in blocks]


def rows(days: int = YEARS) -> Iterator[Row]:
    """Wear after so many days."""
    layout, known = recorded(14)
    flash = EmulatedFlash(DEVICE_SECTORS)
    ledger = Ledger(flash)
    compaction = Compaction(ledger)
    began_s = time.process_time()
    for day, of_day in zip(range(days), itertools.cycle(known), strict=False):
        for number, row in enumerate(of_day):
            ledger.append_row(layout, MinuteRow(FIRST + day * DAY + number, row.mean, row.below, row.above))
        for _ in compaction.steps():
            pass
    counters, wear = ledger.journal.counters, ledger.pool.wear()
    years = days / 365.25
    yield Row("days at a row a minute", days, "d")
    yield Row("processor time of the store for a day", (time.process_time() - began_s) / days * 1e3, "ms")
    yield Row("journal: bytes programmed per byte", counters.programmed_bytes / counters.payload_bytes, "", "<= 1.1")
    yield Row("bytes programmed in all / erased in all", flash.programmed_bytes / SECTOR_BYTES / sum(flash.erased), "")
    yield Row("erases of a sector, least", wear.least, "")
    yield Row("erases of a sector, mean", wear.mean, "")
    yield Row("erases of a sector, most", wear.most, "")
    yield Row("erases, most / least", wear.most / max(wear.least, 1), "", "< 3")
    yield Row("sectors moved for wear", compaction.moves, "")
    yield Row("projected life of the most worn sector", ENDURANCE * years / wear.most, "years")


if __name__ == "__main__":
    for row in rows():
        print(f"{row.what}: {row.shown} {row.unit} {row.limit}", flush=True)
