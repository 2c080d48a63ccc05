"""What happened in a room in the years before: seasons, discharge tests, mains failures, blocks that failed.

Nothing here is random but the mains failures, which follow the room's seed: the same room has the same past.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from webmanager.room.simulation import Room

DAY_S = 86_400.0
YEAR_S = 365.25 * DAY_S
SEASON_K, DAY_K = 3.5, 0.8
WARMEST_DAY, WARMEST_HOUR = 205.0, 15.0
COOLING_FAILS = (7, 8, 14)
"""In this month, from the first to the second day, the air conditioning is out of order."""
COOLING_K = 6.0
TEST_EVERY_S, TEST_HOUR, TEST_LASTS_S = 30 * DAY_S, 10, 1200.0
FAILURES_A_YEAR = 4.0
CABLE_OUT_H = (9.0, 14.0)
"""Once, from this hour to that after two fifths of the time, a string's bus cable was unplugged: a gap in the data."""
AGES_EVERY_S = 6 * 3600.0
NOTICE_S = 600.0
"""So long before the mains go the room counts as lively."""
BUSY_SHARE = 0.005
"""Current of a string, share of C10, from which it is still being charged."""


@dataclass(frozen=True, slots=True)
class Outage:
    """The mains are away from `start_s`, UTC seconds, on."""

    start_s: float
    lasts_s: float

    @property
    def end_s(self) -> float:
        """When the mains are back."""
        return self.start_s + self.lasts_s


@dataclass(frozen=True, slots=True)
class Failing:
    """A block that goes bad between two moments: ohmic resistance, capacity, and a leak in mA per 100 Ah of C10.

    `exchanged`: at the end it is replaced by a new one; otherwise it stays as it has become.
    """

    index: int
    begins_s: float
    ends_s: float
    resistance: float
    capacity: float
    leak_ma: float
    exchanged: bool = False


class Past:
    """Drives a room through its past: `advance` moves it on, with everything that happens on the way."""

    def __init__(self, room: Room, days: float) -> None:
        """From the room's present time on, for `days`."""
        self._room = room
        self._begins_s = room.now_s
        self._ends_s = room.now_s + days * DAY_S
        self.outages = outages(self._begins_s, self._ends_s, room.config.seed)
        self.failing = failing_blocks(room, self._begins_s, self._ends_s)
        batteries = room.batteries
        self._new = {name: getattr(batteries, name).copy() for name in ("r0_ohm", "q_ah", "leak_s")}
        self._aged_s = -math.inf
        self._exchanged: set[int] = set()
        unplugged_s = self._begins_s + 0.4 * days * DAY_S
        self._cable_out_s = tuple(round(unplugged_s + hours * 3600.0) for hours in CABLE_OUT_H)
        self._cable_fault: int | None = None

    @property
    def is_lively(self) -> bool:
        """Something happens, or is about to, that is worth being looked at every minute."""
        room = self._room
        if not room.mains:
            return True
        if any(outage.start_s - NOTICE_S <= room.now_s < outage.end_s for outage in self.outages[:1]):
            return True
        return bool(np.abs(room.batteries.current_a).max() > BUSY_SHARE * room.config.block.capacity_ah)

    def advance(self, seconds: float) -> None:
        """Lets time pass."""
        room = self._room
        end_s = room.now_s + seconds
        while room.now_s < end_s - 1e-6:
            self._follow()
            span_s = min(end_s, self._next_change_s()) - room.now_s
            step_s = 60.0 if self.is_lively else NOTICE_S
            room.batteries.longest_step_s = step_s
            room.advance(span_s, step_s)
        self._follow()

    def finish(self) -> None:
        """Leaves the room whole, with mains, so that its state can be kept."""
        if self._cable_fault is not None:
            self._room.faults.remove(self._cable_fault)
            self._cable_fault = None
        self._room.set_mains(True)

    def _next_change_s(self) -> float:
        changes: list[float] = [*self._cable_out_s]
        for outage in self.outages[:1]:
            changes += [outage.start_s, outage.end_s]
        return min((at_s for at_s in changes if at_s > self._room.now_s + 1e-6), default=math.inf)

    def _follow(self) -> None:
        room, now_s = self._room, self._room.now_s
        while self.outages and now_s >= self.outages[0].end_s:
            self.outages.pop(0)
        room.set_mains(not (self.outages and now_s >= self.outages[0].start_s))
        room.set_ambient(room.config.ambient_c + warmer_k(now_s))
        is_out = self._cable_out_s[0] <= now_s < self._cable_out_s[1]
        if is_out and self._cable_fault is None:
            self._cable_fault = room.faults.add({"kind": "bus_break", "address": self._unplugged}, now_s).id
        elif not is_out and self._cable_fault is not None:
            room.faults.remove(self._cable_fault)
            self._cable_fault = None
        if now_s - self._aged_s >= AGES_EVERY_S and self._cable_fault is None:
            self._age(now_s)

    @property
    def _unplugged(self) -> int:
        return self._room.installation.addresses_of(self._room.config.strings)[0]

    def _age(self, now_s: float) -> None:
        """Puts failing blocks to where they are by now; repairs lead back to that from now on."""
        self._aged_s = now_s
        batteries = self._room.batteries
        for block in self.failing:
            share = min(max((now_s - block.begins_s) / (block.ends_s - block.begins_s), 0.0), 1.0)
            if block.exchanged and share >= 1.0:
                share = 0.0
                if block.index not in self._exchanged:
                    self._exchanged.add(block.index)
                    batteries.renew(block.index)
            leak_a = block.leak_ma / 1000.0 * batteries.block.capacity_ah / 100.0 * share**2
            batteries.r0_ohm[block.index] = self._new["r0_ohm"][block.index] * (1.0 + block.resistance * share**1.5)
            batteries.q_ah[block.index] = self._new["q_ah"][block.index] * (1.0 - block.capacity * share)
            batteries.leak_s[block.index] = (
                self._new["leak_s"][block.index] + leak_a / batteries.chemistry.float_v_per_cell
            )
        self._room.faults.take_as_whole()


def warmer_k(now_s: float) -> float:
    """How much warmer than on the average of all years the room is, K: season, time of day, a failure of cooling."""
    at = datetime.fromtimestamp(now_s, UTC)
    day = at.timetuple().tm_yday + at.hour / 24
    hour = at.hour + at.minute / 60
    warmth = SEASON_K * math.cos(2 * math.pi * (day - WARMEST_DAY) / 365.25)
    warmth += DAY_K * math.cos(2 * math.pi * (hour - WARMEST_HOUR) / 24)
    month, first, last = COOLING_FAILS
    if at.month == month and first <= at.day < last:
        gone = at.day - first + hour / 24
        warmth += COOLING_K * min(gone / 0.5, 1.0, (last - first - gone) / 0.5)
    return warmth


def outages(begins_s: float, ends_s: float, seed: int) -> list[Outage]:
    """When the mains were away: a test every 30 days, and failures of one minute to an hour; none overlap."""
    test_s = math.ceil(begins_s / DAY_S + 1) * DAY_S + TEST_HOUR * 3600.0
    found = [
        Outage(test_s + number * TEST_EVERY_S, TEST_LASTS_S)
        for number in range(math.ceil(max(ends_s - test_s, 0.0) / TEST_EVERY_S))
    ]
    draw = np.random.default_rng([seed, 3])
    for _ in range(int(draw.poisson(FAILURES_A_YEAR * (ends_s - begins_s) / YEAR_S))):
        start_s = round(float(draw.uniform(begins_s, ends_s)))
        found.append(
            Outage(start_s, round(float(draw.choice((60, 180, 420, 1500, 3000), p=(0.3, 0.3, 0.2, 0.15, 0.05)))))
        )
    kept: list[Outage] = []
    for outage in sorted(found, key=_start):
        is_apart = not kept or outage.start_s - kept[-1].end_s > 12 * 3600.0
        if is_apart and outage.end_s < ends_s - 12 * 3600.0:
            kept.append(outage)
    return kept


def failing_blocks(room: Room, begins_s: float, ends_s: float) -> tuple[Failing, ...]:
    """One block that fails until today; in a past of more than a year also one that was exchanged."""
    installation = room.installation
    string = min(3, installation.strings)
    addresses = installation.addresses_of(string)
    today = addresses[min(17, len(addresses)) - 1] - 1
    lasts_s = min(0.6 * (ends_s - begins_s), 400 * DAY_S)
    found = [Failing(today, ends_s - lasts_s, ends_s, resistance=0.9, capacity=0.35, leak_ma=165.0)]
    if ends_s - begins_s > YEAR_S and installation.modules > 1:
        other = installation.addresses_of(min(5, installation.strings))[min(8, installation.per_string) - 1] - 1
        middle_s = begins_s + 0.5 * (ends_s - begins_s)
        other = other if other != today else 0
        if other != today:
            found.append(
                Failing(other, begins_s, middle_s, resistance=0.7, capacity=0.25, leak_ma=60.0, exchanged=True)
            )
    return tuple(found)


def _start(outage: Outage) -> float:
    return outage.start_s
