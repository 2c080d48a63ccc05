"""Carries messages to their receivers: one bounded queue and task each, so that a dead one delays nobody else.

    waiting -> trying -> delivered (with the receiver's proof)
        |         \\-> pausing -> trying ... -> failed (attempts, expiry, refused)
        \\-> dropped (queue full: oldest first)

Every end is reported as a Delivery for each event of the message. Waits run on host time.
"""

import asyncio
import logging
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from webmanager.domain.errors import DeliveryError, RefusedError
from webmanager.domain.events import Delivery
from webmanager.engine.clock import Clock
from webmanager.engine.notify_ports import Message, Notifier
from webmanager.engine.outbox import Outbox

log = logging.getLogger(__name__)

DELIVERED, FAILED = "delivered", "failed"
REMEMBERED_KEYS = 2000
PARTING_S = 2.0
"""So long a try that is under way may take when the device ends: a receiver cut off in its answer is told twice."""

Report = Callable[[Delivery], None]


@dataclass(frozen=True, slots=True)
class Policy:
    """How patient the way to one receiver is; host seconds. `digest_from` waiting messages become one (0 = never)."""

    queue: int = 100
    attempts: int = 8
    timeout_s: float = 30.0
    first_pause_s: float = 2.0
    growth: float = 2.0
    longest_pause_s: float = 300.0
    expiry_s: float = 3600.0
    digest_from: int = 0

    def pause_s(self, attempt: int) -> float:
        """Pause after the n-th failed attempt, n = 1..; grows up to a limit."""
        return float(min(self.first_pause_s * self.growth ** min(attempt - 1, 60), self.longest_pause_s))


@dataclass(frozen=True, slots=True)
class Destination:
    """One receiver with its name in the settings, the way to it, and the patience for it."""

    name: str
    notifier: Notifier
    policy: Policy = Policy()


@dataclass(slots=True)
class Counters:
    """What has become of the messages to one receiver; `waiting` and `failing` are of now."""

    delivered: int = 0
    failed: int = 0
    dropped: int = 0
    expired: int = 0
    refused: int = 0
    duplicates: int = 0
    retries: int = 0
    waiting: int = 0
    failing: bool = False
    last_error: str = ""


@dataclass(slots=True)
class _Lane:
    """The queue of one receiver."""

    destination: Destination
    counters: Counters = field(default_factory=Counters)
    waiting: deque[tuple[Message, float]] = field(default_factory=deque)
    filled: asyncio.Event = field(default_factory=asyncio.Event)
    carrying: Message | None = None
    is_trying: bool = False
    task: asyncio.Task[None] | None = None


class Dispatcher:
    """Owns every queue; `report` gets each Delivery and must return at once.

    With an outbox, messages that were waiting when the device ended are taken up again.
    """

    def __init__(
        self,
        destinations: Iterable[Destination],
        report: Report,
        clock: Clock,
        outbox: Outbox | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._lanes = {destination.name: _Lane(destination) for destination in destinations}
        self._report = report
        self._clock = clock
        self._outbox = Outbox(None) if outbox is None else outbox
        self._monotonic = monotonic
        self._sleep = sleep
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._group: asyncio.TaskGroup | None = None
        self._is_parting = False
        self.unknown_targets = 0
        for message in self._outbox.left_over:
            self.submit(message)

    @property
    def counters(self) -> Mapping[str, Counters]:
        """Figures of each receiver."""
        return {name: lane.counters for name, lane in self._lanes.items()}

    def submit(self, message: Message) -> None:
        """Takes a message and returns at once; its end is reported later. A key seen before is left out."""
        lane = self._lanes.get(message.target)
        if lane is None:
            self.unknown_targets += 1
            self._finish(message, FAILED, f"there is no receiver called {message.target!r}", 0)
            return
        if message.key in self._seen or self._outbox.knows(message):
            lane.counters.duplicates += 1
            return
        self._remember(message.key)
        if len(lane.waiting) >= lane.destination.policy.queue:
            oldest, _ = lane.waiting.popleft()
            lane.counters.dropped += 1
            self._finish(oldest, FAILED, f"dropped: {lane.destination.policy.queue} messages were waiting", 0)
        lane.waiting.append((message, self._monotonic() + lane.destination.policy.expiry_s))
        lane.counters.waiting = len(lane.waiting)
        self._outbox.add(message)
        lane.filled.set()

    async def run(self) -> None:
        """Serves all receivers until cancelled and `PARTING_S` more; what is not delivered stays in the outbox."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._outbox.run(), name="outbox")
            self._group = group
            try:
                for lane in self._lanes.values():
                    self._begin(lane)
                await asyncio.Event().wait()
            finally:
                self._group = None
                await self._part()

    def configure(self, destinations: Iterable[Destination]) -> None:
        """Other receivers from now on. One that keeps its name keeps its queue and counters.

        What waits for one that is gone has failed; a try that is under way for it is given up.
        """
        wanted = {destination.name: destination for destination in destinations}
        for name in self._lanes.keys() - wanted.keys():
            self._end(self._lanes.pop(name))
        for name, destination in wanted.items():
            if lane := self._lanes.get(name):
                lane.destination = destination
            else:
                lane = self._lanes[name] = _Lane(destination)
                self._begin(lane)

    def _begin(self, lane: _Lane) -> None:
        if self._group is not None:
            lane.task = self._group.create_task(self._serve(lane), name=f"dispatch {lane.destination.name}")

    def _end(self, lane: _Lane) -> None:
        if lane.task is not None:
            lane.task.cancel()
        left = [message for message, _ in lane.waiting] + ([lane.carrying] if lane.carrying else [])
        lane.waiting.clear()
        for message in left:
            self._finish(message, FAILED, f"the receiver {lane.destination.name!r} was removed", 0)

    async def deliver_now(self, message: Message) -> Delivery:
        """One attempt past the queue, for a test by hand; the result is reported as well."""
        lane = self._lanes.get(message.target)
        if lane is None:
            return self._finish(message, FAILED, f"there is no receiver called {message.target!r}", 0)
        try:
            proof = await self._attempt(lane, message)
        except DeliveryError as error:
            return self._finish(message, FAILED, str(error), 1)
        return self._finish(message, DELIVERED, proof, 1)

    async def _part(self) -> None:
        """Lets the tries that are under way come to their end, if that is soon."""
        self._is_parting = True
        trying = [lane.task for lane in self._lanes.values() if lane.task is not None and lane.is_trying]
        if trying:
            await asyncio.wait(trying, timeout=PARTING_S)
        self._is_parting = False

    async def _serve(self, lane: _Lane) -> None:
        while not self._is_parting:
            _end_if_cancelled()
            await lane.filled.wait()
            lane.carrying, expires_s = self._next(lane)
            await self._carry(lane, lane.carrying, expires_s)
            lane.carrying, lane.is_trying = None, False

    def _next(self, lane: _Lane) -> tuple[Message, float]:
        """The oldest waiting message, or a digest of all of them if there are many."""
        policy = lane.destination.policy
        message, expires_s = lane.waiting.popleft()
        if policy.digest_from and len(lane.waiting) + 1 >= policy.digest_from:
            joining = [entry for entry in lane.waiting if _joins(entry[0], message)]
            lane.waiting = deque(entry for entry in lane.waiting if not _joins(entry[0], message))
            self._outbox.merge(message, [other for other, _ in joining])
            message = _digest([message, *(other for other, _ in joining)])
            expires_s = max([expires_s, *(expiry for _, expiry in joining)])
        lane.counters.waiting = len(lane.waiting)
        if not lane.waiting:
            lane.filled.clear()
        return message, expires_s

    async def _carry(self, lane: _Lane, message: Message, expires_s: float) -> None:
        """Tries until one end is reached, and reports it."""
        counters, policy = lane.counters, lane.destination.policy
        error: DeliveryError = DeliveryError("it waited too long")
        for attempt in range(1, policy.attempts + 1):
            if self._monotonic() >= expires_s:
                counters.expired += 1
                self._fail(lane, message, f"expired after {policy.expiry_s:.0f} s: {error}", attempt - 1)
                return
            lane.is_trying = True
            try:
                proof = await self._attempt(lane, message)
            except RefusedError as refused:
                counters.refused += 1
                self._fail(lane, message, str(refused), attempt)
                return
            except DeliveryError as failure:
                error = failure
                counters.failing, counters.last_error = True, str(failure)
                lane.is_trying = False
                if self._is_parting:
                    return
                if attempt < policy.attempts:
                    counters.retries += 1
                    _end_if_cancelled()
                    await self._sleep(min(policy.pause_s(attempt), max(0.0, expires_s - self._monotonic())))
                continue
            counters.delivered += 1
            counters.failing = False
            self._finish(message, DELIVERED, proof, attempt)
            return
        self._fail(lane, message, str(error), policy.attempts)

    async def _attempt(self, lane: _Lane, message: Message) -> str:
        """One try within its timeout; whatever goes wrong comes out as a DeliveryError."""
        timeout_s = lane.destination.policy.timeout_s
        try:
            async with asyncio.timeout(timeout_s):
                return await lane.destination.notifier.send(message)
        except TimeoutError:
            raise DeliveryError(f"no answer within {timeout_s:g} s") from None
        except DeliveryError:
            raise
        except Exception as error:
            # A fault in one channel must not end the task that serves it; the event log shows it.
            log.exception("The way to %s failed in an unexpected manner", lane.destination.name)
            raise DeliveryError(f"{type(error).__name__}: {error}") from error

    def _fail(self, lane: _Lane, message: Message, reason: str, attempts: int) -> None:
        lane.counters.failed += 1
        lane.counters.failing, lane.counters.last_error = True, reason
        self._finish(message, FAILED, reason, attempts)

    def _finish(self, message: Message, result: str, proof: str, attempts: int) -> Delivery:
        """Reports one end, once for each event of the message; the last one is returned."""
        self._outbox.remove(message)
        deliveries = [
            Delivery(event.id, message.job, message.target, result, self._clock.now(), proof, attempts)
            for event in message.events
        ]
        for delivery in deliveries:
            self._report(delivery)
        return deliveries[-1]

    def _remember(self, key: str) -> None:
        self._seen[key] = None
        while len(self._seen) > REMEMBERED_KEYS:
            self._seen.popitem(last=False)


def _end_if_cancelled() -> None:
    """Ends a task whose cancellation a library swallowed: `wait_for` of Python 3.11 does if it is done as well."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _joins(message: Message, first: Message) -> bool:
    """Whether a waiting message may go out as one with the first: same job, verb and language, no words of its own."""
    return (message.job, message.verb, message.language, message.text) == (first.job, first.verb, first.language, "")


def _digest(messages: list[Message]) -> Message:
    """Several messages as one, the newest event last."""
    if len(messages) == 1:
        return messages[0]
    events = tuple(event for message in messages for event in message.events)
    return replace(messages[-1], key=messages[0].key, events=events)
