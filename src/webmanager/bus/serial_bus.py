"""The battery modules and current sensors on a serial line, as the engine sees them (`ModuleBus`)."""

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from webmanager.bus.answers import CurrentArrays, ValueArrays, module_identity, ri_reading, trains
from webmanager.bus.commands import REFERENCE_OFF, REPLY_BYTES, Command, Group, Reference
from webmanager.bus.counters import BusCounters
from webmanager.bus.frame import BROADCAST, FACTORY_NEW, Frame, encode
from webmanager.bus.link import SerialLink
from webmanager.domain.errors import ConfigError, MixedRevisionsError
from webmanager.domain.reading import SILENT_AFTER, ModuleIdentity, ModuleStatus, RiReading, ScanReading
from webmanager.engine.ports import StringReference

log = logging.getLogger(__name__)

NEVER = 1_000_000
"""Scans missed by a module that has not answered yet."""
RETRY_SCANS = 2
"""Modules that answered in one of so many last scans are asked again within a scan."""
BRIDGE = 1
"""An answered module between two missing ones is asked along: its slot costs less than another request."""

LONGEST_RETRIES_S = 0.2
"""What all that is asked again may cost a scan, host seconds; spent when the host stood still and lost requests."""
SENSOR_ATTEMPTS = 3
"""Questions for a current sensor at the start."""
SEARCH_NEW_EVERY = 3
"""Scans between two questions for factory-new modules, which are asked only while some module is missing."""

GROUP_REQUEST_BYTES = len(encode(Frame(Command.READ_VALUES, 1, 0, Group(1).encode())))


@dataclass(frozen=True, slots=True)
class ScanRules:
    """What a scan may spend, host seconds; `sensor_search_every` scans a missing current sensor is looked for."""

    find_s: float = 6.0
    retry_budget_s: float = 0.08
    retry_rounds: int = 2
    ri_per_scan: int = 4
    sensor_search_every: int = 15

    def __post_init__(self) -> None:
        if not 0 <= self.retry_budget_s <= LONGEST_RETRIES_S:
            raise ConfigError(f"retry budget of {self.retry_budget_s:g} s a scan is out of range: 0 to 0.2 s")
        if not 0 <= self.find_s <= 600:
            raise ConfigError(f"search for modules of {self.find_s:g} s is out of range: 0 to 600 s")


class SerialModuleBus:
    """Modules 1 to `modules` and the current sensors of `strings` strings, asked over `link`.

    Every call raises BusError while the port is dead.
    """

    def __init__(self, link: SerialLink, modules: int, strings: int, rules: ScanRules | None = None) -> None:
        self._link = link
        self._modules = range(1, modules + 1)
        self._strings = range(1, strings + 1)
        self._rules = rules or ScanRules()
        self._missed = dict.fromkeys(self._modules, NEVER)
        self._sensors_missed = dict.fromkeys(self._strings, NEVER)
        self._sensors_wanted: set[int] = set()
        self._to_identify: dict[int, None] = {}
        self._last_ri = 0
        self._scans = 0
        self._unaddressed = 0

    def counters(self) -> BusCounters:
        """Everything the link has counted, as a copy that does not change."""
        return self._link.counters()

    async def discover(self) -> Sequence[ModuleIdentity]:
        """Every module that answers within `find_s` (ECO modules wake up meanwhile), by address.

        MixedRevisionsError if their hardware revisions differ. Finds the current sensors too.
        """
        found: dict[int, ModuleIdentity] = {}
        deadline_s = _now() + self._rules.find_s
        while True:
            missing = [address for address in self._modules if address not in found]
            for train in trains(missing, BRIDGE):
                answers = await self._link.train(Command.IDENTIFY, train.start, len(train))
                found |= {address: module_identity(address, payload) for address, payload in answers.items()}
            if len(found) == len(self._modules) or _now() >= deadline_s:
                break
        self._missed = {address: 0 if address in found else NEVER for address in self._modules}
        self._to_identify.clear()
        await self._find_sensors()
        identities = [found[address] for address in sorted(found)]
        _check_revisions(identities)
        return identities

    async def scan(self) -> ScanReading:
        """All modules in trains, the current sensors, then whoever is missing once more within the retry budget.

        What is saved on a train that nobody begins to answer may be spent on asking for it again.

        Silent modules stay in their trains, so they return by themselves. What modules offer (a new Ri, an identity
        after a restart or an absence) is fetched after the retries, and not part of the scan's duration.
        """
        started_s = _now()
        self._scans += 1
        recent = {address for address, missed in self._missed.items() if missed < RETRY_SCANS}
        values, lost, saved_s = await self._read_values()
        in_lost = {address for train in lost for address in train}
        errors = len(recent - values.keys() - in_lost) + len(lost)
        currents = await self._read_currents(self._sensors_due())
        currents |= await self._read_currents(self._sensors_just_missed())
        budget_s = self._rules.retry_budget_s
        latest_s = _now() + saved_s + (LONGEST_RETRIES_S if budget_s else 0.0)
        await self._ask_again(values, recent & in_lost, latest_s)
        await self._ask_again(values, recent - in_lost, min(latest_s, _now() + budget_s))
        ended_s = _now()
        self._note_missed(values)
        modules = ValueArrays(values, len(self._modules))
        strings = CurrentArrays(currents, len(self._strings))
        ri = await self._fetch_new_ri([a for a, payload in values.items() if payload[-1] & ModuleStatus.RI_NEW])
        identities = await self._identify_next(values)
        await self._search_new()
        return ScanReading(
            answered=modules.answered,
            voltage_v=modules.voltage_v,
            temperature_c=modules.temperature_c,
            equalizing_percent=modules.equalizing_percent,
            status=modules.status,
            current_a=strings.current_a,
            ripple_a=strings.ripple_a,
            started_s=started_s,
            ended_s=ended_s,
            ri=ri,
            errors=errors,
            identities=identities,
            unaddressed=self._unaddressed,
        )

    async def send_references(self, references: Sequence[StringReference]) -> None:
        """Broadcasts a reference voltage for each range of addresses, mV on the wire; None = limiters off."""
        for reference in references:
            millivolts = REFERENCE_OFF if reference.reference_v is None else round(reference.reference_v * 1000)
            payload = Reference(reference.first_address, reference.count, millivolts).encode()
            await self._link.send(Frame(Command.SET_REFERENCE, BROADCAST, 0, payload))

    async def start_ri(self, address: int) -> bool:
        """Starts a measurement; False if the module refuses (it is busy) or does not answer."""
        answer = await self._link.request(Frame(Command.START_RI, address, 0))
        return answer is not None and answer.command == Command.START_RI

    async def read_ri(self, addresses: Iterable[int]) -> Sequence[RiReading]:
        """The last measured Ri of these modules, by address, neighbours in one train; who has none is missing."""
        answers: dict[int, bytes] = {}
        wanted = set(addresses)
        for train in trains(wanted, BRIDGE):
            answers |= await self._read(Command.READ_RI, train, wanted)
        readings = (ri_reading(address, answers[address]) for address in sorted(wanted & answers.keys()))
        return [reading for reading in readings if reading is not None]

    async def _read_values(self) -> tuple[dict[int, bytes], list[range], float]:
        """What came, the trains whose request was lost, and the host seconds to give them up early has saved.

        A host that stands still loses requests one after the other: they are repeated at the end of the scan.
        """
        values: dict[int, bytes] = {}
        lost: list[range] = []
        saved_s = 0.0
        for train in trains(self._modules):
            expected = [address for address in train if not self._missed[address]]
            began_s = _now()
            answers = await self._link.train(Command.READ_VALUES, train.start, len(train), expected, attempts=1)
            values |= answers
            if expected and not answers:
                lost.append(train)
                saved_s += self._cost_s(train) - (_now() - began_s)
        return values, lost, saved_s

    async def _read_currents(self, wanted: Iterable[int]) -> dict[int, bytes]:
        currents: dict[int, bytes] = {}
        for train in trains(wanted, len(self._strings)):
            expected = [string for string in train if not self._sensors_missed[string]]
            currents |= await self._link.train(Command.READ_CURRENT, train.start, len(train), expected)
            for string in train:
                self._sensors_missed[string] = 0 if string in currents else self._sensors_missed[string] + 1
        return currents

    async def _find_sensors(self) -> None:
        """Asks for every current sensor, and again whoever is silent: one missed now would be asked much later only."""
        missing = list(self._strings)
        for _ in range(SENSOR_ATTEMPTS):
            await self._read_currents(missing)
            missing = [string for string in missing if self._sensors_missed[string]]

    def _sensors_due(self) -> list[int]:
        """Strings whose sensor is asked: those that have one, all of them now and then."""
        if self._scans % self._rules.sensor_search_every == 0:
            return list(self._strings)
        return [string for string, missed in self._sensors_missed.items() if missed < NEVER]

    def _sensors_just_missed(self) -> list[int]:
        """Strings whose sensor answered in the scan before and not in this one: one more question costs little."""
        return [string for string, missed in self._sensors_missed.items() if missed == 1]

    async def _ask_again(self, values: dict[int, bytes], wanted: set[int], until_s: float) -> None:
        """Asks those of `wanted` that are missing once more, if that ends by `until_s`; first misses come first."""
        for _ in range(self._rules.retry_rounds):
            missing = wanted - values.keys()
            runs = sorted(trains(missing, BRIDGE), key=lambda run: (self._missed[run.start], len(run)))
            for run in runs:
                if _now() + self._cost_s(run) > until_s:
                    continue
                values |= await self._read(Command.READ_VALUES, run, missing, again=True)

    def _cost_s(self, run: range) -> float:
        """What asking this run takes if nobody answers."""
        timing = self._link.timing
        slots_s = len(run) * timing.slot_s(REPLY_BYTES[Command.READ_VALUES])
        return timing.wire_s(GROUP_REQUEST_BYTES) + slots_s + timing.margin_s

    async def _read(self, command: Command, run: range, wanted: set[int], *, again: bool = False) -> dict[int, bytes]:
        """Answers of a run of neighbours: one request to one module, or one train; asked once if `again`."""
        attempts = 1 if again else None
        if len(run) > 1:
            expected = wanted.intersection(run)
            return await self._link.train(command, run.start, len(run), expected, attempts=attempts, again=again)
        answer = await self._link.request(Frame(command, run.start, 0), attempts=attempts, again=again)
        return {run.start: answer.payload} if answer and answer.command == command else {}

    def _note_missed(self, values: Mapping[int, bytes]) -> None:
        for address, missed in self._missed.items():
            if address not in values:
                self._missed[address] = missed + 1
                continue
            if missed >= SILENT_AFTER or values[address][-1] & ModuleStatus.RESTARTED:
                self._to_identify[address] = None
            self._missed[address] = 0

    async def _fetch_new_ri(self, fresh: Iterable[int]) -> tuple[RiReading, ...]:
        """New internal resistances, a few a scan, in turn so that no module waits for ever."""
        turn = sorted(fresh, key=lambda address: (address <= self._last_ri, address))
        readings = []
        for address in turn[: self._rules.ri_per_scan]:
            self._last_ri = address
            answer = await self._link.request(Frame(Command.READ_RI, address, 0), attempts=1)
            if answer and answer.command == Command.READ_RI and (reading := ri_reading(address, answer.payload)):
                readings.append(reading)
        return tuple(readings)

    async def _identify_next(self, answering: Mapping[int, bytes]) -> tuple[ModuleIdentity, ...]:
        """Asks one module that restarted or came back who it is; without an answer it goes to the end of the queue."""
        address = next((address for address in self._to_identify if address in answering), None)
        if address is None:
            return ()
        del self._to_identify[address]
        answer = await self._link.request(Frame(Command.IDENTIFY, address, 0), attempts=1)
        if answer is None or answer.command != Command.IDENTIFY:
            self._to_identify[address] = None
            return ()
        return (module_identity(address, answer.payload),)

    async def _search_new(self) -> None:
        """Listens for factory-new modules while others are missing: one answers, several garble each other."""
        if max(self._missed.values()) < SILENT_AFTER:
            self._unaddressed = 0
        elif self._scans % SEARCH_NEW_EVERY == 0:
            heard = await self._link.probe(Frame(Command.IDENTIFY, FACTORY_NEW, 0))
            self._unaddressed = len(heard.answers) or 2 * len(heard.garbled)


def _check_revisions(identities: Sequence[ModuleIdentity]) -> None:
    counted = Counter(identity.revision for identity in identities)
    if len(counted) < 2:
        return
    common = counted.most_common(1)[0][0]
    raise MixedRevisionsError(common, {each.address: each.revision for each in identities if each.revision != common})


def _now() -> float:
    return asyncio.get_running_loop().time()
