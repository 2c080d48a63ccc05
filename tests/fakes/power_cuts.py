"""Cuts the power of a small flash at every point of a long run, and asks each time what is left.

The run is recorded once: every program, erase and sync, and what was acknowledged by then. Then the power is cut in
every byte of every program and at several points of every erase: the flash as it was at that moment is mounted again
and must hold all that was acknowledged, nothing that was never written, and take more.
"""

import contextlib
import functools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from webmanager.store.block_reader import BlockReader
from webmanager.store.blocks import Plane
from webmanager.store.columns import Layout
from webmanager.store.compaction import Compaction
from webmanager.store.emulated import ERASE_POINTS, EmulatedFlash, PowerCutError
from webmanager.store.events import unpack_events
from webmanager.store.flash import SECTOR_BYTES
from webmanager.store.journal import scan_sector
from webmanager.store.ledger import Ledger
from webmanager.store.rollup import hours
from webmanager.store.rows import MinuteRow
from webmanager.store.sections import SectionKind, read_sections
from webmanager.store.tail import Tail, rows_of

LAYOUT = Layout(2, 1)
FIRST_MINUTE = 28_000_800
"""Midnight, in 2023."""


@dataclass(frozen=True)
class Plan:
    """A run: sectors of the flash, rows, minutes between them, an event every so many rows."""

    sectors: int = 18
    rows: int = 560
    step: int = 60
    event_every: int = 7
    seed: int = 1


@dataclass
class Acknowledged:
    """What was acknowledged so far: rows and events by number, and the oldest row still kept as minutes."""

    rows: int = 0
    events: int = 0
    oldest: int = FIRST_MINUTE


@dataclass(frozen=True)
class Step:
    """One operation on the flash, and what had been acknowledged before it; `data` None is an erase, b"" a sync."""

    address: int
    data: bytes | None
    before: Acknowledged


@dataclass
class Recording:
    """A whole run: its plan, rows, operations, and the images that the operations lead through."""

    plan: Plan
    rows: list[MinuteRow]
    steps: list[Step] = field(default_factory=list)
    erases: int = 0
    points: int = 0

    @functools.cached_property
    def number_of(self) -> dict[int, int]:
        """Minute to number of the row."""
        return {row.minute: number for number, row in enumerate(self.rows)}

    @functools.cached_property
    def expected(self) -> dict[int, bytes]:
        """Minute to mean, lowest and highest values of its row."""
        tail = Tail(LAYOUT)
        for row in self.rows:
            tail.append(row, 0)
        return tail_rows(tail)


class RecordedFlash(EmulatedFlash):
    """Notes every operation."""

    def __init__(self, sectors: int) -> None:
        super().__init__(sectors)
        self.steps: list[Step] = []
        self.now = Acknowledged()

    def program(self, address: int, data: bytes) -> None:
        self._note(address, bytes(data))
        super().program(address, data)

    def erase(self, sector: int) -> None:
        self._note(sector * SECTOR_BYTES, None)
        super().erase(sector)

    def sync(self) -> None:
        self._note(0, b"")
        super().sync()

    def _note(self, address: int, data: bytes | None) -> None:
        self.steps.append(Step(address, data, Acknowledged(self.now.rows, self.now.events, self.now.oldest)))


def make_rows(plan: Plan) -> list[MinuteRow]:
    """Rows that look like measurements, with gaps, extremes and values that come and go."""
    draw = np.random.default_rng(plan.seed)
    walk = 13_600 + np.cumsum(draw.integers(-3, 4, (plan.rows, LAYOUT.columns)), axis=0)
    rows = []
    for number in range(plan.rows):
        mean = walk[number].astype(np.int16)
        if number % 11 == 3:
            mean[number % LAYOUT.columns] = -32768
        odd = number % 13 == 5
        below = np.where(mean == -32768, 0, number % 97).astype(np.int16) if odd else None
        rows.append(MinuteRow(FIRST_MINUTE + number * plan.step, mean, below, None))
    return rows


def record(plan: Plan) -> Recording:
    """Does the run once, uncut."""
    flash = RecordedFlash(plan.sectors)
    recording = Recording(plan, make_rows(plan), flash.steps)
    ledger = Ledger(flash)
    compaction = Compaction(ledger)
    for number, row in enumerate(recording.rows):
        write(ledger, number, row, plan)
        flash.now.rows, flash.now.events = number + 1, events_until(number + 1, plan)
        for _ in compaction.steps():
            flash.now.oldest = oldest_minute(ledger)
        flash.now.oldest = oldest_minute(ledger)
    recording.erases, recording.points = sum(flash.erased), flash.points
    return recording


def write(ledger: Ledger, number: int, row: MinuteRow, plan: Plan) -> None:
    """One row, and an event now and then, acknowledged together."""
    ledger.append_row(LAYOUT, row)
    if number % plan.event_every == 0:
        ledger.append_event(row.minute * 60.0, "test", {"number": number // plan.event_every})
    ledger.sync()


def events_until(rows: int, plan: Plan) -> int:
    """Events written along with the first so many rows."""
    return -(-rows // plan.event_every)


def oldest_minute(ledger: Ledger) -> int:
    """The oldest minute that is still kept as one."""
    view = ledger.view()
    starts = [volume.label.start for volume in view.minutes[:1]] + [tail.first or 0 for tail in view.tails]
    return min(starts, default=0)


@dataclass(frozen=True)
class Cut:
    """The flash after a cut: image, what had been acknowledged, and where the cut was."""

    image: bytes
    before: Acknowledged
    step: int
    point: int


def cuts(
    recording: Recording,
    *,
    every: int = 1,
    torn: bool = False,
    forget: bool = False,
    first: int = 0,
    last: int | None = None,
) -> Iterator[Cut]:
    """The flash at every `every`-th point of the run, or of steps `first` up to `last`.

    With `torn` the page at the cut has some of its bits; with `forget` unsynced sectors are partly as before.
    """
    whole = EmulatedFlash(recording.plan.sectors)
    synced: dict[int, bytes] = {}
    draw = random.Random(every)
    countdown = every
    for number, step in enumerate(recording.steps):
        if step.data == b"":
            synced.clear()
            continue
        sector = step.address // SECTOR_BYTES
        at = slice(sector * SECTOR_BYTES, (sector + 1) * SECTOR_BYTES)
        synced.setdefault(sector, bytes(whole.data[at]))
        points = ERASE_POINTS if step.data is None else len(step.data)
        if first <= number < (len(recording.steps) if last is None else last):
            while countdown <= points:
                flash = EmulatedFlash(recording.plan.sectors, bytes(whole.data))
                flash.torn_bits = torn
                flash.cut_at = countdown - 1
                with contextlib.suppress(PowerCutError):
                    apply(flash, step)
                for changed, former in synced.items() if forget else ():
                    if draw.random() < 0.5:
                        flash.data[changed * SECTOR_BYTES : (changed + 1) * SECTOR_BYTES] = former
                yield Cut(bytes(flash.data), step.before, number, countdown - 1)
                countdown += every
            countdown -= points
        apply(whole, step)


def apply(flash: EmulatedFlash, step: Step) -> None:
    """Does one operation of a recording."""
    if step.data is None:
        flash.erase(step.address // SECTOR_BYTES)
    else:
        flash.program(step.address, step.data)


def check(recording: Recording, cut: Cut, *, go_on: bool = False) -> None:
    """AssertionError if the flash after the cut does not hold exactly what it must."""
    flash = EmulatedFlash(recording.plan.sectors, cut.image)
    ledger = Ledger(flash, remembered_scan)
    held = contents(recording, ledger, cut.before)
    if go_on:
        for number in range(held, min(held + 3, len(recording.rows))):
            write(ledger, number, recording.rows[number], recording.plan)
        for _ in Compaction(ledger).steps():
            pass
        again = Ledger(EmulatedFlash(recording.plan.sectors, bytes(flash.data)), remembered_scan)
        now = min(held + 3, len(recording.rows))
        # the first event may be the second of that number: its row came through, it was not acknowledged
        contents(recording, again, Acknowledged(now, 0, max(cut.before.oldest, oldest_minute(ledger))))


def contents(recording: Recording, ledger: Ledger, before: Acknowledged) -> int:
    """Compares what a mounted flash holds with what was written; how many rows of the run it holds up to."""
    found: dict[int, bytes] = {}
    for volume in ledger.view().minutes:
        found |= remembered_minutes(ledger.volumes.read(volume, 0, volume.length))
    for tail in ledger.tails:
        found |= tail_rows(tail)
    assert found.keys() <= recording.expected.keys(), "minutes that were never written"
    assert found.items() <= recording.expected.items(), "minutes that are not what was written"
    numbers = sorted(recording.number_of[minute] for minute in found)
    held = numbers[-1] + 1 if numbers else 0
    assert held in (before.rows, before.rows + 1), f"{held} rows, {before.rows} were acknowledged"
    if numbers:
        assert numbers == list(range(numbers[0], held)), "a hole"
        assert recording.rows[numbers[0]].minute // 1440 <= max(before.oldest // 1440 + 1, 0), "minutes were lost"
    check_hours(recording, ledger, recording.rows[numbers[0]].minute if numbers else 0)
    check_events(recording, ledger, before)
    return held


def check_hours(recording: Recording, ledger: Ledger, minutes_from: int) -> None:
    """All days whose minutes have gone are there as hours, and none is wrong."""
    hourly: dict[int, bytes] = {}
    for volume in ledger.view().rollups:
        hourly |= remembered_hours(ledger.volumes.read(volume, 0, volume.length))
    wanted = expected_hours(recording.plan)
    assert hourly.items() <= wanted.items(), "hours that are not what was measured"
    assert all(minute in hourly for minute in wanted if minute < minutes_from), "hours were lost"


def check_events(recording: Recording, ledger: Ledger, before: Acknowledged) -> None:
    """Every acknowledged event is there, once, and no other but the one that was being written."""
    events = {event.seq: event for event in ledger.events}
    for volume in ledger.view().rollups:
        for section in ledger.sections_of(volume, SectionKind.EVENTS):
            events |= {event.seq: event for event in remembered_events(section.content())}
    numbers = sorted({int(str(event.document["number"])) for event in events.values()})
    most = events_until(len(recording.rows), recording.plan)
    assert numbers == list(range(len(numbers))), "events were lost"
    assert before.events <= len(numbers) <= most, "events were lost or invented"


def tail_rows(tail: Tail) -> dict[int, bytes]:
    """The rows of a tail by minute."""
    block = tail.block(0, 2**40)
    low, high = (block.planes.get(plane, block.planes[Plane.MEAN]) for plane in (Plane.LOW, Plane.HIGH))
    mean = block.planes[Plane.MEAN]
    return {
        minute: mean[row].tobytes() + low[row].tobytes() + high[row].tobytes()
        for row, minute in enumerate(block.axis.tolist())
    }


remembered_scan = functools.lru_cache(maxsize=20_000)(scan_sector)
"""The journal's own reading of a sector; most sectors are the same from cut to cut."""
remembered_events = functools.lru_cache(maxsize=2_000)(unpack_events)


@functools.lru_cache(maxsize=2_000)
def remembered_minutes(data: bytes) -> dict[int, bytes]:
    """The minutes of a volume from its bytes."""
    found: dict[int, bytes] = {}
    for section in read_sections(lambda offset, length: data[offset : offset + length]):
        if section.kind is SectionKind.MINUTES:
            block = section.block.block()
            tail = Tail(block.layout)
            for row in rows_of(block):
                tail.append(row, 0)
            found |= tail_rows(tail)
    return found


@functools.lru_cache(maxsize=2_000)
def remembered_hours(data: bytes) -> dict[int, bytes]:
    """The hours of a roll-up from its bytes."""
    found: dict[int, bytes] = {}
    for section in read_sections(lambda offset, length: data[offset : offset + length]):
        if section.kind is SectionKind.HOURS:
            found |= hour_rows(section.block)
    return found


@functools.lru_cache(maxsize=8)
def expected_hours(plan: Plan) -> dict[int, bytes]:
    """What the hours of a run must be."""
    tail = Tail(LAYOUT)
    for row in make_rows(plan):
        tail.append(row, 0)
    block = hours(tail.block(0, 2**40))
    planes = [block.planes[plane] for plane in (Plane.MEAN, Plane.LOW, Plane.HIGH)]
    return {m: b"".join(plane[row].tobytes() for plane in planes) for row, m in enumerate(block.axis.tolist())}


def hour_rows(reader: BlockReader) -> dict[int, bytes]:
    """A block of hours by minute."""
    block = reader.block()
    planes = [block.planes[plane] for plane in (Plane.MEAN, Plane.LOW, Plane.HIGH)]
    return {m: b"".join(plane[row].tobytes() for plane in planes) for row, m in enumerate(block.axis.tolist())}
