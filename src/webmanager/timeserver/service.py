"""`TimeService`: keeps the device's clock by its settings, and says how far it can be trusted."""

import asyncio
import logging
import math
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import tzinfo
from typing import Protocol

from webmanager.domain.errors import TimeServerError
from webmanager.engine.clock import Clock, WallClock
from webmanager.engine.time_ports import ServerStatus, TimeStatus
from webmanager.settings.timeserver_model import TimeserverSettings
from webmanager.timeserver.packet import KissError
from webmanager.timeserver.query import Sample, ask

log = logging.getLogger(__name__)

ALARM, STEPPED = "clock_unsynchronised", "clock_set"
NEVER_SET = 946_684_800.0
"""1 January 2000: a clock before it was never set."""
LOOKS_EVERY_S = 30.0
FIRST_POLL_S = 64.0
"""Until there is a first answer the servers are asked at least so often: the network may come up later than we."""
RETRY_PAUSE_S, LONGEST_PAUSE_S = 2.0, 16.0
TRUSTED_POLLS, TRUSTED_S = 3, 3600.0
"""A clock is synchronised for so many polls after the last good answer, and for an hour at least."""
DOUBTED_FROM_S, AGREES_S, ASKS_AGAIN_S = 1000.0, 2.0, 8.0
"""Once synchronised, a difference this large is believed when a second answer, a little later, says the same."""
REFUSED_REST_S = 86_400.0
"""A server that refuses us is left alone for a day; one that is asked too often for four polls."""


class Ask(Protocol):
    """How a server is asked."""

    async def __call__(self, server: str, now: Callable[[], float], *, port: int) -> Sample:
        """One question; TimeServerError if there is no answer that counts."""


def device_clock(settings: TimeserverSettings) -> WallClock:
    """The clock a device without a room begins with: with no source of time it is 1 January 1970."""
    return WallClock(0.0 if settings.source == "none" else None)


class TimeService:
    """Steers a `WallClock`; of a room's clock it only says how far host and servers are apart: the room rules.

    `app/wiring.py` joins it so, `desk` being the alarm desk:

        clock = device_clock(settings.timeserver)            # or the room's TupleClock
        service = TimeService(settings.timeserver, clock, report=desk.report,
                              note=lambda kind, text: desk.happened(kind, text, clock.now()))
        tasks.create_task(service.run(), name="time")        # cancelled at the end, like the others
        Parts(time=service)                                  # /api/v1/system, pages and their time zone
        settings_desk.subscribe(lambda before, after: service.change(after.timeserver))
    """

    def __init__(
        self,
        settings: TimeserverSettings,
        clock: Clock,
        *,
        report: Callable[[str, float, str], object] = lambda kind, value, detail: None,
        note: Callable[[str, str], object] = lambda kind, text: None,
        ask_server: Ask = ask,
        host_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._steers = isinstance(clock, WallClock)
        self._clock = clock if isinstance(clock, WallClock) else WallClock()
        self._device_clock = clock
        self._report_to = report
        self._note = note
        self._ask = ask_server
        self._host_s = host_s
        self._changed = asyncio.Event()
        self._servers: dict[str, ServerStatus] = {}
        self._rests_until_s: dict[str, float] = {}
        self._good_s: float | None = None
        self._good_at: float | None = None
        self._good_from = ""
        self._offset_s: float | None = None
        self._doubted_s: float | None = None
        self._next_s = -math.inf
        self.polls = self.steps = self.slews = 0
        self.change(settings)

    @property
    def zone(self) -> tzinfo:
        """The zone in which people read times here."""
        return self._settings.zone()

    def change(self, settings: TimeserverSettings) -> None:
        """Takes over new settings at once. Without a source the clock runs on, and begins in 1970 at the next boot."""
        before, self._settings = self._settings, settings
        self._servers = {server: self._servers.get(server, ServerStatus(server)) for server in settings.servers}
        self._rests_until_s.clear()
        self._next_s = -math.inf
        if before.source != settings.source and self._steers:
            self._good_s = self._good_at = self._offset_s = self._doubted_s = None
            if settings.source == "host":
                self._clock.follow_host()
            elif settings.source == "none":
                self._clock.let_go()
        self._changed.set()

    async def run(self) -> None:
        """Asks the servers when it is time, until cancelled; all waits are in host seconds."""
        while True:
            self._changed.clear()
            if self._settings.source == "ntp" and self._host_s() >= self._next_s:
                await self.poll()
            self._report()
            wait_s = LOOKS_EVERY_S
            if self._settings.source == "ntp":
                wait_s = max(0.0, min(wait_s, self._next_s - self._host_s()))
            try:
                async with asyncio.timeout(wait_s):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def poll(self) -> bool:
        """One round: the servers in their order until one gives an answer that counts. True if one did."""
        settings = self._settings
        self.polls += 1
        self._next_s = self._host_s() + (settings.poll_s if self._good_s is not None else FIRST_POLL_S)
        for server in settings.servers:
            if self._host_s() < self._rests_until_s.get(server, -math.inf):
                continue
            sample = await self._asked(server, settings)
            if settings is not self._settings:
                return False  # changed meanwhile: this answer belongs to what was
            if sample is not None:
                return self._take(server, sample)
        return False

    def status(self) -> TimeStatus:
        """As it is now."""
        good, text = self._verdict()
        return TimeStatus(
            source=self._settings.source if self._steers else "host",
            is_synchronised=good,
            text=text,
            servers=tuple(self._servers.values()),
            good_at=self._good_at,
            offset_s=self._offset_s,
            polls=self.polls,
            steps=self.steps,
            slews=self.slews,
        )

    async def _asked(self, server: str, settings: TimeserverSettings) -> Sample | None:
        """Asks one server, and again with growing pauses; None if no answer counts."""
        for attempt in range(settings.retries + 1):
            if attempt:
                await asyncio.sleep(min(RETRY_PAUSE_S * 2.0 ** (attempt - 1), LONGEST_PAUSE_S))
            if settings is not self._settings:
                return None
            known = replace(self._servers[server], asked=self._servers[server].asked + 1)
            self._servers[server] = known
            try:
                sample = await self._ask(server, self._clock.now, port=settings.port)
            except TimeServerError as error:
                self._failed(server, known, error)
                if isinstance(error, KissError):
                    self._rest(server, error.code, settings.poll_s)
                    return None
                continue
            if server in self._servers:
                self._servers[server] = ServerStatus(
                    server, known.asked, known.answered + 1, sample.offset_s, sample.delay_s, sample.stratum
                )
            return sample
        return None

    def _failed(self, server: str, known: ServerStatus, error: TimeServerError) -> None:
        if known.error != str(error):
            log.warning("Time server %s: %s", server, error)
        if server in self._servers:
            self._servers[server] = replace(known, error=str(error))

    def _rest(self, server: str, code: str, poll_s: int) -> None:
        self._rests_until_s[server] = self._host_s() + (4.0 * poll_s if code == "RATE" else REFUSED_REST_S)

    def _take(self, server: str, sample: Sample) -> bool:
        """Moves the clock by what a server says, unless that is too much to be believed at the first time."""
        if self._is_doubted(sample.offset_s):
            log.warning("Time server %s says the clock is %.0f s wrong: it is asked once more", server, sample.offset_s)
            self._doubted_s, self._next_s = sample.offset_s, self._host_s() + ASKS_AGAIN_S
            return False
        self._doubted_s = None
        self._offset_s = sample.offset_s
        self._next_s = self._host_s() + self._settings.poll_s
        if self._steers and self._clock.adjust(sample.offset_s):
            self.steps += 1
            way = "on" if sample.offset_s > 0 else "back"
            text = f"The clock was set {way} by {abs(sample.offset_s):.1f} s, as {server} says."
            log.info("%s", text)
            self._note(STEPPED, text)
        elif self._steers:
            self.slews += 1
        self._good_s, self._good_at, self._good_from = self._host_s(), self._device_clock.now(), server
        return True

    def _is_doubted(self, offset_s: float) -> bool:
        if self._good_s is None or abs(offset_s) < DOUBTED_FROM_S:
            return False
        return self._doubted_s is None or abs(offset_s - self._doubted_s) > AGREES_S

    def _report(self) -> None:
        good, text = self._verdict()
        self._report_to(ALARM, 0.0 if good else 1.0, text)

    def _verdict(self) -> tuple[bool, str]:
        """Whether the clock is synchronised, and why, without a full stop."""
        settings = self._settings
        if settings.source == "ntp":
            return self._verdict_of_servers(settings)
        if not self._steers:
            return True, "the clock of the simulated room rules"
        if settings.source == "none":
            return False, "no source of time is set, so that it began on 1 January 1970 or runs on its own"
        if self._clock.now() < NEVER_SET:
            return False, "the clock of the computer was never set"
        return True, "it follows the clock of the computer"

    def _verdict_of_servers(self, settings: TimeserverSettings) -> tuple[bool, str]:
        trusted_s = max(TRUSTED_POLLS * settings.poll_s, TRUSTED_S)
        if self._good_s is not None and self._host_s() - self._good_s <= trusted_s:
            return True, f"it follows {self._good_from}"
        reasons = "; ".join(f"{one.server}: {one.error}" for one in self._servers.values() if one.error)
        return False, reasons or "no time server has answered yet"
