"""From event to message: who is told what and when. Follows every open event until it ends.

    raised -> waiting -> told -> (repeated, escalated) -> ended: all who were told learn it
                      -> ended: nobody is told anything

Device time throughout; what is followed outlives a restart.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from webmanager.domain.errors import ConfigError
from webmanager.domain.events import Change, Event, Severity
from webmanager.domain.events import Source as EventSource
from webmanager.domain.jobs import Beat, Job, Power, Timing, Verb
from webmanager.engine.clock import Clock
from webmanager.engine.follow import Follow, read_follow, write_follow
from webmanager.engine.job_text import event_values, expand
from webmanager.engine.notify_ports import Journal, Message
from webmanager.engine.ports import StateKeeper

log = logging.getLogger(__name__)

DOCUMENT = "jobs"
MOST_FOLLOWED = 1000
LONGEST_WAIT_S = 1.0
SHORTEST_WAIT_S = 0.05

OWN_KINDS = frozenset({"test", "heartbeat"})

Submit = Callable[[Message], None]


class Jobs:
    """Turns events into messages; `submit` must return at once.

    `device_values` are the placeholders the device fills, `power` says how the load is supplied.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        clock: Clock,
        submit: Submit,
        journal: Journal,
        *,
        beats: Sequence[Beat] = (),
        power: Callable[[], Power] = Power,
        device_values: Callable[[], Mapping[str, str]] = dict,
        keeper: StateKeeper | None = None,
    ) -> None:
        self._clock = clock
        self._submit = submit
        self._journal = journal
        self._power = power
        self._device_values = device_values
        self._keeper = keeper
        self._jobs: dict[str, Job] = {}
        self._beats: dict[str, Beat] = {}
        self._follows: dict[tuple[str, int], Follow] = {}
        self._beat_at_s: dict[str, float] = {}
        self._changed = asyncio.Event()
        self._is_kept = True
        self.forgotten = 0
        self.configure(jobs, beats)
        self._load()

    def configure(self, jobs: Sequence[Job], beats: Sequence[Beat] = ()) -> None:
        """Replaces the jobs; events followed by a job that keeps its name stay followed. ConfigError on twin names."""
        names = [job.name for job in jobs] + [beat.name for beat in beats]
        twins = sorted({name for name in names if names.count(name) > 1})
        if twins:
            raise ConfigError(f"two jobs are called {twins[0]!r}")
        self._jobs = {job.name: job for job in jobs}
        self._beats = {beat.name: beat for beat in beats}
        self._follows = {key: follow for key, follow in self._follows.items() if key[0] in self._jobs}
        now_s = self._clock.monotonic()
        self._beat_at_s = {
            name: self._beat_at_s.get(name, now_s + min(beat.every_s, 60.0)) for name, beat in self._beats.items()
        }
        self._changed.set()

    def on_event(self, event: Event) -> None:
        """Lets every job that is meant act on an event; what is due at once has been submitted on return.

        What this class itself has happen, a test or a beat, goes to its own receivers and starts no other job.
        """
        if event.kind in OWN_KINDS:
            return
        for job in self._jobs.values():
            if job.enabled:
                self._apply(job, event)
        self._is_kept = False
        self._changed.set()

    def reconcile(self, open_events: Iterable[Event]) -> None:
        """After a restart: takes up open events nobody follows, ends followed ones that are open no more."""
        by_alarm = {event.alarm: event for event in open_events if event.alarm is not None}
        followed = {alarm for _, alarm in self._follows}
        over = {f.event.alarm: f.event for f in self._follows.values() if f.event.alarm not in by_alarm}
        for event in over.values():
            self.on_event(replace(event, change=Change.CLEARED, at=self._clock.now()))
        for alarm, event in by_alarm.items():
            if alarm not in followed:
                self.on_event(replace(event, change=Change.RAISED))

    def tick(self) -> None:
        """Submits what has fallen due by now."""
        now_s, power = self._clock.monotonic(), self._power()
        acted = False
        for key, follow in list(self._follows.items()):
            job = self._jobs[key[0]]
            if not follow.muted and follow.fires(job, now_s, power):
                self._tell(job, follow)
                follow.told_at(job, now_s)
                acted = True
            acted |= self._escalate(job, follow, now_s)
        acted |= self._beat(now_s)
        self._is_kept &= not acted

    async def run(self) -> None:
        """Ticks until cancelled: when something falls due, and at least once a second of host time."""
        while True:
            self.tick()
            self.keep()
            await asyncio.sleep(SHORTEST_WAIT_S)
            due_in_s = (self.next_due_s - self._clock.monotonic()) / self._clock.factor
            with suppress(TimeoutError):
                async with asyncio.timeout(min(LONGEST_WAIT_S, max(0.0, due_in_s))):
                    await self._changed.wait()
            self._changed.clear()

    def keep(self) -> None:
        """Saves what has changed since the last time; cheap if nothing has."""
        if self._is_kept or self._keeper is None:
            return
        offset_s = self._clock.now() - self._clock.monotonic()
        follows = [write_follow(follow, offset_s) for follow in self._follows.values()]
        beats = {name: at_s + offset_s for name, at_s in self._beat_at_s.items()}
        self._keeper.save(DOCUMENT, {"follows": follows, "beats": beats})
        self._is_kept = True

    @property
    def next_due_s(self) -> float:
        """Device monotonic seconds at which time alone makes something due; infinite if nothing is."""
        dues = [follow.next_due_s(self._jobs[key[0]]) for key, follow in self._follows.items() if not follow.muted]
        return min([*dues, *self._beat_at_s.values()], default=float("inf"))

    @property
    def followed(self) -> int:
        """Open events that jobs follow."""
        return len(self._follows)

    def test(self, name: str) -> list[Message]:
        """Messages that try a job out, to be delivered at once; ConfigError if there is no such job.

        Nobody is shut down by a test: it tells what it would have done. A relay is switched on and off again.
        """
        job = self._jobs.get(name)
        if job is None:
            raise ConfigError(f"there is no job {name!r}")
        harmless = job.verb in {Verb.SWITCH, Verb.WAKE_UP, Verb.TELL}
        event = self._journal.happened("test", f"Test of the job {name}: nothing has happened.")
        tried = replace(job, verb=job.verb if harmless else Verb.TELL, subject="", text="")
        messages = list(self._messages(tried, event, job.targets, 0))
        if job.verb is Verb.SWITCH:
            messages += [replace(message, key=f"{message.key}/off", ended=True) for message in messages]
        return messages

    def _apply(self, job: Job, event: Event) -> None:
        """One job, one event."""
        key = (job.name, event.id if event.alarm is None else event.alarm)
        follow = self._follows.get(key)
        wanted = event.change in job.filter.changes
        if event.change is Change.RAISED:
            if job.filter.covers(event):
                self._raised(job, key, event)
        elif event.change is Change.CLEARED:
            self._follows.pop(key, None)
            only_ends = Change.RAISED not in job.filter.changes and job.filter.covers(event)
            targets = follow.told if follow else list(job.targets) if only_ends else []
            if wanted:
                self._send(job, event, targets, ended=True)
        else:
            if follow:
                follow.note(event.change)
            if wanted and job.timing is Timing.AT_ONCE and job.filter.covers(event):
                self._send(job, event, job.targets)

    def _raised(self, job: Job, key: tuple[str, int], event: Event) -> None:
        """Begins to follow, or tells again that something already followed has become more urgent."""
        now_s = self._clock.monotonic()
        follow = self._follows.get(key)
        if follow and event.severity <= follow.event.severity:
            return
        if follow is None and Change.RAISED not in job.filter.changes:
            return
        if event.alarm is None:
            self._send(job, event, job.targets)
            return
        if follow is None:
            follow = Follow.begin(job, event, now_s)
            self._follows[key] = follow
            self._forget_oldest()
        else:
            follow.event = event
        if job.timing is Timing.AT_ONCE:
            self._tell(job, follow)
            follow.told_at(job, now_s)

    def _tell(self, job: Job, follow: Follow) -> None:
        self._send(job, follow.event, job.targets, number=follow.round)
        follow.told.extend(target for target in job.targets if target not in follow.told)

    def _escalate(self, job: Job, follow: Follow, now_s: float) -> bool:
        """Tells the next list if nobody has acknowledged in time."""
        if not follow.told or follow.acknowledged or follow.muted or follow.step >= len(job.escalations):
            return False
        step = job.escalations[follow.step]
        if now_s < follow.started_s + step.after_s:
            return False
        follow.step += 1
        minutes = step.after_s / 60.0
        event = self._journal.escalated(
            follow.event, f"Nobody has acknowledged for {minutes:.3g} min: {follow.event.text}"
        )
        self._send(job, event, step.targets)
        follow.told.extend(target for target in step.targets if target not in follow.told)
        return True

    def _beat(self, now_s: float) -> bool:
        """Sends the beats that are due; one that was missed while the device was off is sent once."""
        due = [name for name, at_s in self._beat_at_s.items() if now_s >= at_s]
        for name in due:
            beat = self._beats[name]
            self._beat_at_s[name] = now_s + beat.every_s
            text = f"{name}: the device and the way to you work."
            event = self._journal.happened("test", text) if beat.logged else self._unlogged(text)
            job = Job(name, beat.targets, language=beat.language)
            self._send(job, event, beat.targets, number=int(self._clock.now()))
        return bool(due)

    def _unlogged(self, text: str) -> Event:
        source = EventSource("device")
        return Event(0, self._clock.now(), "heartbeat", Change.HAPPENED, source, Severity.NOTICE, text)

    def _send(self, job: Job, event: Event, targets: Iterable[str], *, ended: bool = False, number: int = 0) -> None:
        for message in self._messages(job, event, targets, number, ended=ended):
            self._submit(message)

    def _messages(
        self, job: Job, event: Event, targets: Iterable[str], number: int, *, ended: bool = False
    ) -> Iterator[Message]:
        """One for each receiver, with the templates filled in once."""
        values: Mapping[str, str] = {}
        if job.subject or job.text:
            values = {**self._device_values(), **event_values(event)}
        subject, text, remaining_s = expand(job.subject, values), expand(job.text, values), self._power().remaining_s
        for target in targets:
            yield Message(
                key=f"{job.name}/{target}/{event.id}/{event.change.value}/{number}",
                job=job.name,
                target=target,
                at=self._clock.now(),
                events=(event,),
                verb=job.verb,
                argument=job.argument,
                subject=subject,
                text=text,
                language=job.language,
                ended=ended,
                remaining_s=remaining_s,
            )

    def _forget_oldest(self) -> None:
        """Keeps memory bounded whatever floods in; what is forgotten is counted and was told, or is told no more."""
        while len(self._follows) > MOST_FOLLOWED:
            self._follows.pop(next(iter(self._follows)))
            self.forgotten += 1

    def _load(self) -> None:
        """Takes up what was followed before the restart; times pass while the device is off."""
        kept = self._keeper.load(DOCUMENT) if self._keeper else None
        if not kept:
            return
        offset_s = self._clock.monotonic() - self._clock.now()
        try:
            follows = [read_follow(row, offset_s) for row in _rows(kept["follows"])]
            beats = {str(name): float(str(at)) + offset_s for name, at in _pairs(kept["beats"])}
        except (KeyError, TypeError, ValueError) as error:
            log.warning("What jobs have sent before cannot be read and is left out: %s", error)
            return
        for follow in follows:
            if follow.job in self._jobs and follow.event.alarm is not None:
                self._follows[follow.job, follow.event.alarm] = follow
        self._beat_at_s.update({name: at_s for name, at_s in beats.items() if name in self._beats})


def _rows(value: object) -> list[dict[str, object]]:
    if not isinstance(value, list):
        raise TypeError("follows is no list")
    return value


def _pairs(value: object) -> list[tuple[object, object]]:
    if not isinstance(value, dict):
        raise TypeError("beats is no table")
    return list(value.items())
