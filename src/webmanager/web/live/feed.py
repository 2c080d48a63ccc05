"""Live push: each snapshot is made into text once and sent to every browser as a server-sent event."""

import asyncio
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from webmanager.domain.alarm_picture import AlarmPicture
from webmanager.domain.picture import Freshness
from webmanager.domain.snapshot import Snapshot
from webmanager.engine.alarming import AlarmDesk
from webmanager.engine.board import Board, BusReport
from webmanager.engine.clock import Clock
from webmanager.language.spoken import speaking, spoken
from webmanager.language.tongue import Tongue
from webmanager.web.alarms.news import AlarmNews
from webmanager.web.alarms.objects import counts_object
from webmanager.web.http.packing import packed
from webmanager.web.http.problem import Problem
from webmanager.web.looks.picture import live_arrays, picture
from webmanager.web.looks.verdict import verdict
from webmanager.web.site.site import moment_of
from webmanager.web.texts.figures import iso

SHORTEST_S = 0.5
"""Host seconds between two events: nobody reads faster, and a room at 600 times the speed makes no more traffic."""


@dataclass(frozen=True)
class Event:
    """One event in one language, the same bytes for everybody; packed when the first one asks for it."""

    number: int
    text: bytes

    @cached_property
    def packed(self) -> bytes:
        """Deflate blocks for anybody's gzip stream."""
        return packed(self.text)


class LiveFeed:
    """Turns the board's newest snapshot into one event text, at most two a second, only while somebody listens.

    Listeners wait for the newest text: a slow one skips events, and nothing is queued for anybody. What changes of the
    alarms of `desk` is in `news`, and wakes them at once.
    """

    def __init__(self, board: Board, clock: Clock, *, most: int, desk: AlarmDesk | None = None) -> None:
        self._board = board
        self._clock = clock
        self._most = most
        self._desk = desk
        self.news = AlarmNews(desk, self._wake)
        self._changed = asyncio.Event()
        self._number = 0
        self._events: dict[Tongue, Event] | None = None
        self.listeners = 0
        self.dropped = 0
        self.is_ended = False

    async def run(self) -> None:
        """Follows the board for ever; run it as a task and cancel it."""
        number, bus, freshness, heard = -1, self._board.bus, Freshness.FRESH, self.news.number
        while True:
            snapshot = await self._board.newer_than(number, timeout_s=1.0)
            was, freshness = freshness, moment_of(self._board, self._clock).freshness
            is_quiet = self._board.bus is bus and freshness is was and self.news.number == heard
            if snapshot is None and is_quiet:
                continue
            number = snapshot.number if snapshot else number
            bus, heard = self._board.bus, self.news.number
            if self.listeners:
                self._publish()
            else:
                self._events = None
            await asyncio.sleep(SHORTEST_S)

    def newest(self) -> Event:
        """The newest event in the language spoken, made now if nobody has listened in it until now."""
        if self._events is None:
            self._number, self._events = self._number + 1, {}
        tongue = spoken()
        if tongue not in self._events:
            self._events[tongue] = self._made(tongue)
        return self._events[tongue]

    async def newer_than(self, number: int, timeout_s: float, heard: int | None = None) -> Event | None:
        """The newest event once there is one after `number`, or news after `heard`; None if none came in time."""
        try:
            async with asyncio.timeout(timeout_s):
                while self._number == number and heard in (None, self.news.number) and not self.is_ended:
                    await self._changed.wait()
        except TimeoutError:
            return None
        return self.newest()

    def end(self) -> None:
        """Lets every listener go: the server closes."""
        self.is_ended = True
        self._wake()

    def enter(self) -> None:
        """Counts a listener; Problem 503 when there are too many."""
        if self.listeners >= self._most:
            raise Problem(503, f"{self._most} live streams are open: close one", headers={"Retry-After": "10"})
        self.listeners += 1

    def leave(self) -> None:
        """Counts a listener out."""
        self.listeners -= 1

    def _publish(self) -> None:
        self._number += 1
        self._events = {tongue: self._made(tongue) for tongue in self._events or ()}
        self._wake()

    def _made(self, tongue: Tongue) -> Event:
        with speaking(tongue):
            return _event(self._number, document(self._board, self._clock, self._alarms))

    @property
    def _alarms(self) -> AlarmPicture | None:
        return self._desk.picture if self._desk is not None else None

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def document(board: Board, clock: Clock, alarms: AlarmPicture | None = None) -> dict[str, Any]:
    """The data of a `snapshot` event; `modules` and `strings` are null before the first scan."""
    moment = moment_of(board, clock)
    said = verdict(board, moment, alarms)
    return {
        "time": iso(clock.now()),
        "factor": clock.factor,
        "bus": _bus(board.bus),
        "verdict": {
            "look": said.look.word,
            "text": said.text,
            "name": said.name,
            "news": said.news or said.text,
        },
        "alarms": counts_object(alarms) if alarms is not None else None,
        **_scan(moment.aged, moment.now_s, alarms),
    }


def _event(number: int, data: dict[str, Any]) -> Event:
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return Event(number, f"event: snapshot\nid: {number}\ndata: {text}\n\n".encode())


def _bus(report: BusReport) -> dict[str, Any]:
    return {"state": report.state.value, "text": report.text, "revision": report.revision}


def _scan(snapshot: Snapshot | None, now_s: float, alarms: AlarmPicture | None) -> dict[str, Any]:
    if snapshot is None:
        return {"snapshot": None, "modules": None, "strings": None}
    return {
        "snapshot": snapshot.number,
        "taken_at": iso(snapshot.taken_at),
        "age_s": round(max(0.0, now_s - snapshot.at_s), 1),
        "period_s": round(snapshot.period_s, 3),
        "scan_s": round(snapshot.duration_s, 3),
        "answered": snapshot.answered,
        **live_arrays(picture(snapshot, now_s, alarms)),
    }
