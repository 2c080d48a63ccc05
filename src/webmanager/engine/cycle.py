"""The beat of the device: poll, freeze, equalize, publish; again and again, whatever happens to the bus."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from webmanager.domain.equalizing import EqualizingRules
from webmanager.domain.errors import BusError, MixedRevisionsError
from webmanager.domain.reading import Floats, Ints, ModuleIdentity, ScanReading
from webmanager.domain.snapshot import Snapshot, StringState
from webmanager.engine.assembly import Moment, SnapshotAssembly
from webmanager.engine.board import Board, BusReport, BusState
from webmanager.engine.clock import Clock
from webmanager.engine.history_ports import History
from webmanager.engine.ports import ModuleBus, StateKeeper, StringReference
from webmanager.engine.ri_schedule import RiSchedule

log = logging.getLogger(__name__)

COUNTERS = "counters"
_SEVERAL_NEW = " Several factory-new modules have no address yet."


@dataclass(frozen=True, slots=True)
class CycleSettings:
    """Times in device seconds but for `retry_s`, the pause before a dead or refused bus is tried again (host)."""

    period_s: float = 2.0
    ri_interval_s: float = 12 * 3600.0
    reference_every_s: float = 30.0
    reference_step_v: float = 0.001
    retry_s: float = 2.0
    rules: EqualizingRules = field(default_factory=EqualizingRules)


class ScanCycle:
    """Owns the bus while it runs; everybody else reads the board."""

    def __init__(
        self,
        bus: ModuleBus,
        board: Board,
        clock: Clock,
        settings: CycleSettings,
        keeper: StateKeeper | None = None,
        history: History | None = None,
    ) -> None:
        self._bus = bus
        self._history = history
        self._board = board
        self._clock = clock
        self._settings = settings
        self._keeper = keeper
        self._installation = board.installation
        charges, discharges = self._kept_counters()
        self._assembly = SnapshotAssembly(self._installation, settings.rules, charges=charges, discharges=discharges)
        self._ri = RiSchedule(self._installation, settings.ri_interval_s)
        self._sent_v: Floats = np.full(self._installation.strings, -1.0)
        self._sent_at_s = -np.inf
        self._started_s = -np.inf
        self.overruns = 0
        self.restarts = 0

    def configure(self, settings: CycleSettings) -> None:
        """Other periods and equalizing rules from the next scan on."""
        self._settings = settings
        self._assembly.rules = settings.rules
        self._ri.change_interval(settings.ri_interval_s)
        self._sent_at_s = -np.inf

    async def run(self) -> None:
        """Starts the bus and scans until cancelled; a bus that dies or refuses is tried again for ever, with pauses."""
        while True:
            try:
                await self._start()
                while True:
                    await self._pace(await self.scan_once())
            except MixedRevisionsError as error:
                self._report(BusReport(BusState.REFUSED, str(error), error.common, error.odd), logging.ERROR)
            except BusError as error:
                self._report(BusReport(BusState.DOWN, str(error)), logging.WARNING)
            self._publish_silence()
            self.restarts += 1
            await asyncio.sleep(self._settings.retry_s)

    async def _start(self) -> None:
        """Finds the modules and reads what they have measured before."""
        identities = await self._bus.discover()
        if not identities:
            raise BusError("no module answers: check COM3, the bus converter and its supply")
        self._identify(identities)
        now = self._clock.now()
        for reading in await self._bus.read_ri(sorted(self._board.identities)):
            self._assembly.note_ri(reading, now)
        self._sent_at_s = -np.inf
        self._report_running(identities[0].revision, 0)

    async def scan_once(self) -> Snapshot:
        """One beat: scan, freeze, publish, then send references and start due Ri measurements. BusError if it dies."""
        started_s = self._clock.monotonic()
        period_s = started_s - self._started_s if np.isfinite(self._started_s) else self._settings.period_s
        self._started_s = started_s
        scan = await self._bus.scan()
        self._notice(scan)
        now_s = self._clock.monotonic()
        snapshot = self._take(scan, now_s, period_s)
        self._publish(snapshot)
        await self._equalize(snapshot, now_s)
        await self._measure_ri(snapshot, now_s)
        return snapshot

    def _take(self, scan: ScanReading, now_s: float, period_s: float) -> Snapshot:
        measuring = self._ri.measuring(now_s)
        scan = self._corrected_ri(scan)
        snapshot = self._assembly.take(scan, Moment(now_s, self._clock.now(), period_s), measuring)
        for reading in scan.ri:
            self._ri.finished(reading.address)
        if self._assembly.counters_moved:
            self._keep_counters()
        return snapshot

    def _notice(self, scan: ScanReading) -> None:
        """Modules that were exchanged, brought in or left without an address while the bus runs."""
        bus = self._board.bus
        if scan.identities:
            self._identify([*self._board.identities.values(), *scan.identities])
        if bus.revision and (scan.identities or scan.unaddressed != bus.unaddressed):
            self._report_running(bus.revision, scan.unaddressed)

    def _report_running(self, revision: str, unaddressed: int) -> None:
        identities = self._board.identities
        odd = {address: each.revision for address, each in sorted(identities.items()) if each.revision != revision}
        text = f"{len(identities)} of {self._installation.modules} modules found, hardware revision {revision}."
        if odd:
            text += f" Exchanged for another revision: {', '.join(f'module {at} has {odd[at]}' for at in odd)}."
        if unaddressed:
            text += " A factory-new module has no address yet." if unaddressed == 1 else _SEVERAL_NEW
        level = logging.WARNING if odd or unaddressed else logging.INFO
        self._report(BusReport(BusState.RUNNING, text, revision, odd, unaddressed), level)

    def _report(self, report: BusReport, level: int) -> None:
        """Publishes and logs what the bus does, if it is news."""
        if report != self._board.bus:
            log.log(level, "The bus is %s: %s", report.state, report.text)
            self._board.report_bus(report)

    def _corrected_ri(self, scan: ScanReading) -> ScanReading:
        """A reading taken during this scan is of now; modules count whole minutes of their own time."""
        fresh = tuple(replace(reading, age_s=0.0) if reading.age_s < 120.0 else reading for reading in scan.ri)
        return replace(scan, ri=fresh)

    async def _equalize(self, snapshot: Snapshot, now_s: float) -> None:
        """Sends references that moved, and all of them now and then for modules that restarted."""
        reference = np.nan_to_num(snapshot.strings.reference_v, nan=0.0)
        moved = np.abs(reference - self._sent_v) >= self._settings.reference_step_v
        if now_s - self._sent_at_s >= self._settings.reference_every_s:
            moved[:] = True
            self._sent_at_s = now_s
        if not moved.any():
            return
        self._sent_v = np.where(moved, reference, self._sent_v)
        count = self._installation.per_string
        await self._bus.send_references(
            [
                StringReference(int(index) * count + 1, count, float(reference[index]) or None)
                for index in np.flatnonzero(moved)
            ]
        )

    async def _measure_ri(self, snapshot: Snapshot, now_s: float) -> None:
        for address in self._ri.due(now_s, snapshot.strings.state):
            if snapshot.modules.quality[address - 1] == 0 and await self._bus.start_ri(address):
                self._ri.started(address, now_s)

    async def _pace(self, snapshot: Snapshot) -> None:
        """Waits for the next beat; back to back during discharge, at once when late."""
        if (snapshot.strings.state == StringState.DISCHARGING).any():
            await asyncio.sleep(0)
            return
        left_s = self._started_s + self._settings.period_s - self._clock.monotonic()
        if left_s < 0:
            self.overruns += 1
        await asyncio.sleep(max(left_s, 0.0) / self._clock.factor)

    def _identify(self, identities: Sequence[ModuleIdentity]) -> None:
        self._board.identify({identity.address: identity for identity in identities})

    def _publish_silence(self) -> None:
        """A bus that does not run is a scan in which nobody answered: values grow old and fall silent as they must."""
        if self._board.snapshot is None:
            return
        now_s = self._clock.monotonic()
        silence = ScanReading.silence(self._installation.modules, self._installation.strings, 0.0)
        self._publish(self._take(silence, now_s, self._settings.period_s))

    def _publish(self, snapshot: Snapshot) -> None:
        self._board.publish(snapshot)
        if self._history is not None:
            self._history.add(snapshot)

    def _kept_counters(self) -> tuple[Ints | None, Ints | None]:
        kept = self._keeper.load(COUNTERS) if self._keeper else None
        if not kept:
            return None, None
        try:
            charges, discharges = (np.array(kept[name], np.int64) for name in ("charges", "discharges"))
        except (KeyError, TypeError, ValueError, OverflowError):
            log.warning("The kept counters cannot be read; counting starts at 0.")
            return None, None
        size = (self._installation.modules,)
        return (charges, discharges) if charges.shape == discharges.shape == size else (None, None)

    def _keep_counters(self) -> None:
        if self._keeper is None:
            return
        counter = self._assembly.counter
        self._keeper.save(COUNTERS, {"charges": counter.charges.tolist(), "discharges": counter.discharges.tolist()})
