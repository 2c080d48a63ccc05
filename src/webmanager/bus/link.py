"""One request at a time over one serial port: sends, waits as long as the wire may need, resynchronises, counts."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from webmanager.bus.commands import REPLY_BYTES, TRAIN_MAX, Command, Group
from webmanager.bus.counters import AnswerTally, BusCounters
from webmanager.bus.exchange import Exchange
from webmanager.bus.frame import MAX_ADDRESS, MAX_PAYLOAD, OVERHEAD, Decoder, Frame, encode
from webmanager.bus.port import SerialPort
from webmanager.bus.timing import LinkTiming
from webmanager.domain.errors import BusError

MAX_SENSORS = 10
QUIET_S = 0.002
"""Silence on the line after a disturbed exchange before the next request is sent."""
MARGIN_GROWTH, MARGIN_DECAY = 2.0, 0.998
"""The margin after a late answer, and after each exchange without one: back to a half within some 40 scans."""


class SerialLink:
    """The controller's end of a bus on the serial port `path` (a device, or a link to one).

    All requests raise BusError while the port is dead, and try to open it again, with pauses (`SerialPort`).
    """

    def __init__(self, path: str, timing: LinkTiming | None = None) -> None:
        self.timing = timing or LinkTiming()
        self._port = SerialPort(path, self.timing, self._take, self._lost)
        self._lock = asyncio.Lock()
        self._decoder = Decoder(replies=True)
        self._sequence = 0
        self._exchange: Exchange | None = None
        self._over: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._echo = b""
        self._sent_s = self._heard_s = self._busy_until_s = 0.0
        self._disturbed = False
        self._margin_s = self.timing.margin_s
        self._modules = AnswerTally(MAX_ADDRESS)
        self._sensors = AnswerTally(MAX_SENSORS)
        self._requests = self._lost_requests = self._refused = self._late = 0

    @property
    def path(self) -> str:
        """Path of the port."""
        return self._port.path

    @property
    def is_open(self) -> bool:
        """Whether the port is there, as far as known."""
        return self._port.is_open

    def open(self) -> None:
        """Opens the port, alone; BusError if it is missing, no serial port, or used by another program."""
        self._port.open()

    def close(self) -> None:
        """Gives the port back; a request under way ends with BusError."""
        self._port.close()

    def counters(self) -> BusCounters:
        """Everything counted since start, as a copy that does not change."""
        return BusCounters(
            modules=self._modules.freeze(),
            sensors=self._sensors.freeze(),
            requests=self._requests,
            lost_requests=self._lost_requests,
            refused=self._refused,
            late=self._late,
            crc_errors=self._decoder.crc_errors,
            noise_bytes=self._decoder.noise_bytes,
            bytes_in=self._port.bytes_in,
            bytes_out=self._port.bytes_out,
            reopenings=max(self._port.openings - 1, 0),
            margin_s=self._margin_s,
        )

    async def request(
        self, frame: Frame, *, answer_from: int | None = None, attempts: int | None = None, again: bool = False
    ) -> Frame | None:
        """Asks one device; its answer (perhaps REFUSED), or None if none came in all `attempts`.

        The link chooses the sequence. `answer_from`: the address that answers, if not the one asked. `again`: the
        caller repeats an earlier request, which counts as a retry.
        """
        address = frame.address if answer_from is None else answer_from
        async with self._lock:
            frame = self._numbered(frame)
            for attempt in range(attempts or self.timing.attempts):
                if again or attempt:
                    self._tally_of(frame.command).retry(address)
                exchange = await self._ask(frame, range(address, address + 1), repeated=attempt > 0)
                if address in exchange.answers:
                    return Frame(frame.command, address, frame.sequence, exchange.answers[address], reply=True)
                if address in exchange.refused:
                    return Frame(Command.REFUSED, address, frame.sequence, exchange.refused[address], reply=True)
        return None

    async def probe(self, frame: Frame) -> Exchange:
        """Asks the device at `frame.address` once; nobody, one, or several who are `garbled` together may answer."""
        async with self._lock:
            devices = range(frame.address, frame.address + 1)
            return await self._ask(self._numbered(frame), devices, repeated=False)

    async def train(
        self,
        command: Command,
        first: int,
        count: int,
        expected: Iterable[int] = (),
        *,
        attempts: int | None = None,
        again: bool = False,
    ) -> dict[int, bytes]:
        """Asks `count` (1 to 32) devices from address `first` with one request; payloads of those that answered.

        `expected`: the addresses that answered last time. If the first `lost_after` of them stay silent the request
        was lost, and is sent again, `attempts` times in all. `again` as in `request`.
        """
        payload = Group(count, self.timing.gap_bits).encode()
        devices = range(first, first + count)
        sure = frozenset(expected)
        answers: dict[int, bytes] = {}
        async with self._lock:
            frame = self._numbered(Frame(command, first, 0, payload))
            for attempt in range(attempts or self.timing.train_attempts):
                if again or attempt:
                    for address in devices:
                        self._tally_of(command).retry(address)
                exchange = await self._ask(frame, devices, sure, repeated=attempt > 0)
                answers = exchange.answers
                if not exchange.lost:
                    break
                self._lost_requests += 1
            else:
                self._count_silence(command, devices)
        return answers

    async def send(self, frame: Frame) -> None:
        """Sends a broadcast and does not wait; the next request begins when it has left the wire."""
        async with self._lock:
            await self._ready()
            self._send(frame)
            self._busy_until_s = _now() + self.timing.wire_s(frame.wire_bytes) + self.timing.gap_s

    def _numbered(self, frame: Frame) -> Frame:
        """With the next sequence. A repetition keeps it: a late answer to the same question is an answer."""
        self._sequence = (self._sequence + 1) % 4
        return replace(frame, sequence=self._sequence)

    async def _ask(
        self, frame: Frame, devices: range, expected: frozenset[int] = frozenset(), *, repeated: bool
    ) -> Exchange:
        """One exchange, from the first byte of the request to the last answer or the timeout."""
        await self._ready()
        reply_bytes = REPLY_BYTES.get(Command(frame.command), OVERHEAD + MAX_PAYLOAD)
        exchange = Exchange(frame, devices, reply_bytes, self.timing, self._margin_s, _now(), expected)
        self._exchange = exchange
        self._over = over = asyncio.get_running_loop().create_future()
        late = self._late
        try:
            self._send(frame)
            self._set_timer(exchange.deadline_s)
            await over
        finally:
            self._disturbed = not exchange.done
            self._exchange = self._over = None
            if self._timer:
                self._timer.cancel()
        self._count(frame.command, exchange)
        # What only the repetition brings may have been on its way already.
        self._adapt_margin(self._late > late or (repeated and bool(exchange.answers)))
        return exchange

    def _send(self, frame: Frame) -> None:
        self._sent_s = _now()
        self._echo = encode(frame)
        self._port.write(self._echo)

    async def _ready(self) -> None:
        """The port open, the line silent, nothing old in the buffers; a line that never rests is spoken into."""
        await self._port.ready()
        if self._disturbed and self._heard_s < self._sent_s:
            self._port.check_path()
        limit_s = _now() + TRAIN_MAX * self.timing.slot_s(OVERHEAD + MAX_PAYLOAD)
        while (wait_s := self._silent_at() - _now()) > 0 and _now() < limit_s:
            self._port.check()
            await asyncio.sleep(wait_s)
        self._port.drain()
        self._port.check()
        self._decoder.reset()

    def _silent_at(self) -> float:
        return max(self._busy_until_s, self._heard_s + QUIET_S if self._disturbed else 0.0)

    # A timer that is set anew when it fires too early costs less than one that moves with every answer.

    def _set_timer(self, at_s: float) -> None:
        self._timer = asyncio.get_running_loop().call_at(at_s, self._judge)

    def _judge(self) -> None:
        """The deadline may have come: hears first what is already there, then decides."""
        exchange = self._exchange
        if exchange is None:
            return
        self._port.drain()
        if _now() >= exchange.deadline_s:
            self._take(b"", final=True)
        if self._over is None or self._over.done():
            return
        if _now() < exchange.deadline_s:
            self._set_timer(exchange.deadline_s)
        elif self._port.is_sending:
            self._set_timer(_now() + self._margin_s)
        else:
            exchange.finish()
            self._over.set_result(None)

    def _without_echo(self, data: bytes) -> bytes:
        """On a two-wire line some adapters hear themselves; what they hear is neither answer nor noise."""
        echo = self._echo
        length = min(len(echo), len(data))
        if data[:length] != echo[:length]:
            length, echo = 0, b""
        self._echo = echo[length:]
        return data[length:]

    def _take(self, data: bytes, *, final: bool = False) -> None:
        """Sorts what was read into answers, late answers and noise."""
        if self._echo and data and not (data := self._without_echo(data)):
            return
        exchange, decoder = self._exchange, self._decoder
        now_s = _now()
        noise_bytes = decoder.noise_bytes
        for frame in decoder.flush() if final else decoder.feed(data):
            if exchange and decoder.noise_bytes > noise_bytes:
                exchange.noise(decoder.noise_bytes - noise_bytes)
                noise_bytes = decoder.noise_bytes
            if exchange is None or not exchange.take(frame, now_s):
                self._late += 1
                self._tally_of(frame.command).late(frame.address)
                if exchange:
                    exchange.stray(now_s)
        if data:
            self._heard_s = now_s
        if exchange is None:
            return
        if decoder.noise_bytes > noise_bytes:
            exchange.noise(decoder.noise_bytes - noise_bytes)
        if decoder.pending and data:
            exchange.partial(now_s)
        if exchange.done and self._over and not self._over.done():
            self._over.set_result(None)

    def _lost(self, error: BusError) -> None:
        self._disturbed = False
        if self._over and not self._over.done():
            self._over.set_exception(error)

    def _count(self, command: int, exchange: Exchange) -> None:
        tally = self._tally_of(command)
        self._requests += 1
        self._refused += len(exchange.refused)
        for address, rtt_s in exchange.rtt_s.items():
            tally.answer(address, rtt_s)
        for address in exchange.garbled:
            tally.crc_error(address)
        if not exchange.lost:
            self._count_silence(command, exchange.silent)

    def _count_silence(self, command: int, addresses: Iterable[int]) -> None:
        tally = self._tally_of(command)
        for address in addresses:
            tally.timeout(address)

    def _adapt_margin(self, too_short: bool) -> None:
        timing = self.timing
        if too_short:
            self._margin_s = min(self._margin_s * MARGIN_GROWTH, timing.margin_max_s)
        else:
            self._margin_s = max(self._margin_s * MARGIN_DECAY, timing.margin_s)

    def _tally_of(self, command: int) -> AnswerTally:
        return self._sensors if command == Command.READ_CURRENT else self._modules


def _now() -> float:
    return asyncio.get_running_loop().time()
